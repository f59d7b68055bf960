//! Delivery status notifications (RFC 3464, 3461, 6533), in plain words and for machines.
//!
//! Own writer: every header is built from checked parts, so no address or reply can add a line.
//! Nothing is decided here, and a report about a report is never made.

use jiff::{Timestamp, tz::TimeZone};
use policy::{Address, Class, Language};
use uuid::Uuid;

use super::{encode, own::Own};
use crate::{
    seal::Secret,
    smtp::{
        client::mailbox,
        envelope::{BodyType, Notify, Recipient, Ret},
    },
    spool::{Delivery, Message},
    words::Words,
};

/// What a report says of a recipient.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    Failed,
    Delayed,
    /// Handed to a server that sends no reports of its own.
    Relayed,
    /// Handed on before its time by BY was over: to a server that does not know BY, or because its
    /// sender wants to hear of each (RFC 2852 §4.1.4). Told to everybody but to those who never want
    /// to hear.
    RelayedInTime,
    Delivered,
}

/// One recipient of a report.
#[derive(Clone, Debug)]
pub struct About<'a> {
    pub recipient: &'a Recipient,
    pub action: Action,
    /// `5.1.1`.
    pub status: String,
    /// As webhooks and the log of events have it; empty where it went well.
    pub reason: String,
    /// What happened, on one line.
    pub text: String,
    /// `text` is a reply of this host.
    pub remote: Option<&'a str>,
    /// A delayed message is tried until then.
    pub until: Option<Timestamp>,
}

/// A recipient who may not get the message.
#[derive(Clone, Debug)]
pub struct Refusal<'a> {
    pub recipient: &'a Recipient,
    /// Rule ids with the law they stand on: `consent-missing (Act 480/2004 Sb. § 7(2))`, ...
    pub rules: String,
    /// The journal line with all of it.
    pub journal: Uuid,
}

/// Writes reports in the name of one relay.
#[derive(Clone, Debug)]
pub struct Reporter {
    hostname: String,
    secret: Secret,
}

/// Returned whole where RET does not say, up to this; else its header.
const FULL_OCTETS: usize = 50 * 1024;
/// A DSN that cannot be delivered in this many days is dropped.
const LIFE_HOURS: i64 = 5 * 24;

impl Reporter {
    pub fn new(hostname: &str, secret: Secret) -> Self {
        Self { hostname: clean(hostname, false), secret }
    }

