//! The pages as people see them: in Chromium, on a phone and on a desk, light and dark, by keyboard,
//! without a script; axe finds no fault (WCAG 2.2 AA) on any.
//!
//! Screenshots of all are in `target/screenshots`.

use outside::{
    browser::{Sizes, look_at},
    console::{Browser, PASSWORD, WITHOUT_FACTOR, first_link},
    returns::{lead_back, letter, return_path},
    sink::{Script, Sink},
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::{Value, json};

use crate::{decisions, drafts, held, queue};

/// Steps that end on a page; with `all` it is looked at in every way.
pub(crate) fn scene(name: &str, all: bool, steps: Value) -> Value {
    json!({ "name": format!("console-{name}"), "all": all, "steps": steps })
}

/// From the printed link to signing in a second time.
fn way_in(link: &str) -> Vec<Value> {
    let path = &link[link.find("/link/").unwrap()..];
    let send = json!(["press", "main button"]);
    let open = json!(["open", path]);
    let chosen = |name: &str, password: &str| {
        let fill = |at: &str, text: &str| json!(["fill", at, text]);
        json!([
            open,
            fill("#name", name),
            fill("#password", password),
            fill("#again", password),
            send
        ])
    };
    let then = |steps: &Value, more: &[Value]| {
        Value::Array([steps.as_array().unwrap().as_slice(), more].concat())
    };
    let signing = json!([
        ["open", "/sign-in"],
        ["fill", "#name", "admin"],
        ["fill", "#password", PASSWORD],
        send
    ]);
    let enrol =
        [json!(["keep", "#secret", "secret"]), json!(["totp", "#code", "secret"]), send.clone()];
    vec![
        scene("first", true, json!([open])),
        scene("first-wrong", false, chosen("-admin", PASSWORD)),
        scene("enrol", true, chosen("admin", PASSWORD)),
        scene(
            "enrol-wrong",
            false,
            json!([["open", "/sign-in/enrol"], ["fill", "#code", "1"], send]),
        ),
        scene("codes", true, then(&json!([["open", "/sign-in/enrol"]]), &enrol)),
        scene("home-first", true, json!([["open", "/"]])),
        scene("signed-out", false, json!([["open", "/"], ["press", ".own button"]])),
        scene("sign-in", true, json!([["open", "/sign-in"]])),
        scene(
            "sign-in-wrong",
            false,
            json!([["open", "/sign-in"], ["fill", "#name", "x"], ["fill", "#password", "y"], send]),
        ),
        scene("factor", true, signing.clone()),
        scene("factor-wrong", false, json!([["open", "/"], ["fill", "#code", "123456"], send])),
        scene("home-again", false, json!([["open", "/"], ["totp", "#code", "secret"], send])),
    ]
}

/// Pages by their names and paths: in English in every way, in Czech and Slovak on a phone.
pub(crate) fn pages(pages: &[(&str, &str)]) -> Vec<Value> {
    let open = |path: &&str| json!([["open", path]]);
    let mut scenes: Vec<Value> =
        pages.iter().map(|(name, path)| scene(name, true, open(path))).collect();
    for lang in ["cs", "sk"] {
        let choose = json!(["press", format!("footer button[value={lang}]")]);
        let first = json!([["open", "/own"], choose]);
        scenes.push(scene(&format!("own-{lang}"), false, first));
        let named = |(name, path): &(&str, &str)| {
            let mut one = scene(&format!("{name}-{lang}"), false, open(path));
            one["bare"] = true.into();
            one
        };
        scenes.extend(pages.iter().map(named));
    }
    scenes
}

/// The first account's owner goes in, without a second factor, and then makes these scenes.
pub(crate) fn look(relay: &Souhlas, scenes: Vec<Value>) {
    let link = first_link(relay);
    let fill = |at: &str, text: &str| json!(["fill", at, text]);
    let way_in = json!([
        ["open", link[link.find("/link/").unwrap()..]],
        fill("#name", "admin"),
        fill("#password", PASSWORD),
        fill("#again", PASSWORD),
        ["press", "main button"],
    ]);
    looked(relay, [vec![scene("way-in", false, way_in)], scenes].concat());
}

fn looked(relay: &Souhlas, scenes: Vec<Value>) {
    let all = scenes.iter().filter(|scene| scene["all"] == true).count();
    let looks = scenes.len() + 4 * all;
    let said = look_at(&format!("http://{}", relay.console), &[scenes], Sizes::OF_STAFF);
    assert_eq!(said, format!("looked {looks} times"), "{}", relay.said());
}

#[test]
fn the_way_in_is_for_everybody_on_the_staff() {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    looked(&relay, way_in(&first_link(&relay)));
}

#[test]
fn accounts_and_the_trail_are_for_everybody_on_the_staff() {
    let relay = Souhlas::start(&Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() }).unwrap();
    let mut scenes = vec![
        scene("account", true, json!([["open", "/accounts"], ["press", "tbody a"]])),
        scene(
            "link",
            false,
            json!([["open", "/accounts"], ["press", "tbody a"], ["press", ".columns button"]]),
        ),
        scene("menu", false, json!([["open", "/audit#menu"]])),
    ];
    scenes.extend(pages(&[
        ("own-account", "/own"),
        ("accounts", "/accounts"),
        ("account-new", "/accounts/new"),
        ("audit", "/audit"),
        ("audit-none", "/audit?until=2020-01-01"),
        ("nothing", "/nothing"),
    ]));
    look(&relay, scenes);
}

