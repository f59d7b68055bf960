//! Judges the message on the test bench as `souhlas explain` does. Nothing is kept of it; that somebody
//! asked is written down, without what.

use bytes::Bytes;
use jiff::{Timestamp, civil::DateTime};
use policy::{Address, Reading};
use serde_json::{Value, json};

use super::{
    Answer, Frame, Visit,
    guest::Posted,
    problem::Problem,
    try_show::{Came, Choices, Form, Told, show},
};
use crate::{
    config::Business,
    content,
    evidence::decision::{findings, words},
    judge::{Decided, Judged, Refusal, Submitted, as_word, with_crlf},
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
    Ok(Came::Verdict(Box::new(told(visit, asked, &decided))))
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

fn told(visit: &Visit, asked: Submitted<'_>, decided: &Decided) -> Told {
    let detail: Value = serde_json::from_str(&decided.detail).unwrap_or_default();
    let packs = words(detail.pointer("/facts/packs"));
    let language = visit.words.language;
    let found = |name| detail.get(name).map(|all| findings(all, &packs, language));
    let edits = &decided.verdict.edits;
    let changes = decided.leaves().then(|| content::changes(asked.reading, edits));
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
        edits: explanation.edits.clone(),
        penalties: explanation.penalties.clone(),
        changes,
        packs,
    }
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
