//! `cargo +nightly fuzz run milter`, from `relay/`.
#![no_main]

#[path = "../bodies/milter.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
