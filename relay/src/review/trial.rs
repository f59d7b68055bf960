//! What would come of a held delivery: as it stands now, and with a person's word. Nothing is written.

use std::collections::BTreeSet;

use jiff::Timestamp;
use policy::{
    Action, Address, Asked, Decider, Edit, Explanation, Finding, Known, OnBroken, Outcome, Reading,
    Standing, Verdict, Waiver, Worth,
};

use super::{Refused, Review};
use crate::{
    facts,
    mistake::Case,
    seal::AddressKey,
    smtp::client::mailbox,
    spool::{Delivery, Message},
    words,
};

/// How a person lets it go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// What is broken and a person's to waive is waived.
    AsIs,
    /// What the rules would add is added, although the policy says hold; the rest is waived.
    Repaired,
}

impl Way {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsIs => "as-is",
            Self::Repaired => "repaired",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::AsIs, Self::Repaired].into_iter().find(|way| way.as_str() == word)
    }
}

/// What would come of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Without a word: why it is held, if it still is.
    pub explanation: Explanation,
    /// The first rule that asks for that.
    pub rule: &'static str,
    /// Every rule against it, with its law.
    pub reasons: Vec<String>,
    /// With it; `None` where no word lets it go so.
    pub as_is: Option<Waived>,
    pub repaired: Option<Waived>,
    /// What still stands in the way of the widest word.
    pub stands: Explanation,
    pub standing: Standing,
    /// Of each grant in `standing`, in its order.
    pub worth: Vec<Worth>,
}

/// What a word takes to let it go.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Waived {
    pub rules: Vec<String>,
    /// Of these the edits are made.
    pub repairs: Vec<String>,
    /// All that is changed in the message.
    pub edits: Vec<Edit>,
}

impl Trial {
    pub fn by(&self, way: Way) -> Option<&Waived> {
        match way {
            Way::AsIs => self.as_is.as_ref(),
            Way::Repaired => self.repaired.as_ref(),
        }
    }
}

/// One message on the table; deliveries of the same one share what does not change between them.
pub(super) struct Bench {
    pub message: Message,
    reading: Reading,
    decider: Decider,
    /// Rules that were said to be wrong about it.
    pub mistaken: BTreeSet<String>,
}

impl Bench {
    pub(super) fn of(message: Message) -> Self {
        let reading = Reading::of(message.bytes.clone());
        Self { message, reading, decider: Decider::default(), mistaken: BTreeSet::new() }
    }

    /// What there is to learn from it.
    pub(super) fn case(&self, recipient: AddressKey) -> Case {
        Case::of(&self.reading, self.message.bytes.clone(), Some(recipient))
    }

    pub(super) async fn try_out(
        &mut self,
        review: &Review,
        now: Timestamp,
        delivery: &Delivery,
    ) -> Result<Trial, Refused> {
        let business = review.business.load_full();
        let Self { message, reading, decider, .. } = self;
        let stream = business.stream(&message.stream);
        let stream = stream.ok_or_else(|| Refused::NoStream(message.stream.clone()))?;
        let to = Address::parse(&mailbox(&delivery.recipient.path));
        let to = to.map_err(|_| Refused::NoAddress)?;
        let signs = signing_domain(reading).is_some_and(|domain| review.signer.has(&domain));
        let case =
            facts::Case::new(&business, stream, reading, message.declared, message.recipients)
                .with(signs, review.links);
        let (controller, counted) = (&stream.controller.id, case.counts_for_all());
        let asked = review.lookup.records(controller, std::slice::from_ref(&to), counted);
        let record = asked.await?.into_iter().next().unwrap_or_default();
        let packs = case.packs(now, &to, Some(&record));
        let mut decide = |waived: Option<&Waived>| {
            let waiver = waived.map(|waived| waived.waiver("", "", now));
            let facts = case.facts(now, &to, Known::Is(&record), &packs, waiver.as_ref());
            let verdict = decider.verdict(&business.policy, &facts);
            let explanation =
                policy::explain(&business.policy.version, &facts, &verdict, &words::in_english);
            let reasons = policy::reasons(&facts, &verdict);
            (verdict, explanation, reasons)
        };
        let (verdict, explanation, reasons) = decide(None);
        let standing = record.standing.clone();
        let facts = case.facts(now, &to, Known::Is(&record), &packs, None);
        let asked = Asked::of(&facts, &standing);
        let worth = standing.grants.iter().map(|grant| policy::worth(&asked, grant)).collect();
        let mut trial = Trial {
            rule: verdict.rule_id(),
            reasons,
            as_is: None,
            repaired: None,
            stands: explanation.clone(),
            explanation,
            worth,
            standing,
        };
        if goes(&verdict) {
            trial.as_is = Some(Waived { edits: verdict.edits, ..Waived::default() });
            return Ok(trial);
        }
        let mut with = |waived: Waived| {
            let (verdict, explanation, _) = decide(Some(&waived));
            let goes = goes(&verdict).then_some(Waived { edits: verdict.edits, ..waived });
            (goes, explanation)
        };
        // No more than what holds it, where that is enough: who says that an order is no offer has
        // not to answer for what an offer lacks.
        let least = with(Waived { rules: holding(&verdict), ..Waived::default() }).0;
        trial.as_is = least.filter(|waived| waived.edits.is_empty());
        if trial.as_is.is_none() {
            (trial.as_is, trial.stands) =
                with(Waived { rules: waivable(&verdict), ..Waived::default() });
        }
        let mended = mended(&verdict).and_then(|waived| with(waived).0);
        trial.repaired = mended.filter(|waived| !waived.edits.is_empty());
        Ok(trial)
    }
}

