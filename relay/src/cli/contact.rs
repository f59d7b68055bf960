//! `souhlas grant`, `refuse`, `relation add`: what one address said and bought.
//!
//! What is known of the contact itself is `person`'s.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use policy::{Address, Relation, RelationKind, Scope};
use serde_json::json;

use super::{
    arguments::{address, moment, word},
    open::Place,
    say,
    terms::Terms,
    whose::Whose,
};
use crate::consent::{NewGrant, Order, Proof, Recorded, Who};

#[derive(Args, Debug)]
pub(super) struct Grant {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// Id of the purpose
    #[arg(long)]
    purpose: String,
    #[command(flatten)]
    terms: Terms,
    /// The words that the person agreed to
    #[arg(long, value_name = "TEXT")]
    wording: Option<String>,
    /// The person said yes knowing of an earlier no, which ends for this purpose
    #[arg(long)]
    lifts_refusal: bool,
}

#[derive(Args, Debug)]
pub(super) struct Refuse {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// This purpose only; everything commercial of the controller where nothing is said
    #[arg(long)]
    purpose: Option<String>,
    /// When the person said it; now where nothing is said
    #[arg(long, value_parser = moment)]
    at: Option<Timestamp>,
    /// How the person said it
    #[arg(long, default_value = "")]
    evidence: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum RelationCommand {
    /// Add a purchase, a contract, an enquiry or the part taken in a contest
    ///
    /// A contract added again with --ended is that contract, completed.
    Add(AddRelation),
}

#[derive(Args, Debug)]
pub(super) struct AddRelation {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// purchase, contract, enquiry or contest
    #[arg(long, value_parser = word::<RelationKind>, default_value = "purchase")]
    kind: RelationKind,
    /// When it began
    #[arg(long, value_parser = moment)]
    at: Timestamp,
    /// When a contract ended; still running where nothing is said
    #[arg(long, value_parser = moment)]
    ended: Option<Timestamp>,
    /// A category of goods; may be repeated
    #[arg(long = "category", value_name = "CATEGORY")]
    categories: Vec<String>,
    /// The shop sold a wide assortment then, all of which may be offered
    #[arg(long)]
    wide_assortment: bool,
    /// The person could refuse commercial messages when the address was collected
    #[arg(long)]
    objection_offered: bool,
    /// The order's number or the like
    #[arg(long, default_value = "")]
    evidence: String,
    /// The purpose that it gives, as one of legitimate interest
    #[arg(long, value_name = "PURPOSE")]
    grants: Option<String>,
    /// The purpose that is over with it, as one of a contract that is completed
    #[arg(long, value_name = "PURPOSE")]
    ends: Option<String>,
    /// The person made use of the objection offered: a refusal of everything commercial
    #[arg(long)]
    objected: bool,
}

pub(super) async fn grant(place: &Place, ask: Grant) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let (purpose, owner) = ask.whose.purpose(&business, &consent, &ask.purpose).await?;
    let now = Timestamp::now();
    let who = Who::address(&owner.id, ask.address);
    let terms = ask.terms;
    terms.check()?;
    let from = consent.start(now, &who, terms.from).await?;
    let grant = NewGrant {
        purpose: purpose.id,
        from,
        until: terms.until,
        method: terms.method,
        source: terms.source,
        confirmed_at: terms.confirmed_at,
        age_declared: terms.of_age,
        lifts_refusal: ask.lifts_refusal,
    };
    let mut proof = proof(from, &terms.evidence);
    if let Some(wording) = ask.wording {
        proof.evidence = json!({ "note": terms.evidence, "wording": wording });
    }
    let recorded = consent.grant(now, &owner.time_zone, &who, &grant, &proof).await?;
    told(recorded, "granted")
}

pub(super) async fn refuse(place: &Place, ask: Refuse) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let (scope, owner) = match ask.purpose {
        None => (Scope::Everything, ask.whose.find(&business)?),
        Some(id) => {
            let (purpose, owner) = ask.whose.purpose(&business, &consent, &id).await?;
            (Scope::Purpose(purpose.id), owner)
        }
    };
    let now = Timestamp::now();
    let who = Who::address(&owner.id, ask.address);
    let proof = proof(ask.at.unwrap_or(now), &ask.evidence);
    told(consent.refuse(now, &who, &scope, &proof).await?, "refused")
}

pub(super) async fn relate(place: &Place, command: RelationCommand) -> anyhow::Result<ExitCode> {
    let RelationCommand::Add(ask) = command;
    let (business, consent) = (place.business()?, place.consent().await?);
    let owner = ask.whose.find(&business)?;
    let relation = Relation {
        kind: ask.kind,
        at: ask.at,
        // A purchase is over when it is made; a contract runs until it is ended.
        ended_at: ask.ended.or((ask.kind != RelationKind::Contract).then_some(ask.at)),
        categories: ask.categories,
        wide_assortment: ask.wide_assortment,
        objection_offered: ask.objection_offered || ask.objected,
        event: String::new(),
    };
    let now = Timestamp::now();
    let who = Who::address(&owner.id, ask.address);
    let proof = proof(ask.at, &ask.evidence);
    let AddRelation { grants, ends, objected, .. } = ask;
    let order = Order { relation, grants, ends, objected };
    let done = consent.order(now, &owner.time_zone, &who, &order, &proof).await?;
    let code = told(done.relation, "added")?;
    if let Some(refused) = done.refused {
        told(refused, "refused")?;
    }
    match done.granted {
        Some(Recorded::RefusalStands) => say("the address refused: the purpose is not granted")?,
        Some(granted) => drop(told(granted, "granted")?),
        None => {}
    }
    Ok(code)
}

pub(super) fn proof(at: Timestamp, evidence: &str) -> Proof {
    let evidence = if evidence.is_empty() { json!(null) } else { json!({ "note": evidence }) };
    Proof { actor: "cli".to_owned(), at, evidence }
}

pub(super) fn told(recorded: Recorded, done: &str) -> anyhow::Result<ExitCode> {
    match recorded {
        Recorded::New(event) => say(format!("{done}: event {event}"))?,
        Recorded::Already => say("it was on record already: nothing was written")?,
        Recorded::RefusalStands => bail!(
            "the address refused, so nothing was written: only the person can take it back \
             (`--lifts-refusal`, with the evidence that they did)"
        ),
        Recorded::Closed => bail!("the purpose is closed: nothing was written"),
        Recorded::NoPurpose => bail!("there is no such purpose: nothing was written"),
        Recorded::NoTopic => {
            bail!("the purpose has no such topic, see `souhlas purpose list`: nothing was written")
        }
        Recorded::WrongBasis => bail!(
            "an order is no ground for this purpose, so nothing was written: write down a consent \
             with `souhlas grant`, and its evidence"
        ),
    }
    Ok(ExitCode::SUCCESS)
}
