//! Whatever a client sends: the session gives the same outputs however the bytes are cut, keeps
//! bounded memory, and lets no message through that a bare CR, LF or NUL could split.

use std::sync::Arc;

use relay::smtp::{
    auth::{Credentials, LoginAnswer},
    envelope::{BodyType, Recipient},
    reply::Reply,
    session::{Output, Session},
    settings::{Arrival, AuthOffer, BareLf, Limits, Settings},
};

/// The first two octets choose the settings and the cuts, the rest is what the client says.
pub(crate) fn run(data: &[u8]) {
    let [options, cuts, said @ ..] = data else { return };
    let whole = play(*options, said.chunks(said.len().max(1)));
    let small = usize::from(*cuts % 16) + 1;
    assert_eq!(play(*options, said.chunks(small)), whole, "in chunks of {small}");
    let (head, tail) = said.split_at(said.len() * usize::from(*cuts) / 255);
    assert_eq!(play(*options, [head, tail].into_iter()), whole, "cut at {}", head.len());
}

/// All that the client hears and the decision sees.
fn play<'a>(options: u8, chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Output> {
    let bit = |at: u8| options >> at & 1 == 1;
    let settings = Settings {
        hostname: "mx.test".into(),
        limits: Limits {
            command_octets_max: 200,
            auth_octets_max: 300,
            recipients_max: 3,
            message_octets_max: if bit(0) { 50 } else { 10_000 },
            message_line_octets_max: if bit(1) { 20 } else { 8_000 },
            errors_max: 10,
            idle_commands_max: 10,
            messages_max: bit(2).then_some(2),
        },
        bare_lf: if bit(3) { BareLf::Normalize } else { BareLf::Reject },
        starttls: bit(4),
        auth: if bit(5) { AuthOffer::InClear } else { AuthOffer::InsideTls },
        auth_required: bit(6),
    };
    let mut session = Session::new(
        Arc::new(settings),
        Arrival { tls: !bit(4), xclient: bit(7), xforward: bit(7) },
    );
    let mut heard = vec![];
    for chunk in chunks {
        session.receive(chunk);
        if !drain(&mut session, &mut heard) {
            break;
        }
    }
    session.late();
    drain(&mut session, &mut heard);
    heard
}

/// False: a handshake is due. What comes behind it depends on when it comes: the play ends.
fn drain(session: &mut Session, heard: &mut Vec<Output>) -> bool {
    while let Some(output) = session.poll() {
        let wants = session.wants_bytes();
        match &output {
            Output::Send(reply) => check_reply(reply),
            Output::StartTls => return false,
            Output::CheckLogin(credentials) => session.answer_login(login(credentials)),
            Output::CheckSender { envelope } => {
                let local = envelope.from.as_ref().map_or("", |from| from.local.as_str());
                session.answer(vec![standing(local)]);
                continue;
            }
            Output::CheckRecipients { asked, .. } => {
                let reply = |one: &Recipient| standing(&one.path.local);
                let replies = asked.iter().map(reply).collect();
                session.answer(replies);
                // How many were asked together depends on the cuts, what they hear does not.
                continue;
            }
            Output::Decide { envelope, bytes } => {
                let binary = envelope.params.body == BodyType::BinaryMime;
                assert!(binary || is_clean(bytes), "{}", bytes.escape_ascii());
                assert!(!envelope.recipients.is_empty());
                session.answer(vec![Reply::new(250, "2.0.0", "ok")]);
            }
            Output::Xclient(said) => {
                let code = if said.login.is_some() { 220 } else { 550 };
                session.answer(vec![Reply::new(code, "2.0.0", "ok")]);
            }
            Output::Close => assert!(!wants),
        }
        heard.push(output);
    }
    true
}

fn standing(local: &str) -> Reply {
    match local.bytes().next() {
        Some(b'n') => Reply::new(550, "5.7.1", "no"),
        Some(b'c') => Reply::new(421, "4.3.2", "closing"),
        _ => Reply::new(250, "2.1.5", "ok"),
    }
}

fn login(credentials: &Credentials) -> LoginAnswer {
    match credentials {
        Credentials::Password { user, .. } if user.starts_with('n') => {
            LoginAnswer::Refused(Reply::new(535, "5.7.8", "no"))
        }
        Credentials::Password { .. } => LoginAnswer::Accepted { signature: None },
        Credentials::ScramFirst { .. } => {
            LoginAnswer::Scram { nonce: "x".into(), salt: vec![1], iterations: 4096 }
        }
        Credentials::ScramFinal { .. } => LoginAnswer::Accepted { signature: Some(vec![1; 32]) },
    }
}

/// A reply is lines of text: nothing of what the client sent can end one early.
fn check_reply(reply: &Reply) {
    assert!((200..600).contains(&reply.code));
    let wire = reply.to_wire();
    for line in wire.split_inclusive("\r\n") {
        let text = line.strip_suffix("\r\n").unwrap();
        assert!(text.is_ascii() && !text.contains(|char: char| char.is_control()), "{text:?}");
        assert!(text.len() <= 510, "{text:?}");
    }
}

fn is_clean(bytes: &[u8]) -> bool {
    let crs = bytes.iter().filter(|byte| **byte == b'\r').count();
    let lfs = bytes.iter().filter(|byte| **byte == b'\n').count();
    let both = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
    crs == both && lfs == both && !bytes.contains(&0)
}
