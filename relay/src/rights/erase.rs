//! Erasure on request (GDPR art. 17): what goes, and the reason for each thing that stays.

use jiff::Timestamp;
use policy::{Basis, Controller, Pack, Scope, law};
use serde::Serialize;
use serde_json::Value;

use super::Stores;
use crate::{
    consent::{Erasure, Kept, Proof, Proven, Who},
    db::Error,
    journal, sample, spool, wish,
};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    pub how: Erasure,
    /// Write down that the person wants nothing commercial any more, so that no tool brings it
    /// back.
    pub refuses: bool,
    /// Keep no proof of consents either, where no law fixes for how long it is kept.
    pub proof_too: bool,
    /// Who writes it down, without personal data.
    pub actor: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub event: String,
    /// How many statements lost their evidence.
    pub statements: u64,
    pub stays: Vec<Stays>,
}

/// One thing that is still on record.
#[derive(Clone, Debug, Serialize)]
pub struct Stays {
    pub what: String,
    /// Until when; `None`: as long as the reason holds.
    pub until: Option<Timestamp>,
    pub why: String,
    /// Act and section.
    pub law: String,
}

/// `None`: nothing is on record.
pub async fn erase(
    stores: Stores<'_>,
    (owner, pack): (&Controller, Option<&Pack>),
    who: &Who,
    now: Timestamp,
    wish: &Wish,
) -> Result<Option<Outcome>, Error> {
    // It may have been written to without ever being on record.
    sample::erase(stores.db, stores.consent.key(who)).await?;
    wish::erase(stores.db, stores.consent.key(who)).await?;
    let Some(brief) = stores.consent.brief(who).await? else { return Ok(None) };
    let proof = Proof { actor: wish.actor.clone(), at: now, evidence: Value::Null };
    if wish.refuses {
        stores.consent.refuse(now, who, &Scope::Everything, &proof).await?;
    }
    let statute = pack.and_then(statute);
    let kept_for = pack.map(|pack| pack.terms.consent.evidence_kept_for);
    let proven = Proven {
        zone: owner.time_zone.clone(),
        kept_for: kept_for.filter(|_| statute.is_some() || !wish.proof_too),
    };
    let Some(erased) = stores.consent.erase(now, who, wish.how, &proven, &proof).await? else {
        return Ok(None);
    };
    let mut stays: Vec<Stays> =
        erased.kept.iter().map(|kept| reason(kept, statute.as_deref())).collect();
    let filter = spool::Filter { recipients: vec![brief.key], ..spool::Filter::default() };
    let waiting = stores.spool.list(&filter, MOST).await?;
    if let Some(last) = waiting.iter().map(|delivery| delivery.expires_at).max() {
        stays.push(Stays {
            what: format!("{} message(s) on their way or held", waiting.len()),
            until: Some(last),
            why: "they leave or go by themselves; without a ground none that advertises leaves"
                .to_owned(),
            law: "GDPR art. 17(1)(a)".to_owned(),
        });
    }
    let filter = journal::Filter { recipients: vec![brief.key], ..journal::Filter::default() };
    if !journal::list(stores.db, &filter, 1).await?.is_empty() {
        stays.push(Stays {
            what: "decisions in the journal, by the key of the address".to_owned(),
            until: None,
            why: "they prove that each message was lawful; they hold no address and no content"
                .to_owned(),
            law: "GDPR art. 17(3)(e), art. 5(2)".to_owned(),
        });
    }
    Ok(Some(Outcome { event: erased.event, statements: erased.events, stays }))
}

/// The law that fixes how long the proof of a consent is kept; `None`: the pack's own choice.
fn statute(pack: &Pack) -> Option<String> {
    let sources = pack.terms.law.get("consent.evidence-kept-for")?;
    let found = sources.iter().find_map(|id| law::find(id))?;
    Some(format!("{} {}", found.act, found.at))
}

fn reason(kept: &Kept, statute: Option<&str>) -> Stays {
    let stays = |what: String, until: Option<Timestamp>, why: &str, law: &str| Stays {
        what,
        until,
        why: why.to_owned(),
        law: law.to_owned(),
    };
    match kept {
        Kept::Refusal => stays(
            "the refusal, by the key of the address".to_owned(),
            None,
            "so that the no outlives the data: the address itself is gone",
            "GDPR art. 21(3), art. 17(3)(b)",
        ),
        Kept::Duty { purpose, basis, until } => {
            let (why, law) = duty(*basis);
            stays(format!("the address, for purpose `{purpose}`"), Some(*until), why, law)
        }
        Kept::Contract { until } => stays(
            "the address, for a contract that runs".to_owned(),
            *until,
            "it is needed to perform the contract",
            "GDPR art. 17(1)(a), art. 6(1)(b)",
        ),
        Kept::Evidence { events, until } => stays(
            format!("the proof of {events} statement(s), by the key of the address"),
            Some(*until),
            match statute {
                Some(_) => "the law wants consent proven for so long after its end",
                None => "to defend legal claims: who advertised has to prove the consent",
            },
            statute.unwrap_or("GDPR art. 17(3)(e), art. 7(1)"),
        ),
    }
}

fn duty(basis: Basis) -> (&'static str, &'static str) {
    match basis {
        Basis::LegalObligation => ("a law obliges the controller", "GDPR art. 17(3)(b)"),
        Basis::PublicInterest => ("a task in the public interest", "GDPR art. 17(3)(b)"),
        Basis::VitalInterest => ("a vital interest", "GDPR art. 6(1)(d)"),
        Basis::Contract | Basis::Consent | Basis::LegitimateInterest => {
            ("it is needed to perform the contract", "GDPR art. 17(1)(a), art. 6(1)(b)")
        }
    }
}

/// More than that wait for nobody.
const MOST: usize = 10_000;
