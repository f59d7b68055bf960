//! Held messages: why, what would come of it, and what two people make of it.

use outside::{
    api::Answer,
    console::{Browser, WITHOUT_FACTOR, between, heading},
    postgres::Database,
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    submit::submit,
};

/// News are held where they do not say who sends them, and two people release what has a wrong class.
const STRICT: &str = r#"
[controller.jiny]
name = "Jiný obchod s.r.o."
country = "CZ"
domains = ["jiny.example"]
[rules]
identity-missing = "hold"
[review]
four-eyes = ["class-mismatch"]
"#;
const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";
const SENDER: &str = "posta@kavarna.example";

fn start(database: Option<&Database>) -> Souhlas {
    start_with(STRICT, database)
}

fn start_with(rules: &str, database: Option<&Database>) -> Souhlas {
    let setup = Setup {
        policy: format!("{POLICY}{RECEIPTS}{rules}"),
        web: WITHOUT_FACTOR.into(),
        database: database.map_or(Setup::default().database, |one| one.url.clone()),
        ..Setup::default()
    };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    for to in [JANA, PETR] {
        relay.must(&["grant", to, "--purpose", "novinky", "--evidence", "form"]);
    }
    relay
}

fn on_both(test: impl Fn(&Souhlas)) {
    test(&start(None));
    let database = Database::create();
    test(&start(Some(&database)));
}

/// Commercial, and it does not say who sends it.
pub(crate) fn news(relay: &Souhlas, to: &str) {
    let news = message("novinky", "Sleva 20 procent", "Mame novou kavu z Etiopie.");
    held(relay, to, &news);
}

/// Sent as an order, and an offer all the same.
pub(crate) fn mismatch(relay: &Souhlas, to: &str) {
    let body = "VYPRODEJ, slevy az 50 %! Jen do nedele: kupte dva pytle kavy a treti mate zdarma.\r\n\
        Doprava zdarma, slevovy kod KAVA50, posledni kusy za akcni ceny. Usetrete jeste dnes!\r\n\
        Nakoupit: https://www.kavarna.example/vyprodej?utm_source=mail&utm_campaign=jaro";
    held(relay, to, &message("pokladna", "VYPRODEJ: slevy az 50 %", body));
}

