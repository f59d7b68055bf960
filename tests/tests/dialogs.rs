//! Plays every `dialogs/*.smtp` against the session in memory, cut into chunks in every way.
//!
//! What a file looks like is in `outside::dialog`. The answering side here is a small fake: local
//! parts that begin with `no` are refused, with `later` deferred, `after...` refused after DATA;
//! the only login is `shop` with the password `secret`, and SCRAM's proof must be sixteen `p`.

#![expect(clippy::print_stdout, reason = "a test that skips says so")]

use std::{fs, path::Path, sync::Arc};

use outside::dialog::{Dialog, Line};
use relay::smtp::{
    auth::{Credentials, LoginAnswer, Secret},
    envelope::{BodyType, Envelope, MailParams, Notify, Ret},
    reply::Reply,
    session::{Output, Session},
    settings::{Arrival, AuthOffer, BareLf, Limits, Settings},
};

#[test]
fn every_dialog_holds_however_it_is_cut() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialogs");
    let mut played = 0;
    let mut faults = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let dialog = Dialog::parse(&fs::read_to_string(&path).unwrap());
        let name = path.file_name().unwrap().display();
        for size in [1, 2, 3, 7, usize::MAX] {
            let heard = Player::new(&dialog).play(&dialog, size);
            let expected = dialog.expected();
            let longest = heard.len().max(expected.len());
            if let Some(at) = (0..longest)
                .find(|&at| heard.get(at).map(|line| &**line) != expected.get(at).copied())
            {
                let (was, due) = (heard.get(at), expected.get(at));
                faults.push(format!("{name} in chunks of {size}: {was:?} instead of {due:?}"));
                break;
            }
        }
        played += 1;
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(played > 30, "{played} dialogs found");
}

/// Dialogs that others wrote, where their files are at hand.
#[test]
fn foreign_dialogs_hold_where_they_apply() {
    let corpus = std::env::var_os("SOUHLAS_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
        Into::into,
    );
    let folder = corpus.join("smtp/chasquid-dialogs");
    if !folder.exists() {
        println!("skipped: no corpus at {}", corpus.display());
        return;
    }
    // `unquoted RCPT` of data_dot_stuffing is against the grammar: here it is a 501.
    for name in ["bad_mail_from", "empty_helo", "line_too_long", "unknown_command"] {
        let script = fs::read_to_string(folder.join(name).with_extension("cmy")).unwrap();
        let mut player = Player::default();
        let mut heard = vec![];
        for line in script.lines() {
            if line.starts_with("c tcp_connect") {
                player = Player::default();
                heard.clear();
            } else if let Some(said) = line.strip_prefix("c -> ") {
                heard.clear();
                player.session.receive(format!("{said}\r\n").as_bytes());
            } else if let Some(due) = line.strip_prefix("c <") {
                player.drain(&mut heard);
                let due = due.split(' ').find(|word| word.parse::<u16>().is_ok()).unwrap();
                let code = heard.last().map(|reply| &reply["S ".len()..][..3]);
                // Whose digit follows the first is taste; who is at fault is not.
                assert_eq!(
                    code.map(|code| &code[..1]),
                    Some(&due[..1]),
                    "{name}: {line} {heard:?}"
                );
            }
        }
    }
}

struct Player {
    session: Session,
    envelope_heard: bool,
    message_heard: bool,
    handshake_due: bool,
}

impl Default for Player {
    fn default() -> Self {
        Self::new(&Dialog::default())
    }
}

impl Player {
    fn new(dialog: &Dialog) -> Self {
        let (settings, arrival) = settings(dialog);
        Self {
            session: Session::new(Arc::new(settings), arrival),
            envelope_heard: dialog.speaks_of('E'),
            message_heard: dialog.speaks_of('D'),
            handshake_due: false,
        }
    }