    /// A report to the message's sender; `None` where there is none to report to, or nobody asked.
    pub fn report(
        &self,
        now: Timestamp,
        message: &Message,
        about: &[About<'_>],
        language: Language,
    ) -> Option<(Message, Vec<Delivery>)> {
        let wanted: Vec<&About<'_>> =
            about.iter().filter(|about| wants(about.recipient.notify, about.action)).collect();
        let first = wanted.first()?;
        let sender = message.from.as_ref()?;
        let to = mailbox(sender);
        // Whoever sends for a controller is no contact of it.
        let key = self.secret.address_key("", &Address::parse(&to).ok()?);
        let id = Uuid::now_v7();
        let utf8 = !to.is_ascii() || wanted.iter().any(|about| !is_ascii(about.recipient));
        let bytes = self.write(id, now, message, &to, first.action, &wanted, language, utf8);
        let life = jiff::SignedDuration::from_hours(LIFE_HOURS);
        let report = Own {
            id,
            to: sender.clone(),
            key,
            class: Class::Transactional,
            bytes: bytes.into(),
            smtputf8: utf8,
            expires_at: now.checked_add(life).unwrap_or(now),
        };
        let (mut report, deliveries) = report.at(now);
        // It tells of a message that was to be protected all the way (RFC 8689 §5).
        report.params.require_tls = message.params.require_tls;
        Some((report, deliveries))
    }

    /// The report of a message that the law keeps from some of its recipients.
    pub fn policy_report(
        &self,
        now: Timestamp,
        message: &Message,
        refusals: &[Refusal<'_>],
        language: Language,
    ) -> Option<(Message, Vec<Delivery>)> {
        let about: Vec<About<'_>> = refusals.iter().map(Refusal::about).collect();
        self.report(now, message, &about, language)
    }

    #[expect(clippy::too_many_arguments, reason = "all of it stands in the one text")]
    fn write(
        &self,
        id: Uuid,
        now: Timestamp,
        message: &Message,
        to: &str,
        action: Action,
        about: &[&About<'_>],
        language: Language,
        utf8: bool,
    ) -> Vec<u8> {
        let boundary = format!("report-{}", id.simple());
        let host = &self.hostname;
        let to = clean(to, utf8);
        let mut out = Vec::with_capacity(4_096);
        let head = format!(
            "Date: {}\r\nFrom: Mail Delivery System <MAILER-DAEMON@{host}>\r\nTo: <{to}>\r\n\
             Subject: {}\r\nMessage-ID: <{id}@{host}>\r\nAuto-Submitted: auto-replied\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={};\r\n \
             boundary=\"{boundary}\"\r\n\r\n",
            date(now),
            subject(action),
            if utf8 { "global-delivery-status" } else { "delivery-status" },
        );
        out.extend_from_slice(head.as_bytes());
        let part = |out: &mut Vec<u8>, kind: &str, encoding: &str| {
            let encoding = if encoding.is_empty() {
                String::new()
            } else {
                format!("Content-Transfer-Encoding: {encoding}\r\n")
            };
            let head = format!("--{boundary}\r\nContent-Type: {kind}\r\n{encoding}\r\n");
            out.extend_from_slice(head.as_bytes());
        };
        part(&mut out, "text/plain; charset=utf-8", "quoted-printable");
        let words = self.words(message, action, about, language);
        out.extend_from_slice(&encode::quoted_printable(words.as_bytes()));
        let status = self.status(message, about, utf8);
        let kind = if utf8 { "message/global-delivery-status" } else { "message/delivery-status" };
        part(&mut out, kind, if status.is_ascii() { "" } else { "8bit" });
        out.extend_from_slice(status.as_bytes());
        let (kind, original) = returned(message, action, utf8);
        part(&mut out, kind, if original.is_ascii() { "" } else { "8bit" });
        out.extend_from_slice(original);
        if !original.ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        out
    }

    fn words(
        &self,
        message: &Message,
        action: Action,
        about: &[&About<'_>],
        language: Language,
    ) -> String {
        let mut text = format!("This is the mail relay {}.\r\n\r\n", self.hostname);
        text.push_str(&format!(
            "{} (received {})\r\n",
            sentence(Language::English, action),
            date(message.received_at)
        ));
        if language != Language::English {
            text.push_str(sentence(language, action));
            text.push_str("\r\n");
        }
        for about in about {
            let address = clean(&mailbox(&about.recipient.path), true);
            text.push_str(&format!("\r\n<{address}>:\r\n"));
            // In English it is what follows, or the other server's own words do.
            let words = (language != Language::English).then(|| Words::of(language));
            if let Some(cause) = words.and_then(|words| words.cause(&about.reason, "")) {
                text.push_str(&format!("    {cause}\r\n"));
            }
            text.push_str(&format!("    {}\r\n", clean(&about.text, true)));
            if let Some(until) = about.until {
                text.push_str(&format!("    It is tried until {}.\r\n", date(until)));
            }
        }
        text.push_str("\r\n");
        text
    }

    /// RFC 3464 §2: fields about the message, then a group for each recipient.
    fn status(&self, message: &Message, about: &[&About<'_>], utf8: bool) -> String {
        let mut text = format!("Reporting-MTA: dns; {}\r\n", self.hostname);
        if let Some(envid) = &message.params.envid {
            text.push_str(&format!("Original-Envelope-Id: {}\r\n", clean(envid, false)));
        }
        text.push_str(&format!("Arrival-Date: {}\r\n", date(message.received_at)));
        for about in about {
            text.push_str("\r\n");
            let mut field = |name: &str, value: &str| {
                text.push_str(&format!("{name}: {}\r\n", clean(value, utf8)));
            };
            if let Some(orcpt) = &about.recipient.orcpt {
                let (kind, address) = orcpt.split_once(';').unwrap_or(("rfc822", orcpt));
                field("Original-Recipient", &format!("{kind}; {address}"));
            }
            let address = mailbox(&about.recipient.path);
            let kind = if address.is_ascii() { "rfc822" } else { "utf-8" };
            field("Final-Recipient", &format!("{kind}; {address}"));
            field("Action", about.action.word());
            field("Status", &about.status);
            match about.remote {
                Some(remote) => {
                    field("Remote-MTA", &format!("dns; {remote}"));
                    field("Diagnostic-Code", &format!("smtp; {}", about.text));
                }
                None => field("Diagnostic-Code", &format!("x-souhlas; {}", about.text)),
            }
            if !about.reason.is_empty() {
                field("X-Souhlas-Reason", &about.reason);
            }
            if let Some(until) = about.until {
                field("Will-Retry-Until", &date(until));
            }
        }
        text.push_str("\r\n");
        text
    }
}

impl<'a> Refusal<'a> {
    pub(super) fn about(&self) -> About<'a> {
        let text = format!("{}; journal {}", self.rules, self.journal);
        About {
            recipient: self.recipient,
            action: Action::Failed,
            status: "5.7.1".to_owned(),
            reason: self.rules.split([' ', ',', ':']).next().unwrap_or_default().to_owned(),
            text,
            remote: None,
            until: None,
        }
    }
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Relayed | Self::RelayedInTime => "relayed",
            Self::Delivered => "delivered",
        }
    }

    /// There is no reason to give.
    pub(super) fn went_well(self) -> bool {
        match self {
            Self::Failed | Self::Delayed => false,
            Self::Relayed | Self::RelayedInTime | Self::Delivered => true,
        }
    }
}

fn wants(notify: Notify, action: Action) -> bool {
    match action {
        Action::Failed => notify.failure,
        Action::Delayed => notify.delay,
        Action::RelayedInTime => notify.success || notify.failure || notify.delay,
        Action::Relayed | Action::Delivered => notify.success,
    }
}

fn is_ascii(recipient: &Recipient) -> bool {
    recipient.path.local.is_ascii()
        && recipient.path.domain.is_ascii()
        && recipient.orcpt.as_deref().is_none_or(str::is_ascii)
}

fn subject(action: Action) -> &'static str {
    match action {
        Action::Failed => "Undelivered message returned to sender",
        Action::Delayed => "Delayed message: still being tried",
        Action::Relayed | Action::RelayedInTime | Action::Delivered => "Message passed on",
    }
}

fn sentence(language: Language, action: Action) -> &'static str {
    match (language, action) {
        (Language::English, Action::Failed) => {
            "Your message was not delivered to the following recipients:"
        }
        (Language::English, Action::Delayed) => {
            "Your message has not been delivered yet; you need not do anything:"
        }
        (Language::English, Action::Relayed | Action::RelayedInTime | Action::Delivered) => {
            "Your message was passed on to a server that may send no further report:"
        }
        (Language::Czech, Action::Failed) => "Vaše zpráva nebyla těmto příjemcům doručena:",
        (Language::Czech, Action::Delayed) => {
            "Vaše zpráva zatím nebyla doručena; nemusíte nic dělat:"
        }
        (Language::Czech, Action::Relayed | Action::RelayedInTime | Action::Delivered) => {
            "Vaše zpráva byla předána serveru, který už nemusí nic hlásit:"
        }
        (Language::Slovak, Action::Failed) => "Vaša správa nebola týmto príjemcom doručená:",
        (Language::Slovak, Action::Delayed) => {
            "Vaša správa zatiaľ nebola doručená; nemusíte nič robiť:"
        }
        (Language::Slovak, Action::Relayed | Action::RelayedInTime | Action::Delivered) => {
            "Vaša správa bola odovzdaná serveru, ktorý už nemusí nič hlásiť:"
        }
        (Language::German, Action::Failed) => {
            "Ihre Nachricht wurde diesen Empfängern nicht zugestellt:"
        }
        (Language::German, Action::Delayed) => {
            "Ihre Nachricht wurde noch nicht zugestellt; Sie müssen nichts tun:"
        }
        (Language::German, Action::Relayed | Action::RelayedInTime | Action::Delivered) => {
            "Ihre Nachricht wurde einem Server übergeben, der vielleicht nichts mehr meldet:"
        }
        (Language::Polish, Action::Failed) => {
            "Wiadomość nie została doręczona następującym odbiorcom:"
        }
        (Language::Polish, Action::Delayed) => {
            "Wiadomość nie została jeszcze doręczona; nie trzeba nic robić:"
        }
        (Language::Polish, Action::Relayed | Action::RelayedInTime | Action::Delivered) => {
            "Wiadomość została przekazana serwerowi, który może już nic nie zgłosić:"
        }
    }
}

