//! Senders: what each login did, and the word that suspends one, also while it is connected.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use outside::{
    console::{Browser, WITHOUT_FACTOR},
    postgres::Database,
    souhlas::{Setup, Souhlas, wait},
};

use crate::decisions::{grant, send};

/// Signs in through STARTTLS, then says what it is told to, line by line.
const TOOL: &str = "
import smtplib, ssl, sys
trust = ssl._create_unverified_context()
tool = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
tool.starttls(context=trust)
try:
    tool.login(sys.argv[3], sys.argv[4])
    print('235', flush=True)
except smtplib.SMTPAuthenticationError as refused:
    print(refused.smtp_code, refused.smtp_error.decode(), flush=True)
for line in sys.stdin:
    code, text = tool.docmd(line.strip())
    print(code, text.decode(), flush=True)
";

struct Tool {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Tool {
    fn sign_in(at: SocketAddr, name: &str, password: &str) -> (Self, String) {
        let mut child = Command::new("python3")
            .args(["-c", TOOL, &at.ip().to_string(), &at.port().to_string(), name, password])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut tool = Self { child, said };
        let first = tool.hear();
        (tool, first)
    }

    fn say(&mut self, line: &str) -> String {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        self.hear()
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn add(relay: &Souhlas) -> String {
    let said = relay.must(&["login", "add", "shop", "--sender", "@kavarna.example"]);
    let password = said.lines().find_map(|line| line.strip_prefix("password: "));
    password.expect("it is printed").to_owned()
}

#[test]
fn a_suspended_login_is_refused_on_its_open_connection_and_at_its_next_one() {
    let postgres = Database::create();
    for database in [&Setup::default().database, &postgres.url] {
        let setup =
            Setup { web: WITHOUT_FACTOR.into(), database: database.clone(), ..Setup::default() };
        let relay = Souhlas::start(&setup).unwrap();
        let password = add(&relay);
        let mut admin = Browser::first(&relay);
        let (mut tool, said) = Tool::sign_in(relay.submission, "shop", &password);
        assert_eq!(said, "235");
        let mail = "MAIL FROM:<novinky@kavarna.example>";
        assert!(tool.say(mail).starts_with("250"));
        assert!(tool.say("RSET").starts_with("250"));
        admin.get("/senders/shop");
        let page = admin.post("/senders/shop/suspend", &[]);
        assert!(page.text.contains("The login is suspended."), "{}", page.text);
        let said = tool.say(mail);
        assert!(said.starts_with("550 5.7.13 this login is suspended"), "{said}");
        let (_, said) = Tool::sign_in(relay.submission, "shop", &password);
        assert!(said.starts_with("535 5.7.13 this login is suspended"), "{said}");
        let (_, said) = Tool::sign_in(relay.submission, "shop", "another");
        assert!(said.starts_with("535 5.7.8"), "a guesser does not learn it: {said}");
        let page = admin.post("/senders/shop/resume", &[]);
        assert!(page.text.contains("may send again"), "{}", page.text);
        assert!(tool.say(mail).starts_with("250"));
        for act in ["login-suspended", "login-resumed"] {
            let trail = admin.get(&format!("/audit?act={act}"));
            assert!(trail.text.contains("login/shop"), "{act}");
        }
        assert!(relay.must(&["login", "suspend", "shop"]).contains("is suspended"));
        let gone = || tool.say("RSET").starts_with("250") && tool.say(mail).starts_with("550");
        let mut gone = gone;
        wait(|| gone().then_some(())).expect("the relay knows it within seconds");
    }
}

#[test]
fn the_list_says_who_sent_what_and_an_admin_alone_changes_it() {
    let setup = Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    add(&relay);
    grant(&relay);
    send(&relay);
    let mut admin = Browser::first(&relay);
    let counted = |page: &str| page.contains("3<br><small>2 blocked</small>");
    wait(|| counted(&admin.get("/senders").text).then_some(())).expect("it is counted");
    let seen = |page: &str| page.contains("127.0.0.1");
    wait(|| seen(&admin.get("/senders").text).then_some(())).expect("it was seen");
    let page = admin.get("/senders").text;
    for said in ["shop", "@kavarna.example", "may send", "local", "known by its network", "novinky"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    let page = admin.get("/senders/local").text;
    assert!(page.contains("Blocked last") && page.contains("relay.toml"), "{page}");
    assert_eq!(admin.get("/senders/nobody").status, 404);
    let mut auditor = Browser::with_roles(&relay, "jana", &["auditor"]);
    let page = auditor.get("/senders/shop");
    assert!(!page.text.contains("/suspend"), "{}", page.text);
    assert_eq!(auditor.post_as_is("/senders/shop/suspend", &[]).status, 403);
    let mut reviewer = Browser::with_roles(&relay, "petr", &["reviewer", "admin:kavarna"]);
    assert_eq!(reviewer.get("/senders").status, 403);
}
