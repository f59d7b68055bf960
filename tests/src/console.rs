//! A browser of the console, without its eyes: it keeps cookies, follows redirects and sends forms.

use std::{collections::BTreeMap, net::SocketAddr};

use jiff::Timestamp;
use relay::staff::totp;

use crate::{
    api::{self, Answer},
    postgres::Database,
    souhlas::{self, Setup, Souhlas},
};

/// Lines of `[web]` for tests that have no second factor to show.
pub const WITHOUT_FACTOR: &str = "console-second-factor = \"optional\"";
pub const PASSWORD: &str = "správný kůň baterie";

/// A test on SQLite and on PostgreSQL, where nobody needs a second factor.
pub fn on_both(test: impl Fn(Setup)) {
    let postgres = Database::create();
    for database in [Setup::default().database, postgres.url.clone()] {
        test(Setup { database, web: WITHOUT_FACTOR.into(), ..Setup::default() });
    }
}

/// What somebody sees.
#[derive(Clone, Debug)]
pub struct Browser {
    pub at: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    /// The token of the forms on the page that was seen last.
    pub form_key: String,
}

impl Browser {
    pub fn new(relay: &Souhlas) -> Self {
        Self { at: relay.console, cookies: BTreeMap::new(), form_key: String::new() }
    }

    /// The administrator of a fresh relay: follows the link that it printed. With a second factor
    /// asked for, it has to be made next.
    pub fn first(relay: &Souhlas) -> Self {
        let mut browser = Self::new(relay);
        let link = first_link(relay);
        browser.follow_link(&link, &[("name", "admin")]);
        browser
    }

    /// Somebody with these roles (`reviewer`, `dpo:kavarna`), where no second factor is asked for.
    pub fn with_roles(relay: &Souhlas, name: &str, roles: &[&str]) -> Self {
        let mut arguments = vec!["account", "add", name];
        arguments.extend(roles.iter().flat_map(|role| ["--role", *role]));
        let said = relay.must(&arguments);
        let link = said.lines().find_map(|line| line.strip_prefix("link: "));
        let mut browser = Self::new(relay);
        browser.follow_link(link.expect("a link is printed"), &[]);
        browser
    }

    /// Chooses [`PASSWORD`].
    pub fn follow_link(&mut self, link: &str, more: &[(&str, &str)]) -> Answer {
        let path =
            link.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        let path = path.expect("a link");
        self.get(path);
        let fields = [&[("password", PASSWORD), ("again", PASSWORD)][..], more].concat();
        self.post(path, &fields)
    }

    /// Makes a second factor; its secret, the step that was used, and the recovery codes.
    pub fn enrol(&mut self, path: &str) -> (Vec<u8>, i64, Vec<String>) {
        let page = self.get(path);
        let secret = between(&page.text, "secret=", "&").expect("a secret");
        let key = from_base32(secret);
        let step = totp::step(Timestamp::now());
        let offer = between(&page.text, "name=\"offer\" value=\"", "\"").expect("an offer");
        let code = format!("{:06}", totp::code(&key, step));
        let fields = [("offer", offer), ("code", &code), ("password", PASSWORD)];
        let page = self.post(path, &fields);
        let list = between(&page.text, "<ul class=\"codes\"", "</ul>").expect("codes");
        let codes = list.split("<li>").skip(1).filter_map(|rest| rest.split("</li>").next());
        (key, step, codes.map(str::to_owned).collect())
    }

    pub fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.get("/sign-in");
        self.post("/sign-in", &[("name", name), ("password", password)])
    }

    /// A page, at the end of all redirects.
    pub fn get(&mut self, path: &str) -> Answer {
        let mut answer = self.ask("GET", path, &[], "");
        for _ in 0..5 {
            let Some(to) = answer.header("location").map(str::to_owned) else { break };
            answer = self.ask("GET", &to, &[], "");
        }
        answer
    }

    /// A form of the page that was seen last, and what it leads to.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post_as_is(path, fields);
        match answer.header("location").map(str::to_owned) {
            Some(to) => self.get(&to),
            None => answer,
        }
    }

    /// The same without going on.
    pub fn post_as_is(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let key = self.form_key.clone();
        let all = [&[("form-key", key.as_str())][..], fields].concat();
        let pairs: Vec<String> =
            all.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.ask("POST", path, &kind, &pairs.join("&"))
    }

    /// One request with the browser's cookies.
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let all = [&[("cookie", cookies.as_str())][..], headers].concat();
        let answer = api::ask(self.at, method, path, &all, body);
        for (name, value) in &answer.headers {
            let pair = value.split(';').next().and_then(|pair| pair.split_once('='));
            if let (true, Some((cookie, kept))) = (name == "set-cookie", pair) {
                self.cookies.insert(cookie.to_owned(), kept.to_owned());
            }
        }
        self.cookies.retain(|_, value| !value.is_empty());
        if let Some(key) = between(&answer.text, "name=\"form-key\" value=\"", "\"") {
            self.form_key = key.to_owned();
        }
        answer
    }

    /// The cookie that says who is signed in.
    pub fn session(&self) -> Option<&str> {
        self.cookies.get("souhlas-session").map(String::as_str)
    }
}

/// As `souhlas serve` prints it while there is no account.
pub fn first_link(relay: &Souhlas) -> String {
    let found = souhlas::wait(|| {
        let said = relay.said();
        said.lines().find_map(|line| Some(line.strip_prefix("first account")?.trim().to_owned()))
    });
    found.expect("the link is printed")
}

/// The heading of a page.
pub fn heading(page: &Answer) -> &str {
    between(&page.text, "<h1>", "</h1>").unwrap_or_default()
}

/// What stands between the first two such texts.
pub fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// RFC 4648 §6, without padding.
fn from_base32(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |letter: u8| LETTERS.iter().position(|own| *own == letter).expect("base32");
    let bits: Vec<usize> = text
        .bytes()
        .flat_map(|letter| (0..5).rev().map(move |at| value(letter) >> at & 1))
        .collect();
    let octet = |bits: &[usize]| bits.iter().fold(0, |number, bit| number << 1 | *bit as u8);
    bits.chunks_exact(8).map(octet).collect()
}
