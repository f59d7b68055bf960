//! How long one message takes in policy/: read, decide with repair, render. Figures, no verdict.
//!
//! `cargo bench -p souhlas-policy` prints microseconds for each step, the median of many; with
//! `-- 4096` for a message of that size alone, `-- 4096 rewrite` for that step alone.

#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use jiff::{Timestamp, tz::TimeZone};
use policy::*;

fn main() {
    let stream = stream();
    let policy = Policy {
        version: "bench".into(),
        rules: Default::default(),
        packs: Pack::builtin(),
        providers: Provider::builtin(),
    };
    let now: Timestamp = "2026-11-02T08:00:00Z".parse().expect("a moment");
    let standing = standing();
    let recipient = Address::parse("1user@example.cz").expect("an address");
    let packs = Pack::applying(&policy.packs, now, stream.controller.country, None);
    let only: Option<usize> = std::env::args().find_map(|argument| argument.parse().ok());
    for size in
        [4_096, 51_200, 512_000].into_iter().filter(|size| only.is_none_or(|only| only == *size))
    {
        ROUNDS.store(if size > 100_000 { 60 } else { 400 }, Ordering::Relaxed);
        let bytes = Bytes::from(newsletter(size).replace('\n', "\r\n"));
        let reading = Reading::of(bytes.clone());
        let facts = Facts {
            now,
            reading: &reading,
            class: Class::Commercial,
            declared: Some(Class::Commercial),
            stream: &stream,
            recipient: &recipient,
            recipients: 1,
            standing: Known::Is(&standing),
            recipient_country: None,
            packs: &packs,
            provider: None,
            signs: false,
            links: true,
            waiver: None,
        };
        let verdict = decide(&policy, &facts);
        println!("{size} bytes, {:?}, {} edits", verdict.action, verdict.edits.len());
        let link = |_: &LinkKind| "https://souhlas.example/u/abcdefghijklmnopqrstuvwxyz".to_owned();
        time("  message", || black_box(Message::parse(bytes.clone())));
        time("  reading", || black_box(Reading::of(bytes.clone())));
        time("  reading, folded and sorted", || {
            black_box(Reading::of(bytes.clone()).classified().class)
        });
        let styled = Bytes::from(styled(size).replace('\n', "\r\n"));
        time("  reading, with a style sheet", || black_box(Reading::of(styled.clone())));
        time("  decide, nothing remembered", || black_box(decide(&policy, &facts)));
        let mut decider = Decider::default();
        time("  decide again", || black_box(decider.verdict(&policy, &facts)));
        time("  rewrite", || black_box(render(&reading.message, &verdict.edits, &link)));
        let rewritten = render(&reading.message, &verdict.edits, &link).expect("edits fit");
        time("  reading again", || black_box(reading.again(rewritten.clone())));
        time("  journal detail", || black_box(journal_detail(&policy.version, &facts, &verdict)));
    }
}

fn stream() -> Stream {
    let controller = Controller {
        id: "kavarna".into(),
        name: "Kavárna Pod Lípou s.r.o.".into(),
        company_id: Some("99900017".into()),
        seat: Some("Lipová 12, 602 00 Brno".into()),
        register: Some("zapsaná v obchodním rejstříku, oddíl C, vložka 99817".into()),
        representative: None,
        vat_id: None,
        contact: None,
        recipients: None,
        country: Country(*b"CZ"),
        language: Language::Czech,
        time_zone: TimeZone::UTC,
        domains: vec!["kavarna.example".into()],
        sender: "noreply@kavarna.example".into(),
        privacy_url: None,
        dpo: None,
        processors: vec![],
        non_business: false,
        customer_for: Default::default(),
        needles: Default::default(),
    };
    Stream {
        id: "novinky".into(),
        controller: Arc::new(controller),
        purpose: Some("novinky".into()),
        topic: None,
        class: Some(Class::Commercial),
        categories: vec!["kava".into()],
        list_id: None,
        unsubscribe: UnsubscribeScope::Everything,
        at_most: None,
        label_in: LabelPlace::Subject,
        adult: false,
        report_only: false,
        rules: Default::default(),
    }
}