    fn play(mut self, dialog: &Dialog, size: usize) -> Vec<String> {
        let mut heard = vec![];
        self.drain(&mut heard);
        let mut said: Vec<u8> = vec![];
        for line in dialog.lines.iter().map(Some).chain([None]) {
            match line {
                Some(Line::Client(bytes)) => said.extend(bytes),
                Some(Line::Heard(_)) => {}
                Some(Line::Handshake | Line::Deadline) | None => {
                    for chunk in said.chunks(size.min(said.len().max(1))) {
                        self.session.receive(chunk);
                        self.drain(&mut heard);
                    }
                    said.clear();
                }
            }
            match line {
                Some(Line::Handshake) => {
                    assert!(std::mem::take(&mut self.handshake_due), "no handshake is due");
                    self.session.tls_is_up();
                }
                Some(Line::Deadline) => self.session.late(),
                Some(Line::Client(_) | Line::Heard(_)) | None => {}
            }
            self.drain(&mut heard);
        }
        heard
    }

    fn drain(&mut self, heard: &mut Vec<String>) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Send(reply) => {
                    let wire = reply.to_wire();
                    let lines = wire.strip_suffix("\r\n").unwrap().split("\r\n");
                    heard.extend(lines.map(|line| format!("S {line}")));
                }
                Output::StartTls => self.handshake_due = true,
                Output::CheckLogin(credentials) => self.session.answer_login(login(credentials)),
                Output::CheckSender { envelope } => {
                    let local = envelope.from.as_ref().map_or("", |from| from.local.as_str());
                    self.session.answer(vec![standing(local, "2.1.0", "sender ok")]);
                }
                Output::CheckRecipients { envelope, asked } => {
                    drop(envelope);
                    let replies = asked
                        .iter()
                        .map(|one| standing(&one.path.local, "2.1.5", "recipient ok"))
                        .collect();
                    self.session.answer(replies);
                }
                Output::Decide { envelope, bytes } => {
                    if self.envelope_heard {
                        heard.extend(shown(&envelope));
                    }
                    if self.message_heard {
                        let text = String::from_utf8_lossy(&bytes);
                        let lines = text.strip_suffix("\r\n").unwrap_or(&text).split("\r\n");
                        heard.extend(lines.map(|line| format!("D {line}")));
                    }
                    self.session.answer(decision(&envelope, bytes.len()));
                }
                Output::Xclient(said) => {
                    let known = said.login.as_deref().is_none_or(|login| login == "shop");
                    let refused = Reply::new(550, "5.7.1", "no such login");
                    let fine = Reply::new(220, "2.0.0", "ok");
                    self.session.answer(vec![if known { fine } else { refused }]);
                }
                Output::Close => heard.push("X".into()),
            }
        }
    }
}

fn standing(local: &str, enhanced: &'static str, text: &str) -> Reply {
    if local.starts_with("no") {
        Reply::new(550, "5.7.1", "refused")
    } else if local.starts_with("later") {
        Reply::new(451, "4.7.1", "try again")
    } else {
        Reply::new(250, enhanced, text)
    }
}

fn decision(envelope: &Envelope, octets: usize) -> Vec<Reply> {
    let text = format!("{} recipients, {octets} octets", envelope.recipients.len());
    let mut replies = vec![];
    if envelope.params.prdr && envelope.recipients.len() > 1 {
        replies.extend(envelope.recipients.iter().map(|one| {
            match one.path.local.starts_with("after") {
                true => Reply::new(550, "5.7.1", "refused"),
                false => Reply::new(250, "2.1.5", "recipient ok"),
            }
        }));
    }
    replies.push(Reply::new(250, "2.0.0", text));
    replies
}

