//! What a sink is told to do: faults are data, at any command, in any manner.

use std::time::Duration;

/// What the server says and does.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// EHLO keywords, `SIZE 1000` with their values. `STARTTLS` needs `Sink::start_tls`.
    pub offers: Vec<String>,
    /// The first rule that matches the command is used, and used up where it has a count.
    pub rules: Vec<Rule>,
}

/// What to do on a command.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Start of the line in any case; `CONNECT` for the greeting, `HANDSHAKE` for TLS's own, `.` for the
    /// message's end. With `TLS ` in front: inside TLS alone.
    pub on: String,
    pub does: Does,
    /// How often; `None`: always.
    pub times: Option<usize>,
}

#[derive(Clone, Debug)]
pub enum Does {
    /// Whole lines without the last CRLF. After 421 the connection closes.
    Reply(String),
    /// Says what it would say anyway, but not as servers usually do.
    Oddly(Manner),
    HangUp,
    /// At DATA or BDAT: after so many octets of the message.
    HangUpAfter(usize),
    /// At `.`: the message is taken, and nothing said of it.
    TakeAndHangUp,
    /// Nothing more is said on this connection until [`Sink::release`](super::Sink::release).
    Wait,
    /// Says what it would say anyway, and takes no octet after that.
    ReadNoMore,
    /// Shuts its own direction, and reads on.
    Shut,
    /// What is no reply at all.
    Garbage,
}

/// How a reply is written.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// An octet a write, with so long between two.
    Octets(Duration),
    /// The same, and its last line never ends.
    Endless(Duration),
    /// So many lines more.
    Lines(usize),
    /// So many octets more in its last line.
    Wide(usize),
    /// With NUL and octets that are no text.
    Binary,
}

impl Script {
    /// Offers what every modern server does, and takes everything.
    pub fn modern() -> Self {
        let offers = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 50000000"];
        Self { offers: offers.map(str::to_owned).to_vec(), rules: Vec::new() }
    }

    /// Takes no connection.
    pub fn closed() -> Self {
        Self::modern().reply("CONNECT", "421 4.3.2 closed for tonight")
    }

    pub fn offering(offers: &[&str]) -> Self {
        Self { offers: offers.iter().map(ToString::to_string).collect(), rules: Vec::new() }
    }

    pub fn on(mut self, on: &str, does: Does) -> Self {
        self.rules.push(Rule { on: on.to_owned(), does, times: None });
        self
    }

    pub fn once(mut self, on: &str, does: Does) -> Self {
        self.rules.push(Rule { on: on.to_owned(), does, times: Some(1) });
        self
    }

    pub fn reply(self, on: &str, reply: &str) -> Self {
        self.on(on, Does::Reply(reply.to_owned()))
    }
}
