//! What lies on the disk: no address, no IP address and no word of a message can be read there, nor a
//! digest that addresses could be tried against, on either database; and the keys that hide them turn over while the relay is at work.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use outside::{
    api::{Client, ask},
    binary,
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas, wait},
    submit::submit,
};
use relay::{
    db::Db,
    seal::{self, hex},
};
use serde_json::json;

const FROM: &str = "objednavky@kavarna.example";
/// Of people, of what shows their consent, and of messages.
const SECRETS: [&str; 8] = [
    "jana-tajemna",
    "petr-tajemny",
    "karel-tajemny",
    "eva-tajemna",
    "posta.example",
    "203.0.113.77",
    "Etiopie",
    "Habesskeho",
];
/// Whose digests must not be there: on record, on a list as a digest, on a list as an address, and a
/// listed domain.
const DIGESTED: [&str; 7] = [
    "jana-tajemna@posta.example",
    "petr-tajemny@posta.example",
    "karel-tajemny@posta.example",
    "eva-tajemna@posta.example",
    "alena-tajemna@posta.example",
    "zdena-tajemna@posta.example",
    "tajna-posta.example",
];
/// Digests of them are tried as easily: files of one line, and what a hook was told.
const CSV: &str =
    "email,granted_at,ip\nkarel-tajemny@posta.example,2026-01-02 10:00:00,203.0.113.77\n";
const LIST: &str = "zdena-tajemna@posta.example\n";
const TOLD: &str = r#"{"payload":{"email":"eva-tajemna@posta.example","status":"SUBSCRIBED"}}"#;
const HOOK: &str = "[hook.ecomail]\ncontroller = \"kavarna\"\nkind = \"ecomail\"\n\
    purpose = \"novinky\"\ngrants = true\n";

/// All that may not be found: the words, and digests as bytes and in hex.
fn secrets() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> =
        SECRETS.map(|word| (word.to_owned(), word.as_bytes().to_vec())).into_iter().collect();
    for text in DIGESTED.iter().chain(&[CSV, LIST, TOLD]) {
        let bytes = text.as_bytes();
        for digest in [seal::md5(bytes).to_vec(), seal::digest(bytes).to_vec(), seal::sha512(bytes)]
        {
            let name = format!("{}-byte digest of {}", digest.len(), text.trim());
            all.push((format!("{name}, hex"), hex(&digest).into_bytes()));
            all.push((name, digest));
        }
    }
    all
}

/// Messages stay: nobody listens where they would go.
fn start(database: Option<&Database>) -> Souhlas {
    let nowhere = outside::port::free().unwrap();
    let mut setup = Setup { policy: format!("{POLICY}{HOOK}"), ..Setup::towards(nowhere) };
    if let Some(database) = database {
        setup.database.clone_from(&database.url);
    }
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    relay
}

fn message(to: &str, filling: usize) -> String {
    format!(
        "From: Kavarna <{FROM}>\r\nTo: {to}\r\nSubject: Vase objednavka z Etiopie\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <{to}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nObjednavka Habesskeho cisare.\r\n{}",
        "Zrnko vedle zrnka.\r\n".repeat(filling)
    )
}

/// What an import says beside its file.
const WORD: [&str; 4] = ["--source", "e-shop", "--attested-by", "sklad"];

fn import(relay: &Souhlas, csv: &str) {
    fs::write(relay.path("lide.csv"), csv).unwrap();
    let import = ["import", "lide.csv", "--purpose", "novinky", "--origin", "own"];
    relay.must(&[&import[..], &WORD].concat());
    fs::remove_file(relay.path("lide.csv")).unwrap();
}

