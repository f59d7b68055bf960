//! Decisions: what was blocked and why, for those who may see it.

use outside::{
    api::Answer,
    console::{Browser, between, on_both},
    souhlas::{Setup, Souhlas, wait},
    submit::{submit, submit_to_all},
};
use relay::db::Db;
use serde_json::Value;

pub(crate) const NEWS: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Sleva 20 procent\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <kava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nMame novou kavu z Etiopie.\r\n";
pub(crate) const JANA: &str = "jana@posta.example";
pub(crate) const PETR: &str = "petr@posta.example";

/// Jana gets the news, repaired; Petr, who never agreed, twice does not.
fn relay(setup: &Setup) -> (Souhlas, Browser) {
    let relay = Souhlas::start(setup).unwrap();
    relay.add_purpose();
    grant(&relay);
    send(&relay);
    let mut admin = Browser::first(&relay);
    let all = "/decisions?view=each&what=any";
    wait(|| (times(&admin.get(all)).len() == 3).then_some(())).expect("they are in the index");
    (relay, admin)
}

pub(crate) fn grant(relay: &Souhlas) {
    relay.must(&["grant", JANA, "--purpose", "novinky", "--evidence", "form"]);
}

/// One to whom it goes, one refused with the message, and one before it.
pub(crate) fn send(relay: &Souhlas) {
    for (from, to, reply) in [
        ("posta@kavarna.example", JANA, "250 "),
        ("posta@kavarna.example", PETR, "550 5.7.1 consent-missing"),
        ("novinky@kavarna.example", PETR, "550 5.7.1 consent-missing"),
    ] {
        let said = submit(relay.smtp, from, to, NEWS);
        assert!(said.starts_with(reply), "{to}: {said}");
    }
}

/// Where the rows of a list lead.
pub(crate) fn times(page: &Answer) -> Vec<String> {
    let links = page.text.split("<a href=\"/decisions/").skip(1);
    links.filter_map(|rest| Some(format!("/decisions/{}", rest.split('"').next()?))).collect()
}

#[test]
fn what_was_blocked_is_found_and_explained() {
    on_both(|setup| {
        let (_relay, mut admin) = relay(&setup);
        let page = admin.get("/decisions");
        assert!(page.text.contains("Sleva # procent"), "{}", page.text);
        assert!(page.text.contains("refused before there was a message"));
        assert!(!page.text.contains("Sleva 20"), "no figure is kept");
        let group = page.text.split("<a href=\"").find_map(|rest| {
            let url = rest.split('"').next()?;
            let is_named = url.contains("campaign=") && !url.contains("campaign=0000000000000000");
            is_named.then(|| url.replace("&#38;", "&").replace("&amp;", "&"))
        });
        let each = admin.get(&group.expect("a group leads to its decisions"));
        let found = times(&each);
        assert_eq!(found.len(), 1, "{}", each.text);
        assert!(!each.text.contains(JANA));
        let one = admin.get(&found[0]);
        for said in
            ["consent-missing", "480/2004", "Nothing was on record", "local", "Place in the chain"]
        {
            assert!(one.text.contains(said), "{said}: {}", one.text);
        }
        let seen = admin.get("/audit?act=decision-seen");
        assert!(seen.text.contains("decision looked at"));
    });
}

#[test]
fn a_reason_is_in_the_language_of_staff_and_one_of_before_as_it_was_written() {
    on_both(|setup| {
        let database = setup.database.clone();
        let (relay, mut admin) = relay(&setup);
        let refused = times(&admin.get("/decisions?view=each&rule=consent-missing")).remove(0);
        for (language, reason) in [
            ("en", "no consent for the purpose is on record"),
            ("cs", "pro tento účel není v evidenci žádný souhlas"),
            ("sk", "na tento účel nie je v evidencii nijaký súhlas"),
        ] {
            admin.post("/language", &[("language", language), ("then", "/own")]);
            let page = admin.get(&refused).text;
            assert!(page.contains(&format!("<p>{reason}</p>")), "{language}: {page}");
        }
        let file = format!("sqlite:{}", relay.path("data/souhlas.db").display());
        let url = if database.starts_with("sqlite:") { file } else { database };
        let before = "UPDATE journal SET detail = replace(detail, '{\"id\":\"consent-missing\"}', \
                      '\"no consent is known & never was\"')";
        let rows = tokio::runtime::Runtime::new().unwrap().block_on(async {
            let mut tx = Db::open(&url).await.unwrap().begin().await.unwrap();
            let rows = tx.run(before, vec![]).await.unwrap();
            tx.commit().await.map(|()| rows)
        });
        assert!(rows.unwrap() > 0);
        let page = admin.get(&refused).text;
        assert!(page.contains("<p>no consent is known &#38; never was</p>"), "{page}");
    });
}