#[test]
fn decisions_are_for_everybody_on_the_staff() {
    let relay = Souhlas::start(&Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() }).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    decisions::send(&relay);
    let decision = json!([["open", "/decisions?view=each"], ["press", "tbody a"]]);
    let saved = json!([
        ["open", "/decisions?what=held"],
        ["press", ".saved summary"],
        ["fill", "#saved-name", "Zadržené"],
        ["press", ".saved form button"],
        ["press", "details.saved summary"]
    ]);
    let mut scenes = vec![scene("decision", true, decision), scene("saved", false, saved)];
    scenes.extend(pages(&[
        ("home", "/"),
        ("decisions", "/decisions?what=any"),
        ("decisions-each", "/decisions?view=each&what=any"),
        ("decisions-none", "/decisions?until=2020-01-01"),
    ]));
    look(&relay, scenes);
}

#[test]
fn the_bench_and_the_policy_are_for_everybody_on_the_staff() {
    let relay = Souhlas::start(&Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() }).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    decisions::send(&relay);
    let mut scenes = Vec::new();
    for (name, to) in [("try-repaired", decisions::JANA), ("try-refused", decisions::PETR)] {
        let message = json!(["fill", "#message", decisions::NEWS]);
        let to = json!(["fill", "#to", to]);
        let press = json!(["press", "main form button"]);
        scenes.push(scene(name, true, json!([["open", "/try"], message, to, press])));
    }
    for (name, more) in
        [("", "[rules]\nidentity-missing = \"hold\""), ("-wrong", "[stream.x]\na = 1")]
    {
        let text = json!(["fill", "#proposed", format!("{POLICY}\n{more}\n")]);
        let press = json!(["press", "main form button"]);
        let steps = json!([["open", "/policy"], text, press]);
        scenes.push(scene(&format!("policy-tried{name}"), true, steps));
    }
    let version = json!([["open", "/policy"], ["press", "#history tbody a"]]);
    scenes.push(scene("policy-version", true, version));
    scenes.extend(pages(&[
        ("try", "/try"),
        ("policy", "/policy"),
        ("drafts-none", "/policy/drafts"),
        ("rule", "/policy/rules/consent-missing"),
    ]));
    look(&relay, scenes);
}

