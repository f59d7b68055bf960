//! Policies that are written in the console: agreed to by somebody else, activated, and in force; and
//! everything that keeps one from that.

use std::{fs, os::unix::fs::symlink};

use outside::{
    api::Answer,
    console::{Browser, WITHOUT_FACTOR, between, on_both},
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas, wait},
    submit::submit,
};

use crate::{decisions, held};

pub(crate) const TWO: &str = "\n[review]\nfour-eyes-policy = true\n";
pub(crate) const STRICTER: &str = "\n[rules]\nidentity-missing = \"hold\"\n";
pub(crate) const ACTIVATES: &str = "console-activates-policy = true\n";

/// With a relay that writes its policy.toml itself, where `own` says so.
fn relay(setup: Setup, more: &str, own: bool) -> (Souhlas, Browser) {
    let web = format!("{WITHOUT_FACTOR}\n{}", if own { ACTIVATES } else { "" });
    let relay = Souhlas::start(&Setup { policy: format!("{POLICY}{more}"), web, ..setup }).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    let admin = Browser::first(&relay);
    (relay, admin)
}

/// A draft of the policy in force; its path.
pub(crate) fn drafted(browser: &mut Browser) -> String {
    let page = browser.get("/policy/drafts").text;
    let of = between(&page, "name=\"of\" value=\"", "\"").expect("the version in force").to_owned();
    let made = browser.post_as_is("/policy/drafts", &[("of", &of)]);
    made.header("location").expect("it is made").to_owned()
}

/// What a form of the draft's page does, on the draft as it is now; an empty word is the text's form.
pub(crate) fn does(
    browser: &mut Browser,
    draft: &str,
    word: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let page = browser.get(draft).text;
    let value = |name: &str| {
        let mark = format!("name=\"{name}\" value=\"");
        between(&page, &mark, "\"").unwrap_or("0").to_owned()
    };
    let (edition, base) = (value("edition"), value("base"));
    let own = [("edition", edition.as_str()), ("base", base.as_str())];
    let path = if word.is_empty() { draft.to_owned() } else { format!("{draft}/{word}") };
    browser.post(&path, &[&own[..], fields].concat())
}

pub(crate) fn edits(browser: &mut Browser, draft: &str, text: &str) -> Answer {
    does(browser, draft, "", &[("text", text)])
}

pub(crate) fn proposes(browser: &mut Browser, draft: &str) -> Answer {
    does(browser, draft, "propose", &[("why", "Nobody says who sends")])
}

/// A draft that may be activated.
fn agreed(browser: &mut Browser, text: &str) -> String {
    let draft = drafted(browser);
    edits(browser, &draft, text);
    let page = proposes(browser, &draft);
    assert!(page.text.contains(">approved<"), "{}", page.text);
    draft
}

fn on_disk(relay: &Souhlas) -> String {
    fs::read_to_string(relay.path("config/policy.toml")).unwrap()
}

/// The draft's page, when it says so.
pub(crate) fn wait_for(browser: &mut Browser, draft: &str, said: &str) -> String {
    let found = wait(|| Some(browser.get(draft).text).filter(|page| page.contains(said)));
    found.unwrap_or_else(|| panic!("{said}: {}", browser.get(draft).text))
}