/// Petr's refusal kept the message from Jana, too: her own verdict alone would have sent it.
#[test]
fn who_was_refused_together_with_another_is_not_shown_as_sent() {
    on_both(|setup| {
        let setup = Setup { trusted: "mixed = \"refuse\"".into(), ..setup };
        let relay = Souhlas::start(&setup).unwrap();
        relay.add_purpose();
        grant(&relay);
        let both = [JANA, PETR];
        let said = submit_to_all(relay.smtp, "posta@kavarna.example", &both, NEWS, || ());
        assert!(said.starts_with("550 5.7.1 consent-missing"), "{said}");
        let mut admin = Browser::first(&relay);
        let found = |admin: &mut Browser, filter: &str| {
            let page = admin.get(&format!("/decisions?view=each&{filter}"));
            let said = page.text.matches("refused together with another recipient").count();
            (times(&page), said)
        };
        wait(|| (found(&mut admin, "what=any").0.len() == 2).then_some(())).expect("in the index");
        for (filter, count, together) in [
            ("what=any", 2, 1),
            ("what=refused", 2, 1),
            ("what=repaired", 0, 0),
            ("what=sent", 0, 0),
            ("rule=consent-missing", 1, 0),
            ("to=jana%40posta.example", 1, 1),
        ] {
            let (rows, said) = found(&mut admin, filter);
            assert_eq!((rows.len(), said), (count, together), "{filter}");
        }
        let (own, _) = found(&mut admin, "to=jana%40posta.example");
        let page = admin.get(&own[0]).text;
        assert!(page.contains("refused together with another recipient"), "{page}");
        let history = between(&page, "<h2>What happened</h2>", "</section>").unwrap();
        assert_eq!(history.matches("<tr>").count(), 2, "a head and her own line: {history}");
    });
}

#[test]
fn every_filter_narrows_the_list() {
    on_both(|setup| {
        let (_relay, mut admin) = relay(&setup);
        for (filter, count) in [
            ("", 2),
            ("what=any", 3),
            ("what=repaired", 1),
            ("what=held", 0),
            ("q=SLEVA", 1),
            ("q=sleva&what=any", 2),
            ("q=nothing", 0),
            ("rule=consent-missing", 2),
            ("rule=label-missing", 0),
            ("law=cz-", 2),
            ("law=us-", 0),
            ("to=jana%40posta.example", 1),
            ("to=petr%40posta.example", 2),
            ("to=nonsense", 0),
            ("login=local", 2),
            ("stream=objednavky", 0),
            ("class=commercial&what=any", 3),
            ("until=2020-01-01", 0),
            ("campaign=zz", 0),
        ] {
            let page = admin.get(&format!("/decisions?view=each&{filter}"));
            assert_eq!(times(&page).len(), count, "{filter}: {}", page.text);
        }
    });
}

#[test]
fn nobody_sees_what_is_not_theirs() {
    on_both(|setup| {
        let (relay, mut admin) = relay(&setup);
        let all = "/decisions?view=each&what=any";
        let one = times(&admin.get(all)).remove(0);
        let said = relay.must(&["account", "add", "shop", "--role", "sender", "--login", "other"]);
        let link = said.lines().find_map(|line| line.strip_prefix("link: ")).unwrap();
        let mut other = Browser::new(&relay);
        other.follow_link(link, &[]);
        let said = relay.must(&["account", "add", "tool", "--role", "sender", "--login", "local"]);
        let link = said.lines().find_map(|line| line.strip_prefix("link: ")).unwrap();
        let mut own = Browser::new(&relay);
        own.follow_link(link, &[]);
        assert!(times(&other.get(all)).is_empty());
        assert_eq!(other.get(&one).status, 404);
        assert_eq!(other.get("/decisions/export?format=csv").status, 403);
        assert_eq!(times(&own.get(all)).len(), 3);
        assert_eq!(own.get(&one).status, 200);
        let mut reviewer = Browser::with_roles(&relay, "jiri", &["reviewer:kavarna"]);
        assert_eq!(times(&reviewer.get(all)).len(), 3);
    });
}

#[test]
fn what_is_shown_is_taken_away_as_a_file_without_an_address() {
    on_both(|setup| {
        let (_relay, mut admin) = relay(&setup);
        let text = admin.get("/decisions/export?format=csv&what=any").text;
        assert!(
            text.starts_with("id,at,what,rule,controller,login,stream,purpose,class,campaign,")
        );
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(!text.contains("posta.example"), "{text}");
        let file = admin.get("/decisions/export?format=json&rule=consent-missing");
        let Value::Array(lines) = file.json() else { panic!("{}", file.text) };
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line["what"] == "refused"));
        let trail = admin.get("/audit?act=decisions-exported");
        assert!(
            between(&trail.text, "decisions exported</td>", "</tr>").is_some(),
            "{}",
            trail.text
        );
    });
}