/// What the third part returns (RFC 3461 §4.3, 5.2.10).
fn returned(message: &Message, action: Action, utf8: bool) -> (&'static str, &[u8]) {
    let full = match message.params.ret {
        // The way back may be less protected than the way there was to be (RFC 8689 §5).
        _ if message.params.require_tls => false,
        Some(Ret::Full) => true,
        Some(Ret::Headers) => false,
        None => message.bytes.len() <= FULL_OCTETS,
    };
    // Only a failure returns the message, and what is binary cannot stand inside another.
    let binary = message.params.body == BodyType::BinaryMime;
    if full && action == Action::Failed && !binary {
        return (if utf8 { "message/global" } else { "message/rfc822" }, &message.bytes);
    }
    let end = memchr::memmem::find(&message.bytes, b"\r\n\r\n").map_or(0, |end| end + 2);
    let header = message.bytes.get(..end).unwrap_or_default();
    (if utf8 { "message/global-headers" } else { "text/rfc822-headers" }, header)
}

/// For one header line: no control characters, at most 900 octets, ASCII unless `utf8`.
pub(crate) fn clean(text: &str, utf8: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if out.len() > 896 {
            break;
        }
        let fine = !character.is_control() && (utf8 || character.is_ascii());
        out.push(if fine { character } else { '?' });
    }
    out
}

