//! What the pages ask of the consent store, and tell it. Nothing here knows HTTP.

use jiff::Timestamp;
use policy::{Purpose, Scope, Standing};

use crate::{db::Unavailable, seal::AddressKey};

/// The consent store as the pages see it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {}

/// Who clicked what, for the record.
#[derive(Clone, Debug)]
pub(super) struct Click {
    pub at: Timestamp,
    pub controller: String,
    pub key: AddressKey,
    pub message: uuid::Uuid,
    /// `one-click`, `page`, `preferences`, `renewal`, `confirmation`.
    pub how: &'static str,
    /// The client's IP address: evidence, kept beside the address and erased with it.
    pub ip: String,
    /// What the page said.
    pub wording: String,
}

impl Desk {
    pub(super) async fn standing(
        &self,
        _controller: &str,
        _key: AddressKey,
    ) -> Result<Standing, Unavailable> {
        Err(Unavailable(String::new()))
    }

    pub(super) async fn purposes(&self, _controller: &str) -> Result<Vec<Purpose>, Unavailable> {
        Err(Unavailable(String::new()))
    }

    /// Durable when it returns.
    pub(super) async fn refuse(&self, _click: &Click, _scope: Scope) -> Result<(), Unavailable> {
        Err(Unavailable(String::new()))
    }

    /// Durable when it returns.
    pub(super) async fn agree(&self, _click: &Click, _purpose: &str) -> Result<(), Unavailable> {
        Err(Unavailable(String::new()))
    }
}