/// By every way that personal data comes in.
fn fill(relay: &Souhlas) {
    let evidence = "203.0.113.77, formulář: chci novinky z Etiopie";
    relay.must(&[
        "grant",
        "jana-tajemna@posta.example",
        "--purpose",
        "novinky",
        "--evidence",
        evidence,
    ]);
    import(relay, CSV);
    // Of one there is a digest, of the others the text.
    for list in [&*hex(&seal::md5(DIGESTED[4].as_bytes())), LIST, DIGESTED[6]] {
        fs::write(relay.path("seznam.txt"), list).unwrap();
        relay.must(&[&["import", "--suppress", "seznam.txt"][..], &WORD].concat());
        fs::remove_file(relay.path("seznam.txt")).unwrap();
    }
    let json = [("content-type", "application/json")];
    let answer = ask(relay.web, "POST", &relay.hook_path("ecomail"), &json, TOLD);
    assert!(answer.text.contains("granted"), "{}", answer.text);
    let grant = json!({
        "address": "eva-tajemna@posta.example", "purpose": "novinky",
        "evidence": { "ip": "203.0.113.77", "wording": "Chci novinky z Etiopie" },
    });
    let client = Client::all(relay, "kavarna");
    for _ in 0..2 {
        let answer = client.post_once("/v1/grants", "eva-tajemna@posta.example", &grant);
        assert!(answer.status < 300, "{}", answer.text);
    }
    let find = json!({ "address": "eva-tajemna@posta.example" });
    let answer = client.post_once("/v1/contacts/find", "posta.example", &find);
    assert!(answer.text.contains("eva-tajemna"), "{}", answer.text);
    let to = "petr-tajemny@posta.example";
    for filling in [1, 3000] {
        let reply = submit(relay.smtp, FROM, to, &message(to, filling));
        assert!(reply.starts_with("250 "), "{reply}");
    }
    // What came of an attempt is on record, too.
    let tried = || relay.must(&["queue", "list"]).contains("unreachable").then_some(());
    assert!(wait(tried).is_some(), "{}", relay.must(&["queue", "list"]));
}

/// Every file below a folder that holds one of the secrets.
fn files_that_tell(folder: &Path, found: &mut Vec<String>) -> usize {
    // By their first two bytes: most places in a file are passed over after one look.
    let mut begin: Vec<Vec<(String, Vec<u8>)>> = vec![Vec::new(); 1 << 16];
    for (name, secret) in secrets() {
        let secret = secret.to_ascii_lowercase();
        begin[pair(&secret)].push((name, secret));
    }
    look(folder, &begin, found)
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

fn look(folder: &Path, begin: &[Vec<(String, Vec<u8>)>], found: &mut Vec<String>) -> usize {
    let mut read = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read += look(&path, begin, found);
            continue;
        }
        // A file of the database may go while it is looked for.
        let Ok(bytes) = fs::read(&path) else { continue };
        read += 1;
        let bytes = bytes.to_ascii_lowercase();
        for at in 0..bytes.len().saturating_sub(1) {
            for (name, secret) in &begin[pair(&bytes[at..])] {
                if bytes[at..].starts_with(secret) {
                    found.push(format!("`{name}` in {}", path.display()));
                }
            }
        }
    }
    read
}

/// Every column of PostgreSQL that holds one of the secrets.
async fn columns_that_tell(url: &str) -> (usize, Vec<String>) {
    let db = Db::open(url).await.unwrap();
    let mut conn = db.read().await.unwrap();
    let sql = "SELECT table_name::text, column_name::text, data_type::text \
               FROM information_schema.columns WHERE table_schema = 'public' \
               AND data_type IN ('text', 'bytea')";
    let columns = conn.rows(sql, vec![]).await.unwrap();
    let secrets = secrets();
    let list: Vec<String> = secrets
        .iter()
        .enumerate()
        .map(|(at, (_, secret))| format!("({at}::bigint, decode('{}', 'hex'))", hex(secret)))
        .collect();
    let list = list.join(", ");
    let mut found = Vec::new();
    for column in &columns {
        let [table, name, kind] = [0, 1, 2].map(|at| column.text(at).unwrap());
        let value =
            if kind == "text" { format!("convert_to({name}, 'UTF8')") } else { name.clone() };
        let sql = format!(
            "SELECT s.at FROM (VALUES {list}) s (at, secret) \
             WHERE EXISTS (SELECT 1 FROM {table} WHERE position(s.secret IN {value}) > 0)"
        );
        for row in conn.rows(&sql, vec![]).await.unwrap() {
            let at = usize::try_from(row.int(0).unwrap()).unwrap();
            found.push(format!("`{}` in {table}.{name}", secrets[at].0));
        }
    }
    drop(conn);
    db.close().await;
    (columns.len(), found)
}