#[test]
fn a_policy_is_written_agreed_to_by_somebody_else_activated_and_judged_by() {
    on_both(|setup| {
        let (relay, mut admin) = relay(setup, TWO, true);
        let mut second = Browser::with_roles(&relay, "second", &["admin"]);
        let old = format!("{POLICY}{TWO}");
        let draft = drafted(&mut admin);
        let page = edits(&mut admin, &draft, &old.replace("\"commercial\"", "\"comercial\"")).text;
        let line = old.lines().position(|line| line.contains("\"commercial\"")).unwrap() + 1;
        assert!(page.contains(&format!(">{line}:")) && page.contains("comercial"), "{page}");
        let page = proposes(&mut admin, &draft);
        assert!(page.text.contains("Something in its text is wrong"), "{}", page.text);
        let new = format!("{old}{STRICTER}");
        // As a browser sends it.
        let page = edits(&mut admin, &draft, &new.replace('\n', "\r\n")).text;
        assert_eq!(page.matches("<tr class=\"new\">").count(), 3, "{page}");
        let nothing = does(&mut admin, &draft, "propose", &[("why", " ")]);
        assert_eq!(nothing.status, 422);
        assert!(does(&mut admin, &draft, "activate", &[]).status == 422, "nobody agreed");
        proposes(&mut admin, &draft);
        let own = does(&mut admin, &draft, "answer", &[("word", "approve"), ("answer", "")]);
        assert_eq!(own.status, 422);
        assert!(own.text.contains("somebody else has to answer"), "{}", own.text);
        let no = does(&mut second, &draft, "answer", &[("word", "decline"), ("answer", "Not yet")]);
        assert!(no.text.contains(">declined<") && no.text.contains("Not yet"), "{}", no.text);
        proposes(&mut admin, &draft);
        let yes = does(&mut second, &draft, "answer", &[("word", "approve"), ("answer", "")]);
        assert!(yes.text.contains(">approved<"), "{}", yes.text);
        assert_eq!(on_disk(&relay), old, "nothing is in force before");
        does(&mut second, &draft, "activate", &[]);
        wait_for(&mut admin, &draft, "In force.");
        assert_eq!(on_disk(&relay), new);
        let before = fs::read_to_string(relay.path("config/policy.toml.before")).unwrap();
        assert_eq!(before, old);
        let page = admin.get("/policy").text;
        assert!(page.contains("second brought it into force."), "{page}");
        assert!(page.contains(&format!("href=\"{draft}\"")), "{page}");
        let said = submit(relay.smtp, "posta@kavarna.example", decisions::JANA, decisions::NEWS);
        assert!(said.starts_with("250 "), "{said}");
        let held = wait(|| admin.get("/held").text.contains("identity-missing").then_some(()));
        held.expect("it is held by the new policy");
        let trail = admin.get("/audit").text;
        for act in ["policy activated", "agreed to", "declined", "proposed", "edited", "drafted"] {
            assert!(trail.contains(act), "{act}: {trail}");
        }
    });
}

#[test]
fn what_came_into_force_meanwhile_is_never_overwritten_unseen() {
    let (relay, mut admin) = relay(Setup::default(), "", true);
    let new = format!("{POLICY}{STRICTER}");
    let draft = agreed(&mut admin, &new);
    let page = admin.get(&draft).text;
    let (edition, base) = (
        between(&page, "name=\"edition\" value=\"", "\"").unwrap(),
        between(&page, "name=\"base\" value=\"", "\"").unwrap(),
    );
    let by_hand = format!("{POLICY}\n# by hand\n");
    fs::write(relay.path("config/policy.toml"), &by_hand).unwrap();
    let page = wait_for(&mut admin, &draft, "What came into force meanwhile");
    assert!(page.contains("# by hand") && page.contains(">outdated<"), "{page}");
    assert_eq!(does(&mut admin, &draft, "activate", &[]).status, 422);
    let unseen = [("edition", edition), ("base", base), ("text", new.as_str())];
    assert_eq!(admin.post(&draft, &unseen).status, 422, "they have not seen what changed");
    assert_eq!(on_disk(&relay), by_hand);
    // Somebody else saves between.
    let whole = format!("{by_hand}{STRICTER}");
    let page = edits(&mut admin, &draft, &whole).text;
    assert!(!page.contains(">outdated<") && page.contains(">being written<"), "{page}");
    let base = between(&page, "name=\"base\" value=\"", "\"").unwrap();
    let late = [("edition", edition), ("base", base), ("text", new.as_str())];
    let page = admin.post(&draft, &late);
    assert_eq!(page.status, 422);
    assert!(page.text.contains("Somebody else has changed the draft"), "{}", page.text);
    proposes(&mut admin, &draft);
    does(&mut admin, &draft, "activate", &[]);
    wait_for(&mut admin, &draft, "In force.");
    assert_eq!(on_disk(&relay), whole);
    // And back, by a draft of what was.
    let versions = admin.get("/policy").text;
    let oldest = versions.rsplit("/policy/versions/").next().unwrap().split('"').next().unwrap();
    let page = admin.get(&format!("/policy/versions/{oldest}")).text;
    assert!(page.contains("Go back to it in a draft"), "{page}");
    let back = admin.post_as_is("/policy/drafts", &[("of", oldest)]);
    let back = back.header("location").unwrap().to_owned();
    proposes(&mut admin, &back);
    does(&mut admin, &back, "activate", &[]);
    wait_for(&mut admin, &back, "In force.");
    assert_eq!(on_disk(&relay), POLICY);
}

