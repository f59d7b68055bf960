//! What each piece of a page is, for those to whom it is read aloud (PDF/UA-1, ISO 14289-1).

use std::num::NonZeroU16;

use krilla::tagging::{
    Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

use super::{Block, Document, Level, Table, Text};

/// `parts`: where on the pages each part of the document stands, in the order of the layout.
pub(super) fn tree(document: &Document, parts: Vec<Vec<Identifier>>) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(document.words.lang.to_owned()));
    let mut parts = Parts(parts.into_iter());
    for block in &document.blocks {
        tree.push(parts.block(block));
    }
    tree
}

/// A title that a reader lists: long enough to be known again, no longer than PDF/A lets it be, and
/// never nothing.
pub(super) fn short(text: &str) -> String {
    let seen = text.chars().filter(|letter| !letter.is_control());
    let short: String = seen.take(TITLE_MAX).collect();
    if short.is_empty() { "–".to_owned() } else { short }
}

struct Parts(std::vec::IntoIter<Vec<Identifier>>);

impl Parts {
    fn block(&mut self, block: &Block) -> TagGroup {
        match block {
            Block::Heading(level, text) => self.next(Tag::Hn(number(*level), Some(short(text)))),
            Block::Paragraph(_) => self.next(Tag::P),
            Block::List(items) => {
                let items = items.iter().map(|_| group(Tag::LI, [self.next(Tag::LBody)]));
                group(Tag::L(ListNumbering::Disc), items)
            }
            Block::Fields(fields) => {
                let name = Tag::TH(TableHeaderScope::Row);
                let cells = |_| group(Tag::TR, [self.next(name.clone()), self.next(Tag::TD)]);
                group(Tag::Table, fields.iter().map(cells))
            }
            Block::Table(table) => self.table(table),
        }
    }

    fn table(&mut self, table: &Table) -> TagGroup {
        let name = Tag::TH(TableHeaderScope::Column);
        let head = group(Tag::TR, table.columns.iter().map(|_| self.next(name.clone())));
        let cells = |row: &Vec<Text>| group(Tag::TR, row.iter().map(|_| self.next(Tag::TD)));
        let rows = group(Tag::TBody, table.rows.iter().map(cells));
        let label = Some(short(&table.label));
        group(Tag::Table.with_summary(label), [group(Tag::THead, [head]), rows])
    }

    /// The part that follows.
    fn next(&mut self, tag: impl Into<TagKind>) -> TagGroup {
        let pieces = self.0.next().unwrap_or_default();
        TagGroup::with_children(tag, pieces.into_iter().map(Node::from).collect())
    }
}

fn group(tag: impl Into<TagKind>, inner: impl IntoIterator<Item = TagGroup>) -> TagGroup {
    TagGroup::with_children(tag, inner.into_iter().map(Node::from).collect())
}

fn number(level: Level) -> NonZeroU16 {
    let number = match level {
        Level::Title => 1,
        Level::Section => 2,
        Level::Part => 3,
        Level::Entry => 4,
    };
    NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
}

const TITLE_MAX: usize = 300;
