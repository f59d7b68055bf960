//! What the client hears: the next hop's own words, or ours where it said nothing.

use crate::{
    delivery::outcome::{Fate, Outcome},
    journal::{Event, reason::Cause},
    smtp::{
        client::{Answer, PeerReply, Why},
        reply::Reply,
    },
};

/// What an answer means, and in whose words; `why` the connection ended, where it did.
pub(super) fn told(answer: &Answer, why: Option<&Why>) -> (Outcome, Option<PeerReply>) {
    let word = match (answer, why) {
        (Answer::Said(reply), _) | (_, Some(Why::Refused(reply))) => Some(reply.clone()),
        (Answer::Unsent | Answer::Lost { .. }, _) => None,
    };
    (Outcome::of(answer, why), word)
}

/// The next hop's words, as they were said. 421 is about our connection to it and not about the
/// client's; what is no answer to a message asks the client to come again.
pub(super) fn reply_of(word: &PeerReply) -> Reply {
    let code = match word.code {
        421 => 451,
        code if word.is_positive() || code >= 400 => code,
        _ => 451,
    };
    let enhanced = match word.enhanced {
        Some([class, subject, detail]) => format!("{class}.{subject}.{detail} "),
        None => String::new(),
    };
    let lines: Vec<String> =
        word.text.split('\n').map(|line| format!("{enhanced}{line}")).collect();
    Reply::new(code, "", lines.join("\n"))
}

/// Where the next hop said nothing about the message.
pub(super) fn own_reply(outcome: &Outcome, event: &Event) -> Reply {
    let (journal, status) = (event.id, outcome.status_text());
    let why = outcome.cause.unwrap_or(Cause::ConnectionLost).as_str();
    match outcome.fate {
        Fate::Bounce => Reply::new(550, "", format!("{status} {why}: not sent, journal {journal}")),
        Fate::Later | Fate::Again | Fate::Delivered => {
            let text = format!("{status} {why}: nothing was kept, try again, journal {journal}");
            Reply::new(451, "", text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_hops_words_are_passed_on_and_nothing_ends_the_clients_connection() {
        let word = |code, enhanced, text: &str| {
            reply_of(&PeerReply { code, enhanced, text: text.to_owned() }).to_wire()
        };
        assert_eq!(word(250, Some([2, 0, 0]), "Ok: queued"), "250 2.0.0 Ok: queued\r\n");
        assert_eq!(
            word(550, Some([5, 1, 1]), "no such user\nask us"),
            "550-5.1.1 no such user\r\n550 5.1.1 ask us\r\n"
        );
        assert_eq!(word(450, None, "later"), "450 later\r\n");
        assert_eq!(word(421, Some([4, 3, 2]), "closing"), "451 4.3.2 closing\r\n");
        assert_eq!(word(354, None, "go on"), "451 go on\r\n");
    }
}
