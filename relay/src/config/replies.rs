//! replies.toml: what the replies of other mail servers mean. An editable table; each entry says
//! where its meaning is written.

use std::path::Path;

use super::{
    Complaint,
    document::{Section, Sink, load},
};

/// What became of an address, or of a message, by a reply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReplyClass {
    /// There is no such mailbox, and there will be none tomorrow.
    Hard,
    Full,
    Policy,
    Reputation,
    Authentication,
    Content,
    TooLarge,
    Throttled,
    Greylisted,
    Protocol,
    Soft,
    /// No entry fits.
    Undecided,
}

/// The whole table, in its order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Replies(Vec<Entry>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Entry {
    status: Option<String>,
    code: Option<String>,
    /// Lower case.
    text: Vec<String>,
    class: ReplyClass,
}

/// Letters of a reply that are looked at.
const LOOK_MAX: usize = 2_000;
const ENTRIES_MAX: usize = 1_000;

impl ReplyClass {
    const ALL: [(&str, Self); 12] = [
        ("hard", Self::Hard),
        ("full", Self::Full),
        ("policy", Self::Policy),
        ("reputation", Self::Reputation),
        ("authentication", Self::Authentication),
        ("content", Self::Content),
        ("too-large", Self::TooLarge),
        ("throttled", Self::Throttled),
        ("greylisted", Self::Greylisted),
        ("protocol", Self::Protocol),
        ("soft", Self::Soft),
        ("undecided", Self::Undecided),
    ];

    /// All of them, in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().map(|(_, class)| *class)
    }

    /// The table's and the journal's word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, own)| *own == self).map_or("undecided", |(word, _)| word)
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == word).map(|(_, class)| *class)
    }
}

impl Replies {
    /// The table as shipped.
    pub fn shipped() -> Self {
        // INVARIANT: a test reads it.
        Self::read("replies.toml", SHIPPED).unwrap_or_default()
    }

    /// The one in the folder; the shipped one where there is none.
    ///
    /// # Errors
    ///
    /// Every complaint at once, in the order of the file.
    pub fn load(folder: &Path) -> Result<Self, Vec<Complaint>> {
        let path = folder.join("replies.toml");
        if !path.exists() {
            return Ok(Self::shipped());
        }
        let (name, text) = load(&path)?;
        Self::read(&name, &text)
    }

    /// The entries in `text`; `name` is what complaints call the file.
    pub fn read(name: &str, text: &str) -> Result<Self, Vec<Complaint>> {
        let sink = Sink::new(name, text);
        let table = sink.parse();
        let entries = entries(&Section::root(&sink, table.get_ref()));
        let complaints = sink.into_complaints();
        if complaints.is_empty() { Ok(Self(entries)) } else { Err(complaints) }
    }

    /// What a reply means: `5.1.1`, and the reply's text with its code, or a report's words.
    pub fn class(&self, status: &str, text: &str) -> ReplyClass {
        let text: String = text.chars().take(LOOK_MAX).collect::<String>().to_lowercase();
        let found = self.0.iter().find(|entry| entry.fits(status, &text));
        found.map_or(ReplyClass::Undecided, |entry| entry.class)
    }
}

fn entries(root: &Section<'_, '_>) -> Vec<Entry> {
    let sections = root.sections("reply");
    if sections.len() > ENTRIES_MAX {
        root.complain("reply", format!("there are more than {ENTRIES_MAX}: nobody can check them"));
    }
    sections.iter().map(Entry::read).collect()
}

impl Entry {
    fn read(section: &Section<'_, '_>) -> Self {
        let class = section.choice("class", &ReplyClass::ALL, ReplyClass::Undecided);
        let texts = section.texts("text").into_iter().map(|text| text.value.to_lowercase());
        let entry = Self {
            status: section.text_if_any("status"),
            code: section.text_if_any("code"),
            text: texts.collect(),
            class,
        };
        if !section.has("class") {
            section.complain_here("a reply needs its `class`: write `class = \"hard\"`, say");
        }
        section
            .text_needed("source", "whoever edits the table wants to know where that is written");
        if entry.status.is_none() && entry.code.is_none() && entry.text.is_empty() {
            section.complain_here("every reply would fit: write `status`, `code` or `text`");
        }
        entry
    }

