//! What a message to one of our return addresses is. Pure.
//!
//! A report of delivery (RFC 3464), a complaint (RFC 5965), something that answered by itself (RFC 3834),
//! or a letter that a person wrote.

use policy::{Message, Part};

use super::fields::{Group, groups};

/// One message that came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Came {
    /// Of at least one recipient.
    Report(Vec<Status>),
    Complaint(Complaint),
    /// Nobody wrote it: out of office, a ticket system.
    Automatic,
    Letter,
}

/// What a report says of one recipient.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Status {
    /// As we had it, where the report says so, else as it was in the end.
    pub recipient: String,
    pub action: Action,
    /// `5.1.1`.
    pub status: String,
    /// On one line.
    pub text: String,
    /// The host that refused it.
    pub remote: String,
}

/// RFC 3464 §2.3.3.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    Failed,
    Delayed,
    /// Delivered, relayed, expanded.
    Went,
}

/// What a complaint says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Complaint {
    pub kind: Feedback,
    /// Of whom, where it says.
    pub recipient: Option<String>,
    /// The reporter's own name.
    pub agent: String,
}

/// RFC 5965 §7.3 and the registry of feedback types.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Feedback {
    /// Abuse, fraud, a virus, something else: unwanted.
    Unwanted,
    /// The person asked its provider to be left out.
    OptOut,
    /// It was no spam after all, or is about something else than what a person wants.
    Nothing,
}

impl Came {
    pub(super) fn of(message: &Message, null_sender: bool) -> Self {
        if let Some(complaint) = part(message, &["message/feedback-report"]).and_then(complaint) {
            return Self::Complaint(complaint);
        }
        let kinds = ["message/delivery-status", "message/global-delivery-status"];
        if let Some(statuses) = part(message, &kinds).map(statuses)
            && !statuses.is_empty()
        {
            return Self::Report(statuses);
        }
        if null_sender || is_automatic(message) { Self::Automatic } else { Self::Letter }
    }
}

/// The groups of the first part of one of these types.
fn part(message: &Message, kinds: &[&str]) -> Option<Vec<Group>> {
    let is_one = |part: &&Part| kinds.contains(&part.media_type.as_str());
    let found = message.parts().iter().find(is_one)?;
    Some(groups(&message.content(found)))
}

fn statuses(groups: Vec<Group>) -> Vec<Status> {
    groups.iter().filter_map(status).collect()
}

fn status(group: &Group) -> Option<Status> {
    let action = match group.get("Action")?.to_ascii_lowercase().split(' ').next()? {
        "failed" => Action::Failed,
        "delayed" => Action::Delayed,
        "delivered" | "relayed" | "expanded" => Action::Went,
        _ => return None,
    };
    let recipient = group.typed("Original-Recipient").or_else(|| group.typed("Final-Recipient"))?;
    let diagnostic = group.typed("Diagnostic-Code").unwrap_or_default();
    let status = group.get("Status").unwrap_or_default();
    Some(Status {
        recipient: recipient.trim_matches(['<', '>']).to_owned(),
        action,
        status: code(status).or_else(|| code(diagnostic)).unwrap_or_else(|| action.code()),
        text: diagnostic.to_owned(),
        remote: group.typed("Remote-MTA").unwrap_or_default().to_owned(),
    })
}

impl Action {
    fn code(self) -> String {
        let code = match self {
            Self::Failed => "5.0.0",
            Self::Delayed => "4.0.0",
            Self::Went => "2.0.0",
        };
        code.to_owned()
    }
}

/// The first word that is an enhanced status code (RFC 3463 §2).
fn code(text: &str) -> Option<String> {
    let words = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let is_number = |part: &&str| (1..=3).contains(&part.len());
    let is_code = |word: &&str| {
        let mut parts = word.split('.');
        let class = parts.next().is_some_and(|class| ["2", "4", "5"].contains(&class));
        class && parts.clone().count() == 2 && parts.all(|part| is_number(&part))
    };
    words.map(|word| word.trim_matches('.')).find(is_code).map(str::to_owned)
}

fn complaint(groups: Vec<Group>) -> Option<Complaint> {
    let group = groups.into_iter().next()?;
    let kind = match group.get("Feedback-Type")?.to_ascii_lowercase().as_str() {
        "not-spam" | "auth-failure" | "dmarc" | "dkim" => Feedback::Nothing,
        "opt-out" | "opt-out-list" => Feedback::OptOut,
        _ => Feedback::Unwanted,
    };
    let recipient =
        group.typed("Original-Rcpt-To").map(|to| to.trim_matches(['<', '>']).to_owned());
    let agent = group.get("User-Agent").unwrap_or_default().to_owned();
    Some(Complaint { kind, recipient, agent })
}

