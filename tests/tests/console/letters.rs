//! Letters to staff: from the form to the mailbox.

use outside::{
    console::{Browser, WITHOUT_FACTOR, heading, on_both},
    sink::{Script, Sink},
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
};
use relay::db::{Db, int};

use crate::held::mismatch;

/// The text of the newest message, and the first link in it.
fn read(bytes: &[u8]) -> (String, String) {
    let message = policy::Message::parse(bytes.to_vec().into());
    let part = message.parts().iter().find(|part| part.media_type == "text/plain").unwrap();
    let text = message.text(part).unwrap().to_string();
    let link = text.split_whitespace().find(|word| word.starts_with("http"));
    let link = link.unwrap_or_else(|| panic!("no link: {text}"));
    let path = link.splitn(4, '/').last().unwrap();
    (text.clone(), format!("/{path}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_reaches_the_address_that_its_owner_confirmed() {
    let sink = Sink::start(Script::modern()).await;
    let setup = Setup {
        web: WITHOUT_FACTOR.into(),
        policy: format!("{POLICY}{RECEIPTS}"),
        ..Setup::towards(sink.address.port())
    };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    relay.must(&["keys", "dkim", "new", "kavarna.example", "--algorithm", "ed25519"]);
    relay.signal("HUP");
    let reloaded = wait(|| relay.said().contains("is in force").then_some(()));
    reloaded.unwrap_or_else(|| panic!("it does not reload: {}", relay.said()));
    let mut admin = Browser::first(&relay);
    let page = admin.get("/own");
    assert!(page.text.contains("Letters to me"), "{}", page.text);
    let wrong = admin.post("/own/letters", &[("email", "jana"), ("held", "hourly")]);
    assert!(wrong.text.contains("This is no e-mail address"), "{}", wrong.text);
    let missing = admin.post("/own/letters", &[("email", ""), ("held", "hourly")]);
    assert!(missing.text.contains("Letters need an address"), "{}", missing.text);
    let odd = admin.post("/own/letters", &[("email", "a@posta.example"), ("held", "monthly")]);
    assert_eq!(odd.status, 400);
    admin.get("/own");
    let fields = [("email", "dohled@posta.example"), ("held", "hourly")];
    let page = admin.post("/own/letters", &fields);
    assert!(page.text.contains("A link was sent") && page.text.contains("not confirmed"));
    let (text, path) = read(&sink.messages(1).await.remove(0).bytes);
    assert!(text.contains("the account admin"), "{text}");
    let mut other = Browser::with_roles(&relay, "petr", &["reviewer"]);
    assert_eq!(other.get(&path).status, 410, "it is not theirs");
    let page = admin.get(&path);
    assert_eq!(heading(&page), "Is this your address?");
    assert!(admin.post(&path, &[]).text.contains("The address is confirmed."));
    assert_eq!(admin.get(&path).status, 410, "it works once");
    let jana = "jana@posta.example";
    relay.must(&["grant", jana, "--purpose", "novinky", "--evidence", "form"]);
    mismatch(&relay, jana);
    // As if it had been chosen an hour ago.
    let url = format!("sqlite:{}", relay.path("data/souhlas.db").display());
    let db = Db::open(&url).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.run("UPDATE account_letter SET last_at = $1", vec![int(0)]).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    let digest = sink.messages(2).await.remove(1);
    assert!(digest.rcpts[0].contains("dohled@posta.example"), "{digest:?}");
    let (text, path) = read(&digest.bytes);
    assert!(text.contains("One held message waits") && text.contains("class-mismatch"), "{text}");
    assert!(!text.contains("jana@") && !text.contains("VYPRODEJ"), "{text}");
    let bytes = String::from_utf8_lossy(&digest.bytes);
    assert!(bytes.contains("DKIM-Signature:") && bytes.contains("d=kavarna.example"), "{bytes}");
    let page = admin.get(&path);
    assert_eq!(crate::held::rows(&page).len(), 1, "{path}: {}", page.text);
    for act in ["email-changed", "email-confirmed", "letters-chosen"] {
        assert!(admin.get(&format!("/audit?act={act}")).text.contains("admin"), "{act}");
    }
    assert!(!relay.said().contains("dohled@"), "no address in the log");
}

#[test]
fn letters_are_offered_to_those_whom_they_concern() {
    on_both(|setup| {
        let relay = Souhlas::start(&setup).unwrap();
        let mut admin = Browser::first(&relay);
        assert!(admin.get("/own").text.contains("name=\"overview\""));
        let mut sender = Browser::with_roles(&relay, "shop", &["sender"]);
        let page = sender.get("/own");
        assert!(page.text.contains("name=\"held\"") && !page.text.contains("name=\"overview\""));
        let page = sender.post("/own/letters", &[("email", "a@posta.example"), ("held", "daily")]);
        assert!(page.text.contains("value=\"daily\" selected"), "{}", page.text);
        let page = sender.post("/own/letters", &[("email", ""), ("held", "")]);
        assert!(!page.text.contains("not confirmed"), "{}", page.text);
    });
}
