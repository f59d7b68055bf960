//! On what terms a purpose is granted, to one address or to many: the arguments that
//! `souhlas grant` and `souhlas purpose assign` share.

use clap::Args;
use jiff::Timestamp;
use policy::{Method, Source};

use super::arguments::{moment, start, word};
use crate::consent::Start;

#[derive(Args, Debug)]
pub(super) struct Terms {
    /// From when it counts: a date, now, or added (when the contact came on record)
    #[arg(long, value_parser = start, default_value = "now")]
    pub from: Start,
    /// Until when; by the purpose's duration where nothing is said
    #[arg(long, value_parser = moment)]
    pub until: Option<Timestamp>,
    /// How it was given: form, double-opt-in, api, manual, chat, order, renewal-click, preticked
    #[arg(long, value_parser = word::<Method>, default_value = "manual")]
    pub method: Method,
    /// Where the address came from: own, purchased, public, scraped
    #[arg(long, value_parser = word::<Source>, default_value = "own")]
    pub source: Source,
    /// When a click in a message confirmed it; double-opt-in and renewal-click need it
    #[arg(long, value_parser = moment, value_name = "TIME")]
    pub confirmed_at: Option<Timestamp>,
    /// Whoever it is granted to declared to be of age
    #[arg(long)]
    pub of_age: bool,
    /// What proves it: where, when, by whom
    #[arg(long)]
    pub evidence: String,
}

impl Terms {
    /// A click in a message has a time: the word alone confirms nothing.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.method.is_click() && self.confirmed_at.is_none() {
            anyhow::bail!("a click in a message has a time: add --confirmed-at");
        }
        Ok(())
    }
}