#[test]
fn drafts_of_the_policy_are_for_everybody_on_the_staff() {
    let (policy, web) = (format!("{POLICY}{}", drafts::TWO), drafts::ACTIVATES);
    let web = format!("{WITHOUT_FACTOR}\n{web}");
    let relay = Souhlas::start(&Setup { policy: policy.clone(), web, ..Setup::default() }).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    decisions::send(&relay);
    let mut jana = Browser::with_roles(&relay, "jana", &["admin"]);
    let mut petr = Browser::with_roles(&relay, "petr", &["admin"]);
    let [outdated, active] = [(); 2].map(|()| drafts::drafted(&mut jana));
    let exception = "rules.identity-missing = \"report\"\n[stream.novinky.match]";
    let policy = policy.replace("[stream.novinky.match]", exception);
    let report = format!("{policy}\n[rules]\nidentity-missing = \"report\"\n");
    drafts::edits(&mut jana, &outdated, &format!("{policy}{}", drafts::STRICTER));
    drafts::edits(&mut jana, &active, &report);
    drafts::proposes(&mut jana, &active);
    let yes = [("word", "approve"), ("answer", "Two weeks on trial, then we look again")];
    drafts::does(&mut petr, &active, "answer", &yes);
    drafts::does(&mut petr, &active, "activate", &[]);
    drafts::wait_for(&mut petr, &active, "In force.");
    decisions::send(&relay);
    let [proposed, wrong] = [(); 2].map(|()| drafts::drafted(&mut jana));
    let held = report.replace("\"report\"", "\"hold\"");
    drafts::edits(&mut jana, &proposed, &held);
    drafts::proposes(&mut jana, &proposed);
    drafts::edits(&mut jana, &wrong, &report.replace("\"report\"", "\"reprot\""));
    Browser::with_roles(&relay, "eva", &["admin"]);
    let fill = |at: &str, text: &str| json!(["fill", at, text]);
    let (name, password) = (fill("#name", "eva"), fill("#password", PASSWORD));
    let way_in = json!([["open", "/sign-in"], name, password, ["press", "main button"]]);
    let decision = json!([
        ["open", format!("/decisions?view=each&what=any&to={}", decisions::JANA)],
        ["press", "tbody a"]
    ]);
    let decision = scene("decision-by-stream", true, decision);
    let scenes = pages(&[
        ("exception", "/policy/drafts/new?stream=novinky&rule=sender-hidden"),
        ("exception-done", "/policy/drafts/new?stream=novinky&rule=identity-missing"),
        ("policy-by-stream", "/policy"),
        ("draft", &proposed),
        ("draft-active", &active),
        ("draft-outdated", &outdated),
        ("draft-wrong", &wrong),
        ("drafts", "/policy/drafts"),
        ("draft-tried", &format!("{proposed}/try")),
        ("rule-on-trial", "/policy/rules/identity-missing"),
    ]);
    looked(&relay, [vec![scene("way-in", false, way_in), decision], scenes].concat());
}

#[test]
fn held_messages_are_for_everybody_on_the_staff() {
    let policy = format!("{POLICY}{RECEIPTS}");
    let setup = Setup { policy, web: WITHOUT_FACTOR.into(), ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    for _ in 0..2 {
        held::mismatch(&relay, decisions::JANA);
    }
    let one = json!([["open", "/held?view=each"], ["press", "tbody a"]]);
    let bulk = json!([
        ["open", "/held/bulk?all=yes"],
        ["check", "input[value=release-as-is]"],
        ["choose", "#code", "false-positive"],
        ["fill", "#reason", "Orders"],
        ["press", "main form button"]
    ]);
    let mut scenes = vec![scene("held-one", true, one), scene("bulk-made", false, bulk)];
    let bulk = json!([["open", "/held/bulks"], ["press", "tbody a"]]);
    scenes.push(scene("bulk", true, bulk));
    scenes.extend(pages(&[
        ("held", "/held"),
        ("held-each", "/held?view=each"),
        ("held-none", "/held?rule=nothing"),
        ("bulk-make", "/held/bulk?all=yes"),
        ("bulks", "/held/bulks"),
    ]));
    look(&relay, scenes);
}

#[test]
fn senders_are_for_everybody_on_the_staff() {
    let relay = Souhlas::start(&Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() }).unwrap();
    relay.add_purpose();
    relay.must(&["login", "add", "shop", "--sender", "@kavarna.example"]);
    decisions::grant(&relay);
    decisions::send(&relay);
    let one = json!([["open", "/senders"], ["press", "tbody a"]]);
    let mut scenes = vec![scene("sender", true, one)];
    scenes.extend(pages(&[("senders", "/senders")]));
    look(&relay, scenes);
}