impl Waived {
    /// As a fact that is decided on.
    pub(super) fn waiver(&self, by: &str, reason: &str, at: Timestamp) -> Waiver {
        let Self { rules, repairs, .. } = self.clone();
        Waiver { rules, repairs, by: by.to_owned(), reason: reason.to_owned(), at }
    }

    /// Nothing was in the way.
    pub(super) fn is_nothing(&self) -> bool {
        self.rules.is_empty() && self.repairs.is_empty()
    }

    /// The rules that it is about.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().chain(&self.repairs).map(String::as_str)
    }
}

fn goes(verdict: &Verdict) -> bool {
    verdict.action <= Action::SendEdited
}

fn broken(verdict: &Verdict) -> impl Iterator<Item = &Finding> {
    let findings = verdict.repaired.as_ref().unwrap_or(&verdict.findings);
    findings.iter().filter(|one| matches!(one.outcome, Outcome::Broken(_)))
}

/// What is a person's to waive and asks for more than a repair.
fn holding(verdict: &Verdict) -> Vec<String> {
    let holds = |finding: &&Finding| match (&finding.outcome, finding.on_broken) {
        (Outcome::Broken(_), OnBroken::Hold | OnBroken::Reject) => finding.rule.waivable,
        (Outcome::Broken(fault), OnBroken::Repair) => {
            finding.rule.waivable && fault.edits.is_empty()
        }
        _ => false,
    };
    broken(verdict).filter(holds).map(|finding| finding.rule.id.to_owned()).collect()
}

/// All that is broken and a person's to waive.
fn waivable(verdict: &Verdict) -> Vec<String> {
    let rules = broken(verdict).filter(|finding| finding.rule.waivable);
    rules.map(|finding| finding.rule.id.to_owned()).collect()
}

/// The edits made that the policy holds for, and waived what has none; `None` where no rule is like
/// that.
fn mended(verdict: &Verdict) -> Option<Waived> {
    let mut waived = Waived::default();
    for finding in broken(verdict) {
        let Outcome::Broken(fault) = &finding.outcome else { continue };
        let id = finding.rule.id.to_owned();
        match finding.on_broken {
            OnBroken::Hold if !fault.edits.is_empty() => waived.repairs.push(id),
            OnBroken::Repair if !fault.edits.is_empty() => {}
            OnBroken::Repair | OnBroken::Hold | OnBroken::Reject if finding.rule.waivable => {
                waived.rules.push(id);
            }
            OnBroken::Repair
            | OnBroken::Hold
            | OnBroken::Reject
            | OnBroken::Report
            | OnBroken::Off => {}
        }
    }
    // What can be repaired without a word is left to the rules, and to this way alone.
    let repairs = broken(verdict).any(|finding| finding.on_broken == OnBroken::Repair);
    (!waived.repairs.is_empty() || repairs).then_some(waived)
}

/// The domain of the one From address.
fn signing_domain(reading: &Reading) -> Option<String> {
    let address = Address::parse(&reading.message.senders().first()?.address).ok()?;
    Some(address.domain().to_owned())
}