#[test]
fn a_relay_that_may_not_write_its_policy_says_how_it_gets_there() {
    let (relay, mut admin) = relay(Setup::default(), "", false);
    let new = format!("{POLICY}{STRICTER}");
    let draft = agreed(&mut admin, &new);
    let page = admin.get(&draft).text;
    assert!(page.contains("put there by hand") && !page.contains("/activate\""), "{page}");
    assert_eq!(does(&mut admin, &draft, "activate", &[]).status, 409);
    let file = admin.get(&format!("{draft}/file"));
    let name = file.header("content-disposition").unwrap();
    assert_eq!((name, file.text.as_str()), ("attachment; filename=\"policy.toml\"", new.as_str()));
    assert_eq!(on_disk(&relay), POLICY);
    fs::write(relay.path("config/policy.toml"), file.text).unwrap();
    wait_for(&mut admin, &draft, "its text is in policy.toml here");
    assert!(admin.get("/policy").text.contains(&draft));
}

#[test]
fn a_policy_that_is_a_link_or_names_what_is_not_there_is_left_as_it_is() {
    let (relay, mut admin) = relay(Setup::default(), "", true);
    let file = relay.path("config/policy.toml");
    fs::rename(&file, relay.path("elsewhere.toml")).unwrap();
    symlink(relay.path("elsewhere.toml"), &file).unwrap();
    let draft = agreed(&mut admin, &format!("{POLICY}{STRICTER}"));
    does(&mut admin, &draft, "activate", &[]);
    wait_for(&mut admin, &draft, "is a symbolic link");
    assert_eq!(on_disk(&relay), POLICY);
    assert!(relay.said().contains("symbolic link"), "{}", relay.said());
    fs::remove_file(&file).unwrap();
    fs::rename(relay.path("elsewhere.toml"), &file).unwrap();
    does(&mut admin, &draft, "activate", &[]);
    wait_for(&mut admin, &draft, "In force.");
    let hook = "\n[hook.shop]\ncontroller = \"kavarna\"\nkind = \"smartsupp\"\n\
                secret-file = \"/nowhere/secret\"\n";
    let in_force = on_disk(&relay);
    let draft = agreed(&mut admin, &format!("{in_force}{hook}"));
    does(&mut admin, &draft, "activate", &[]);
    let page = wait_for(&mut admin, &draft, "something that this machine does not have");
    assert!(!page.contains("cannot be read") && relay.said().contains("/nowhere/secret"));
    assert_eq!(on_disk(&relay), in_force);
}

#[test]
fn two_relays_on_one_database_each_look_at_their_own_file_first() {
    let database = Database::create();
    let setup = Setup { database: database.url.clone(), ..Setup::default() };
    let (first, mut admin) = relay(setup, "", true);
    let web = format!("{WITHOUT_FACTOR}\n{ACTIVATES}");
    let mut second = Souhlas::start(&Setup { web, ..Setup::default() }).unwrap();
    second.kill().unwrap();
    let settings = fs::read_to_string(second.path("config/relay.toml")).unwrap();
    let settings = settings.replace("hostname = \"localhost\"", "hostname = \"second.example\"");
    let settings = settings.replace("sqlite:data/souhlas.db", &database.url);
    fs::write(second.path("config/relay.toml"), settings).unwrap();
    fs::copy(first.path("data/secret.key"), second.path("data/secret.key")).unwrap();
    second.restart().unwrap();
    let new = format!("{POLICY}{STRICTER}");
    let draft = agreed(&mut admin, &new);
    does(&mut admin, &draft, "activate", &[]);
    let both = wait(|| (admin.get(&draft).text.matches("In force.").count() == 2).then_some(()));
    both.unwrap_or_else(|| panic!("{}\n{}", admin.get(&draft).text, second.said()));
    assert_eq!((on_disk(&first), on_disk(&second)), (new.clone(), new.clone()));
    let by_hand = format!("{new}\n# only here\n");
    fs::write(second.path("config/policy.toml"), &by_hand).unwrap();
    let newer = format!("{new}label-missing = \"hold\"\n");
    let draft = agreed(&mut admin, &newer);
    does(&mut admin, &draft, "activate", &[]);
    let page = wait_for(&mut admin, &draft, "was changed by hand");
    assert!(page.contains("second.example"), "{page}");
    wait_for(&mut admin, &draft, "In force.");
    assert_eq!((on_disk(&first), on_disk(&second)), (newer.clone(), by_hand));
    // Made equal to what the draft replaces, and asked for again.
    fs::write(second.path("config/policy.toml"), &new).unwrap();
    does(&mut admin, &draft, "activate", &[]);
    wait(|| (on_disk(&second) == newer).then_some(())).expect("it is taken now");
}

