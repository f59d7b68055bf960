//! Kinds of problems (RFC 9457): a stable word for programs, a status, a title, and what to do.

use axum::http::StatusCode;

/// One kind of problem; its word is for programs and never changes.
#[derive(Debug)]
pub(super) struct Kind {
    pub word: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
    /// What to do, where the place does not know better.
    pub advice: &'static str,
}

/// A constant for each kind.
macro_rules! kinds {
    ($($name:ident = $word:literal $status:ident $title:literal: $advice:literal;)*) => {
        $(pub(super) const $name: &Kind = &Kind {
            word: $word, status: StatusCode::$status, title: $title, advice: $advice,
        };)*
    };
    // And a list of all, in their order.
    (in $all:ident: $($name:ident = $word:literal $status:ident $title:literal: $advice:literal;)*) => {
        kinds! { $($name = $word $status $title: $advice;)* }
        pub(super) const $all: &[&Kind] = &[$($name),*];
    };
}
pub(super) use kinds;

pub(super) const MEDIA: &str = "application/problem+json";
