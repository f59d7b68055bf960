//! The case for people: one document, of which `case.html` and `case.pdf` are made.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::Timestamp;

use super::{
    case::{Case, EvidenceIs, Person, PolicyText, SentIs, Statement},
    check::CASE,
    checkpoint::Checkpoint,
    decision::{Decision, Finding},
};
use crate::{
    consent::EventKind,
    document::{Block, Document, Level, Table, Text},
    journal::{self, hex::Digest},
    seal,
    words::{self, Words},
};

/// Its files with their names; `json` is `case.json`, whose digest stands on every page of the paper.
pub(super) fn files(
    words: &'static Words,
    case: &Case,
    json: &[u8],
) -> anyhow::Result<[(&'static str, Vec<u8>); 2]> {
    let document = document(words, case);
    let foot = format!("{CASE} SHA-256 {}", Digest(seal::digest(json)));
    Ok([(PAGE, document.html()?.into_bytes()), (PAPER, document.pdf(&foot)?)])
}

fn document(words: &'static Words, case: &Case) -> Document {
    let title = format!("{} · {}", words.say("case-title"), case.about.controller.name);
    let mut page = Page { words, case, blocks: Vec::new() };
    page.about();
    page.message();
    page.decided();
    page.done();
    page.people();
    page.policies();
    page.proof();
    // What it says of itself stands in it all the same, where it is no moment.
    let made_at = case.made_at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    Document { words, title, made_at, blocks: page.blocks }
}

/// Unix milliseconds as RFC 3339; the number where there is no such moment.
pub(super) fn moment(at: i64) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

struct Page<'a> {
    words: &'static Words,
    case: &'a Case,
    blocks: Vec<Block>,
}

