//! All tests of the public side of policy/, in one binary: each one more is linked again.

#![expect(clippy::disallowed_methods, reason = "the crate reads no files, its tests do")]
#![expect(clippy::print_stdout, reason = "a test that skips says so")]

mod again;
mod corpus;
mod corpus_files;
mod features;
mod fixture;
mod foreign;
mod fuzz;
mod hidden;
mod labelled;
mod linear;
mod packs;
mod pages;
mod properties;
mod real_mail;
mod rewrite;
mod rewrite_examples;
mod rewrite_mime;
mod said;
mod trees;
mod verdicts;
