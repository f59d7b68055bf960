//! Purposes, grants, refusals, relations: append-only events and the current state made of them.

pub mod link;

use policy::{Address, Standing};

use crate::db::Unavailable;

/// Answers "what is the standing of these addresses?"; questions that arrive together share one
/// query. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lookup {}

/// What is on record for one address.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub standing: Standing,
    /// From the contact's record.
    pub country: Option<policy::Country>,
}

impl Lookup {
    /// One record per address, in order; an unknown address has an empty one.
    pub async fn records(
        &self,
        _controller: &str,
        _addresses: &[Address],
    ) -> Result<Vec<Record>, Unavailable> {
        Err(Unavailable(String::new()))
    }
}
