//! The relay's own messages to people: that a refusal is on record, whether a subscription is
//! meant. What they say is their caller's.

use jiff::Timestamp;
use policy::Class;
use uuid::Uuid;

use super::{
    bounce::{clean, date},
    encode,
    own::Own,
};
use crate::{
    seal::AddressKey,
    smtp::envelope::Path,
    spool::{Delivery, Message},
};

/// One message to one person.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    pub id: Uuid,
    /// Display name and address of whom it is from.
    pub from: (&'a str, &'a str),
    /// Where an answer goes, if not there.
    pub reply_to: Option<&'a str>,
    pub to: Path,
    /// Under which the controller knows the recipient.
    pub key: AddressKey,
    pub subject: &'a str,
    /// `cs`.
    pub language: &'a str,
    /// With LF or CRLF line ends.
    pub text: &'a str,
    pub html: &'a str,
    pub class: Class,
    /// It is no use after that.
    pub expires_at: Timestamp,
}

impl Letter<'_> {
    /// `<id@host>`, as its header has it.
    pub fn message_id(id: Uuid, hostname: &str) -> String {
        format!("<{id}@{}>", clean(hostname, false))
    }

    /// Ready to be kept.
    pub fn write(&self, now: Timestamp, hostname: &str) -> (Message, Vec<Delivery>) {
        let own = Own {
            id: self.id,
            to: self.to.clone(),
            key: self.key,
            class: self.class,
            bytes: self.bytes(now, hostname).into(),
            smtputf8: !self.to.is_ascii(),
            expires_at: self.expires_at,
        };
        own.at(now)
    }

    fn bytes(&self, now: Timestamp, hostname: &str) -> Vec<u8> {
        let boundary = format!("letter-{}", self.id.simple());
        let (name, address) = self.from;
        let mut head = format!(
            "Date: {}\r\nFrom: {} <{}>\r\n",
            date(now),
            encode::encoded_words(&clean(name, true)),
            clean(address, true)
        );
        if let Some(reply_to) = self.reply_to {
            head.push_str(&format!("Reply-To: <{}>\r\n", clean(reply_to, true)));
        }
        head.push_str(&format!(
            "To: <{}>\r\nSubject: {}\r\nMessage-ID: {}\r\nAuto-Submitted: auto-generated\r\n\
             Content-Language: {}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n \
             boundary=\"{boundary}\"\r\n\r\n",
            clean(&self.to.to_mailbox_string(), true),
            encode::encoded_words(&clean(self.subject, true)),
            Self::message_id(self.id, hostname),
            clean(self.language, false),
        ));
        let mut out = head.into_bytes();
        for (kind, text) in [("plain", self.text), ("html", self.html)] {
            let head = format!(
                "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n"
            );
            out.extend_from_slice(head.as_bytes());
            let lines: Vec<&str> = text.lines().collect();
            out.extend_from_slice(&encode::quoted_printable(lines.join("\r\n").as_bytes()));
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_who_it_is_from_and_that_nobody_wrote_it() {
        let letter = Letter {
            id: Uuid::from_u128(7),
            from: ("Zahrada s.r.o.\r\nBcc: victim@x.cz", "noreply@zahrada.example"),
            reply_to: Some("info@zahrada.example"),
            to: Path::parse("Jana@posta.example").unwrap(),
            key: AddressKey([1; 32]),
            subject: "Potvrzení přihlášení",
            language: "cs",
            text: "Dobrý den,\n.\nhttps://x.example/c/abc",
            html: "<p>Dobrý den</p>",
            class: Class::OptInConfirmation,
            expires_at: Timestamp::from_second(1_800_000_100).unwrap(),
        };
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let (message, deliveries) = letter.write(now, "relay.test");
        assert!(message.from.is_none() && message.stream.is_empty());
        assert_eq!(deliveries[0].recipient.path.local, "Jana");
        let text = String::from_utf8(message.bytes.to_vec()).unwrap();
        assert!(text.is_ascii() && !text.contains("\nBcc:"), "{text}");
        assert!(text.contains("\r\nAuto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("\r\nTo: <Jana@posta.example>\r\n"), "{text}");
        let parsed = policy::Message::parse(message.bytes);
        let kinds: Vec<&str> = parsed.parts().iter().map(|part| part.media_type.as_str()).collect();
        assert_eq!(kinds, ["multipart/alternative", "text/plain", "text/html"]);
        let words = parsed.text(&parsed.parts()[1]).unwrap();
        assert!(words.contains("Dobrý den,\r\n.\r\nhttps://x.example/c/abc"), "{words:?}");
    }
}
