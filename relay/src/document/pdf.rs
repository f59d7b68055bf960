//! On paper: a PDF that an archive can keep (PDF/A-2a, ISO 19005-2) and that can be read aloud
//! (PDF/UA-1, ISO 14289-1). The same document is the same bytes.

use anyhow::{Context as _, anyhow};
use jiff::{Timestamp, tz::TimeZone};
use krilla::{
    SerializeSettings,
    color::luma,
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    error::KrillaError,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier},
    text::KrillaGlyph,
};

use super::{
    Document,
    font::Fonts,
    layout::{FOOT, LEFT, NOTE, PAPER, Page, RIGHT, Section, layout},
    line::{Line, line, wide},
    tag::{short, tree},
};

impl Document {
    /// `foot` stands on every page, beside its number.
    pub(crate) fn pdf(&self, foot: &str) -> anyhow::Result<Vec<u8>> {
        let fonts = Fonts::new()?;
        let paper = layout(&fonts, &self.blocks);
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| anyhow!("no such PDF: {error:?}"))?;
        let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
        let mut pdf = krilla::Document::new_with(settings);
        let size = PageSettings::from_wh(PAPER.0, PAPER.1).context("paper of no size")?;
        let mut ink = Ink { fonts: &fonts, parts: vec![Vec::new(); paper.parts] };
        for (at, page) in paper.pages.iter().enumerate() {
            let mut sheet = pdf.start_page_with(size.clone());
            let mut on = sheet.surface();
            ink.page(&mut on, page);
            ink.foot(&mut on, foot, &format!("{} / {}", at + 1, paper.pages.len()));
            on.finish();
            sheet.finish();
        }
        pdf.set_outline(outline(&paper.sections));
        let metadata = Metadata::new().title(short(&self.title)).creation_date(date(self.made_at));
        pdf.set_metadata(metadata.language(self.words.lang.to_owned()));
        pdf.set_tag_tree(tree(self, ink.parts));
        pdf.finish().map_err(said)
    }
}

/// What a reader lists beside the pages.
fn outline(sections: &[Section]) -> Outline {
    let mut outline = Outline::new();
    for Section { title, page, y } in sections {
        let place = XyzDestination::new(*page, Point::from_xy(LEFT, *y));
        outline.push_child(OutlineNode::new(short(title), place));
    }
    outline
}

fn date(at: Timestamp) -> DateTime {
    let at = at.to_zoned(TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
}

/// Without the text that it is about: that is nobody's whose log this stands in.
fn said(error: KrillaError) -> anyhow::Error {
    if let KrillaError::Validation(faults) = &error {
        return anyhow!("the paper is no PDF/A-2a and PDF/UA-1, for {} reasons", faults.len());
    }
    anyhow!("the paper cannot be written: {error:?}")
}

struct Ink<'f> {
    fonts: &'f Fonts,
    /// Where each part of the document stands, as it is drawn.
    parts: Vec<Vec<Identifier>>,
}

