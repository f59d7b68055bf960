//! One line from the client, parsed (RFC 5321 §4.1 and the extensions that `ehlo` offers).
//!
//! What a command means in which state is the session's.

use super::{
    chunk::Chunk,
    envelope::{MailParams, Path, Recipient},
    params, path,
    reply::Reply,
    xclient, xforward,
};

/// A command with its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    Ehlo(String),
    Helo(String),
    Mail {
        /// `None`: the null reverse path.
        from: Option<Path>,
        params: MailParams,
    },
    Rcpt(Recipient),
    Data,
    Bdat(Chunk),
    /// BDAT whose size cannot be read: nobody can tell the next command from the chunk.
    BdatUnreadable,
    StartTls,
    Auth {
        /// In upper case, as the client named it.
        mechanism: String,
        initial: Option<String>,
    },
    Rset,
    Noop,
    Quit,
    Vrfy,
    Expn,
    Help,
    Xclient(xclient::Attributes),
    Xforward(xforward::Attributes),
    /// A web browser was pointed at us.
    Http,
}

impl Command {
    /// Parses a line without its CRLF. A line it cannot parse comes back as the reply to give.
    pub fn parse(line: &[u8]) -> Result<Self, Reply> {
        let Ok(line) = std::str::from_utf8(line) else {
            return Err(Reply::new(500, "5.5.2", "a command is UTF-8 text"));
        };
        if line.contains(|char: char| char.is_control() && char != '\t') {
            return Err(Reply::new(500, "5.5.2", "control character: end each line with CRLF"));
        }
        let line = line.trim_end_matches([' ', '\t']);
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => host(rest).map(Self::Ehlo),
            "HELO" => host(rest).map(Self::Helo),
            "MAIL" => mail(rest),
            "RCPT" => rcpt(rest),
            "DATA" => alone(rest, Self::Data),
            "BDAT" => Ok(bdat(rest)),
            "STARTTLS" => alone(rest, Self::StartTls),
            "AUTH" => auth(rest),
            "RSET" => alone(rest, Self::Rset),
            "NOOP" => Ok(Self::Noop),
            "QUIT" => alone(rest, Self::Quit),
            "VRFY" if !rest.is_empty() => Ok(Self::Vrfy),
            "EXPN" if !rest.is_empty() => Ok(Self::Expn),
            "VRFY" | "EXPN" => Err(Reply::new(501, "5.5.4", "say whom")),
            "HELP" => Ok(Self::Help),
            "XCLIENT" => xclient::Attributes::parse(rest).map(Self::Xclient),
            "XFORWARD" => xforward::Attributes::parse(rest).map(Self::Xforward),
            "ETRN" | "ATRN" | "TURN" | "SEND" | "SOML" | "SAML" | "BURL" => {
                Err(Reply::new(502, "5.5.1", "command not offered here"))
            }
            "GET" | "POST" | "PUT" | "HEAD" | "OPTIONS" | "CONNECT" => Ok(Self::Http),
            _ => Err(Reply::new(500, "5.5.2", "unknown command")),
        }
    }
}

fn host(rest: &str) -> Result<String, Reply> {
    let name = rest.trim();
    if name.is_empty() || name.len() > 255 || name.contains([' ', '\t']) {
        return Err(Reply::new(501, "5.5.4", "say your host name or address literal"));
    }
    Ok(name.to_owned())
}

fn mail(rest: &str) -> Result<Command, Reply> {
    let (from, params) = address(rest, "FROM:", "5.1.7")?;
    if from.as_ref().is_some_and(Path::is_bare_postmaster) {
        return Err(Reply::new(501, "5.1.7", path::PathFault::Halves.text()));
    }
    Ok(Command::Mail { from, params: params::mail(params)? })
}

fn rcpt(rest: &str) -> Result<Command, Reply> {
    let (to, params) = address(rest, "TO:", "5.1.3")?;
    let Some(path) = to else {
        return Err(Reply::new(501, "5.1.3", "a recipient has an address"));
    };
    let params::RcptParams { notify, orcpt } = params::rcpt(params)?;
    Ok(Command::Rcpt(Recipient { path, notify, orcpt }))
}

/// `FROM:<path> parameters`. A space behind the colon is against the grammar and widely sent.
fn address<'a>(
    rest: &'a str,
    prefix: &str,
    enhanced: &'static str,
) -> Result<(Option<Path>, &'a str), Reply> {
    let rest = rest.trim_start();
    let (head, tail) = rest.split_at_checked(prefix.len()).unwrap_or((rest, ""));
    if !head.eq_ignore_ascii_case(prefix) {
        return Err(Reply::new(501, "5.5.4", format!("say {prefix}<local@domain>")));
    }
    path::path_at(tail.trim_start()).map_err(|fault| Reply::new(501, enhanced, fault.text()))
}

