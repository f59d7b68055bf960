//! `cargo +nightly fuzz run session`, from `relay/`.
#![no_main]

#[path = "../bodies/session.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
