//! The policy: what is in force and was, each rule with its page, another one tried before it is.

use std::fs;

use outside::{
    api::Answer,
    console::{Browser, between, on_both},
    souhlas::{POLICY, Setup, Souhlas, wait},
};

use crate::{bench::with_garden, decisions};

fn relay(setup: &Setup) -> (Souhlas, Browser) {
    let relay = Souhlas::start(setup).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    decisions::send(&relay);
    let admin = Browser::first(&relay);
    (relay, admin)
}

fn tried(browser: &mut Browser, policy: &str) -> Answer {
    browser.get("/policy");
    browser.post("/policy/try", &[("text", policy)])
}

#[test]
fn the_policy_in_force_is_shown_with_what_was_before_it() {
    on_both(|setup| {
        let (relay, mut admin) = relay(&setup);
        let page = admin.get("/policy").text;
        assert!(page.contains("name = &#34;Kavárna Pod Lípou s.r.o.&#34;"), "{page}");
        assert_eq!(page.matches("/policy/versions/").count(), 1);
        let new = format!("{POLICY}\n[rules]\nlabel-missing = \"hold\"\n");
        fs::write(relay.path("config/policy.toml"), &new).unwrap();
        relay.signal("HUP");
        let page = wait(|| {
            let page = admin.get("/policy").text;
            // It is on record a moment before it is in force.
            let is_there = page.matches("/policy/versions/").count() == 2;
            (is_there && page.contains("set in the file")).then_some(page)
        });
        let page = page.expect("it is in force");
        let rule = page.split("<tr>").find(|row| row.contains("rules/label-missing\"")).unwrap();
        assert!(rule.contains("badge wait\">held") && rule.contains("set in the file"), "{rule}");
        let rule = page.split("<tr>").find(|row| row.contains("rules/refused\"")).unwrap();
        assert!(rule.contains("badge stop\">refused") && rule.contains(">no</td>"), "{rule}");
        let newest = between(&page, "href=\"/policy/versions/", "\"").unwrap();
        let page = admin.get(&format!("/policy/versions/{newest}")).text;
        let added = page.split("<tr class=\"new\">").any(|row| row.contains("label-missing = "));
        assert!(added && !page.contains("class=\"gone\""), "{page}");
        assert_eq!(admin.get("/policy/versions/none").status, 404);
    });
}

