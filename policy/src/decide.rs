//! Runs every rule, takes the strictest action, and trusts no repair that it has not seen.
//!
//! No rule sees another's outcome and none is skipped, so their order cannot change a verdict and
//! adding a rule can only make one stricter. What to do about a verdict is the relay's part.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    Action, CannotEdit, Class, Country, Edit, Facts, Fault, Finding, Known, OnBroken, Outcome,
    Policy, Reading, Reason, Rule, Verdict, ground, own_link, render, rules,
};

/// Decides on one message to one recipient. Where every broken rule can be repaired, the edits
/// are applied, the result is read and decided on again: the second verdict counts.
pub fn decide(policy: &Policy, facts: &Facts<'_>) -> Verdict {
    Decider::default().verdict(policy, facts)
}

/// What the recipient's address alone decides, before there is a message: only the rules about
/// the recipient run, and none of them looks at the reading.
pub fn decide_recipient(policy: &Policy, facts: &Facts<'_>) -> Verdict {
    let findings: Vec<Finding> = rules::ALL
        .iter()
        .filter(|rule| rule.about_recipient)
        .map(|rule| finding(policy, facts, rule, (rule.check)(facts)))
        .collect();
    let asked = strictest(&findings, |finding| asks(finding, facts));
    verdict(asked, facts, findings, Vec::new(), None)
}

/// [`decide`] for many recipients of one message: remembers what does not change between them,
/// the repaired message above all.
#[derive(Debug, Default)]
pub struct Decider {
    about: Option<About>,
    repairs: Vec<(Vec<Edit>, Repair)>,
    found: Vec<(Seen, Vec<Option<Outcome>>)>,
}

type Repair = Result<Arc<Reading>, CannotEdit>;

/// What the memory is about; it is dropped where that changes.
#[derive(Debug)]
struct About {
    /// Kept, so that no other message can come to lie at its place.
    message: Bytes,
    policy: String,
    controller: String,
    /// Two controllers may each have one that policy.toml does not name.
    stream: String,
}

/// All that a rule which is not about the recipient can see of the facts, beside the message.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    /// 0: the message as it came; else which repair.
    repair: usize,
    class: Class,
    declared: Option<Class>,
    commercial: Known<bool>,
    signs: bool,
    links: bool,
    provider: Option<String>,
    /// Of each pack that asks for no label where the recipient consented: whether he did.
    consented: Vec<Known<bool>>,
    packs: Vec<(Country, Timestamp)>,
}

impl Decider {
    /// The verdict for one recipient. Facts about another message, stream or policy than last
    /// time are taken for what they are: the memory begins anew.
    pub fn verdict(&mut self, policy: &Policy, facts: &Facts<'_>) -> Verdict {
        self.begin(policy, facts);
        let facts = &heard(facts);
        let findings = self.findings(policy, facts, 0, None);
        let asked = strictest(&findings, |finding| asks(finding, facts));
        let always = always(facts);
        if asked.action > Action::SendEdited {
            return verdict(asked, facts, findings, Vec::new(), None);
        }
        let mut edits: Vec<Edit> = findings
            .iter()
            .filter(|finding| asks(finding, facts) == Action::SendEdited)
            .flat_map(|finding| fault(finding).map(|fault| fault.edits.clone()).unwrap_or_default())
            .chain(always)
            .collect();
        edits.sort();
        edits.dedup();
        if edits.is_empty() {
            return verdict(asked, facts, findings, edits, None);
        }
        self.repaired(policy, facts, findings, edits)
    }

    /// The second verdict: the edits applied, the result read, every rule run on it.
    fn repaired(
        &mut self,
        policy: &Policy,
        facts: &Facts<'_>,
        findings: Vec<Finding>,
        edits: Vec<Edit>,
    ) -> Verdict {
        let (number, repair) = self.repair(facts.reading, &edits);
        let reading = match repair {
            Ok(reading) => reading,
            Err(why) => return unrepairable(facts, findings, why),
        };
        let again = Facts { reading: &reading, ..facts.clone() };
        let second = self.findings(policy, &again, number, Some(&findings));
        let mut asked = strictest(&second, |finding| asks_still(finding, &again));
        if asked.action <= Action::SendEdited {
            let first = strictest(&findings, |finding| asks(finding, facts));
            let rule = first.rule.filter(|_| first.action == Action::SendEdited);
            asked = Asked { action: Action::SendEdited, rule };
        }
        let edits = if asked.action == Action::SendEdited { edits } else { Vec::new() };
        verdict(asked, facts, findings, edits, Some(second))
    }

