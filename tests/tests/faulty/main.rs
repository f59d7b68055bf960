//! Next hops that fail, at each step and in each way, against the real relay: nothing is lost, nothing
//! comes twice but in the documented window, what failed is tried again at the right time or not at
//! all, and a good next hop beside them is not slowed.

mod cases;
mod scene;

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use outside::{
    postgres::Database,
    sink::Sink,
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::Value;
use tokio::{
    task::block_in_place,
    time::{Instant, timeout_at},
};

use crate::{
    cases::{Case, End, Way, all},
    scene::{Scene, domain},
};

const FROM: &str = "objednavky@kavarna.example";
/// Messages to the good next hop meanwhile.
const GOOD: usize = 20;
/// If one faulty next hop had to wait for the next, it would be minutes.
const SOON: Duration = Duration::from_secs(15);

/// Lines more of a large message.
const LARGE: usize = 100_000;

fn message(number: usize, more: usize) -> String {
    let head = format!(
        "From: Kavarna <{FROM}>\r\nTo: zakaznik\r\nSubject: Objednavka {number}\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <{number}@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    );
    head + &"Objednavku odesleme zitra, zbozi je skladem.\r\n".repeat(1 + more)
}

/// Its id.
fn send(relay: &Souhlas, to: &str, number: usize) -> String {
    send_large(relay, to, number, 0)
}

fn send_large(relay: &Souhlas, to: &str, number: usize, more: usize) -> String {
    let said = submit(relay.smtp, FROM, to, &message(number, more));
    let id = said.strip_prefix("250 2.0.0 ").and_then(|rest| rest.strip_suffix(" accepted"));
    id.unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_step_has_its_end_on_sqlite() {
    every_fault_has_its_end(&Setup::default().database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_step_has_its_end_on_postgresql() {
    let database = block_in_place(Database::create);
    every_fault_has_its_end(&database.url).await;
}

async fn every_fault_has_its_end(database: &str) {
    let cases = all();
    let scene = Scene::new(database, &cases, "").await;
    let relay = &scene.relay;
    let ids: Vec<String> = block_in_place(|| {
        let each = cases.iter().enumerate().map(|(number, case)| {
            if case.is_behind_another() {
                send(relay, &format!("nikdo@{}", domain(number)), number);
            }
            let more = if case.is_large() { LARGE } else { 0 };
            send_large(relay, &format!("jana@{}", domain(number)), number, more)
        });
        each.collect()
    });
    let soon = Instant::now() + SOON;
    for number in 0..GOOD {
        block_in_place(|| send(relay, "petr@dobry.test", 1_000 + number));
    }
    let good = timeout_at(soon, scene.good.messages(GOOD)).await;
    assert!(good.is_ok(), "{} of {GOOD} are there", scene.good.count());

    block_in_place(|| nothing_waits(relay));
    let fates = block_in_place(|| fates(relay));
    let reports = block_in_place(|| reports(relay));
    let mut wrong = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let seen = Seen {
            fates: fates.get(&ids[number]).map(Vec::as_slice).unwrap_or_default(),
            sink: &scene.sinks[number],
            reports: reports.iter().filter(|report| is_about(report, number)).collect(),
        };
        if let Err(why) = seen.check(case) {
            wrong.push(format!("c{number} {case:?}: {why}\n{:#?}", seen.fates));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Nothing but what never answers: it is tried until its time is over, and then its sender hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_answers_is_given_up_and_its_sender_hears_of_it() {
    let silent = outside::sink::Does::Wait;
    let case = Case { at: "CONNECT", does: silent, times: 99, way: Way::Clear, end: End::Smooth };
    let database = block_in_place(Database::create);
    for database in [Setup::default().database, database.url.clone()] {
        let case = std::slice::from_ref(&case);
        let scene = Scene::new(&database, case, "expires-after = \"6s\"").await;
        block_in_place(|| {
            let id = send(&scene.relay, "jana@c0.test", 0);
            nothing_waits(&scene.relay);
            let fates = &fates(&scene.relay)[&id];
            let kinds: Vec<&str> = fates.iter().map(|fate| fate.kind.as_str()).collect();
            let (last, before) = kinds.split_last().unwrap();
            assert!(*last == "expired" && before.contains(&"deferred"), "{kinds:?}");
            let reports = reports(&scene.relay);
            let [report] = &reports[..] else { panic!("{reports:#?}") };
            let why = "given up, the last attempt said: the peer did not answer in time";
            assert!(report.contains("Status: 5.4.7") && report.contains(why), "{report}");
        });
        assert_eq!(scene.sinks[0].count(), 0);
    }
}

/// All that became of what was submitted, reports to the sender too.
fn nothing_waits(relay: &Souhlas) {
    let listed = || relay.must(&["queue", "list"]);
    let empty = || {
        // Each look is a process of its own.
        std::thread::sleep(Duration::from_millis(300));
        (!listed().contains('@')).then_some(())
    };
    wait(empty).unwrap_or_else(|| panic!("{}\n{}", listed(), relay.said()));
}

/// One line of the journal.
#[derive(Debug)]
struct Fated {
    kind: String,
    at: Timestamp,
    reply: String,
}

/// By message, oldest first.
fn fates(relay: &Souhlas) -> BTreeMap<String, Vec<Fated>> {
    let mut found: BTreeMap<String, Vec<Fated>> = BTreeMap::new();
    let lines = relay.must(&["journal", "list", "--json", "--limit", "10000"]);
    for line in lines.lines().rev() {
        let line: Value = serde_json::from_str(line).unwrap();
        let (Some(message), Some(kind)) = (line["message"].as_str(), line["kind"].as_str()) else {
            continue;
        };
        if ["delivered", "deferred", "bounced", "expired"].contains(&kind) {
            found.entry(message.to_owned()).or_default().push(Fated {
                kind: kind.to_owned(),
                at: line["at"].as_str().unwrap().parse().unwrap(),
                reply: line["detail"]["reply"].as_str().unwrap_or_default().to_owned(),
            });
        }
    }
    found
}

/// What came back to the sender.
fn reports(relay: &Souhlas) -> Vec<String> {
    let captured = relay.captured().into_iter();
    captured.map(|bytes| String::from_utf8(bytes).unwrap()).collect()
}

fn is_about(report: &str, number: usize) -> bool {
    report.contains(&format!("Final-Recipient: rfc822; jana@{}\r\n", domain(number)))
}

/// What there is to be seen of one case.
struct Seen<'a> {
    fates: &'a [Fated],
    sink: &'a Sink,
    reports: Vec<&'a String>,
}

impl Seen<'_> {
    fn check(&self, case: &Case) -> Result<(), String> {
        let taken = self.sink.taken();
        let (kinds, why, copies): (&[&str], &str, usize) = match case.end {
            End::Smooth => (&["delivered"], "", 1),
            End::Later(why) => (&["deferred", "delivered"], why, 1),
            End::Twice(why) => (&["deferred", "delivered"], why, 2),
            End::Bounced(why) => (&["bounced"], why, 0),
        };
        let reports = usize::from(matches!(case.end, End::Bounced(_)));
        let found: Vec<&str> = self.fates.iter().map(|fate| fate.kind.as_str()).collect();
        let is = |holds: bool, what: String| if holds { Ok(()) } else { Err(what) };
        is(found == kinds, format!("{found:?} is not {kinds:?}"))?;
        is(taken.len() == copies, format!("{} copies and not {copies}", taken.len()))?;
        is(self.fates[0].reply.contains(why), format!("`{}` is not {why}", self.fates[0].reply))?;
        is(self.reports.len() == reports, format!("{} reports", self.reports.len()))?;
        for report in &self.reports {
            let expected = format!("Diagnostic-Code: smtp; {why}\r\n");
            is(report.contains(&expected), format!("{expected} is not in {report}"))?;
        }
        if let [first, second] = self.fates {
            let pause = second.at.duration_since(first.at).as_millis();
            is((1_000..10_000).contains(&pause), format!("again after {pause} ms"))?;
        }
        // The same to the octet, so that whoever has it twice can tell.
        is(taken.windows(2).all(|two| two[0].bytes == two[1].bytes), "two texts".to_owned())?;
        let asked = case.way == Way::Guarded;
        is(taken.iter().all(|one| one.tls || !asked), "not by TLS".to_owned())?;
        let tried = self.sink.lines().iter().filter(|line| line.starts_with("MAIL")).count();
        is(reports == 0 || tried == 1, format!("tried {tried} times"))
    }
}
