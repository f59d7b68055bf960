//! The table: each fault at each step, and what must come of it.

use std::time::Duration;

use outside::sink::{Does, Manner, Script};

/// How the relay goes to this next hop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    Clear,
    /// TLS where it can be had.
    Hoped,
    /// TLS with a valid certificate, and a login.
    Guarded,
}

/// What must come of the message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// Delivered once, and no attempt failed.
    Smooth,
    /// Put off with this reason, then delivered once.
    Later(&'static str),
    /// The same, but the first attempt's was taken too and its reply never heard: the window that
    /// docs/admins.md names.
    Twice(&'static str),
    /// Never delivered, tried once; its sender reads why.
    Bounced(&'static str),
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) at: &'static str,
    pub(crate) does: Does,
    pub(crate) times: usize,
    pub(crate) way: Way,
    pub(crate) end: End,
}

const STEPS: [&str; 10] =
    ["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", ".", "RSET", "QUIT"];

const SILENT: &str = "the peer did not answer in time";
const HUNG: &str = "the peer hung up";
const BROKE: &str = "the peer broke the protocol";
const CLOSING: &str = "421 4.3.2 enough";
const LATER: &str = "450 4.2.0 not now";
const NEVER: &str = "554 5.6.0 never";
const NO_TLS: &str = "no tls";

/// So slow that no reply is whole in time.
const ENDLESS: Does = Does::Oddly(Manner::Endless(Duration::from_millis(50)));

impl Case {
    fn new(at: &'static str, does: Does, end: End) -> Self {
        let inside = matches!(at, "STARTTLS" | "HANDSHAKE" | "AUTH") || at.starts_with("TLS ");
        let way = if inside { Way::Guarded } else { Way::Clear };
        Self { at, does, times: 1, way, end }
    }

    /// The next hop's own part.
    pub(crate) fn script(&self) -> Script {
        let script = match self.way {
            Way::Clear => Script::modern(),
            Way::Hoped => Script::offering(&["PIPELINING", "8BITMIME", "STARTTLS"]),
            Way::Guarded => Script::offering(&["PIPELINING", "8BITMIME", "STARTTLS", "AUTH PLAIN"]),
        };
        let script = script.reply("RCPT TO:<nikdo", "550 5.1.1 nobody of that name");
        (0..self.times).fold(script, |script, _| script.once(self.at, self.does.clone()))
    }

    /// More than the sockets hold: who reads no more, has not read it.
    pub(crate) fn is_large(&self) -> bool {
        matches!(self.does, Does::ReadNoMore)
    }

    /// RSET comes behind a message that was refused.
    pub(crate) fn is_behind_another(&self) -> bool {
        self.at == "RSET"
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let mut all = odd();
    all.extend(before_the_envelope());
    all.extend(in_the_envelope());
    all.extend(at_the_end());
    all.extend(in_tls());
    all
}

/// What says nothing wrong, only in no usual way.
fn odd() -> Vec<Case> {
    let manners = [
        Manner::Octets(Duration::ZERO),
        Manner::Octets(Duration::from_millis(2)),
        Manner::Lines(10_000),
        Manner::Wide(1_000_000),
        Manner::Binary,
    ];
    let each = |at| manners.map(|manner| Case::new(at, Does::Oddly(manner), End::Smooth));
    STEPS.into_iter().flat_map(each).collect()
}

/// What breaks a connection, and why it is put off then.
fn broken() -> [(Does, &'static str); 5] {
    [
        (Does::Wait, SILENT),
        (ENDLESS, SILENT),
        (Does::HangUp, HUNG),
        (Does::Shut, HUNG),
        (Does::Garbage, BROKE),
    ]
}

fn says(reply: &str) -> Does {
    Does::Reply(reply.to_owned())
}

/// Nobody was asked about a message yet: whatever is said, it is tried again later.
fn before_the_envelope() -> Vec<Case> {
    let mut all = Vec::new();
    for at in ["CONNECT", "EHLO", "STARTTLS", "AUTH", "TLS EHLO"] {
        for (does, why) in broken() {
            all.push(Case::new(at, does, End::Later(why)));
        }
        for reply in [CLOSING, LATER, NEVER] {
            all.push(Case::new(at, says(reply), End::Later(reply)));
        }
    }
    // Who has never heard of EHLO is greeted as of old.
    all.push(Case::new("EHLO", says("502 5.5.1 what"), End::Smooth));
    all
}

fn in_the_envelope() -> Vec<Case> {
    let mut all = Vec::new();
    for at in ["MAIL", "RCPT", "DATA", "RSET"] {
        // Nothing of the message has left: another connection is tried at once.
        for (does, _) in broken() {
            all.push(Case::new(at, does, End::Smooth));
        }
    }
    for at in ["MAIL", "RCPT", "DATA"] {
        all.push(Case::new(at, says(LATER), End::Later(LATER)));
        all.push(Case::new(at, says(NEVER), End::Bounced(NEVER)));
    }
    for at in ["MAIL", "RCPT", "RSET"] {
        all.push(Case::new(at, says(CLOSING), End::Smooth));
    }
    all.push(Case::new("DATA", says(CLOSING), End::Later(CLOSING)));
    for reply in [LATER, NEVER] {
        all.push(Case::new("RSET", says(reply), End::Smooth));
    }
    // Not at once for ever.
    let again = Case::new("MAIL", Does::HangUp, End::Later(HUNG));
    all.push(Case { times: 3, ..again });
    // The message is delivered, and stays so.
    for (does, _) in broken() {
        all.push(Case::new("QUIT", does, End::Smooth));
    }
    for reply in [CLOSING, LATER, NEVER] {
        all.push(Case::new("QUIT", says(reply), End::Smooth));
    }
    all
}

/// The message is on its way.
fn at_the_end() -> Vec<Case> {
    let mut all = vec![
        Case::new("DATA", Does::HangUpAfter(100), End::Later(HUNG)),
        Case::new(".", Does::HangUp, End::Later(HUNG)),
        Case::new(".", Does::TakeAndHangUp, End::Twice(HUNG)),
        Case::new(".", says(CLOSING), End::Later(CLOSING)),
        Case::new(".", says(LATER), End::Later(LATER)),
        Case::new(".", says(NEVER), End::Bounced(NEVER)),
    ];
    let mid = "the connection ended in mid-message: the peer did not answer in time";
    all.push(Case::new("DATA", Does::ReadNoMore, End::Later(mid)));
    for (does, why) in broken().into_iter().filter(|(does, _)| !matches!(does, Does::HangUp)) {
        all.push(Case::new(".", does, End::Twice(why)));
    }
    all
}

fn in_tls() -> Vec<Case> {
    let mut all = vec![
        Case::new("TLS MAIL", Does::HangUp, End::Smooth),
        Case::new("TLS DATA", Does::HangUpAfter(100), End::Later(HUNG)),
        Case::new("TLS .", Does::HangUp, End::Later(HUNG)),
        Case::new("TLS .", Does::TakeAndHangUp, End::Twice(HUNG)),
    ];
    for does in [Does::Wait, Does::HangUp, Does::Garbage] {
        let guarded = Case::new("HANDSHAKE", does, End::Later(NO_TLS));
        // Where TLS was only hoped for, it goes without.
        all.push(Case { way: Way::Hoped, end: End::Smooth, ..guarded.clone() });
        all.push(guarded);
    }
    for (does, end) in [(says(LATER), End::Smooth), (Does::HangUp, End::Later(HUNG))] {
        all.push(Case { way: Way::Hoped, ..Case::new("STARTTLS", does, end) });
    }
    all
}
