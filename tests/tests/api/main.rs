//! The JSON API from outside: the real binary, its keys, its document, its answers.

mod keys;
mod problems;
mod purposes;
