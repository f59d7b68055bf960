//! The trail: filters in the URL, pages by a cursor, files.

use outside::{
    console::{Browser, WITHOUT_FACTOR, between},
    souhlas::{Setup, Souhlas},
};
use serde_json::Value;

fn numbers(page: &str) -> Vec<i64> {
    let cells = page.split("=\"No.\" class=\"number\">").skip(1);
    cells.filter_map(|rest| rest.split('<').next()?.parse().ok()).collect()
}

#[test]
fn the_trail_is_read_page_by_page_and_taken_away_as_a_file() {
    let setup = Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    let mut admin = Browser::first(&relay);
    let mut other = Browser::with_roles(&relay, "jana", &["reviewer"]);
    for _ in 0..60 {
        assert_eq!(other.get("/audit").status, 403);
    }
    let page = admin.get("/audit?act=forbidden");
    let first = numbers(&page.text);
    assert_eq!(first.len(), 50);
    assert!(first.is_sorted_by(|a, b| a > b));
    let next = page.text.split("href=\"").find_map(|rest| {
        let url = rest.split('"').next()?;
        url.contains("before=").then(|| url.replace("&#38;", "&").replace("&amp;", "&"))
    });
    let next = next.expect("there is another page");
    other.get("/audit");
    let second = numbers(&admin.get(&next).text);
    assert_eq!(second.len(), 10, "what came meanwhile moved nothing");
    assert!(second[0] < first[49]);
    let text = admin.get("/audit/export?format=csv&act=forbidden").text;
    assert_eq!(text.lines().count(), 62, "{text}");
    assert!(text.starts_with("number,at,actor,name,act,subject,controller,detail,ip\r\n"));
    assert!(text.contains(",jana,forbidden,"));
    let file = admin.get("/audit/export?format=json&act=trail-exported");
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"audit.json\""));
    let Value::Array(lines) = file.json() else { panic!("{}", file.text) };
    assert_eq!(lines.len(), 1, "what is exported is in the trail itself");
    assert_eq!(lines[0]["detail"]["lines"], 61);
    let empty = admin.get("/audit?until=2020-01-01");
    let said = between(&empty.text, "class=\"empty\">", "<").unwrap();
    assert!(said.starts_with("Nothing matches."), "{said}");
}