impl Ink<'_> {
    fn page(&mut self, on: &mut Surface<'_>, page: &Page) {
        for piece in &page.pieces {
            let own = piece.part.and_then(|part| self.parts.get_mut(part));
            let tag = match own {
                Some(_) => ContentTag::Other,
                None => besides(ArtifactType::Other),
            };
            let place = on.start_tagged(tag);
            if let Some(own) = own {
                own.push(place);
            }
            let mut y = piece.y;
            for line in &piece.lines {
                self.line(on, line, piece.x, y, piece.look.size);
                y += piece.look.leading;
            }
            on.end_tagged();
        }
        on.start_tagged(besides(ArtifactType::Layout));
        on.set_fill(Some(Fill { paint: luma::Color::new(RULE).into(), ..Fill::default() }));
        for y in &page.rules {
            let mut path = PathBuilder::new();
            if let Some(rule) = Rect::from_ltrb(LEFT, *y, RIGHT, *y + 0.5) {
                path.push_rect(rule);
            }
            if let Some(path) = path.finish() {
                on.draw_path(&path);
            }
        }
        on.set_fill(None);
        on.end_tagged();
    }

    fn foot(&self, on: &mut Surface<'_>, foot: &str, number: &str) {
        let size = NOTE.size;
        on.start_tagged(besides(ArtifactType::Footer));
        self.line(on, &line(self.fonts, foot), LEFT, FOOT, size);
        let number = line(self.fonts, number);
        self.line(on, &number, RIGHT - wide(self.fonts, &number, size), FOOT, size);
        on.end_tagged();
    }

    fn line(&self, on: &mut Surface<'_>, line: &Line, mut x: f32, y: f32, size: f32) {
        for (face, text) in &line.spans {
            let glyph = |(at, letter): (usize, char)| KrillaGlyph {
                glyph_id: self.fonts.glyph(*face, letter),
                text_range: at..at + letter.len_utf8(),
                x_advance: self.fonts.advance(*face, letter),
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            };
            let glyphs: Vec<KrillaGlyph> = text.char_indices().map(glyph).collect();
            let place = Point::from_xy(x, y);
            on.draw_glyphs(place, &glyphs, self.fonts.font(*face), text, size, false);
            x += glyphs.iter().map(|glyph| glyph.x_advance * size).sum::<f32>();
        }
    }
}

/// Not read aloud.
fn besides(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

/// Of the lines under rows: 0 is black, 255 white.
const RULE: u8 = 170;

#[cfg(test)]
mod tests {
    use policy::Language;

    use super::{
        super::{Block, Level, Table, Text},
        *,
    };
    use crate::words::Words;

    fn document(blocks: Vec<Block>) -> Document {
        let words = Words::of(Language::Czech);
        let title = Block::Heading(Level::Title, "Spis".into());
        let blocks = [vec![title], blocks].concat();
        Document { words, title: "Spis".into(), made_at: Timestamp::UNIX_EPOCH, blocks }
    }

    fn everywhere(text: &str) -> Vec<Block> {
        let rows = vec![vec![text.into(), Text::strong(text)]];
        let columns = vec![text.into(), "b".into()];
        let fields = vec![(text.into(), Text::code(text)), (String::new(), Text::default())];
        vec![
            Block::Heading(Level::Section, text.into()),
            Block::Heading(Level::Entry, text.into()),
            Block::Paragraph(text.into()),
            Block::List(vec![text.into()]),
            Block::Fields(fields),
            Block::Table(Table { label: text.into(), columns, rows }),
        ]
    }

    /// PDF/A and PDF/UA let no letter be that is nowhere, or means nothing.
    #[test]
    fn whatever_is_said_can_be_written_and_is_the_same_bytes_again() {
        let strange =
            ["", " ", "\n\n", "\0\u{7f}\u{9f}\u{85}", "\u{202e}abc\u{2066}", "e\u{301}\u{fffe}"];
        let long = ["x".repeat(10_000), " ".repeat(2_000), "\n".repeat(500)];
        for text in strange.into_iter().chain(long.iter().map(String::as_str)) {
            let document = document(everywhere(text));
            let pdf = document.pdf(text).unwrap();
            assert!(pdf == document.pdf(text).unwrap(), "{:.20}", text);
        }
        let letters =
            ('\0'..='\u{2fff}').chain('\u{e000}'..='\u{e010}').chain('\u{fb00}'..='\u{10010}');
        let letters: String = letters.chain(['\u{1f525}', '\u{10ffff}']).collect();
        for style in [Text::strong(&*letters), Text::code(&letters)] {
            document(vec![Block::Paragraph(style)]).pdf("").unwrap();
        }
    }

    #[test]
    fn nothing_and_empty_tables_are_paper_too() {
        let columns = vec!["a".into(), "b".into()];
        let empty = Table { label: "c".into(), columns, rows: vec![] };
        let none = Table { label: String::new(), columns: vec![], rows: vec![] };
        let blocks =
            [Block::Table(empty), Block::Table(none), Block::List(vec![]), Block::Fields(vec![])];
        for block in blocks {
            document(vec![block]).pdf("").unwrap();
        }
    }
}
