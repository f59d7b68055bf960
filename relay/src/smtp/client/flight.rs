//! One transaction on the wire: what was asked, what is due, what was answered.

use super::{Answer, Output, Transaction};

/// A reply that is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Due {
    Rset,
    /// XFORWARD is for who reads logs: its reply changes nothing.
    Forward,
    Mail,
    Rcpt(usize),
    Data,
    End,
    /// After 353 (PRDR): for one recipient, and for the message.
    Each(usize),
    Whole,
}

/// The next command of a flight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Rset,
    Forward(usize),
    Mail,
    Rcpt(usize),
    Data,
    /// 354 is awaited, or the end.
    Wait,
    Over,
}

#[derive(Debug)]
pub(super) struct Flight {
    pub(super) id: u64,
    pub(super) transaction: Transaction,
    /// Commands that say whose message it is.
    pub(super) forward: Vec<String>,
    pub(super) step: Step,
    pub(super) bdat: bool,
    /// A reply for each recipient was asked for.
    pub(super) prdr: bool,
    /// Replies that are due for it.
    pub(super) due: usize,
    pub(super) body: Sent,
    pub(super) answers: Vec<Option<Answer>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sent {
    None,
    Part,
    All,
}

impl Flight {
    /// It has commands to write.
    pub(super) fn is_open(&self) -> bool {
        match self.step {
            Step::Rset | Step::Forward(_) | Step::Mail | Step::Rcpt(_) | Step::Data => true,
            Step::Wait | Step::Over => false,
        }
    }

    pub(super) fn answer(&mut self, which: usize, answer: Answer) {
        if let Some(empty @ None) = self.answers.get_mut(which) {
            *empty = Some(answer);
        }
    }

    /// For all that have no answer yet.
    pub(super) fn answer_all(&mut self, answer: &Answer) {
        for empty in self.answers.iter_mut().filter(|old| old.is_none()) {
            *empty = Some(answer.clone());
        }
    }

    pub(super) fn done(self, left: &Answer) -> Output {
        let answers = self.answers.into_iter().map(|answer| answer.unwrap_or_else(|| left.clone()));
        Output::Done { id: self.id, answers: answers.collect() }
    }
}