#[test]
fn nothing_about_people_can_be_read_in_files() {
    let mut relay = start(None);
    fill(&relay);
    let mut found = Vec::new();
    let files = files_that_tell(&relay.path("data"), &mut found);
    assert!(files >= 4, "database, log, key and a segment: {files}");
    assert!(relay.path("data/souhlas.bodies").read_dir().unwrap().next().is_some());
    assert!(relay.stop().unwrap().success());
    files_that_tell(&relay.path("data"), &mut found);
    assert!(found.is_empty(), "{found:#?}");
    let shown = relay.must(&["contact", "show", "jana-tajemna@posta.example"]);
    assert!(shown.contains("203.0.113.77"), "it opens for whom it is meant: {shown}");
}

#[test]
fn nothing_about_people_can_be_read_in_postgresql() {
    let database = Database::create();
    let relay = start(Some(&database));
    fill(&relay);
    let mut found = Vec::new();
    files_that_tell(&relay.path("data"), &mut found);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (columns, told) = runtime.block_on(columns_that_tell(&database.url));
    assert!(columns > 40, "{columns}");
    found.extend(told);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn keys_turn_over_under_way_on_sqlite() {
    turn_over(&start(None));
}

#[test]
fn keys_turn_over_under_way_on_postgresql() {
    let database = Database::create();
    turn_over(&start(Some(&database)));
}

/// A rotation is killed again and again while messages come in, then brought to its end.
fn turn_over(relay: &Souhlas) {
    fill(relay);
    let lines: String =
        (0..4000).map(|n| format!("a{n}@posta.example,2026-01-02 10:00:00\n")).collect();
    import(relay, &format!("email,granted_at\n{lines}"));
    let to = "petr-tajemny@posta.example";
    for pause in [300, 2600, 3000, 3200] {
        let mut rotation = Command::new(binary::path())
            .current_dir(relay.folder.path())
            .args(["keys", "rotate"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(pause));
        rotation.kill().unwrap();
        rotation.wait().unwrap();
        assert!(submit(relay.smtp, FROM, to, &message(to, 1)).starts_with("250 "));
    }
    let told = relay.must(&["keys", "rotate"]);
    let listed = relay.must(&["keys", "list"]);
    let old: Vec<&str> = listed.lines().filter(|line| !line.contains("seals")).skip(1).collect();
    assert!(!old.is_empty() && old.iter().all(|line| line.contains("unused")), "{told}\n{listed}");
    let shown = relay.must(&["contact", "show", "jana-tajemna@posta.example"]);
    assert!(shown.contains("203.0.113.77"), "{shown}");
    let verified = relay.command(&["journal", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(relay.must(&["queue", "list"]).matches("petr-tajemny").count(), 6);
    // A key file from before the rotation: said at once, and nothing is done.
    let key = relay.path("data/secret.key");
    let whole = fs::read_to_string(&key).unwrap();
    let former: String =
        whole.lines().filter(|line| !line.starts_with("data ")).flat_map(|l| [l, "\n"]).collect();
    fs::write(&key, former).unwrap();
    let refused = relay.command(&["contact", "show", "jana-tajemna@posta.example"]);
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && error.contains("data key"), "{error}");
    // The relay at work has the keys still.
    assert!(submit(relay.smtp, FROM, to, &message(to, 1)).starts_with("250 "));
    fs::write(&key, whole).unwrap();
    assert!(relay.must(&["keys", "list"]).contains("seals"));
}
