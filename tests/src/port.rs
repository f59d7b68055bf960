//! Ports for the servers that tests start: none twice in one process, and outside the range from
//! which the kernel takes ports for outgoing connections.

use std::{
    io,
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
};

const FIRST: u32 = 10_000;
const COUNT: u32 = 22_000;
/// Tests that run beside each other begin so far apart.
const APART: u32 = 61;

/// A port that nothing listens on.
pub fn free() -> io::Result<u16> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(APART);
    for _ in 0..COUNT {
        let next = begin.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + next % COUNT).map_err(io::Error::other)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("every port is taken"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let all: BTreeSet<u16> = (0..100).map(|_| free().unwrap()).collect();
        assert_eq!(all.len(), 100);
    }
}