    fn begin(&mut self, policy: &Policy, facts: &Facts<'_>) {
        let bytes = facts.reading.message.bytes();
        let about = self.about.as_ref();
        let same = about.is_some_and(|about| {
            std::ptr::eq(about.message.as_ptr(), bytes.as_ptr())
                && about.message.len() == bytes.len()
                && about.policy == policy.version
                && about.controller == facts.controller().id
                && about.stream == facts.stream.id
        });
        if !same {
            *self = Self {
                about: Some(About {
                    message: bytes.clone(),
                    policy: policy.version.clone(),
                    controller: facts.controller().id.clone(),
                    stream: facts.stream.id.clone(),
                }),
                repairs: Vec::new(),
                found: Vec::new(),
            };
        }
    }

    fn repair(&mut self, reading: &Reading, edits: &[Edit]) -> (usize, Repair) {
        if let Some(at) = self.repairs.iter().position(|(known, _)| known == edits)
            && let Some((_, repair)) = self.repairs.get(at)
        {
            return (at + 1, repair.clone());
        }
        let repair = render(&reading.message, edits, &own_link::stand_in)
            .map(|bytes| Arc::new(reading.again(bytes).classed_as(reading)));
        self.repairs.push((edits.to_vec(), repair.clone()));
        (self.repairs.len(), repair)
    }

    /// Of every rule. Those about the recipient do not look at the message: what they found `before`
    /// its repair they would find again.
    fn findings(
        &mut self,
        policy: &Policy,
        facts: &Facts<'_>,
        repair: usize,
        before: Option<&[Finding]>,
    ) -> Vec<Finding> {
        let seen = Seen {
            repair,
            class: facts.class,
            declared: facts.declared,
            commercial: facts.commercial(),
            signs: facts.signs,
            links: facts.links,
            provider: facts.provider.map(|provider| provider.id.clone()),
            consented: consented(facts),
            packs: facts.packs.iter().map(|pack| (pack.country, pack.effective_from)).collect(),
        };
        let known = match self.found.iter().position(|(known, _)| *known == seen) {
            Some(at) => at,
            None => {
                let found = rules::ALL
                    .iter()
                    .map(|rule| (!rule.about_recipient).then(|| (rule.check)(facts)))
                    .collect();
                self.found.push((seen, found));
                self.found.len() - 1
            }
        };
        let found = self.found.get(known).map(|(_, found)| found.as_slice()).unwrap_or_default();
        let all = rules::ALL.iter().zip(found).enumerate();
        all.map(|(at, (rule, found))| {
            let before = || before.and_then(|before| before.get(at)).map(|one| one.outcome.clone());
            let outcome = found.clone().or_else(before).unwrap_or_else(|| (rule.check)(facts));
            finding(policy, facts, rule, outcome)
        })
        .collect()
    }
}

/// Nothing is looked up where no pack turns on it, as hardly any does.
fn consented(facts: &Facts<'_>) -> Vec<Known<bool>> {
    let turns = facts.packs.iter().filter(|pack| pack.terms.label.unless_consent);
    turns.map(|pack| ground::consented(facts, pack)).collect()
}

fn finding(policy: &Policy, facts: &Facts<'_>, rule: &'static Rule, outcome: Outcome) -> Finding {
    let names = |ids: &[String]| ids.iter().any(|id| id == rule.id);
    let named = facts.waiver.is_some_and(|waiver| names(&waiver.rules));
    let waived = named && rule.waivable && matches!(outcome, Outcome::Broken(_));
    let mut on_broken = policy.on_broken_in(facts.stream, rule);
    let by_stream = facts.stream.sets(rule, on_broken);
    let mends = matches!(&outcome, Outcome::Broken(fault) if !fault.edits.is_empty());
    // What is still broken after its edits is held by the second verdict.
    if on_broken == OnBroken::Hold && mends && facts.waiver.is_some_and(|one| names(&one.repairs)) {
        on_broken = OnBroken::Repair;
    }
    Finding { rule, outcome, on_broken, by_stream, waived }
}

/// The facts with the class as declared, where a person waived the signs' opinion of it.
fn heard<'a>(facts: &Facts<'a>) -> Facts<'a> {
    let waived = facts.waiver.is_some_and(|waiver| waiver.rules.iter().any(|id| id == MISMATCH));
    let mut facts = facts.clone();
    if let (Class::Mixed, true, Some(declared)) = (facts.class, waived, facts.declared) {
        facts.class = declared;
    }
    facts
}

const MISMATCH: &str = "class-mismatch";

fn fault(finding: &Finding) -> Option<&Fault> {
    match &finding.outcome {
        Outcome::Broken(fault) => Some(fault),
        Outcome::Outside | Outcome::Kept | Outcome::Undecided { .. } => None,
    }
}

