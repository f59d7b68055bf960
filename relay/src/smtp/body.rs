//! A message as it grows: what is kept of it, and what is wrong with it.
//!
//! Not where its end is: `dot` and `chunk` know that. A message that is spoilt is still taken
//! to its end, without being kept, so that the end never depends on what else is wrong.

use bytes::Bytes;
use memchr::memchr3_iter;

use super::settings::{BareLf, Limits};

/// One message, so far.
#[derive(Debug)]
pub struct Body {
    octets_max: u64,
    line_octets_max: usize,
    bare_lf: BareLf,
    bytes: Vec<u8>,
    /// Octets seen, kept or not.
    octets: u64,
    /// Octets of the current line.
    line: usize,
    /// A CR was seen, and what follows it was not.
    cr: bool,
    spoilt: Spoilt,
}

/// What is wrong with a message. Of several the first of this list is told, so that the reply
/// does not depend on how the bytes were cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    TooLarge,
    Nul,
    BareCrOrLf,
    LineTooLong,
}

#[derive(Debug, Default)]
struct Spoilt {
    too_large: bool,
    nul: bool,
    bare_cr_or_lf: bool,
    line_too_long: bool,
}

impl Body {
    /// `announced`: the octets that SIZE= named, as a hint.
    pub fn new(limits: &Limits, bare_lf: BareLf, announced: Option<u64>) -> Self {
        let hint = announced.unwrap_or(0).min(limits.message_octets_max).min(RESERVE_MAX);
        Self {
            octets_max: limits.message_octets_max,
            line_octets_max: limits.message_line_octets_max,
            bare_lf,
            bytes: Vec::with_capacity(usize::try_from(hint).unwrap_or(0)),
            octets: 0,
            line: 0,
            cr: false,
            spoilt: Spoilt::default(),
        }
    }

    /// Takes octets as they are (BINARYMIME).
    pub fn raw(&mut self, run: &[u8]) {
        self.keep(run);
    }

    /// Takes lines of text, cut anywhere.
    pub fn text(&mut self, run: &[u8]) {
        let mut kept = self.finish_cr(run.first());
        let mut line_start = kept;
        let mut next = kept;
        for at in memchr3_iter(b'\r', b'\n', 0, run) {
            if at < next {
                continue;
            }
            let byte = run.get(at);
            match (byte, run.get(at + 1)) {
                (Some(0), _) => self.spoilt.nul = true,
                (Some(b'\r'), Some(b'\n')) => {
                    self.end_line(at - line_start);
                    next = at + 2;
                    line_start = next;
                }
                (Some(b'\r'), None) => {
                    self.keep(run.get(kept..at).unwrap_or_default());
                    self.grow_line(at - line_start);
                    self.cr = true;
                    return;
                }
                _ => {
                    self.keep(run.get(kept..at).unwrap_or_default());
                    self.line += at - line_start;
                    self.bare();
                    kept = at + 1;
                    line_start = kept;
                }
            }
        }
        self.keep(run.get(kept..).unwrap_or_default());
        self.grow_line(run.len() - line_start);
    }

    /// What is wrong so far.
    pub fn fault(&self) -> Option<Fault> {
        let Spoilt { too_large, nul, bare_cr_or_lf, line_too_long } = self.spoilt;
        [
            (too_large, Fault::TooLarge),
            (nul, Fault::Nul),
            (bare_cr_or_lf, Fault::BareCrOrLf),
            (line_too_long, Fault::LineTooLong),
        ]
        .into_iter()
        .find_map(|(spoilt, fault)| spoilt.then_some(fault))
    }

    /// The whole message, without a copy.
    pub fn finish(mut self) -> Result<Bytes, Fault> {
        if self.cr {
            self.bare();
        }
        match self.fault() {
            None => Ok(Bytes::from(self.bytes)),
            Some(fault) => Err(fault),
        }
    }

    /// Settles a CR that ended the run before. Answers how many octets of this one went with it.
    fn finish_cr(&mut self, first: Option<&u8>) -> usize {
        match (self.cr, first) {
            (false, _) | (true, None) => 0,
            (true, Some(b'\n')) => {
                self.cr = false;
                self.keep(b"\r\n");
                self.end_line(0);
                1
            }
            (true, Some(_)) => {
                self.cr = false;
                self.bare();
                0
            }
        }
    }

    fn bare(&mut self) {
        match self.bare_lf {
            BareLf::Reject => {
                self.spoilt.bare_cr_or_lf = true;
                self.forget();
                self.line = 0;
            }
            BareLf::Normalize => {
                self.keep(b"\r\n");
                self.end_line(0);
            }
        }
    }

    fn end_line(&mut self, more: usize) {
        self.grow_line(more);
        self.line = 0;
    }

    fn grow_line(&mut self, more: usize) {
        self.line += more;
        if self.line > self.line_octets_max {
            self.spoilt.line_too_long = true;
            self.forget();
        }
    }

    fn keep(&mut self, run: &[u8]) {
        self.octets = self.octets.saturating_add(run.len() as u64);
        if self.octets > self.octets_max {
            self.spoilt.too_large = true;
            self.forget();
        }
        if self.fault().is_none() {
            self.bytes.extend_from_slice(run);
        }
    }

    /// Nobody will see it: what was kept is given back.
    fn forget(&mut self) {
        self.bytes = Vec::new();
    }
}

/// The most that SIZE= makes us reserve before a byte has come.
const RESERVE_MAX: u64 = 1_024 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_too_long_as_soon_as_it_is_however_it_was_cut() {
        let limits = Limits { message_line_octets_max: 20, ..Limits::default() };
        for said in [
            &b"123456789 123456789 1\r"[..],
            b"123456789 123456789 1",
            b"1\r\n123456789 123456789 1\r",
        ] {
            for small in 1..=said.len() {
                let mut body = Body::new(&limits, BareLf::Reject, None);
                said.chunks(small).for_each(|run| body.text(run));
                assert_eq!(body.fault(), Some(Fault::LineTooLong), "in pieces of {small}");
            }
        }
    }
}
