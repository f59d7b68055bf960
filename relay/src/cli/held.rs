//! `souhlas contact end`, `correct`, `inform`: grants ended or put right, people told of what is done
//! with their data. All are new events; nothing that was said before goes away.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use policy::{Address, Ended, Method, Source};

use super::{
    arguments::{address, moment, word},
    contact::{proof, told},
    open::Place,
    remark, say,
    whose::Whose,
};
use crate::consent::{Corrected, Correction, Notice, NoticeKind, Who};

#[derive(Args, Debug)]
pub(super) struct End {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// Id of the purpose
    #[arg(long)]
    purpose: String,
    /// withdrawn: by the person; revoked: by the controller; invalidated: it was void
    #[arg(long, value_parser = word::<Ended>, default_value = "withdrawn")]
    how: Ended,
    /// From when on; now where nothing is said
    #[arg(long, value_parser = moment)]
    at: Option<Timestamp>,
    /// Why, or how the person said it
    #[arg(long)]
    evidence: String,
}

#[derive(Args, Debug)]
pub(super) struct Correct {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// The grant, by the event that made it, as `souhlas contact show` names it: `c1-17`
    #[arg(long)]
    event: String,
    /// From when it counts
    #[arg(long, value_parser = moment)]
    from: Option<Timestamp>,
    /// Until when it counts
    #[arg(long, value_parser = moment)]
    until: Option<Timestamp>,
    /// How it was given: form, double-opt-in, api, manual, chat, order, renewal-click, preticked
    #[arg(long, value_parser = word::<Method>)]
    method: Option<Method>,
    /// Where the address came from: own, purchased, public, scraped
    #[arg(long, value_parser = word::<Source>)]
    source: Option<Source>,
    /// Why it was wrong and how the right one is known
    #[arg(long)]
    evidence: String,
}

#[derive(Args, Debug)]
pub(super) struct Inform {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// The version of the notice, as the controller calls it: `2026-05`
    #[arg(long, value_name = "VERSION")]
    notice: String,
    /// Where it stands
    #[arg(long)]
    url: Option<String>,
    /// Whose text it was: own or vendor-generic
    #[arg(long, value_parser = word::<NoticeKind>, default_value = "own")]
    kind: NoticeKind,
    /// When; now where nothing is said
    #[arg(long, value_parser = moment)]
    at: Option<Timestamp>,
    /// How the person was told
    #[arg(long, default_value = "")]
    evidence: String,
}

pub(super) async fn inform(place: &Place, ask: Inform) -> anyhow::Result<ExitCode> {
    let Inform { address, whose, notice, url, kind, at, evidence } = ask;
    let (business, consent) = (place.business()?, place.consent().await?);
    let now = Timestamp::now();
    let who = Who::address(&whose.find(&business)?.id, address);
    let notice = Notice { version: notice, kind, url };
    let proof = proof(at.unwrap_or(now), &evidence);
    if let Some(doubt) = kind.doubt() {
        remark(doubt);
    }
    told(consent.inform(now, &who, &notice, &proof).await?, "noted")
}

pub(super) async fn end(place: &Place, ask: End) -> anyhow::Result<ExitCode> {
    if ask.how == Ended::Terminated {
        bail!("a purpose is closed for everybody: `souhlas purpose close`");
    }
    let (business, consent) = (place.business()?, place.consent().await?);
    let (purpose, owner) = ask.whose.purpose(&business, &consent, &ask.purpose).await?;
    let now = Timestamp::now();
    let who = Who::address(&owner.id, ask.address);
    let proof = proof(ask.at.unwrap_or(now), &ask.evidence);
    told(consent.end(now, &who, &purpose.id, ask.how, &proof).await?, "ended")
}

pub(super) async fn correct(place: &Place, ask: Correct) -> anyhow::Result<ExitCode> {
    let Correct { address, whose, event, from, until, method, source, evidence } = ask;
    let (business, consent) = (place.business()?, place.consent().await?);
    let now = Timestamp::now();
    let who = Who::address(&whose.find(&business)?.id, address);
    let by = Correction { from, until, method, source };
    match consent.correct(now, &who, &event, &by, &proof(now, &evidence)).await? {
        Corrected::New(event) => say(format!("corrected: event {event}"))?,
        Corrected::Already => say("it was so already: nothing was written")?,
        Corrected::NoGrant => {
            bail!("the address has no grant by the event `{event}`: see `souhlas contact show`")
        }
        Corrected::Taken => bail!("another grant for the purpose begins at that moment"),
        Corrected::Empty => bail!("it would end before it begins: nothing was written"),
        Corrected::NoClick => bail!(
            "a grant by a click needs the time of the click, and this one has none: nothing was \
             written"
        ),
    }
    Ok(ExitCode::SUCCESS)
}