#[test]
fn each_rule_has_a_page_with_its_law_and_fine() {
    on_both(|setup| {
        let (_relay, mut admin) = relay(&setup);
        let list = admin.get("/policy").text;
        let rules = list.split("href=\"/policy/rules/").skip(1);
        let rules: Vec<&str> = rules.filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(rules.len(), policy::rules::ALL.len());
        for rule in rules {
            let page = admin.get(&format!("/policy/rules/{rule}"));
            assert_eq!(page.status, 200, "{rule}");
            assert!(page.text.contains("What to change"), "{rule}: {}", page.text);
        }
        let page = admin.get("/policy/rules/consent-missing").text;
        for said in ["Act 480/2004 Sb.", "10,000,000", "novinky", "badge stop\">refused"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert_eq!(admin.get("/policy/rules/none").status, 404);
    });
}

#[test]
fn another_policy_is_checked_and_tried_on_what_was_decided() {
    on_both(|setup| {
        let (relay, mut admin) = relay(&setup);
        let same = tried(&mut admin, POLICY);
        assert!(same.text.contains("Nothing would fall otherwise."), "{}", same.text);
        let softer = format!("{POLICY}\n[rules]\nidentity-missing = \"hold\"\n");
        let page = tried(&mut admin, &softer).text;
        assert!(page.contains("Of the last 3 decisions 1 would fall otherwise"), "{page}");
        let rule = between(&page, "<tbody>", "</tbody>").unwrap();
        assert!(rule.contains(">repaired</td>") && rule.contains(">held</td>"), "{rule}");
        let (_, each) = page.split_once("What would fall otherwise</caption>").unwrap();
        let row = between(each, "<tbody>", "</tbody>").unwrap();
        assert!(row.contains("sent, repaired") && row.contains("badge wait\">held"), "{row}");
        assert!(row.contains("identity-missing"), "{row}");
        let next = relay.path("next");
        fs::create_dir(&next).unwrap();
        fs::copy(relay.path("config/relay.toml"), next.join("relay.toml")).unwrap();
        fs::write(next.join("policy.toml"), &softer).unwrap();
        let next = next.display().to_string();
        let said = relay.command(&["--config", &next, "check", "--against", "journal"]);
        let said = String::from_utf8(said.stdout).unwrap();
        assert!(said.contains("1 would fall otherwise, 0 might"), "as the command says: {said}");
        let wrong = POLICY.replace("class = \"commercial\"", "class = \"comercial\"");
        fs::write(relay.path("next/policy.toml"), &wrong).unwrap();
        let said = relay.command(&["--config", &next, "check"]);
        let said = String::from_utf8(said.stderr).unwrap();
        let page = tried(&mut admin, &wrong);
        assert_eq!(page.status, 422);
        let complaint = between(&page.text, "<td class=\"long\" lang=\"en\">", "</td>").unwrap();
        let complaint = complaint.replace("&#34;", "\"").replace("&#39;", "'");
        assert!(said.contains(&complaint), "{complaint} is not in {said}");
        assert_eq!(tried(&mut admin, " ").status, 422);
        assert_eq!(admin.get("/policy").text.matches("/policy/versions/").count(), 1);
        let trail = admin.get("/audit?act=policy-tried").text;
        assert!(trail.contains("policy tried</td>"), "{trail}");
    });
}

/// Whoever uploads a policy learns nothing of the files on the relay's machine.
#[test]
fn a_file_that_a_tried_policy_names_is_not_opened() {
    on_both(|setup| {
        let (_relay, mut admin) = relay(&setup);
        let hook = |file: &str| {
            format!(
                "{POLICY}\n[hook.shop]\ncontroller = \"kavarna\"\nkind = \"smartsupp\"\n\
                 secret-file = \"{file}\"\n"
            )
        };
        let said: Vec<String> = ["/etc/hostname", "/nowhere", "/dev/null"]
            .map(|file| {
                let page = tried(&mut admin, &hook(file));
                let page = between(&page.text, "<main", "</main>").unwrap().replace(file, "");
                assert!(!page.contains("cannot be read") && !page.contains("is empty"), "{page}");
                page.split("<span class=\"id\">").next().unwrap().to_owned()
            })
            .into();
        assert!(said.iter().all(|page| *page == said[0]), "{said:?}");
    });
}

#[test]
fn who_looks_after_one_controller_sees_its_streams_and_decisions_alone() {
    on_both(|setup| {
        let (relay, _admin) = relay(&with_garden(setup));
        let mut other = Browser::with_roles(&relay, "eva", &["reviewer:zahrada"]);
        let page = other.get("/policy").text;
        assert!(page.contains("/policy/rules/consent-missing"));
        assert!(!page.contains("Pod Lípou") && !page.contains("/policy/versions/"), "{page}");
        let version = between(&page, "<span class=\"id\">", "<").unwrap();
        assert_eq!(other.get(&format!("/policy/versions/{version}")).status, 403);
        let page = other.get("/policy/rules/consent-missing").text;
        assert!(!page.contains("novinky"), "{page}");
        let page = tried(&mut other, &format!("{POLICY}\n[rules]\nidentity-missing = \"hold\"\n"));
        assert!(page.text.contains("Nothing was decided yet"), "{}", page.text);
        assert!(!page.text.contains("class=\"diff\""), "{}", page.text);
        let mut own = Browser::with_roles(&relay, "jiri", &["reviewer:kavarna"]);
        assert!(own.get("/policy/rules/consent-missing").text.contains("novinky"));
        let mut sender = Browser::with_roles(&relay, "shop", &["sender"]);
        assert_eq!(sender.get("/policy").status, 403);
    });
}
