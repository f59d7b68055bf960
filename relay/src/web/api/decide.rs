//! `/v1/may-i-send`: whether an address may get a message of a kind, and why not.
//!
//! The relay's own rules answer, from the latest committed state, as they do at RCPT. What the
//! message itself says is looked at when it comes: a yes here is no promise for its text.

use std::sync::{Arc, LazyLock};

use axum::{extract::State, http::StatusCode, response::Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use policy::{
    Address, AddressFault, Citation, Known, Language, Outcome, Reading, Reason, Stream, Verdict,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, json},
    gate::Caller,
    problem::{CONTRADICTION, Problem, STREAM_UNKNOWN},
    topics::TopicId,
    values::{Action, Class, Mailbox, PurposeId, StreamId, Typed, list},
};
use crate::{
    consent::{Lookup, Record},
    db::Unavailable,
    facts::Case,
    journal::reason::Cause,
    words::Words,
};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(one))
}

/// With a longer body.
pub(super) fn reading_many() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(many))
}

/// One address and what it would get.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "purpose": "newsletter", "class": "commercial",
}))]
struct Question {
    address: Mailbox,
    /// The purpose that the message is for. The first stream of policy.toml with it counts, one of the
    /// same topic before others.
    purpose: Option<PurposeId>,
    /// The topic of `purpose` that the message is about; of none where nothing is said.
    topic: Option<TopicId>,
    /// The stream of policy.toml that the message belongs to, instead of `purpose`.
    stream: Option<StreamId>,
    /// What the message is; the stream's class where nothing is said, else commercial.
    class: Option<Class>,
}

/// Many addresses that would get the same.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "addresses": ["jana@example.cz", "petr@example.cz"], "stream": "newsletter",
}))]
struct Questions {
    /// Each is answered, in this order; one that is no address is answered with a no.
    #[serde(deserialize_with = "list::<1, 10_000, _, _>")]
    #[schema(min_items = 1, max_items = 10_000)]
    addresses: Vec<Typed>,
    /// The purpose that the message is for. The first stream of policy.toml with it counts, one of the
    /// same topic before others.
    purpose: Option<PurposeId>,
    /// The topic of `purpose` that the message is about; of none where nothing is said.
    topic: Option<TopicId>,
    /// The stream of policy.toml that the message belongs to, instead of `purpose`.
    stream: Option<StreamId>,
    /// What the message is; the stream's class where nothing is said, else commercial.
    class: Option<Class>,
}

/// Whether an address may get it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "action": "reject", "rule": "consent-expired", "reason": "consent-expired",
    "because": "the consent for `newsletter` ended on 2026-10-01",
    "law": ["Act 480/2004 Sb. § 7(2)"],
}))]
struct Answer {
    /// `send`, or what the relay would do instead: `defer` (ask again), `hold`, `reject`.
    action: Action,
    /// The rule that asks for it; null where it may be sent, and where it is no address.
    rule: Option<&'static str>,
    /// Why, in one of the words of docs/webhooks.md; null where it may be sent.
    reason: Option<&'static str>,
    /// The same in a sentence without personal data.
    because: Option<String>,
    /// The sections of the law that the rule stands on here.
    law: Vec<String>,
}

/// Whether each of many may.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "send": 1, "not": 1, "results": [
        { "action": "send", "rule": null, "reason": null, "because": null, "law": [] },
        { "action": "reject", "rule": "refused", "reason": "refused",
          "because": "the address refused everything", "law": ["Act 480/2004 Sb. § 7(4)"] },
    ],
}))]
struct Answers {
    /// How many may get it.
    send: usize,
    /// How many may not, now or ever.
    not: usize,
    /// In the order of the addresses.
    results: Vec<Answer>,
}

