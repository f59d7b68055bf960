//! `cargo +nightly fuzz run end_of_message`, from `relay/`.
#![no_main]

#[path = "../bodies/end_of_message.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