/// RFC 5322 §3.3, in UTC.
pub(crate) fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::envelope::{MailParams, Path};

    fn path(local: &str, domain: &str) -> Path {
        Path { local: local.to_owned(), domain: domain.to_owned() }
    }

    fn message(from: Option<Path>) -> Message {
        Message {
            id: Uuid::nil(),
            received_at: Timestamp::from_second(1_800_000_000).unwrap(),
            login: "tool".to_owned(),
            from,
            params: MailParams { envid: Some("e\r\nX: 1".to_owned()), ..MailParams::default() },
            bytes: "Subject: x\r\n\r\nbody\r\n".into(),
            trace: String::new(),
            stream: String::new(),
            declared: None,
            class: Class::Transactional,
            policy_version: String::new(),
            recipients: 1,
            campaign: 0,
        }
    }

    fn recipient(notify: Notify) -> Recipient {
        let orcpt = Some("rfc822;x\r\nBcc: victim@x.cz".to_owned());
        Recipient { path: path("b", "y.cz"), notify, orcpt }
    }

    fn about(recipient: &Recipient, action: Action) -> About<'_> {
        About {
            recipient,
            action,
            status: "5.1.1".to_owned(),
            reason: "hard".to_owned(),
            text: "550 no\r\nBcc: victim@x.cz".to_owned(),
            remote: Some("mx\r\nX: 1"),
            until: None,
        }
    }

    fn reporter() -> Reporter {
        Reporter::new("relay.test", Secret::from_bytes([1; 32]))
    }

    #[test]
    fn nothing_can_add_a_line() {
        let message = message(Some(path("a", "x.cz")));
        let to = recipient(Notify::default());
        let list = [about(&to, Action::Failed)];
        let now = message.received_at;
        let (report, deliveries) =
            reporter().report(now, &message, &list, Language::Czech).unwrap();
        let text = String::from_utf8(report.bytes.to_vec()).unwrap();
        let added = |line: &str| line.starts_with("Bcc:") || line.starts_with("X:");
        assert!(!text.lines().any(added), "{text}");
        assert!(text.contains("Original-Envelope-Id: e??X: 1\r\n"), "{text}");
        assert_eq!(report.from, None, "a report has the null sender");
        let wanted = deliveries.first().unwrap().recipient.notify;
        assert!(!wanted.failure && !wanted.delay && !wanted.success);
        let parsed = policy::Message::parse(report.bytes);
        let kinds: Vec<&str> = parsed.parts().iter().map(|part| part.media_type.as_str()).collect();
        assert_eq!(
            kinds,
            ["multipart/report", "text/plain", "message/delivery-status", "message/rfc822"]
        );
        let words = parsed.text(&parsed.parts()[1]).unwrap();
        for said in ["Vaše zpráva nebyla těmto příjemcům doručena", "taková schránka neexistuje"]
        {
            assert!(words.contains(said), "{said}: {words}");
        }
    }

    #[test]
    fn a_report_is_made_only_where_it_is_wanted_and_possible() {
        let never = Notify { success: false, failure: false, delay: false };
        let all = Notify { success: true, failure: true, delay: true };
        for (from, notify, action, expected) in [
            (true, Notify::default(), Action::Failed, true),
            (true, Notify::default(), Action::Delayed, false),
            (true, Notify::default(), Action::Relayed, false),
            (true, never, Action::Failed, false),
            (true, all, Action::Delayed, true),
            (true, all, Action::Relayed, true),
            (true, Notify::default(), Action::RelayedInTime, true),
            (true, never, Action::RelayedInTime, false),
            (false, all, Action::Failed, false),
        ] {
            let message = message(from.then(|| path("a", "x.cz")));
            let to = recipient(notify);
            let list = [about(&to, action)];
            let made = reporter().report(message.received_at, &message, &list, Language::English);
            assert_eq!(made.is_some(), expected, "{notify:?} {action:?}");
        }
    }

    #[test]
    fn addresses_outside_ascii_make_a_global_report() {
        let message = message(Some(path("jiří", "x.cz")));
        let to = recipient(Notify::default());
        let list = [about(&to, Action::Failed)];
        let made = reporter().report(message.received_at, &message, &list, Language::English);
        let (report, _) = made.unwrap();
        assert!(report.params.smtputf8);
        let text = String::from_utf8(report.bytes.to_vec()).unwrap();
        assert!(text.contains("report-type=global-delivery-status"), "{text}");
        assert!(text.contains("To: <jiří@x.cz>\r\n"), "{text}");
    }
}
