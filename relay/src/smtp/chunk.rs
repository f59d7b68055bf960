//! BDAT: a message in counted chunks, without dots and without an end mark (RFC 3030).

use bytes::Bytes;

use super::body::{Body, Fault};

/// What one BDAT command announces.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Chunk {
    pub octets: u64,
    pub last: bool,
}

/// One message that comes in chunks.
#[derive(Debug)]
pub struct Chunks {
    body: Body,
    /// BODY=BINARYMIME: octets, not lines.
    binary: bool,
}

impl Chunks {
    pub fn new(body: Body, binary: bool) -> Self {
        Self { body, binary }
    }

    /// Takes bytes of the open chunk. `left`: what the chunk still lacks, counted down. Answers
    /// how many octets were taken.
    pub fn take(&mut self, left: &mut u64, bytes: &[u8]) -> usize {
        let (run, used) = counted(left, bytes);
        if self.binary {
            self.body.raw(run);
        } else {
            self.body.text(run);
        }
        used
    }

    /// What is wrong so far; a CR at the very end may still find its LF in the next chunk.
    pub fn fault(&self) -> Option<Fault> {
        self.body.fault()
    }

    /// The whole message, or what is wrong with it.
    pub fn finish(self) -> Result<Bytes, Fault> {
        self.body.finish()
    }
}

/// The octets of `bytes` that still belong to the chunk, and how many they are.
pub fn counted<'a>(left: &mut u64, bytes: &'a [u8]) -> (&'a [u8], usize) {
    let used = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
    *left -= used as u64;
    (bytes.get(..used).unwrap_or_default(), used)
}