#[test]
fn letters_and_mistakes_are_for_everybody_on_the_staff() {
    let policy = format!("{POLICY}{RECEIPTS}");
    let setup = Setup { policy, web: WITHOUT_FACTOR.into(), ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    held::mismatch(&relay, decisions::JANA);
    let decision = [
        json!(["open", "/decisions?view=each&what=held"]),
        json!(["press", "tbody a"]),
        json!(["press", "details:has(#class) summary"]),
    ];
    let said = [
        json!(["choose", "#class", "transactional"]),
        json!(["press", "details:has(#class) button"]),
    ];
    let chosen = json!([
        ["open", "/own"],
        ["fill", "#email", "dohled@posta.example"],
        ["choose", "#held", "daily"],
        ["press", "#letters button"],
    ]);
    let mut scenes = vec![
        scene("mistakes-none", true, json!([["open", "/mistakes"]])),
        scene("mistake", false, json!(decision)),
        scene("mistake-said", false, json!([decision.as_slice(), &said].concat())),
        scene("letters", true, chosen),
    ];
    scenes.extend(pages(&[("mistakes", "/mistakes")]));
    look(&relay, scenes);
}

#[test]
fn replies_to_read_are_for_everybody_on_the_staff() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sink = runtime.block_on(Sink::start(Script::modern()));
    let mut setup = Setup { web: WITHOUT_FACTOR.into(), ..Setup::towards(sink.address.port()) };
    let returns = lead_back(&mut setup);
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    let (from, jana) = ("objednavky@kavarna.example", "jana@posta.example");
    let order = letter(from, jana, "Objednávka 1", "Děkujeme.")
        .replace("MIME-Version", "Message-ID: <1@kavarna.example>\r\nMIME-Version");
    let said = submit(relay.smtp, from, jana, &order);
    assert!(said.starts_with("250"), "{said}");
    let path = wait(|| sink.taken().first().map(return_path)).unwrap();
    let words = "Dobrý den,\r\nodhlaste mě prosím z novinek o kávě, ale faktury mi posílejte dál.\r\n\
        \r\nJana Nováková\r\n\r\nDne 23. 11. 2026 napsala Kavárna:\r\n> Děkujeme.";
    let reply = letter(jana, &path, "Re: Objednávka 1", words);
    assert!(submit(returns, jana, &path, &reply).starts_with("250"));
    let one = json!([["open", "/wishes"], ["press", "tbody a"]]);
    let read = json!([
        ["open", "/wishes"],
        ["press", "tbody a"],
        ["choose", "#scope", "-"],
        ["press", "main form button"]
    ]);
    let mut scenes =
        vec![scene("home-wish", false, json!([["open", "/"]])), scene("wish", true, one)];
    scenes.extend(pages(&[("wishes", "/wishes")]));
    scenes.push(scene("wish-read", false, read));
    scenes.push(scene("wishes-read", true, json!([["open", "/wishes?show=read"]])));
    look(&relay, scenes);
}

#[test]
fn the_queue_and_the_system_are_for_everybody_on_the_staff() {
    let more = queue::towards_nobody();
    let relay =
        Souhlas::start(&Setup { web: WITHOUT_FACTOR.into(), more, ..Setup::default() }).unwrap();
    queue::send(&relay, &["jana@nikdo.example", "petr@nikdo.example"]);
    queue::deferred(&relay, 2);
    let why = ["--reason", "The server there is down until the evening"];
    relay.must(
        &[&["queue", "pause", "--domain", "pauza.example", "--for", "4h"][..], &why].concat(),
    );
    relay.must(&["queue", "retry", "--domain", "nikdo.example"]);
    let scenes = pages(&[
        ("queue", "/queue"),
        ("queue-none", "/queue?domain=nowhere.example"),
        ("queue-each", "/queue/each?domain=nikdo.example"),
        ("queue-order", "/queue/order?domain=nikdo.example"),
        ("system", "/system"),
    ]);
    look(&relay, scenes);
}