fn login(credentials: Credentials) -> LoginAnswer {
    let refused = LoginAnswer::Refused(Reply::new(535, "5.7.8", "wrong user or password"));
    match credentials {
        Credentials::Password { user, password } => {
            match user == "shop" && password == Secret::new("secret") {
                true => LoginAnswer::Accepted { signature: None },
                false => refused,
            }
        }
        Credentials::ScramFirst { .. } => {
            LoginAnswer::Scram { nonce: "server".into(), salt: b"salt".to_vec(), iterations: 4096 }
        }
        Credentials::ScramFinal { user, proof, .. } => {
            match user == "shop" && proof == [b'p'; 16] {
                true => LoginAnswer::Accepted { signature: Some(b"signature".to_vec()) },
                false => refused,
            }
        }
    }
}

/// The envelope, a line for the sender and one for each recipient.
fn shown(envelope: &Envelope) -> Vec<String> {
    let MailParams { size, body, smtputf8, ret, envid, require_tls, prdr, hold, by, priority } =
        &envelope.params;
    let from = envelope.from.as_ref().map_or("<>".into(), ToString::to_string);
    let words = [
        size.map(|size| format!("SIZE={size}")),
        match body {
            BodyType::SevenBit => None,
            BodyType::EightBitMime => Some("8BITMIME".into()),
            BodyType::BinaryMime => Some("BINARYMIME".into()),
        },
        smtputf8.then(|| "SMTPUTF8".into()),
        ret.map(|ret| if ret == Ret::Full { "FULL".into() } else { "HDRS".into() }),
        envid.as_ref().map(|envid| format!("ENVID={envid}")),
        require_tls.then(|| "REQUIRETLS".into()),
        prdr.then(|| "PRDR".into()),
        hold.map(|hold| format!("{hold:?}")),
        by.map(|by| format!("BY={};{:?}", by.seconds, by.otherwise)),
        priority.map(|priority| format!("MT-PRIORITY={priority}")),
    ];
    let mut lines = vec![words.into_iter().flatten().fold(format!("E {from}"), joined)];
    for recipient in &envelope.recipients {
        let Notify { success, failure, delay } = recipient.notify;
        let words = [
            success.then(|| "success".into()),
            failure.then(|| "failure".into()),
            delay.then(|| "delay".into()),
            recipient.orcpt.clone(),
        ];
        lines.push(words.into_iter().flatten().fold(format!("E -> {}", recipient.path), joined));
    }
    lines
}

fn joined(line: String, word: String) -> String {
    format!("{line} {word}")
}

fn settings(dialog: &Dialog) -> (Settings, Arrival) {
    let mut settings = Settings {
        hostname: "mx.test".into(),
        limits: Limits { message_octets_max: 10_000, ..Limits::default() },
        bare_lf: BareLf::Reject,
        starttls: false,
        auth: AuthOffer::Never,
        auth_required: false,
    };
    let mut arrival = Arrival::default();
    for words in &dialog.settings {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let limits = &mut settings.limits;
        match words.as_slice() {
            ["normalize"] => settings.bare_lf = BareLf::Normalize,
            ["starttls"] => settings.starttls = true,
            ["tls"] => arrival.tls = true,
            ["xclient"] => arrival.xclient = true,
            ["xforward"] => arrival.xforward = true,
            ["auth", "tls"] => settings.auth = AuthOffer::InsideTls,
            ["auth", "clear"] => settings.auth = AuthOffer::InClear,
            ["auth", "required"] => settings.auth_required = true,
            ["limit", what, most] => {
                let most: usize = most.parse().unwrap();
                match *what {
                    "command" => limits.command_octets_max = most,
                    "recipients" => limits.recipients_max = most,
                    "line" => limits.message_line_octets_max = most,
                    "size" => limits.message_octets_max = most as u64,
                    "errors" => limits.errors_max = u32::try_from(most).unwrap(),
                    "idle" => limits.idle_commands_max = u32::try_from(most).unwrap(),
                    "messages" => limits.messages_max = u32::try_from(most).ok(),
                    _ => panic!("no such limit: {what}"),
                }
            }
            _ => panic!("no such setting: {words:?}"),
        }
    }
    (settings, arrival)
}