/// Ask whether an address may get a message
#[utoipa::path(
    post,
    path = "/v1/may-i-send",
    operation_id = "mayISend",
    tag = "Decisions",
    request_body = Question,
    responses(
        (status = 200, description = "Yes, or no and why", body = Answer),
        (status = 404, description = "There is no such purpose or stream"),
    ),
    security(("key" = ["decide"])),
)]
async fn one(
    State(shared): State<Shared>,
    caller: Caller,
    Body(asked): Body<Question>,
) -> Result<Response, Problem> {
    let stream = stream_of(&shared, &caller, (asked.purpose, asked.topic), asked.stream).await?;
    let case = case(&caller, &stream, asked.class);
    let address = [asked.address.0];
    let counted = case.counts_for_all();
    let records = shared.lookup.records(caller.id(), &address, counted).await?;
    let found = address
        .iter()
        .zip(&records)
        .map(|(address, record)| decide(&caller, &case, address, record));
    let answer = found.into_iter().next();
    let answer = answer.ok_or_else(|| Problem::no_contact("/address"))?;
    Ok(json(StatusCode::OK, &answer))
}

/// Ask for many addresses at once
///
/// Up to 10,000 that would all get the same message.
#[utoipa::path(
    post,
    path = "/v1/may-i-send/batch",
    operation_id = "mayISendBatch",
    tag = "Decisions",
    request_body = Questions,
    responses(
        (status = 200, description = "Yes, or no and why, for each", body = Answers),
        (status = 404, description = "There is no such purpose or stream"),
    ),
    security(("key" = ["decide"])),
)]
async fn many(
    State(shared): State<Shared>,
    caller: Caller,
    Body(asked): Body<Questions>,
) -> Result<Response, Problem> {
    let stream = stream_of(&shared, &caller, (asked.purpose, asked.topic), asked.stream).await?;
    let case = case(&caller, &stream, asked.class);
    let counted = case.counts_for_all();
    let mut results = Vec::with_capacity(asked.addresses.len());
    let read = |group: &[Typed]| group.iter().map(|typed| Address::parse(&typed.0)).collect();
    let groups: Vec<Vec<_>> = asked.addresses.chunks(TOGETHER).map(read).collect();
    let look =
        |group| tokio::spawn(look(shared.lookup.clone(), caller.id().to_owned(), group, counted));
    let mut groups = stream::iter(groups).map(look).buffered(AT_ONCE);
    while let Some(found) = groups.next().await {
        let found = found.map_err(|_| Unavailable("the relay is stopping".into()))??;
        results.extend(found.into_iter().map(|one| match one {
            Ok((address, record)) => decide(&caller, &case, &address, &record),
            Err(fault) => Answer {
                action: Action::Reject,
                rule: None,
                reason: Some(Cause::RecipientNotValid.as_str()),
                because: Some(fault.to_string()),
                law: Vec::new(),
            },
        }));
    }
    let send = results.iter().filter(|one| one.action == Action::Send).count();
    Ok(json(StatusCode::OK, &Answers { send, not: results.len() - send, results }))
}

/// What is on record of each.
async fn look(
    lookup: Lookup,
    controller: String,
    read: Vec<Result<Address, AddressFault>>,
    counted: bool,
) -> Result<Vec<Result<(Address, Record), AddressFault>>, Unavailable> {
    let addresses: Vec<Address> = read.iter().flatten().cloned().collect();
    let mut records = lookup.records(&controller, &addresses, counted).await?.into_iter();
    let mut known = |address| (address, records.next().unwrap_or_default());
    Ok(read.into_iter().map(|one| one.map(&mut known)).collect())
}

fn case<'a>(caller: &'a Caller, stream: &'a Stream, class: Option<Class>) -> Case<'a> {
    Case::new(caller.business(), stream, &NOTHING, class.map(Into::into), 1)
}

fn decide(caller: &Caller, case: &Case<'_>, address: &Address, record: &Record) -> Answer {
    let packs = case.packs(caller.now, address, Some(record));
    let facts = case.facts(caller.now, address, Known::Is(record), &packs, None);
    let verdict = policy::decide_recipient(&case.business.policy, &facts);
    told(&verdict, facts.packs)
}

