//! Our client and our session, wired to each other in memory: they understand each other,
//! however the bytes between them are cut.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;

use super::{
    auth::LoginAnswer,
    client::{self, Answer, Client, Hello, StartTls, Transaction},
    envelope::{BodyType, Envelope, MailParams, Notify, Path, Recipient, Ret},
    reply::Reply,
    session::{Output, Session},
    settings::{Arrival, AuthOffer, BareLf, Limits, Settings},
};

/// What became of it all.
#[derive(Debug, Default, Eq, PartialEq)]
struct Story {
    /// As the session decided on them.
    messages: Vec<(Envelope, Bytes)>,
    /// As the client was answered.
    answers: Vec<Vec<u16>>,
    logins: usize,
    handshakes: usize,
}

/// What is played.
#[derive(Clone)]
struct Play<'a> {
    settings: Settings,
    hello: Hello,
    /// Where not, CHUNKING is taken out of what the session offers: messages go by DATA.
    chunking: bool,
    transactions: &'a [Transaction],
}

/// Plays until neither side has anything to say, passing on at most `cut` bytes at a time.
fn play(all: &Play<'_>, cut: usize) -> Story {
    let Play { settings, hello, chunking, transactions } = all;
    let mut session = Session::new(Arc::new(settings.clone()), Arrival::default());
    let mut client = Client::new(hello.clone());
    let mut story = Story::default();
    let (mut to_client, mut to_server) = (VecDeque::new(), VecDeque::new());
    let mut waiting = transactions.iter().enumerate();
    for _ in 0..10_000_000 {
        listen(&mut session, &mut story, &mut to_client, *chunking);
        speak(&mut client, &mut story, &mut to_server);
        if client.has_room() {
            match waiting.next() {
                Some((id, transaction)) => client.transact(id as u64, transaction.clone()),
                None if client.is_idle() && story.answers.len() == transactions.len() => {
                    return story;
                }
                None => {}
            }
            speak(&mut client, &mut story, &mut to_server);
        }
        assert!(!to_client.is_empty() || !to_server.is_empty(), "both wait: {story:?}");
        let bytes: Vec<u8> = to_client.drain(..to_client.len().min(cut)).collect();
        client.receive(&bytes);
        let bytes: Vec<u8> = to_server.drain(..to_server.len().min(cut)).collect();
        session.receive(&bytes);
    }
    panic!("no end: {story:?}");
}

fn listen(session: &mut Session, story: &mut Story, to_client: &mut VecDeque<u8>, chunking: bool) {
    while let Some(output) = session.poll() {
        match output {
            Output::Send(mut reply) => {
                if !chunking {
                    reply.text = reply.text.replace("\nCHUNKING\nBINARYMIME", "");
                }
                to_client.extend(reply.to_wire().bytes());
            }
            Output::StartTls => {
                story.handshakes += 1;
                session.tls_is_up();
            }
            Output::CheckLogin(_) => {
                story.logins += 1;
                session.answer_login(LoginAnswer::Accepted { signature: None });
            }
            Output::CheckSender { .. } => session.answer(vec![Reply::new(250, "2.1.0", "ok")]),
            Output::CheckRecipients { asked, .. } => {
                let reply = |one: &Recipient| match one.path.local.starts_with("no") {
                    true => Reply::new(550, "5.7.1", "refused"),
                    false => Reply::new(250, "2.1.5", "ok"),
                };
                session.answer(asked.iter().map(reply).collect());
            }
            Output::Decide { envelope, bytes } => {
                let reply = |one: &Recipient| match one.path.local.starts_with("late") {
                    true => Reply::new(550, "5.7.1", "refused"),
                    false => Reply::new(250, "2.0.0", "taken"),
                };
                let mut replies: Vec<Reply> = envelope.recipients.iter().map(reply).collect();
                replies.push(Reply::new(250, "2.0.0", "taken"));
                if !envelope.params.prdr {
                    replies.drain(..replies.len() - 1);
                }
                story.messages.push((envelope, bytes));
                session.answer(replies);
            }
            Output::Xclient(_) | Output::Close => panic!("{output:?}"),
        }
    }
}

fn speak(client: &mut Client, story: &mut Story, to_server: &mut VecDeque<u8>) {
    while let Some(output) = client.poll() {
        match output {
            client::Output::Send(bytes) => to_server.extend(bytes),
            client::Output::StartTls => client.tls_is_up(),
            client::Output::Ready => {}
            client::Output::Done { answers, .. } => {
                let code = |answer: &Answer| match answer {
                    Answer::Said(reply) => reply.code,
                    Answer::Unsent | Answer::Lost { .. } => 0,
                };
                story.answers.push(answers.iter().map(code).collect());
            }
            client::Output::Closed(why) => panic!("{why:?}"),
        }
    }
}