#[test]
fn who_is_no_admin_of_everything_reads_drafts_or_not_even_that() {
    let (relay, mut admin) = relay(Setup::default(), "", true);
    let draft = drafted(&mut admin);
    let mut auditor = Browser::with_roles(&relay, "auditor", &["auditor"]);
    let page = auditor.get(&draft);
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<textarea") && page.text.contains("Pod Lípou"), "{}", page.text);
    assert_eq!(auditor.post(&format!("{draft}/withdraw"), &[("edition", "1")]).status, 403);
    for roles in ["reviewer:kavarna", "admin:kavarna"] {
        let mut part = Browser::with_roles(&relay, &roles.replace(':', "-"), &[roles]);
        for path in [&draft, "/policy/drafts", &format!("{draft}/file"), &format!("{draft}/try")] {
            assert_eq!(part.get(path).status, 403, "{roles} {path}");
        }
        assert!(!part.get("/policy").text.contains("/policy/drafts"), "nor is it shown");
        part.get("/own");
        assert_eq!(part.post("/policy/drafts", &[("text", POLICY)]).status, 403, "{roles}");
    }
    let gone = does(&mut admin, &draft, "withdraw", &[]);
    assert!(gone.text.contains(">withdrawn<") && !gone.text.contains("<textarea"), "{}", gone.text);
}

/// News that are held, from two streams.
const HELD: &str = r#"
# On Sundays.
[stream.akce]
controller = "kavarna"
purpose = "novinky"
class = "commercial"
[stream.akce.match]
from = ["akce@kavarna.example"]
[rules]
identity-missing = "hold"
"#;

/// The one held delivery of a stream.
fn held_of(browser: &mut Browser, stream: &str) -> String {
    let rows = held::rows(&browser.get(&format!("/held?view=each&stream={stream}")));
    assert_eq!(rows.len(), 1, "{stream}");
    rows[0].clone()
}

#[test]
fn an_exception_lets_go_of_one_streams_messages_and_of_no_others() {
    on_both(|setup| {
        let (relay, mut admin) = relay(setup, &format!("{HELD}{TWO}"), true);
        let mut second = Browser::with_roles(&relay, "second", &["admin"]);
        let mut reviewer = Browser::with_roles(&relay, "reviewer", &["reviewer"]);
        let old = on_disk(&relay);
        let send = |from: &str| {
            let news = decisions::NEWS.replace("novinky@", &format!("{from}@"));
            submit(relay.smtp, "posta@kavarna.example", decisions::JANA, &news)
        };
        for from in ["novinky", "akce"] {
            assert!(send(from).contains("held for review"), "{from}");
        }
        let (news, sale) = (held_of(&mut admin, "novinky"), held_of(&mut admin, "akce"));
        let form = "/policy/drafts/new?stream=novinky&rule=identity-missing";
        let link = format!("href=\"{}\"", form.replace('&', "&#38;"));
        let page = admin.get(&news).text;
        assert_eq!(page.matches(&link).count(), 1, "{page}");
        let page = reviewer.get(&news).text;
        assert!(!page.contains("/policy/drafts") && page.contains("makes such an exception"));
        let page = admin.get(form).text;
        assert_eq!(page.matches("<tr class=\"new\">").count(), 1, "{page}");
        assert!(!page.contains("<tr class=\"gone\">") && page.contains(">held<"), "{page}");
        let fields = [("stream", "novinky"), ("rule", "identity-missing")];
        let made = admin.post_as_is("/policy/drafts/new", &fields);
        let draft = made.header("location").expect("it is made").to_owned();
        let page = admin.get(&draft).text;
        let why = "Exception for the stream novinky from the rule identity-missing: ";
        assert!(page.contains(&format!("name=\"why\" value=\"{why}\"")), "{page}");
        let why = format!("{why}it is on the shop's own pages");
        does(&mut admin, &draft, "propose", &[("why", &why)]);
        does(&mut second, &draft, "answer", &[("word", "approve"), ("answer", "")]);
        does(&mut second, &draft, "activate", &[]);
        wait_for(&mut admin, &draft, "In force.");
        let line = "categories = [\"kava\"]\n";
        let new = format!("{line}rules.identity-missing = \"report\"\n");
        assert_eq!(on_disk(&relay), old.replacen(line, &new, 1));
        for one in [&news, &sale] {
            admin.post(&format!("{one}/again"), &[]);
        }
        relay.wait_for_captured(1);
        assert_eq!(held_of(&mut admin, "akce"), sale, "another stream's is held to it");
        assert!(send("akce").contains("held for review") && !send("novinky").contains("held"));
        relay.wait_for_captured(2);
        let list = "/decisions?view=each&what=any&stream=novinky";
        let said = "The stream itself sets that such a message is sent, noted.";
        let told = wait(|| {
            let each = decisions::times(&admin.get(list)).into_iter();
            each.map(|one| admin.get(&one).text).find(|page| page.contains(said))
        });
        assert!(!told.expect("the decision says so").contains("/policy/drafts/new"));
        let blocked = decisions::times(&admin.get("/decisions?view=each&what=held&stream=akce"));
        let page = admin.get(&blocked[0]).text;
        assert!(page.contains("new?stream=akce&#38;rule=identity-missing"), "{page}");
        let page = admin.get("/policy/rules/identity-missing").text;
        assert_eq!(page.matches("set by the stream itself").count(), 1, "{page}");
        assert!(admin.get("/policy").text.contains("1 stream sets it itself"));
        let trail = admin.get("/audit?act=draft-made").text;
        assert!(trail.contains("identity-missing") && trail.contains("novinky"), "{trail}");
    });
}