    fn fits(&self, status: &str, text: &str) -> bool {
        let begins = |own: &Option<String>, said: &str| {
            own.as_deref().is_none_or(|own| {
                let rest = said.strip_prefix(own);
                // `5.1.1` is no beginning of `5.1.10`.
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || own.len() == 1)
            })
        };
        let code = self.code.as_deref().is_none_or(|own| text.starts_with(own));
        let says = self.text.is_empty() || self.text.iter().any(|own| text.contains(own.as_str()));
        begins(&self.status, status) && code && says
    }
}

const SHIPPED: &str = include_str!("../../../config/replies.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_knows_what_servers_say() {
        let table = Replies::read("replies.toml", SHIPPED).unwrap();
        for (status, text, class) in [
            ("5.1.1", "550 5.1.1 <a@b.cz>: Recipient address rejected: User unknown", "hard"),
            ("5.1.10", "550 5.1.10 null mx", "hard"),
            ("5.0.0", "550 No such user here", "hard"),
            ("5.2.2", "552 5.2.2 Mailbox full", "full"),
            ("5.0.0", "552 account is over quota", "full"),
            (
                "5.7.1",
                "554 5.7.1 Service unavailable; blocked using zen.spamhaus.org",
                "reputation",
            ),
            ("5.7.26", "550-5.7.26 This mail is unauthenticated", "authentication"),
            ("5.7.1", "550 5.7.1 Message rejected due to DMARC policy", "authentication"),
            ("5.7.1", "550 5.7.1 looks like spam", "content"),
            ("5.7.1", "550 5.7.1 relaying denied", "policy"),
            ("4.7.1", "450 4.7.1 Greylisted, try again in 5 minutes", "greylisted"),
            ("4.7.0", "421 4.7.0 [TSS04] Messages temporarily deferred", "throttled"),
            ("4.3.2", "421 too many connections from your IP", "throttled"),
            ("5.3.4", "552 5.3.4 too big", "too-large"),
            ("5.5.2", "500 5.5.2 bad command", "protocol"),
            ("4.0.0", "450 try later", "soft"),
            ("", "450 try later", "soft"),
            ("5.0.0", "554 no", "undecided"),
        ] {
            assert_eq!(table.class(status, text).word(), class, "{status} {text}");
        }
        assert!(table.0.len() > 20);
    }

    #[test]
    fn a_wrong_table_says_where() {
        let text = "[[reply]]\nclass = \"dead\"\nsource = \"x\"\nstatus = \"5\"\n\n[[reply]]\n\
                    class = \"hard\"\n\n[[reply]]\nstatus = \"5\"\nsource = \"x\"\n";
        let said: Vec<String> =
            Replies::read("r.toml", text).unwrap_err().iter().map(ToString::to_string).collect();
        for part in ["r.toml:2:", "every reply would fit", "`source`", "needs its `class`"] {
            assert!(said.iter().any(|one| one.contains(part)), "{part}: {said:#?}");
        }
    }

    #[test]
    fn ones_own_entries_go_first() {
        let own = "[[reply]]\ntext = [\"Kein Postfach\"]\nclass = \"hard\"\nsource = \"seen\"\n";
        let table = Replies::read("r.toml", &format!("{own}{SHIPPED}")).unwrap();
        assert_eq!(table.class("5.7.1", "550 5.7.1 kein postfach").word(), "hard");
        assert_eq!(Replies::shipped().class("5.7.1", "550 5.7.1 kein postfach").word(), "policy");
    }
}
