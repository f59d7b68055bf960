//! Whatever a mail server sends: the session gives the same outputs however the bytes are cut, and what
//! it decides on is a header of whole fields and a body.

use relay::{
    milter::{
        change::changes,
        session::{Limits, Output, Session},
        word::Word,
    },
    smtp::reply::Reply,
};

/// The first octet chooses the cuts, the rest is what the server says.
pub(crate) fn run(data: &[u8]) {
    let [cuts, said @ ..] = data else { return };
    let whole = play(said.chunks(said.len().max(1)));
    let small = usize::from(*cuts % 16) + 1;
    assert_eq!(play(said.chunks(small)), whole, "in chunks of {small}");
}

fn play<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Output> {
    let mut session = Session::new(Limits { recipients_max: 2, message_octets_max: 200 });
    let mut heard = vec![];
    for chunk in chunks {
        session.receive(chunk);
        while let Some(output) = session.poll() {
            match &output {
                Output::Send(_) | Output::Close => {}
                Output::CheckSender { envelope, .. } => {
                    let local = envelope.from.as_ref().map_or("", |from| &from.local);
                    session.answer(standing(local));
                }
                Output::CheckRecipient { asked, .. } => session.answer(standing(&asked.path.local)),
                Output::Decide { envelope, paths, bytes, .. } => {
                    assert_eq!(envelope.recipients.len(), paths.len());
                    assert!(!paths.is_empty() && bytes.len() <= 200);
                    assert!(changes(bytes, bytes, session.spaced()).is_empty());
                    session.answer(Word::Go(vec![]));
                }
            }
            heard.push(output);
        }
    }
    heard
}

fn standing(local: &str) -> Word {
    match local.bytes().next() {
        Some(b'n') => Word::Reply(Reply::new(550, "5.7.1", "no")),
        _ => Word::Reply(Reply::new(250, "2.1.5", "ok")),
    }
}
