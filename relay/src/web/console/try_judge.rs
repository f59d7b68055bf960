//! Judges the message on the test bench as `souhlas explain` does. Nothing is kept of it; that somebody
//! asked is written down, without what.

use bytes::Bytes;
use jiff::{Timestamp, civil::DateTime};
use policy::{Address, Reading};
use serde_json::{Value, json};

use super::{
    Answer, Frame, Visit,
    diff::{self, Changed},
    guest::Posted,
    problem::Problem,
    try_show::{Came, Choices, Form, Told, show},
};
use crate::{
    config::Business,
    evidence::decision::{findings, words},
    judge::{Decided, Judge, Judged, Refusal, Submitted, as_word, with_crlf},
    staff::{Act, Action, Entry, Reach},
};

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let choices = Choices::of(&visit).await?;
    let mut form = Form::of(&posted);
    let bytes = match posted.file("file") {
        Some(file) => {
            // Shown, so that it can be mended and tried again.
            let text = Some(&file.bytes).filter(|bytes| bytes.len() <= SHOWN_MAX);
            let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
            form.message = text.unwrap_or_default().to_owned();
            file.bytes.clone()
        }
        None => Bytes::from(form.message.clone()),
    };
    let came = came(&visit, &form, &bytes).await?;
    show(&visit, form, choices, came)
}

async fn came(visit: &Visit, form: &Form, bytes: &[u8]) -> Result<Came, Problem> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Came::Fault("console-try-fault-message"));
    }
    let Ok(to) = Address::parse(&form.to) else {
        return Ok(Came::Fault("console-try-fault-to"));
    };
    let Ok(from) = some(&form.from).map(Address::parse).transpose() else {
        return Ok(Came::Fault("console-try-fault-from"));
    };
    let Some(at) = moment(visit, &form.at) else { return Ok(Came::Fault("console-try-fault-at")) };
    let business = visit.shared.console.business.load_full();
    let reading = Reading::of(with_crlf(bytes).into());
    let asked = Submitted {
        reading: &reading,
        to: &to,
        from: from.as_ref(),
        login: some(&form.login),
        stream: some(&form.stream),
        recipients: 1,
        at,
    };
    if !may_ask(&visit.reach(Action::Try), &business, asked) {
        return Ok(Came::Fault("console-try-fault-others"));
    }
    let judge = &visit.shared.console.judge;
    let decided = match judge.judge(&business, asked).await? {
        Judged::Verdict(decided) => decided,
        Judged::Refused(refusal) => {
            visit.note(&Entry::new(Act::MessageTried, "")).await?;
            return Ok(Came::Refused(refused(&visit.frame(), &refusal)));
        }
    };
    let controller = decided.explanation.controller.as_str();
    if !visit.reach(Action::Try).holds(controller, &form.login) {
        return Ok(Came::Fault("console-try-fault-others"));
    }
    let detail = json!({ "action": decided.verdict.action, "rule": decided.verdict.rule_id() });
    visit.note(&Entry::new(Act::MessageTried, "").of(controller).with(detail)).await?;
    Ok(Came::Verdict(Box::new(told(visit, judge, &business, asked, &decided))))
}

/// Whoever sends for a controller may ask as their own logins do, and names no stream; whoever looks
/// after one may name those of its own.
fn may_ask(reach: &Reach, business: &Business, asked: Submitted<'_>) -> bool {
    match reach {
        Reach::Everything => true,
        Reach::Part { controllers, logins } => {
            let is_own = asked.login.is_some_and(|login| logins.iter().any(|own| own == login));
            let named = asked.stream.and_then(|id| business.stream(id));
            match (asked.stream, named) {
                (None, _) => is_own || !controllers.is_empty(),
                (Some(_), named) => {
                    named.is_some_and(|stream| controllers.contains(&stream.controller.id))
                }
            }
        }
    }
}

fn told(
    visit: &Visit,
    judge: &Judge,
    business: &Business,
    asked: Submitted<'_>,
    decided: &Decided,
) -> Told {
    let detail: Value = serde_json::from_str(&decided.detail).unwrap_or_default();
    let packs = words(detail.pointer("/facts/packs"));
    let language = visit.words.language;
    let found = |name| detail.get(name).map(|all| findings(all, &packs, language));
    let (changes, cannot) = match decided.leaves() {
        false => (Vec::new(), None),
        true => match judge.rendered(business, asked, &decided.verdict.edits) {
            Ok(bytes) => (changes(asked.reading, bytes), None),
            Err(why) => (Vec::new(), Some(why)),
        },
    };
    let explanation = &decided.explanation;
    Told {
        fate: decided.verdict.action.into(),
        class: as_word(&explanation.class),
        stream: explanation.stream.clone(),
        controller: explanation.controller.clone(),
        purpose: explanation.purpose.clone(),
        policy: explanation.policy.clone(),
        outcomes: found("outcomes").unwrap_or_default(),
        repaired: found("repaired").unwrap_or_default(),
        edits: explanation.edits.iter().map(policy::Edit::words).collect(),
        penalties: explanation.penalties.clone(),
        changes,
        cannot,
        packs,
    }
}

/// Of what people see: fields and text.
fn changes(old: &Reading, bytes: Bytes) -> Vec<Changed> {
    let new = Reading::of(bytes);
    diff::short(diff::lines(&lines(old), &lines(&new)))
}

fn lines(reading: &Reading) -> Vec<String> {
    let message = &reading.message;
    let field = |one: &policy::Header| {
        let value: String = message.decoded(one).chars().take(FIELD_MAX).collect();
        format!("{}: {}", one.name, value.trim())
    };
    let mut lines: Vec<String> = message.headers().iter().map(field).collect();
    for view in &reading.views {
        lines.push(String::new());
        lines.extend(view.text.lines().map(|line| line.trim_end().to_owned()));
    }
    lines.truncate(LINES_MAX);
    lines
}

fn refused(frame: &Frame, refusal: &Refusal) -> String {
    let with = |id: &str, name: &'static str, value: &String| {
        frame.with(id, &[(name, value.as_str().into())])
    };
    match refusal {
        Refusal::LoginUnknown(login) => with("console-try-no-login", "login", login),
        Refusal::Sender { login, field, sender, .. } => frame.with(
            "console-try-no-sender",
            &[
                ("login", login.as_str().into()),
                ("field", (*field).into()),
                ("sender", sender.as_str().into()),
            ],
        ),
        Refusal::Class(word) => with("console-try-no-class", "word", word),
        Refusal::StreamUnknown { named, .. } | Refusal::StreamNamed(named) => {
            with("console-try-no-stream", "stream", named)
        }
        Refusal::NoFrom => frame.say("console-try-no-from").into_owned(),
        Refusal::NoStream(from) => with("console-try-no-match", "from", from),
    }
}

/// Now where nothing is said; `None` where it cannot be read.
fn moment(visit: &Visit, text: &str) -> Option<Timestamp> {
    if text.is_empty() {
        return Some(visit.now);
    }
    let at: DateTime = text.parse().ok()?;
    Some(visit.zone().to_zoned(at).ok()?.timestamp())
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A longer file is judged and not shown again.
const SHOWN_MAX: usize = 256 << 10;
const FIELD_MAX: usize = 1_000;
const LINES_MAX: usize = 5_000;