fn told(verdict: &Verdict, packs: &[&policy::Pack]) -> Answer {
    let action = Action::from(verdict.action);
    let finding = verdict.rule.and_then(|rule| {
        let mut findings = verdict.findings.iter();
        findings.find(|finding| std::ptr::eq(finding.rule, rule))
    });
    let Some(finding) = finding else {
        return Answer { action, rule: None, reason: None, because: None, law: Vec::new() };
    };
    let english = Words::of(Language::English);
    let (because, own) = match &finding.outcome {
        Outcome::Broken(fault) => (english.reason(&fault.because), fault.law.as_slice()),
        Outcome::Undecided { missing } => (english.reason(&Reason::new(missing)), [].as_slice()),
        Outcome::Outside | Outcome::Kept => (String::new(), [].as_slice()),
    };
    let law = if own.is_empty() { finding.rule.law_under(packs) } else { own.to_vec() };
    let mut law: Vec<String> = law.into_iter().map(Citation::to_string).collect();
    law.dedup();
    let rule = Some(finding.rule.id);
    Answer { action, rule, reason: rule, because: Some(because), law }
}

/// The stream that is named, the first one with purpose and topic, or one that has only these.
async fn stream_of(
    shared: &Shared,
    caller: &Caller,
    (purpose, topic): (Option<PurposeId>, Option<TopicId>),
    named: Option<StreamId>,
) -> Result<Arc<Stream>, Problem> {
    let own = |stream: &Arc<Stream>| stream.controller.id == caller.id();
    let business = caller.business();
    let contradiction = |what, pointer| Err(Problem::new(CONTRADICTION, what).at(pointer));
    match (named, purpose, topic) {
        (Some(_), Some(_), _) => contradiction("both `stream` and `purpose` are there", "/purpose"),
        (Some(_), None, Some(_)) => contradiction("a stream has its own topic", "/topic"),
        (None, None, Some(_)) => contradiction("a topic is one of a `purpose`", "/topic"),
        (Some(id), None, None) => {
            let found = business.stream(&id.0).filter(|stream| own(stream)).cloned();
            found.ok_or_else(|| {
                Problem::new(STREAM_UNKNOWN, "the controller has no stream of this id")
                    .at("/stream")
            })
        }
        (None, Some(id), topic) => {
            let Some(known) = shared.api.consent.purpose(caller.id(), &id.0).await? else {
                return Err(Problem::no_purpose("/purpose"));
            };
            let topic = topic.map(|topic| topic.0);
            if topic.as_ref().is_some_and(|id| known.topics.iter().all(|own| own.id != *id)) {
                return Err(Problem::no_topic("/topic"));
            }
            Ok(with(caller, id.0, topic))
        }
        (None, None, None) => Ok(Arc::new(Stream::bare(caller.controller(), None))),
    }
}

/// The first stream with both; else the first one with the purpose, as if it were of that topic.
fn with(caller: &Caller, purpose: String, topic: Option<String>) -> Arc<Stream> {
    let streams = || {
        let all = caller.business().streams.iter().map(|mapping| &mapping.stream);
        all.filter(|one| one.controller.id == caller.id() && one.purpose.as_ref() == Some(&purpose))
    };
    if let Some(found) = streams().find(|one| one.topic == topic) {
        return Arc::clone(found);
    }
    let alike = streams().next().map(|one| Stream::clone(one));
    let alike = alike.unwrap_or_else(|| Stream::bare(caller.controller(), Some(purpose.clone())));
    Arc::new(Stream { topic, ..alike })
}

/// The message that is not there yet.
static NOTHING: LazyLock<Reading> = LazyLock::new(|| Reading::of(Bytes::new()));
/// Addresses of one lookup: on SQLite it holds its thread for as long as it takes, some
/// milliseconds, and SMTP waits for no longer.
const TOGETHER: usize = 250;
/// Lookups of one request at a time.
const AT_ONCE: usize = 2;