fn settings() -> Settings {
    Settings {
        hostname: "mx.test".into(),
        limits: Limits::default(),
        bare_lf: BareLf::Reject,
        starttls: true,
        auth: AuthOffer::InsideTls,
        auth_required: false,
    }
}

fn hello() -> Hello {
    Hello {
        name: "client.test".into(),
        start_tls: StartTls::Never,
        secured: false,
        credentials: None,
    }
}

fn transaction(to: &[&str], body: &[u8]) -> Transaction {
    let recipient = |to: &&str| Recipient {
        path: Path::parse(to).unwrap(),
        notify: Notify::default(),
        orcpt: None,
    };
    Transaction {
        from: Some(Path::parse("a@client.test").unwrap()),
        params: MailParams::default(),
        recipients: to.iter().map(recipient).collect(),
        head: Bytes::new(),
        body: Bytes::copy_from_slice(body),
        forward: None,
    }
}

/// Every message of a few bytes over the four that matter arrives as it was sent, by BDAT
/// as BINARYMIME; and by DATA, where it is what a message must be.
#[test]
fn every_short_message_arrives_as_it_was_sent() {
    let short = |binary: bool| {
        (1..if binary { 6 } else { 7 }).flat_map(move |len| {
            (0..4_usize.pow(len)).filter_map(move |n| {
                let message: Vec<u8> =
                    (0..len).map(|i| b".\r\na"[n / 4_usize.pow(i) % 4]).collect();
                let text = String::from_utf8(message.clone()).unwrap().replace("\r\n", "");
                let whole = message.ends_with(b"\r\n") && !text.contains(['\r', '\n']);
                (binary || whole).then_some(message)
            })
        })
    };
    for binary in [false, true] {
        let transactions: Vec<Transaction> = short(binary)
            .map(|message| {
                let mut transaction = transaction(&["b@example.org"], &message);
                if binary {
                    transaction.params.body = BodyType::BinaryMime;
                }
                transaction
            })
            .collect();
        let transactions = &transactions;
        let all = Play { settings: settings(), hello: hello(), chunking: binary, transactions };
        for cut in [1, 7, 1_000] {
            let story = play(&all, cut);
            assert_eq!(story.messages.len(), transactions.len());
            for ((_, heard), sent) in story.messages.iter().zip(transactions) {
                assert_eq!(heard, &sent.body);
            }
        }
    }
}

#[test]
fn envelopes_arrive_as_they_were_sent_however_the_bytes_are_cut() {
    let mut rich = transaction(
        &["b@example.org", "no@example.org", "\"odd \\\"one\\\"\"@example.org", "late@example.org"],
        b"Subject: x\r\n\r\n.\r\n..dots\r\n",
    );
    rich.params = MailParams {
        size: None,
        body: BodyType::EightBitMime,
        smtputf8: true,
        ret: Some(Ret::Headers),
        envid: Some("id+1=2".into()),
        require_tls: true,
        prdr: true,
        priority: Some(4),
        ..MailParams::default()
    };
    rich.recipients[0].notify = Notify { success: true, failure: false, delay: true };
    rich.recipients[2].orcpt = Some("rfc822;a+b@example.org".into());
    let transactions = [
        rich.clone(),
        transaction(&["no@example.org"], b"never seen\r\n"),
        transaction(&["žofie@example.org"], b"x\r\n"),
        transaction(&["c@example.org"], &b"a line of some length\r\n".repeat(400)),
        transaction(&["d@example.org"], b"last\r\n"),
    ];
    let hello = Hello {
        start_tls: StartTls::Must,
        credentials: Some(("shop".into(), "secret".into())),
        ..hello()
    };
    let settings = Settings { auth_required: true, ..settings() };
    for chunking in [false, true] {
        let all = Play {
            settings: settings.clone(),
            hello: hello.clone(),
            chunking,
            transactions: &transactions,
        };
        let whole = play(&all, usize::MAX);
        assert_eq!((whole.handshakes, whole.logins), (1, 1));
        assert_eq!(
            whole.answers,
            [vec![250, 550, 250, 550], vec![550], vec![553], vec![250], vec![250]]
        );
        let (envelope, bytes) = &whole.messages[0];
        assert_eq!(bytes, &rich.body);
        let accepted = [0, 2, 3].map(|which| rich.recipients[which].clone());
        assert_eq!(envelope.recipients, accepted);
        let params = MailParams { size: Some(rich.body.len() as u64), ..rich.params.clone() };
        assert_eq!(envelope.params, params);
        for cut in (1..50).chain([1_000, 4_096, 65_536]) {
            assert_eq!(play(&all, cut), whole, "cut {cut}");
        }
    }
}
