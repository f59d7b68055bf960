//! The letters that paper has: Noto Sans, upright and bold, with Latin, Greek and Cyrillic. Each stands
//! for itself; nothing is shaped, so a script that has to be is not among them.

use anyhow::Context as _;
use krilla::text::{Font, GlyphId};
use policy::text::is_unseen;
use skrifa::{
    FontRef, MetadataProvider as _,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

use super::Style;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Face {
    Regular,
    Bold,
}

impl Face {
    pub(super) fn of(style: Style) -> Self {
        match style {
            Style::Plain | Style::Code => Self::Regular,
            Style::Strong => Self::Bold,
        }
    }
}

pub(super) struct Fonts {
    regular: Letters,
    bold: Letters,
}

/// Of one face.
struct Letters {
    font: Font,
    map: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

impl Fonts {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { regular: Letters::read(REGULAR)?, bold: Letters::read(BOLD)? })
    }

    pub(super) fn font(&self, face: Face) -> Font {
        self.face(face).font.clone()
    }

    /// Whether it can be seen, and is there.
    pub(super) fn shows(&self, face: Face, letter: char) -> bool {
        // What the Unicode Standard keeps for private use means something else to everybody.
        let is_hidden = letter.is_control()
            || is_unseen(letter)
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{e000}'..='\u{f8ff}');
        !is_hidden && self.glyph(face, letter).to_u32() != 0
    }

    /// Number 0 where there is none.
    pub(super) fn glyph(&self, face: Face, letter: char) -> GlyphId {
        GlyphId::new(self.face(face).map.map(letter).map_or(0, |glyph| glyph.to_u32()))
    }

    /// How much room it takes, of a size of 1.
    pub(super) fn advance(&self, face: Face, letter: char) -> f32 {
        let Letters { map, metrics, .. } = self.face(face);
        map.map(letter).and_then(|glyph| metrics.advance_width(glyph)).unwrap_or_default()
    }

    fn face(&self, face: Face) -> &Letters {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }
}

impl Letters {
    fn read(bytes: &'static [u8]) -> anyhow::Result<Self> {
        let own = FontRef::new(bytes).context("a font of the program cannot be read")?;
        Ok(Self {
            font: Font::new(bytes.into(), 0).context("a font of the program cannot be drawn")?,
            map: own.charmap(),
            metrics: own.glyph_metrics(Size::new(1.0), LocationRef::default()),
        })
    }
}

const REGULAR: &[u8] = include_bytes!("../../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/NotoSans-Bold.ttf");
