//! What sealing costs: nanoseconds for a value and for a message's bytes, on one thread.
//!
//! `cargo bench -p souhlas --bench seal`; figures of one machine compare with its own only.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::{hint::black_box, time::Instant};

use relay::{
    at_rest::{self, Column, Part},
    seal::{self, BodyKey, Secret},
};

fn main() {
    let secret = Secret::from_bytes([1; 32]);
    let row = [Part::Bytes(&[7; 32])];
    for (what, size) in [("salt", 16), ("address", 24), ("evidence", 300), ("evidence", 4096)] {
        let plain = vec![b'x'; size];
        let seal = || at_rest::seal(&secret, Column::ContactAddress, &row, &plain);
        let sealed = seal();
        time(&format!("seal {what} of {size} bytes"), seal);
        time(&format!("open {what} of {size} bytes"), || {
            at_rest::open(&secret, Column::ContactAddress, &row, sealed.clone()).unwrap()
        });
    }
    for size in [4096, 51_200, 1_000_000] {
        let plain = vec![b'x'; size];
        let key = BodyKey::random();
        let sealed = key.seal(&plain);
        time(&format!("seal a message of {size} bytes"), || BodyKey::random().seal(&plain));
        time(&format!("open a message of {size} bytes"), || key.open(sealed.clone()).unwrap());
        time(&format!("copy {size} bytes"), || plain.clone());
        time(&format!("SHA-256 of {size} bytes"), || seal::digest(&plain));
    }
}

/// The best of some rounds: what disturbs only makes slower.
fn time<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..TIMES {
            black_box(work());
        }
        best = best.min(started.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES));
    }
    println!("{what:<34} {best:>10.0} ns");
}

const ROUNDS: u32 = 7;
const TIMES: u32 = 2000;