impl Page<'_> {
    fn about(&mut self) {
        let Case { about, made_at, program, key, .. } = self.case;
        let owner = &about.controller;
        let mut who = owner.name.clone();
        if let Some(id) = &owner.company_id {
            who = format!("{who}\n{} {id}", self.words.say("company-id"));
        }
        for more in [&owner.seat, &owner.register].into_iter().flatten() {
            who = format!("{who}\n{more}");
        }
        let mut fields = vec![self.field("case-controller", who)];
        fields.extend(about.message.map(|id| self.field("case-message", Text::code(id))));
        fields.extend(about.address.as_deref().map(|to| self.field("case-address", to)));
        fields.push(self.field("case-made", format!("{made_at}, Souhlas {program}")));
        fields.push(self.field("case-key", Text::code(key)));
        self.heading(Level::Title, self.words.say("case-title"));
        self.fields(fields);
        let part = Text::from(format!("{} ", self.words.say("case-part")));
        self.blocks.push(Block::Paragraph(part.with(Text::code(VERIFY))));
        self.say("case-utc");
    }

    fn message(&mut self) {
        let Some(sent) = &self.case.message else { return };
        self.section("case-message");
        self.say(match sent.is {
            SentIs::Left => "case-is-left",
            SentIs::Received => "case-is-received",
            SentIs::NotKept => "case-is-not-kept",
            SentIs::NeverLeft => "case-is-never-left",
        });
        let file = sent.file.iter().map(|file| self.field("case-file", Text::code(file)));
        let digests = sent.sha256.iter();
        let digests = digests.map(|one| self.field("case-digest", Text::code(one)));
        let fields = file.chain(digests).collect();
        self.fields(fields);
    }

    fn decided(&mut self) {
        self.section("case-decided");
        for one in &self.case.decisions {
            self.decision(one);
        }
        if self.case.decisions.is_empty() {
            self.say("dossier-none");
        }
    }

    fn decision(&mut self, one: &Decision) {
        let rule = one.rule.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
        self.heading(Level::Part, format!("{}: {}{rule}", one.at, self.words.action(&one.action)));
        let line = format!("{} {}, {}", one.chain, one.seq, self.fate(&one.kind));
        let mut fields = vec![
            self.field("case-line", line),
            self.field("case-class", format!("{}, {}", one.class, one.stream)),
        ];
        fields.extend(one.purpose.as_deref().map(|purpose| self.field("case-purpose", purpose)));
        fields.push(self.field("case-law", format!("{}; {}", one.policy, one.packs.join(", "))));
        self.fields(fields);
        let label = format!("{} {} {}", self.words.say("case-decided"), one.chain, one.seq);
        let rows = told(&one.outcomes).map(|found| {
            let law = found.law.iter().map(|law| format!("\n{}", law.cited)).collect::<String>();
            vec![
                found.rule.as_str().into(),
                self.outcome(found),
                format!("{}{law}", found.duty).into(),
            ]
        });
        let rows = rows.collect();
        self.table(label.clone(), &["case-rule", "case-outcome", "case-duty"], rows);
        let outside = one.outcomes.iter().filter(|found| found.outcome == OUTSIDE);
        let outside: Vec<&str> = outside.map(|found| found.rule.as_str()).collect();
        if !outside.is_empty() {
            let said = format!("{} {}.", self.words.say("case-outside"), outside.join(", "));
            self.blocks.push(Block::Paragraph(said.into()));
        }
        if !one.edits.is_empty() {
            self.say("case-edits");
            self.blocks.push(Block::List(one.edits.iter().map(Text::code).collect()));
        }
        if let Some(repaired) = &one.repaired {
            self.say("case-repaired");
            let rows = told(repaired);
            let rows = rows.map(|found| vec![found.rule.as_str().into(), self.outcome(found)]);
            let rows = rows.collect();
            let label = format!("{label}, {}", self.words.say("case-repaired"));
            self.table(label, &["case-rule", "case-outcome"], rows);
        }
    }

    fn done(&mut self) {
        self.section("case-done");
        let rows = self.case.lines.iter().map(|line| {
            let what = format!("{}\n{} {}", self.fate(&line.says.kind), line.chain, line.seq);
            let detail = self.detail(&line.says.detail);
            let said = detail.map(|(name, said)| format!("{}: {said}", self.words.field(&name)));
            let said = said.collect::<Vec<_>>().join("\n");
            vec![moment(line.says.at).into(), what.into(), said.into()]
        });
        let rows = rows.collect();
        let label = self.words.say("case-done").into_owned();
        self.table(label, &["dossier-when", "dossier-what", "case-said"], rows);
    }

    fn people(&mut self) {
        self.section("case-people");
        for person in &self.case.contacts {
            let nobody = || self.words.say("case-nobody").into_owned();
            self.heading(Level::Part, person.address.clone().unwrap_or_else(nobody));
            let mut fields = vec![self.field("case-person", Text::code(person.key))];
            let at = [("dossier-since", &person.created_at), ("dossier-erased", &person.erased_at)];
            let known = |(name, at): (_, &Option<String>)| Some(self.field(name, at.as_deref()?));
            fields.extend(at.into_iter().filter_map(known));
            self.fields(fields);
            for one in said(self.case, person) {
                self.statement(one);
            }
        }
        if self.case.statements.is_empty() {
            self.say("dossier-none");
        }
    }

    fn statement(&mut self, one: &Statement) {
        let (event, says) = (&one.event, &one.event.says);
        let purpose = says.purpose.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        let what = self.event(&says.kind);
        self.heading(Level::Entry, format!("{}: {what}{purpose}", moment(says.at)));
        let recorded = format!("{}, {} (", moment(says.recorded_at), self.words.actor(&says.actor));
        let recorded = Text::from(recorded).with(Text::code(&says.actor));
        let recorded = recorded.with(format!("), {} {}", event.chain, event.seq));
        let mut fields = vec![self.field("case-recorded", recorded)];
        let detail = self.detail(&says.detail);
        fields.extend(detail.map(|(name, said)| (self.words.field(&name), said.into())));
        let proof = self.words.say("dossier-proof");
        for (name, said) in one.evidence.as_deref().map(pairs).unwrap_or_default() {
            fields.push((format!("{proof}: {}", self.words.field(&name)), said.into()));
        }
        if one.evidence_is == EvidenceIs::Erased {
            fields.push(self.field("dossier-proof", self.words.say("case-erased")));
        }
        self.fields(fields);
    }

    fn policies(&mut self) {
        self.section("case-policies");
        let item = |one: &PolicyText| {
            let file = match &one.file {
                Some(file) => Text::code(file),
                None => self.words.say("case-missing").into(),
            };
            let program = one.program.as_ref().map(|program| format!(", Souhlas {program}"));
            let text = Text::from(format!("{}: ", one.version)).with(file);
            text.with(program.unwrap_or_default())
        };
        let items = self.case.policies.iter().map(item).collect();
        self.blocks.push(Block::List(items));
    }

    fn proof(&mut self) {
        self.section("case-proof");
        self.say("case-chained");
        let rows = used(self.case).map(|one| {
            let lines = format!("{}–{}", one.from, one.upto);
            let signed = moment(one.at);
            vec![one.chain.as_str().into(), lines.into(), signed.into(), Text::code(one.root)]
        });
        let rows = rows.collect();
        let label = self.words.say("case-proof").into_owned();
        self.table(label, &["case-chain", "case-lines", "case-signed", "case-root"], rows);
    }

    fn section(&mut self, id: &'static str) {
        self.heading(Level::Section, self.words.say(id));
    }

    fn heading(&mut self, level: Level, text: impl Into<String>) {
        self.blocks.push(Block::Heading(level, text.into()));
    }

    fn say(&mut self, id: &'static str) {
        self.blocks.push(Block::Paragraph(self.words.say(id).into()));
    }

    fn field(&self, id: &str, text: impl Into<Text>) -> (String, Text) {
        (self.words.say(id).into_owned(), text.into())
    }

    fn fields(&mut self, fields: Vec<(String, Text)>) {
        if !fields.is_empty() {
            self.blocks.push(Block::Fields(fields));
        }
    }

    fn table(&mut self, label: String, columns: &[&str], rows: Vec<Vec<Text>>) {
        let columns = columns.iter().map(|id| self.words.say(id).into_owned()).collect();
        self.blocks.push(Block::Table(Table { label, columns, rows }));
    }

    fn outcome(&self, found: &Finding) -> Text {
        let said = found.said(self.words);
        let because = Some(&found.because).filter(|because| !because.is_empty());
        let because = because.map(|because| format!(": {because}")).unwrap_or_default();
        let said = format!("{said}{because}");
        match found.outcome.as_str() {
            "broken" | "undecided" => Text::strong(said),
            _ => said.into(),
        }
    }

    fn event<'c>(&self, kind: &'c str) -> Cow<'c, str> {
        EventKind::parse(kind).map_or(kind.into(), |kind| self.words.say(kind.text_id()))
    }

    fn fate<'c>(&self, kind: &'c str) -> Cow<'c, str> {
        journal::Kind::parse(kind).map_or(kind.into(), |kind| self.words.say(kind.text_id()))
    }

    /// What a line says beside its verdict, which has a section of its own.
    fn detail(&self, detail: &str) -> impl Iterator<Item = (String, String)> {
        let is_verdict = |name: &str| VERDICT.contains(&name.split('.').next().unwrap_or(name));
        let shown = pairs(detail).into_iter().filter(move |(name, _)| !is_verdict(name));
        let words = self.words;
        shown.map(move |(name, said)| (name.clone(), words.value(&name, said)))
    }
}