fn standing() -> Standing {
    Standing {
        grants: vec![Grant {
            purpose: "novinky".into(),
            basis: Basis::Consent,
            from: "2026-01-15T08:00:00Z".parse().expect("a moment"),
            until: "2029-01-15T08:00:00Z".parse().expect("a moment"),
            method: Method::DoubleOptIn,
            source: Source::Own,
            withdrawn_at: None,
            ended: Ended::Withdrawn,
            confirmed_at: None,
            age_declared: false,
            evidence: vec![
                EvidenceField::GrantedAt,
                EvidenceField::Method,
                EvidenceField::Source,
                EvidenceField::Record,
            ],
            requires: Requires::default(),
            channel: Channel::Email,
            event: "1".into(),
        }],
        ..Standing::default()
    }
}

/// Fewer for what takes longer.
static ROUNDS: AtomicUsize = AtomicUsize::new(400);

fn time<T>(what: &str, mut work: impl FnMut() -> T) {
    if std::env::args().skip(1).any(|word| {
        word.parse::<usize>().is_err() && !word.starts_with('-') && !what.contains(&word)
    }) {
        return;
    }
    let rounds = ROUNDS.load(Ordering::Relaxed);
    let mut all: Vec<u128> = (0..rounds)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed().as_nanos()
        })
        .collect();
    all.sort_unstable();
    let median = all.get(all.len() / 2).copied().unwrap_or_default();
    println!("{what:<30} {:>8.1} us", median as f64 / 1_000.0);
}

/// The newsletter that `tests/bench` sends.
fn newsletter(size: usize) -> String {
    let head = "From: Kavárna Pod Lípou <novinky@kavarna.example>\n\
        To: prijemce@example.net\n\
        Subject: =?utf-8?Q?Nov=C3=A9_k=C3=A1vy?=\n\
        Date: Mon, 02 Nov 2026 08:00:00 +0100\n\
        Message-ID: <kampan-42@kavarna.example>\n\
        MIME-Version: 1.0\n\
        Content-Type: multipart/alternative; boundary=\"hranice\"\n\n";
    let sentence = "Právě jsme upražili nové kávy a rádi vám je představíme u nás v obchodě. ";
    let lines = size / 2 / sentence.len();
    let text = format!("{sentence}\n").repeat(lines);
    let html = format!("<p>{sentence}</p>\n").repeat(lines * 9 / 10);
    format!(
        "{head}--hranice\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\nDobrý den,\n\n{text}\n--hranice\n\
         Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
         <html><body style=\"color:#222\"><h1>Nové kávy</h1>\n\
         <p><a href=\"https://www.kavarna.example/?utm_source=mail\">Do obchodu</a></p>\n\
         {html}</body></html>\n--hranice--\n"
    )
}

/// The same with a sheet as the tools of newsletters write it, and classes that it is for.
fn styled(size: usize) -> String {
    let html = newsletter(size.saturating_sub(SHEET.len()))
        .replace(
            "<body style",
            &format!("<head><style>{SHEET}</style></head><body class=\"body\" style"),
        )
        .replace("<p>", "<p class=\"text\">");
    html.replace("<a href", "<a class=\"button link\" href")
}

const SHEET: &str = "
body, table, td, a { -webkit-text-size-adjust: 100%; -ms-text-size-adjust: 100%; }
table, td { mso-table-lspace: 0pt; mso-table-rspace: 0pt; }
img { -ms-interpolation-mode: bicubic; border: 0; height: auto; line-height: 100%; outline: none; }
body { height: 100% !important; margin: 0 !important; padding: 0 !important; width: 100% !important; }
a[x-apple-data-detectors] { color: inherit !important; text-decoration: none !important; }
.preheader { display: none; font-size: 1px; color: #fff; max-height: 0; overflow: hidden; }
.wrapper { width: 100%; background-color: #f4f4f4; }
.text { font-family: Arial, Helvetica, sans-serif; font-size: 16px; line-height: 24px; color: #333333; }
.button { background-color: #0055aa; color: #ffffff; padding: 12px 24px; border-radius: 4px; }
.footer, .footer a { font-size: 12px; color: #777777; }
@media only screen and (max-width: 600px) {
  .wrapper { width: 100% !important; }
  .column { display: block !important; width: 100% !important; }
  .hide-on-phones { display: none !important; }
}
@media (prefers-color-scheme: dark) { .text { color: #ffffff !important; } }
";
