//! `cargo +nightly fuzz run address`, from `relay/`.
#![no_main]

#[path = "../bodies/address.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