/// Checkpoints that a line or an event names; the others lead to what was deposited.
fn used(case: &Case) -> impl Iterator<Item = &Checkpoint> {
    let lines = case.lines.iter().map(|line| line.checkpoint);
    let events = case.statements.iter().map(|one| one.event.checkpoint);
    let used: BTreeSet<usize> = lines.chain(events).collect();
    used.into_iter().filter_map(|at| case.checkpoints.get(at))
}

fn said<'c>(case: &'c Case, person: &Person) -> impl Iterator<Item = &'c Statement> {
    let contact = person.contact;
    case.statements.iter().filter(move |one| Some(one.event.says.contact) == contact)
}

/// Those that people look at; what is outside is only counted.
fn told(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|one| one.outcome != OUTSIDE)
}

/// An object's fields, one inside another as `a.b`.
fn pairs(json: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    match serde_json::from_str(json) {
        Ok(value) => all = words::flat(&value),
        Err(_) => all.push((String::new(), json.to_owned())),
    }
    all
}

const PAGE: &str = "case.html";
const PAPER: &str = "case.pdf";
/// Fields that are a verdict's.
const VERDICT: [&str; 6] = ["edits", "facts", "outcomes", "repaired", "rule", "verdict"];
const OUTSIDE: &str = "outside";
const VERIFY: &str = "souhlas evidence verify FILE --key FINGERPRINT";