/// What one finding asks for.
pub(crate) fn asks(finding: &Finding, facts: &Facts<'_>) -> Action {
    let fault = match (&finding.outcome, finding.on_broken) {
        (Outcome::Outside | Outcome::Kept, _) | (_, OnBroken::Off) => return Action::Send,
        (Outcome::Undecided { .. }, _) => return Action::Defer,
        (Outcome::Broken(_), _) if finding.waived => return Action::Send,
        (Outcome::Broken(fault), _) => fault,
    };
    match finding.on_broken {
        OnBroken::Repair if fault.edits.is_empty() => action(finding.rule.unrepaired),
        OnBroken::Repair if !facts.links && fault.edits.iter().any(makes_link) => Action::Hold,
        OnBroken::Repair => Action::SendEdited,
        set @ (OnBroken::Hold | OnBroken::Reject | OnBroken::Report | OnBroken::Off) => action(set),
    }
}

/// The same on the repaired message, where what can be repaired was, and is broken still.
pub(crate) fn asks_still(finding: &Finding, facts: &Facts<'_>) -> Action {
    match asks(finding, facts) {
        Action::SendEdited => action(finding.rule.unrepaired),
        other @ (Action::Send | Action::Defer | Action::Hold | Action::Reject) => other,
    }
}

fn action(on_broken: OnBroken) -> Action {
    match on_broken {
        OnBroken::Repair => Action::SendEdited,
        OnBroken::Hold => Action::Hold,
        OnBroken::Reject => Action::Reject,
        OnBroken::Report | OnBroken::Off => Action::Send,
    }
}

/// The strictest action and the first rule that asks for it; without rules nothing is sent.
fn strictest(findings: &[Finding], asks: impl Fn(&Finding) -> Action) -> Asked {
    let mut strictest = None;
    for finding in findings {
        let action = asks(finding);
        if strictest.as_ref().is_none_or(|asked: &Asked| action > asked.action) {
            strictest = Some(Asked { action, rule: Some(finding.rule) });
        }
    }
    strictest.unwrap_or(Asked { action: Action::Hold, rule: None })
}

/// What is asked for, and by which rule.
#[derive(Clone, Copy)]
struct Asked {
    action: Action,
    rule: Option<&'static Rule>,
}

fn makes_link(edit: &Edit) -> bool {
    match edit {
        Edit::FillLinks
        | Edit::AddUnsubscribe { .. }
        | Edit::AddListUnsubscribe
        | Edit::AddListUnsubscribePost => true,
        Edit::LabelSubject { .. }
        | Edit::LabelSender { .. }
        | Edit::AddIdentity { .. }
        | Edit::AddNotice { .. }
        | Edit::AddListId { .. }
        | Edit::RemoveHeader { .. }
        | Edit::RemoveSignature { .. } => false,
    }
}

/// Edits that no rule asks for: the relay's own links are filled and a tool's instructions to
/// the relay are taken out, whatever the message is.
fn always(facts: &Facts<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    if facts.links && own_link::stands_in(facts.reading) {
        edits.push(Edit::FillLinks);
    }
    for header in facts.reading.message.headers() {
        if header.name.get(..OWN.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN)) {
            edits.push(Edit::RemoveHeader { name: header.name.to_ascii_lowercase() });
        }
    }
    edits
}

/// Header fields by which a tool tells the relay something.
const OWN: &str = "Souhlas-";

/// The verdict where the edits cannot be applied: each rule whose edits fail says why.
fn unrepairable(facts: &Facts<'_>, mut findings: Vec<Finding>, why: CannotEdit) -> Verdict {
    // At least held: where no rule's own edit fails, the relay's links stay unfilled.
    let mut asked = Asked { action: Action::Hold, rule: None };
    for finding in &mut findings {
        if asks(finding, facts) != Action::SendEdited {
            continue;
        }
        let Outcome::Broken(fault) = &mut finding.outcome else { continue };
        if let Err(why) = render(&facts.reading.message, &fault.edits, &own_link::stand_in) {
            fault.because.no_edit = Some(why);
            fault.edits.clear();
            let action = action(finding.rule.unrepaired);
            if asked.rule.is_none() || action > asked.action {
                asked = Asked { action: action.max(asked.action), rule: Some(finding.rule) };
            }
        }
    }
    let unfilled = findings.iter_mut().find(|finding| finding.rule.id == PLACEHOLDER);
    if let (true, Some(finding)) = (own_link::stands_in(facts.reading), unfilled) {
        let because = Reason { no_edit: Some(why), ..Reason::new("links-unfilled") };
        finding.outcome = Outcome::Broken(Fault::new(because));
        asked.rule = asked.rule.or(Some(finding.rule));
    }
    verdict(asked, facts, findings, Vec::new(), None)
}

const PLACEHOLDER: &str = "placeholder-left";

fn verdict(
    asked: Asked,
    facts: &Facts<'_>,
    findings: Vec<Finding>,
    edits: Vec<Edit>,
    repaired: Option<Vec<Finding>>,
) -> Verdict {
    // What is sent as it is was asked for by nobody.
    let rule = asked.rule.filter(|_| asked.action > Action::Send);
    Verdict { action: asked.action, rule, class: facts.class, findings, edits, repaired }
}
