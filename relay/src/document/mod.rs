//! A document for people to read: what it says, made once and shown on a screen and on paper.
//!
//! It knows of no case and no database. What it says is text, never mark-up: `html` escapes it, and on
//! paper what no letter stands for is written as its number.

mod font;
mod html;
mod layout;
mod line;
mod pdf;
mod tag;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::words::Words;

/// What is read from top to bottom.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub words: &'static Words,
    pub title: String,
    pub made_at: Timestamp,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
pub(crate) enum Block {
    Heading(Level, String),
    Paragraph(Text),
    List(Vec<Text>),
    /// Names, and what each is.
    Fields(Vec<(String, Text)>),
    Table(Table),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Level {
    /// The title, once.
    Title,
    Section,
    Part,
    Entry,
}

/// Each row has as many cells as there are columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// What it is, for those who do not see where it stands.
    pub label: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Text>>,
}

/// Pieces one after another; a line end in one ends the line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub runs: Vec<Run>,
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub style: Style,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Plain,
    /// For machines: an id, a digest, a command.
    Code,
    Strong,
}

impl Text {
    pub(crate) fn code(text: impl ToString) -> Self {
        Self::in_style(Style::Code, text.to_string())
    }

    pub(crate) fn strong(text: impl Into<String>) -> Self {
        Self::in_style(Style::Strong, text.into())
    }

    /// And then that.
    pub(crate) fn with(mut self, more: impl Into<Self>) -> Self {
        self.runs.append(&mut more.into().runs);
        self
    }

    fn in_style(style: Style, text: String) -> Self {
        Self { runs: vec![Run { style, text }] }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::in_style(Style::Plain, text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}