fn message(from: &str, subject: &str, body: &str) -> String {
    format!(
        "From: Kavarna <{from}@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
         Subject: {subject}\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
         Message-ID: <kava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
}

fn held(relay: &Souhlas, to: &str, message: &str) {
    let said = submit(relay.smtp, SENDER, to, message);
    assert!(said.contains("accepted, held for review"), "{said}");
}

/// Where the rows of a list lead.
pub(crate) fn rows(page: &Answer) -> Vec<String> {
    let links = page.text.split("<a href=\"/held/").skip(1);
    let ids = links.filter_map(|rest| rest.split('"').next());
    ids.filter(|id| id.len() == 36).map(|id| format!("/held/{id}")).collect()
}

fn only(browser: &mut Browser, filter: &str) -> String {
    let page = browser.get(&format!("/held?view=each&{filter}"));
    let mut rows = rows(&page);
    assert_eq!(rows.len(), 1, "{filter}: {}", page.text);
    rows.remove(0)
}

fn alert(page: &Answer) -> &str {
    between(&page.text, "role=\"alert\">", "</p>").unwrap_or_default()
}

fn text(message: &[u8]) -> String {
    String::from_utf8_lossy(message).into_owned()
}

const WHY: [(&str, &str); 2] = [("code", "false-positive"), ("reason", "je to objednavka")];

#[test]
fn what_two_people_have_to_agree_on_leaves_when_they_do() {
    on_both(|relay| {
        mismatch(relay, JANA);
        let mut first = Browser::first(relay);
        let mut second = Browser::with_roles(relay, "druha", &["reviewer"]);
        let groups = first.get("/held");
        assert!(groups.text.contains("VYPRODEJ: slevy az # %"), "{}", groups.text);
        let one = only(&mut first, "rule=class-mismatch");
        let page = first.get(&one);
        for said in ["class-mismatch", "The policy asks for two people here", JANA, "pokladna"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let release = format!("{one}/release");
        let without = first.post(&release, &[("way", "as-is"), ("code", "duplicate")]);
        assert_eq!((without.status, alert(&without)), (409, "Choose a reason."));
        let without = first.post(&release, &[("way", "as-is"), WHY[0]]);
        assert!(alert(&without).starts_with("Say in your words"), "{}", without.text);
        let said = first.post(&release, &[&[("way", "as-is")][..], &WHY].concat());
        assert!(said.text.contains("Proposed. Somebody else has to agree."), "{}", said.text);
        let mut again = Browser::new(relay);
        again.sign_in("admin", outside::console::PASSWORD);
        again.get(&one);
        for own in [&mut first, &mut again] {
            let said = own.post(&format!("{one}/approve"), &[]);
            assert_eq!(alert(&said), "You cannot agree to your own proposal.");
        }
        assert!(relay.captured().is_empty());
        let waits = second.get("/held?state=awaiting-second");
        assert_eq!(rows(&waits).len(), 1);
        let page = second.get(&one);
        assert!(page.text.contains("je to objednavka") && page.text.contains("Agree and release"));
        let said = second.post(&format!("{one}/approve"), &[]);
        assert!(said.text.contains("Released."), "{}", said.text);
        assert!(text(&relay.wait_for_captured(1)[0]).contains("KAVA50"));
        assert!(rows(&first.get("/held?view=each")).is_empty());
        assert_eq!(second.get(&one).status, 404);
        let lines = relay.must(&["journal", "list", "--kind", "released", "--json"]);
        for said in ["\"second\":\"staff/", "\"code\":\"false-positive\"", "je to objednavka"] {
            assert!(lines.contains(said), "{said}: {lines}");
        }
        let trail = first.get("/audit?act=held-approved").text;
        assert!(trail.contains("release agreed to</td>"), "{trail}");
    });
}

#[test]
fn a_newer_refusal_stops_a_release_and_its_sender_is_told() {
    on_both(|relay| {
        news(relay, JANA);
        news(relay, PETR);
        let mut admin = Browser::first(relay);
        let one = only(&mut admin, "to=jana%40posta.example");
        let page = admin.get(&one);
        assert!(page.text.contains("Release with the repair"), "{}", page.text);
        relay.must(&["refuse", JANA, "--controller", "kavarna", "--evidence", "by phone"]);
        let release = format!("{one}/release");
        for way in ["as-is", "repaired"] {
            let said = admin.post(&release, &[&[("way", way)][..], &WHY].concat());
            assert_eq!(said.status, 409, "{}", said.text);
            assert!(alert(&said).starts_with("It cannot be released"), "{}", said.text);
        }
        let said = admin.post(&format!("{one}/again"), &[]);
        assert!(said.text.contains("by now the law keeps it"), "{}", said.text);
        let report = text(&relay.wait_for_captured(1)[0]);
        assert!(report.contains("multipart/report") && report.contains("refused"), "{report}");
        let other = only(&mut admin, "");
        let fields = [("way", "repaired"), ("code", "sender-corrected"), ("reason", "doplneno")];
        let said = admin.post(&format!("{other}/release"), &fields);
        assert!(said.text.contains("Released."), "{}", said.text);
        let all = relay.wait_for_captured(2);
        let sent = all.iter().map(|one| text(one)).find(|one| !one.contains("multipart/report"));
        let sent = sent.expect("it is sent");
        assert!(sent.contains("99900017"), "it says who sends it: {sent}");
    });
}

#[test]
fn what_is_rejected_comes_back_to_its_sender_and_what_is_dropped_does_not() {
    on_both(|relay| {
        news(relay, JANA);
        news(relay, PETR);
        let mut admin = Browser::first(relay);
        let one = only(&mut admin, "to=jana%40posta.example");
        let other = only(&mut admin, "to=petr%40posta.example");
        let why = [("code", "not-lawful"), ("reason", "bez odesilatele")];
        admin.get(&one);
        let fields = [&[("tell", "nobody")][..], &why].concat();
        assert!(admin.post(&format!("{one}/reject"), &fields).text.contains("It is not sent."));
        let fields = [&[("tell", "sender")][..], &why].concat();
        admin.post(&format!("{other}/reject"), &fields);
        let all = relay.wait_for_captured(1);
        assert_eq!(all.len(), 1);
        let report = text(&all[0]).to_lowercase();
        for said in ["action: failed", "not-lawful", "identity-missing", PETR] {
            assert!(report.contains(said), "{said}: {report}");
        }
        let lines = relay.must(&["journal", "list", "--kind", "rejected"]);
        assert_eq!(lines.lines().filter(|line| line.contains("rejected")).count(), 2, "{lines}");
        assert!(admin.get("/held").text.contains("Nothing is held."));
    });
}

#[test]
fn who_may_not_decide_sees_their_own_at_most() {
    let relay = start(None);
    news(&relay, JANA);
    let mut admin = Browser::first(&relay);
    let one = only(&mut admin, "");
    let mut auditor = Browser::with_roles(&relay, "auditor", &["auditor"]);
    let page = auditor.get(&one);
    assert_eq!((page.status, page.text.contains("name=\"code\"")), (200, false), "{}", page.text);
    let sender = |name: &str, login: &str| {
        let role = ["account", "add", name, "--role", "sender", "--login", login];
        let said = relay.must(&role);
        let link = said.lines().find_map(|line| line.strip_prefix("link: ")).unwrap().to_owned();
        let mut browser = Browser::new(&relay);
        browser.follow_link(&link, &[]);
        browser
    };
    let (mut own, mut other) = (sender("tool", "local"), sender("shop", "other"));
    assert_eq!(rows(&own.get("/held?view=each")).len(), 1);
    assert_eq!(own.get(&one).status, 200);
    assert!(rows(&other.get("/held?view=each")).is_empty());
    assert_eq!(other.get(&one).status, 404);
    let mut elsewhere = Browser::with_roles(&relay, "jiri", &["reviewer:jiny"]);
    assert!(rows(&elsewhere.get("/held?view=each")).is_empty());
    assert_eq!(elsewhere.get(&one).status, 404);
    elsewhere.get("/own");
    let fields = [&[("way", "as-is")][..], &WHY].concat();
    assert_eq!(elsewhere.post(&format!("{one}/release"), &fields).status, 404);
    for browser in [&mut auditor, &mut own] {
        browser.get("/own");
        for act in ["release", "reject", "again", "lock", "comment", "approve"] {
            let said = browser.post(&format!("{one}/{act}"), &fields);
            assert_eq!((said.status, heading(&said)), (403, "Not for your role"), "{act}");
        }
    }
    let mut here = Browser::with_roles(&relay, "jana", &["reviewer:kavarna"]);
    here.get(&one);
    assert!(here.post(&format!("{one}/release"), &fields).text.contains("Released."));
}

#[test]
fn one_has_it_at_a_time_and_they_talk_about_it() {
    on_both(|relay| {
        news(relay, JANA);
        let mut admin = Browser::first(relay);
        let mut other = Browser::with_roles(relay, "jiri", &["reviewer"]);
        let one = only(&mut admin, "state=new");
        admin.get(&one);
        let page = admin.post(&format!("{one}/lock"), &[]);
        assert!(page.text.contains("You have it until"), "{}", page.text);
        let page = other.get(&one);
        assert!(page.text.contains("admin has it until"), "{}", page.text);
        let fields = [&[("way", "as-is")][..], &WHY].concat();
        let said = other.post(&format!("{one}/release"), &fields);
        assert_eq!(alert(&said), "admin has it, so nothing was done. Wait, or take it over.");
        assert_eq!(rows(&other.get("/held?state=in-review")), std::slice::from_ref(&one));
        other.get(&one);
        other.post(&format!("{one}/comment"), &[("comment", "<b>Viděl jsem to</b>")]);
        let page = other.post(&format!("{one}/lock"), &[("over", "yes")]);
        assert!(page.text.contains("You have it until"), "{}", page.text);
        let page = admin.get(&one);
        assert!(
            page.text.contains("&#60;b&#62;Viděl jsem to") && page.text.contains("jiri has it")
        );
        assert!(!admin.post(&format!("{one}/again"), &[]).text.contains("still held"));
        other.get(&one);
        let said = other.post(&format!("{one}/again"), &[]);
        assert!(said.text.contains("Decided again: it is still held."), "{}", said.text);
        let taken = relay.must(&["journal", "list", "--kind", "held"]);
        assert!(taken.contains("held"), "{taken}");
        wait(|| rows(&admin.get("/held?state=in-review")).pop()).expect("it is locked still");
    });
}

/// Until the page of a bulk says so.
fn until(browser: &mut Browser, bulk: &str, said: &str) -> Answer {
    let found = wait(|| {
        let page = browser.get(bulk);
        page.text.contains(&format!(">{said}</span>")).then_some(page)
    });
    found.unwrap_or_else(|| panic!("{said}: {}", browser.get(bulk).text))
}

fn made(answer: &Answer) -> String {
    let to = answer.header("location").unwrap_or_else(|| panic!("{}", answer.text));
    to.split('?').next().unwrap().to_owned()
}

#[test]
fn many_are_tried_out_first_and_then_released_but_for_who_refused() {
    on_both(|relay| {
        for at in 0..6 {
            let to = format!("kdosi{at}@posta.example");
            relay.must(&["grant", &to, "--purpose", "novinky", "--evidence", "form"]);
            news(relay, &to);
        }
        relay.must(&["refuse", "kdosi5@posta.example", "--controller", "kavarna"]);
        mismatch(relay, JANA);
        let mut admin = Browser::first(relay);
        let list = admin.get("/held?rule=identity-missing");
        let all = between(&list.text, "<a class=\"button\" href=\"", "\"").unwrap();
        let all = all.replace("&#38;", "&");
        let page = admin.get(&all);
        assert!(page.text.contains("Chosen: 6."), "{}", page.text);
        let what = [("what", "release-repaired"), ("code", "sender-corrected"), ("reason", "vse")];
        let bulk = made(&admin.post_as_is(&all, &what));
        let page = until(&mut admin, &bulk, "tried out");
        for said in ["5</strong> as asked for", "1</strong> cannot be released", "6 of 6"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        assert!(relay.captured().is_empty(), "nothing happened yet");
        admin.post(&format!("{bulk}/begin"), &[]);
        let page = until(&mut admin, &bulk, "done");
        assert!(page.text.contains("5</strong> as asked for"), "{}", page.text);
        let sent = relay.wait_for_captured(5);
        assert!(sent.iter().all(|one| text(one).contains("99900017")));
        assert_eq!(rows(&admin.get("/held?view=each")).len(), 2, "the refused one and the other");
        let lines = relay.must(&["journal", "list", "--kind", "released", "--json"]);
        assert_eq!(lines.matches("\"bulk\":").count(), 5, "{lines}");
        let bulks = admin.get("/held/bulks");
        assert!(bulks.text.contains(&bulk), "{}", bulks.text);

        // What wants two people wants them here, too.
        let ticked = admin.get("/held?view=each&rule=class-mismatch");
        let id = between(&ticked.text, "name=\"id\" value=\"", "\"").unwrap().to_owned();
        let all = format!("/held/bulk?id={id}");
        admin.get(&all);
        let what = [&[("what", "release-as-is")][..], &WHY].concat();
        let bulk = made(&admin.post_as_is(&all, &what));
        let page = until(&mut admin, &bulk, "tried out");
        assert!(page.text.contains("1</strong> only with a second person"), "{}", page.text);
        admin.post(&format!("{bulk}/begin"), &[]);
        until(&mut admin, &bulk, "waits for a second person");
        assert_eq!(admin.post(&format!("{bulk}/agree"), &[]).status, 403);
        let mut elsewhere = Browser::with_roles(relay, "jiri", &["reviewer:jiny"]);
        assert_eq!(elsewhere.get(&bulk).status, 404);
        let mut second = Browser::with_roles(relay, "druha", &["reviewer:kavarna"]);
        second.get(&bulk);
        second.post(&format!("{bulk}/agree"), &[]);
        until(&mut second, &bulk, "done");
        relay.wait_for_captured(6);
    });
}

#[test]
fn a_bulk_of_a_thousand_shows_how_far_it_is_and_stops_when_told() {
    let relay = start(None);
    for at in 0..1_000 {
        news(&relay, if at % 2 == 0 { JANA } else { PETR });
    }
    let mut admin = Browser::first(&relay);
    let page = admin.get("/held");
    let count = between(&page.text, "class=\"number\"><a href=", "</a>").unwrap();
    assert!(count.ends_with("1\u{202f}000"), "one campaign and rule: {count}");
    let all = "/held/bulk?rule=identity-missing";
    admin.get(all);
    let why = [("what", "drop"), ("code", "duplicate"), ("reason", "podruhe")];
    let bulk = made(&admin.post_as_is(all, &why));
    until(&mut admin, &bulk, "tried out");
    admin.post_as_is(&format!("{bulk}/begin"), &[]);
    let seen = wait(|| {
        let page = admin.get(&bulk);
        let bar = "<progress max=\"1000\" value=\"";
        let reached = between(&page.text, bar, "\"")?.to_owned();
        let part = reached.parse::<u64>().ok()?;
        (part > 0).then_some((page, part))
    });
    let (page, part) = seen.expect("it goes on");
    if part < 1_000 {
        assert_eq!(page.header("refresh"), Some("2"));
    }
    admin.post(&format!("{bulk}/cancel"), &[]);
    let page = admin.get(&bulk);
    let ended = page.text.contains(">stopped</span>") || page.text.contains(">done</span>");
    assert!(ended && page.header("refresh").is_none(), "{}", page.text);
    let again = made(&admin.post_as_is(all, &why));
    until(&mut admin, &again, "tried out");
    admin.post_as_is(&format!("{again}/begin"), &[]);
    until(&mut admin, &again, "done");
    assert!(admin.get("/held").text.contains("Nothing is held."));
    let lines = relay.must(&["journal", "list", "--kind", "rejected", "--limit", "2000"]);
    assert_eq!(lines.lines().filter(|line| line.contains("rejected")).count(), 1_000);
}

#[test]
fn what_was_said_elsewhere_is_written_down_and_decided_by() {
    let relay = start_with("[rules]\nconsent-missing = \"hold\"\n", None);
    let (eva, ivan) = ("eva@posta.example", "ivan@posta.example");
    news(&relay, eva);
    news(&relay, ivan);
    let mut admin = Browser::first(&relay);
    let one = only(&mut admin, "to=eva%40posta.example");
    let other = only(&mut admin, "to=ivan%40posta.example");
    let page = admin.get(&one);
    assert!(page.text.contains("It cannot be released"), "{}", page.text);
    let said = admin.post(&format!("{one}/consent"), &[("what", "grant"), ("evidence", " ")]);
    assert!(alert(&said).starts_with("Say what shows it"), "{}", said.text);
    let fields = [("what", "grant"), ("evidence", "smlouva 117"), ("said", "2999-01-01")];
    let said = admin.post(&format!("{one}/consent"), &fields);
    assert!(alert(&said).starts_with("That day"), "{}", said.text);
    let mut reviewer = Browser::with_roles(&relay, "jiri", &["reviewer"]);
    assert!(!reviewer.get(&one).text.contains("value=\"grant\""));
    assert_eq!(reviewer.post(&format!("{one}/consent"), &fields).status, 403);
    let mut officer = Browser::with_roles(&relay, "eva", &["dpo"]);
    officer.get(&one);
    let fields = [("what", "grant"), ("evidence", "smlouva 117"), ("said", "2026-05-01")];
    let said = officer.post(&format!("{one}/consent"), &fields);
    assert!(said.text.contains("Saved.") && said.text.contains("novinky"), "{}", said.text);
    assert!(relay.must(&["contact", "show", eva]).contains("2026-05-01"));
    admin.get(&one);
    let said = admin.post(&format!("{one}/again"), &[]);
    assert!(said.text.contains("By now nothing is against it"), "{}", said.text);
    relay.wait_for_captured(1);
    // A no is for everybody who hears one.
    assert!(reviewer.get(&other).text.contains("Write down and decide again"));
    let said =
        reviewer.post(&format!("{other}/consent"), &[("what", "refuse"), ("evidence", "volal")]);
    assert!(said.text.contains("by now the law keeps it"), "{}", said.text);
    let all = relay.wait_for_captured(2);
    assert!(all.iter().any(|one| text(one).contains("multipart/report")));
}
