//! On a screen: one page by itself, without scripts and without anything that is fetched.

use askama::Template;

use super::{Block, Document, Level, Style};
use crate::words::Words;

#[derive(Template)]
#[template(path = "document.html")]
struct Page<'a> {
    words: &'static Words,
    of: &'a Document,
}

impl Document {
    pub(crate) fn html(&self) -> anyhow::Result<String> {
        Ok(Page { words: self.words, of: self }.render()?)
    }
}
