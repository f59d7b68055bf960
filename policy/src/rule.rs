//! A rule is a value: its name, its law, its page, and one pure function.

use std::{borrow::Cow, fmt, ops::Range};

use serde::Serialize;

use crate::{Country, Edit, Facts, Language, OnBroken, Pack, Reason, law};

/// One duty that the law puts on the sender.
#[derive(Debug)]
pub struct Rule {
    /// Names the fault; also the name of its file, page, tests, and what the wire says.
    pub id: &'static str,
    /// The release whose verdicts first contained it.
    pub since: &'static str,
    /// The duty's sources; which of them a message broke is the pack's country.
    pub law: &'static [&'static Citation],
    /// What a broken rule asks for where policy.toml sets nothing else.
    pub effect: OnBroken,
    /// What is asked for instead where the setting is `repair` and no edit can keep the rule.
    pub unrepaired: OnBroken,
    /// It looks at the recipient's standing; the other rules find the same for every recipient
    /// of a message who is under the same packs, so their outcomes are remembered.
    pub about_recipient: bool,
    /// False for what no person may waive (a refusal).
    pub waivable: bool,
    /// The page beside the code. Its examples are the rule's tests.
    pub doc: &'static str,
    pub check: fn(&Facts<'_>) -> Outcome,
}

/// Where a duty stands written.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub struct Citation {
    /// Stable name used in packs and in LAW.md: `cz-480-7-3`.
    pub id: &'static str,
    /// `Act 480/2004 Sb.`
    pub act: &'static str,
    /// `§ 7(3)`
    pub at: &'static str,
    /// Country code of the law, `EU`, or `--` for a technical standard.
    pub country: &'static str,
    /// Date of the version read, ISO 8601; empty where it is not known, or nobody read one.
    pub read: &'static str,
    /// Where it was read: the text itself, or an account of it; empty where nobody read either.
    pub source: &'static str,
    /// Nobody has compared the law's own text.
    pub unverified: bool,
}

/// What a rule found. All four go into the journal: that a duty was checked and kept is
/// evidence too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The duty does not concern this message.
    Outside,
    Kept,
    Broken(Fault),
    /// A fact is missing. Never read as kept. By the id of a reason.
    Undecided {
        missing: &'static str,
    },
}

/// How a duty is broken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// Boxed: outcomes of the rules that are kept stay small.
    pub because: Box<Reason>,
    pub evidence: Vec<Evidence>,
    /// The changes that would repair it; empty: only a person can.
    pub edits: Vec<Edit>,
    /// The sections broken here; empty: all of the rule's that belong to the packs that apply.
    pub law: Vec<&'static Citation>,
    /// Whose law asked for it, by which parameter of its pack; empty: nobody's in particular.
    pub asked: Vec<(Country, &'static str)>,
}

/// The place in the message that shows the fault.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Evidence {
    pub place: Place,
    /// Bytes of the whole message.
    pub range: Range<usize>,
    /// What stands there as a reader sees it, at most 120 characters.
    pub shown: String,
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// By name as it is usually written: `Subject`.
    Header(String),
    /// By IMAP-style number: `1.2`; the only part of a simple message is `1`.
    Part(String),
}

impl fmt::Display for Citation {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} {}", self.act, self.at)
    }
}

impl Place {
    /// `the field Subject`, `part 1.2`.
    pub fn words(&self) -> String {
        match self {
            Self::Header(name) => format!("the field {name}"),
            Self::Part(path) => format!("part {path}"),
        }
    }
}

impl Rule {
    /// The duty in one sentence, from the rule's page: in the language's own words, or in English.
    pub fn summary(&self, language: Language) -> Cow<'static, str> {
        let told = tag(language).map(|tag| tagged(self.part("## Summary"), tag));
        told.map_or_else(|| self.duty(), Cow::Borrowed)
    }

    /// What a person can do about it, from the rule's page: as [`Rule::summary`].
    pub fn by_hand(&self, language: Language) -> &'static str {
        let part = self.part("## Repair by hand");
        match tag(language) {
            Some(tag) => tagged(part, tag),
            None => part.split_once("\ncs: ").map_or(part, |(english, _)| english.trim_end()),
        }
    }

    /// The first sentence of the duty; pages break their lines anywhere.
    fn duty(&self) -> Cow<'static, str> {
        let duty = self.section("## Duty").trim_start();
        let paragraph = duty.split_once("\n\n").map_or(duty, |(first, _)| first);
        let text = paragraph.replace('\n', " ");
        let end = text.find(". ").map_or(text.len(), |at| at + 1);
        text.get(..end).unwrap_or_default().trim_end().to_owned().into()
    }

    /// What stands on the page under a heading: `## Limits`.
    pub fn part(&self, heading: &str) -> &'static str {
        let rest = self.section(heading);
        rest.split_once("\n## ").map_or(rest, |(own, _)| own).trim()
    }

    /// What stands on the page under a heading, and all that follows.
    fn section(&self, heading: &str) -> &'static str {
        self.doc.split_once(heading).map_or("", |(_, after)| after)
    }

    /// The rule's sections that bind under these packs: the countries' own, the Union's where
    /// one of them is a member's, and technical standards.
    pub fn law_under(&self, packs: &[&Pack]) -> Vec<&'static Citation> {
        let binds = |citation: &Citation| match citation.country {
            "--" => true,
            "EU" => packs.iter().any(|pack| pack.country.under_union_law()),
            country => packs.iter().any(|pack| country.as_bytes() == pack.country.0),
        };
        self.law.iter().copied().filter(|citation| binds(citation)).collect()
    }
}

/// How a page marks its line in the language; none where it has none.
fn tag(language: Language) -> Option<&'static str> {
    match language {
        Language::Czech => Some("cs: "),
        Language::Slovak => Some("sk: "),
        Language::English | Language::German | Language::Polish => None,
    }
}

fn tagged(part: &'static str, tag: &str) -> &'static str {
    part.lines().find_map(|line| line.strip_prefix(tag)).unwrap_or_default()
}

impl Fault {
    pub fn new(because: impl Into<Reason>) -> Self {
        Self {
            because: Box::new(because.into()),
            evidence: Vec::new(),
            edits: Vec::new(),
            law: Vec::new(),
            asked: Vec::new(),
        }
    }

    pub fn shown_by(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// Cites what the pack gives as the source of that parameter (`label.required`).
    pub fn under(mut self, pack: &Pack, parameter: &'static str) -> Self {
        self.asked.push((pack.country, parameter));
        let sources = pack.terms.law.get(parameter).map(Vec::as_slice).unwrap_or_default();
        self.law.extend(sources.iter().filter_map(|id| law::find(id)));
        self
    }

    pub fn repaired_by(mut self, edits: impl IntoIterator<Item = Edit>) -> Self {
        self.edits.extend(edits);
        self
    }
}