/// RFC 3834 §5, and what was usual before it.
fn is_automatic(message: &Message) -> bool {
    let says = |name: &str, words: &[&str]| {
        let value = message.header(name).map(|field| message.decoded(field).to_ascii_lowercase());
        value.is_some_and(|value| words.iter().any(|word| value.trim().starts_with(word)))
    };
    says("Auto-Submitted", &["auto-"])
        || says("Precedence", &["bulk", "auto_reply", "junk", "list"])
        || ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"]
            .iter()
            .any(|name| message.header(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(head: &str, kind: &str, machine: &str) -> Came {
        let text = format!(
            "From: x@y.test\r\n{head}MIME-Version: 1.0\r\nContent-Type: multipart/report; \
             boundary=b\r\n\r\n--b\r\n\r\nWords.\r\n--b\r\nContent-Type: {kind}\r\n\r\n\
             {machine}\r\n--b--\r\n"
        );
        Came::of(&Message::parse(text.into()), false)
    }

    fn report(group: &str) -> Came {
        let text = format!("Reporting-MTA: dns; mx.test\r\n\r\n{group}");
        came("", "message/delivery-status", &text)
    }

    #[test]
    fn a_report_says_what_became_of_whom() {
        let all = "Original-Recipient: rfc822;a@b.cz\r\nFinal-Recipient: rfc822; <c@d.cz>\r\n\
            Action: failed\r\nStatus: 5.1.1 (no such user)\r\nRemote-MTA: dns; mx.b.cz\r\n\
            Diagnostic-Code: smtp; 550 5.1.1 <c@d.cz> unknown\r\n";
        let expected = Status {
            recipient: "a@b.cz".to_owned(),
            action: Action::Failed,
            status: "5.1.1".to_owned(),
            text: "550 5.1.1 <c@d.cz> unknown".to_owned(),
            remote: "mx.b.cz".to_owned(),
        };
        assert_eq!(report(all), Came::Report(vec![expected]));
        for (group, action, status) in [
            ("Final-Recipient: rfc822; a@b.cz\r\nAction: delayed", Action::Delayed, "4.0.0"),
            ("Final-Recipient: rfc822; a@b.cz\r\nAction: Failed", Action::Failed, "5.0.0"),
            ("Final-Recipient: a@b.cz\r\nAction: relayed\r\nStatus: 2.1.9", Action::Went, "2.1.9"),
            (
                "Final-Recipient: rfc822; a@b.cz\r\nAction: failed\r\nStatus: none\r\n\
                 Diagnostic-Code: x-y; mailbox full (5.2.2).",
                Action::Failed,
                "5.2.2",
            ),
        ] {
            let Came::Report(statuses) = report(group) else { panic!("{group}") };
            assert_eq!(statuses.len(), 1);
            assert_eq!((statuses[0].action, statuses[0].status.as_str()), (action, status));
            assert_eq!(statuses[0].recipient, "a@b.cz");
        }
    }

    #[test]
    fn a_report_of_nobody_is_none() {
        for group in ["Action: failed", "Final-Recipient: rfc822; a@b.cz", "Action: odd\r\nX: y"] {
            assert_eq!(report(group), Came::Letter, "{group}");
        }
    }

    #[test]
    fn complaints_are_of_kinds() {
        for (kind, expected) in [
            ("abuse", Feedback::Unwanted),
            ("fraud", Feedback::Unwanted),
            ("something-new", Feedback::Unwanted),
            ("opt-out", Feedback::OptOut),
            ("not-spam", Feedback::Nothing),
            ("auth-failure", Feedback::Nothing),
        ] {
            let text = format!(
                "Feedback-Type: {kind}\r\nUser-Agent: Loop/1\r\nVersion: 1\r\n\
                 Original-Rcpt-To: <a@b.cz>\r\n"
            );
            let expected = Complaint {
                kind: expected,
                recipient: Some("a@b.cz".to_owned()),
                agent: "Loop/1".to_owned(),
            };
            let found = came("", "message/feedback-report", &text);
            assert_eq!(found, Came::Complaint(expected), "{kind}");
        }
    }

    #[test]
    fn what_answers_by_itself_is_no_letter() {
        for head in
            ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "X-Autoreply: yes\r\n"]
        {
            assert_eq!(came(head, "text/plain", "Jsem na dovolené."), Came::Automatic, "{head}");
        }
        assert_eq!(came("Auto-Submitted: no\r\n", "text/plain", "x"), Came::Letter);
        let plain = Message::parse(b"From: x@y.test\r\n\r\nx\r\n".as_slice().into());
        assert_eq!(Came::of(&plain, true), Came::Automatic, "nobody answers from nowhere");
        assert_eq!(Came::of(&plain, false), Came::Letter);
    }
}
