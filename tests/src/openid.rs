//! A provider of OpenID Connect (`tests/tools/openid_provider.mjs`), and people who sign in there.

use std::{
    io::{BufReader, Write as _},
    process::Child,
};

use serde_json::json;

use crate::{node, souhlas::Souhlas};

/// A running provider; killed when dropped.
pub struct Provider {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    pub issuer: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Provider {
    /// It knows no console yet.
    pub fn start() -> Self {
        let mut child = node::start("openid_provider.mjs");
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let issuer = line(&mut out);
        Self { child, out, issuer }
    }

    /// From now on the relay's console may ask it.
    pub fn knows(&mut self, relay: &Souhlas, secret: &str) {
        let back = format!("http://{}/sign-in/provider/return", relay.console);
        let client = json!({ "client": "souhlas", "secret": secret, "back": back });
        writeln!(self.child.stdin.as_mut().unwrap(), "{client}").unwrap();
        assert_eq!(line(&mut self.out), "ready");
    }
}

/// Each signs in at the provider in a Chromium of their own: the heading that they end at, and what
/// they are told.
pub fn sign_in(relay: &Souhlas, people: &[&str]) -> Vec<String> {
    let ask = json!({ "base": format!("http://{}", relay.console), "people": people });
    node::ask("sign_in_elsewhere.mjs", &ask).lines().map(str::to_owned).collect()
}

fn line(out: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