#[test]
fn no_exception_is_made_from_what_binds_or_is_not_acted_on() {
    let (relay, mut admin) = relay(Setup::default(), "", false);
    for (stream, rule, status) in [
        ("novinky", "identity-missing", 200),
        ("novinky", "consent-missing", 404),
        ("novinky", "no-such-rule", 404),
        ("nikde", "identity-missing", 404),
        ("", "", 404),
    ] {
        let form = format!("/policy/drafts/new?stream={stream}&rule={rule}");
        assert_eq!(admin.get(&form).status, status, "{form}");
        if status != 200 {
            let fields = [("stream", stream), ("rule", rule)];
            assert_eq!(admin.post_as_is("/policy/drafts/new", &fields).status, status, "{form}");
        }
    }
    let page = admin.get("/policy/drafts/new?stream=novinky&rule=sender-unauthenticated").text;
    assert!(page.contains("There is nothing to make") && !page.contains("<form class"), "{page}");
    let noted = [("stream", "novinky"), ("rule", "sender-unauthenticated")];
    assert_eq!(admin.post_as_is("/policy/drafts/new", &noted).status, 409);
    assert!(admin.get("/policy/drafts").text.contains("Nobody has drafted a policy yet"));
    submit(relay.smtp, "posta@kavarna.example", "nobody@posta.example", decisions::NEWS);
    let list = "/decisions?view=each&rule=consent-missing";
    let blocked = wait(|| decisions::times(&admin.get(list)).pop()).expect("it was blocked");
    let page = admin.get(&blocked).text;
    let link = |rule: &str| page.contains(&format!("new?stream=novinky&#38;rule={rule}"));
    assert!(link("identity-missing") && !link("consent-missing"), "{page}");
    let mut auditor = Browser::with_roles(&relay, "auditor", &["auditor", "admin:kavarna"]);
    auditor.get("/own");
    let good = [("stream", "novinky"), ("rule", "identity-missing")];
    assert_eq!(auditor.post_as_is("/policy/drafts/new", &good).status, 403);
}

#[test]
fn a_draft_is_tried_before_and_a_rule_that_reports_says_what_it_would_have_done() {
    on_both(|setup| {
        let report = "\n[rules]\nidentity-missing = \"report\"\n";
        let (relay, mut admin) = relay(setup, report, false);
        decisions::send(&relay);
        let draft = drafted(&mut admin);
        edits(&mut admin, &draft, &format!("{POLICY}{STRICTER}"));
        let page = admin.get(&format!("{draft}/try?last=10000&days=7")).text;
        assert!(page.contains("Of the last 3 decisions 1 would fall otherwise"), "{page}");
        let row = between(&page, "<tbody>", "</tbody>").unwrap();
        for said in ["/policy/rules/identity-missing", "sent, noted", "held", ">1</td>"] {
            assert!(row.contains(said), "{said}: {row}");
        }
        assert!(page.contains("href=\"/decisions/"), "{page}");
        let none = admin.get(&format!("{draft}/try?days=-1")).text;
        assert!(none.contains("Of the last 3 decisions"), "what is not offered narrows nothing");
        let page = admin.get("/policy/rules/identity-missing").text;
        assert!(page.contains("This rule reports"), "{page}");
        assert!(page.contains("Of the last 3 decisions of 30 days, 2 broke it"), "{page}");
        let page = admin.get("/policy/rules/label-missing").text;
        assert!(page.contains("To try a rule before it acts"), "{page}");
    });
}