fn alone(rest: &str, command: Command) -> Result<Command, Reply> {
    if rest.trim().is_empty() {
        Ok(command)
    } else {
        Err(Reply::new(501, "5.5.4", "this command takes no parameters"))
    }
}

/// `size` or `size LAST` (RFC 3030 §2).
fn bdat(rest: &str) -> Command {
    let mut words = rest.split_ascii_whitespace();
    let octets = words
        .next()
        .filter(|size| size.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|size| size.parse().ok());
    let last = match (words.next(), words.next()) {
        (None, _) => Some(false),
        (Some(word), None) => word.eq_ignore_ascii_case("LAST").then_some(true),
        (Some(_), Some(_)) => None,
    };
    match (octets, last) {
        (Some(octets), Some(last)) => Command::Bdat(Chunk { octets, last }),
        _ => Command::BdatUnreadable,
    }
}

fn auth(rest: &str) -> Result<Command, Reply> {
    let mut words = rest.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(mechanism), initial, None) => Ok(Command::Auth {
            mechanism: mechanism.to_ascii_uppercase(),
            initial: initial.map(str::to_owned),
        }),
        _ => Err(Reply::new(501, "5.5.4", "say AUTH mechanism [initial-response]")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> u16 {
        Command::parse(line.as_bytes()).unwrap_err().code
    }

    #[test]
    fn commands_are_read_in_any_case_and_with_stray_spaces() {
        let path = |local: &str| Path { local: local.into(), domain: "x.cz".into() };
        let params = MailParams { size: Some(5), ..MailParams::default() };
        let chunk = |octets, last| Command::Bdat(Chunk { octets, last });
        let auth = |initial: Option<&str>| Command::Auth {
            mechanism: "PLAIN".into(),
            initial: initial.map(str::to_owned),
        };
        for (line, expected) in [
            ("ehlo a.cz", Command::Ehlo("a.cz".into())),
            ("HELO [192.0.2.1]", Command::Helo("[192.0.2.1]".into())),
            ("mail from:<a@x.cz> size=5", Command::Mail { from: Some(path("a")), params }),
            ("MAIL FROM: <>  ", Command::Mail { from: None, params: MailParams::default() }),
            ("DATA ", Command::Data),
            ("BDAT 10", chunk(10, false)),
            ("bdat 0 last", chunk(0, true)),
            ("BDAT", Command::BdatUnreadable),
            ("BDAT -1", Command::BdatUnreadable),
            ("BDAT 99999999999999999999", Command::BdatUnreadable),
            ("BDAT 1 LAST LAST", Command::BdatUnreadable),
            ("BDAT 1 FIRST", Command::BdatUnreadable),
            ("auth plain AGEAYg==", auth(Some("AGEAYg=="))),
            ("AUTH PLAIN", auth(None)),
            ("NOOP anything at all", Command::Noop),
            ("VRFY someone", Command::Vrfy),
            ("EXPN list", Command::Expn),
            ("HELP", Command::Help),
            ("GET / HTTP/1.1", Command::Http),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_what_to_write() {
        for (line, expected) in [
            ("", 500),
            ("XYZZY", 500),
            ("HELLO a", 500),
            ("NOOP\r", 500),
            ("NO\0OP", 500),
            ("EHLO", 501),
            ("EHLO my pc", 501),
            ("MAIL", 501),
            ("MAIL TO:<a@x.cz>", 501),
            ("MAIL FROM:a@x.cz", 501),
            ("MAIL FROM:<Postmaster>", 501),
            ("MAIL FROM:<a@x.cz>SIZE=1", 501),
            ("MAIL FROM:<a@x.cz> FOO", 555),
            ("RCPT TO:<>", 501),
            ("RCPT TO:<a@x.cz> FOO=1", 555),
            ("DATA now", 501),
            ("QUIT now", 501),
            ("AUTH", 501),
            ("AUTH PLAIN a b", 501),
            ("VRFY", 501),
            ("ETRN x.cz", 502),
            ("TURN", 502),
        ] {
            assert_eq!(code(line), expected, "{line}");
        }
        assert_eq!(Command::parse(b"NOOP \xff").unwrap_err().code, 500);
    }
}
