//! `/v1/purposes`.

use outside::api::Client;
use serde_json::json;

use crate::keys::relay;

#[test]
fn a_list_is_read_page_by_page_while_it_grows() {
    let relay = relay();
    let client = Client::all(&relay, "kavarna");
    let add = |id: &str| {
        let new = json!({ "id": id, "name": id, "basis": "consent", "duration": "P2Y" });
        let answer = client.post("/v1/purposes", &new);
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.header("location").unwrap(), format!("/v1/purposes/{id}"));
    };
    ["b", "d", "f"].into_iter().for_each(add);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/v1/purposes?limit=2{cursor}"));
        let page = page.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        // What is added before the cursor moves nothing, what is added after it is seen.
        if cursor.is_empty() {
            ["a", "e"].into_iter().for_each(add);
        }
        let Some(next) = page["next"].as_str() else { break assert!(page["next"].is_null()) };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["b", "d", "e", "f"]);
    let lines = relay.must(&["journal", "list", "--kind", "purpose-added", "--json"]);
    let by: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["detail"]["by"].as_str().unwrap().to_owned())
        .collect();
    let key = format!("api/{}", client.token.split('_').nth(1).unwrap());
    assert_eq!(by.iter().filter(|own| **own == key).count(), 5, "{by:?}");
    let typed = |own: &&String| own.strip_prefix("cli/").is_some_and(|user| !user.is_empty());
    assert_eq!(by.iter().filter(typed).count(), by.len() - 5, "{by:?}");
    assert_eq!(client.get("/v1/purposes/e").json()["duration"], "P2Y");
}
