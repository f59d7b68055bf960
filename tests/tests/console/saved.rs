//! Filters of lists that somebody gave a name.

use outside::{
    console::{Browser, between, on_both},
    souhlas::Souhlas,
};

/// Names and addresses of those that are offered.
fn offered(browser: &mut Browser) -> Vec<(String, String)> {
    let page = browser.get("/decisions").text;
    let Some(list) = between(&page, "<nav class=\"saved\"", "</nav>") else { return Vec::new() };
    let links = list.split("<a class=\"badge\" href=\"").skip(1);
    links
        .filter_map(|link| {
            let (url, rest) = link.split_once("\">")?;
            let name = rest.split('<').next()?;
            Some((name.to_owned(), url.replace("&#38;", "&").replace("&amp;", "&")))
        })
        .collect()
}

fn save(browser: &mut Browser, name: &str, query: &str) -> u16 {
    browser.get("/decisions");
    let fields = [("path", "/decisions"), ("query", query), ("name", name)];
    browser.post("/filters", &fields).status
}

#[test]
fn a_filter_is_saved_used_renamed_and_deleted_by_its_owner_alone() {
    on_both(|setup| {
        let relay = Souhlas::start(&setup).unwrap();
        let mut admin = Browser::first(&relay);
        let mut other = Browser::with_roles(&relay, "jiri", &["reviewer"]);
        let asked = "?what=held&q=káva&to=jana%40posta.example&before=1.x";
        assert_eq!(save(&mut admin, "Káva", asked), 200);
        let url = "/decisions?what=held&q=k%C3%A1va";
        assert_eq!(offered(&mut admin), [("Káva".to_owned(), url.to_owned())]);
        let page = admin.get(url).text;
        assert!(page.contains("name=\"q\" type=\"search\" value=\"káva\""), "{page}");
        assert!(offered(&mut other).is_empty(), "another's are not seen");
        assert_eq!(save(&mut admin, " Káva ", "?what=sent"), 200);
        assert_eq!(offered(&mut admin).len(), 1, "the same name, another filter");
        let page = admin.get("/decisions").text;
        let act = between(&page, "action=\"/filters/", "/rename\"").unwrap().to_owned();
        for (verb, name) in [("rename", "x"), ("delete", "")] {
            other.get("/decisions");
            let answer = other.post(&format!("/filters/{act}/{verb}"), &[("name", name)]);
            assert_eq!(answer.status, 404, "{verb}");
        }
        admin.get("/decisions");
        assert_eq!(
            admin.post(&format!("/filters/{act}/rename"), &[("name", "Odešlo")]).status,
            200
        );
        assert_eq!(offered(&mut admin)[0].0, "Odešlo");
        let page = admin.get("/decisions").text;
        let act = between(&page, "action=\"/filters/", "/rename\"").unwrap().to_owned();
        admin.post(&format!("/filters/{act}/delete"), &[]);
        assert!(offered(&mut admin).is_empty());
    });
}

#[test]
fn there_is_an_end_to_them_and_only_lists_have_some() {
    on_both(|setup| {
        let relay = Souhlas::start(&setup).unwrap();
        let mut admin = Browser::first(&relay);
        for number in 0..50 {
            assert_eq!(save(&mut admin, &format!("filter {number}"), "?what=held"), 200);
        }
        assert_eq!(save(&mut admin, "one more", "?what=held"), 409);
        assert_eq!(save(&mut admin, "filter 7", "?what=sent"), 200, "in place of another");
        assert_eq!(offered(&mut admin).len(), 50);
        for (name, path, query) in [
            ("", "/decisions", "?what=held"),
            ("filter 7", "/own", ""),
            ("filter 7", "https://else.example/", ""),
            ("filter 7", "/decisions", &*format!("?q={}", "x".repeat(900))),
        ] {
            let fields = [("path", path), ("query", query), ("name", name)];
            assert_eq!(admin.post("/filters", &fields).status, 400, "{name} {path}");
        }
    });
}
