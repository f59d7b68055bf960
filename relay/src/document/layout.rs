//! Where everything stands on which page. A page has no state of its own: what does not fit goes on on
//! the next one, under the same table head.

use super::{
    Block, Level, Table, Text,
    font::Fonts,
    line::{Line, lines, width},
};

/// All of it.
pub(super) struct Paper {
    pub pages: Vec<Page>,
    /// How many there are.
    pub parts: usize,
    pub sections: Vec<Section>,
}

/// Where one begins.
pub(super) struct Section {
    pub title: String,
    /// From 0.
    pub page: usize,
    pub y: f32,
}

/// One page of paper, in points from its upper left corner.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub pieces: Vec<Piece>,
    /// Thin lines across, by their height.
    pub rules: Vec<f32>,
}

/// Lines one under another.
#[derive(Debug)]
pub(super) struct Piece {
    /// Which part of the document they are, counted from 0 in the order in which it is read: a
    /// paragraph, an item, a cell. `None`: decoration, and what is said again.
    pub part: Option<usize>,
    pub x: f32,
    /// Where the first line stands.
    pub y: f32,
    pub look: Look,
    pub lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub size: f32,
    /// From one line to the next.
    pub leading: f32,
}

#[derive(Clone, Debug)]
struct Cell {
    part: Option<usize>,
    x: f32,
    lines: Vec<Line>,
}

pub(super) fn layout(fonts: &Fonts, blocks: &[Block]) -> Paper {
    let paper = Paper { pages: Vec::new(), parts: 0, sections: Vec::new() };
    let mut pen = Pen { fonts, paper, page: Page::default(), y: TOP };
    for block in blocks {
        pen.block(block);
    }
    pen.paper.pages.push(pen.page);
    pen.paper
}

struct Pen<'f> {
    fonts: &'f Fonts,
    /// What is done.
    paper: Paper,
    page: Page,
    /// What is above is taken.
    y: f32,
}

impl Pen<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(level, text) => self.heading(*level, text),
            Block::Paragraph(text) => {
                let cell = self.cell(text, BODY, LEFT, WIDTH);
                self.row(BODY, vec![cell], &[]);
            }
            Block::List(items) => {
                for text in items {
                    let dot = lines(self.fonts, &"•".into(), BODY.size, INDENT);
                    let dot = Cell { part: None, x: LEFT, lines: dot };
                    let item = self.cell(text, BODY, LEFT + INDENT, WIDTH - INDENT);
                    self.row(BODY, vec![dot, item], &[]);
                }
            }
            Block::Fields(fields) => self.fields(fields),
            Block::Table(table) => self.table(table),
        }
        self.space(SPACE);
    }

    /// Never alone at the end of a page.
    fn heading(&mut self, level: Level, text: &str) {
        let (look, above) = match level {
            Level::Title => (Look { size: 19.0, leading: 25.0 }, 0.0),
            Level::Section => (Look { size: 14.0, leading: 19.0 }, 14.0),
            Level::Part | Level::Entry => (Look { size: 10.0, leading: 14.0 }, 7.0),
        };
        let cell = self.cell(&Text::strong(text), look, LEFT, WIDTH);
        self.space(above);
        self.keep(cell.lines.len() as f32 * look.leading + TOGETHER, &[]);
        if matches!(level, Level::Title | Level::Section) {
            let (title, page) = (text.to_owned(), self.paper.pages.len());
            self.paper.sections.push(Section { title, page, y: self.y });
        }
        self.row(look, vec![cell], &[]);
    }

    fn fields(&mut self, fields: &[(String, Text)]) {
        let names =
            fields.iter().map(|(name, _)| width(self.fonts, &name.as_str().into(), BODY.size));
        let names = names.fold(0.0, f32::max).min(WIDTH * NAMES_SHARE).ceil();
        let x = LEFT + names + GAP;
        for (name, text) in fields {
            let name = self.cell(&name.as_str().into(), BODY, LEFT, names);
            let said = self.cell(text, BODY, x, RIGHT - x);
            self.row(BODY, vec![name, said], &[]);
            self.space(1.0);
        }
    }

    fn table(&mut self, table: &Table) {
        let columns = self.columns(table);
        let names: Vec<Text> = table.columns.iter().map(Text::strong).collect();
        let head = self.cells(&names, &columns);
        let again: Vec<Cell> =
            head.iter().cloned().map(|cell| Cell { part: None, ..cell }).collect();
        self.keep(TOGETHER, &[]);
        self.row(SMALL, head, &[]);
        self.rule();
        for row in &table.rows {
            let cells = self.cells(row, &columns);
            self.row(SMALL, cells, &again);
            self.rule();
        }
    }

    fn cells(&mut self, row: &[Text], columns: &[(f32, f32)]) -> Vec<Cell> {
        let cell = |(text, (x, width)): (&Text, &(f32, f32))| self.cell(text, SMALL, *x, *width);
        row.iter().zip(columns).map(cell).collect()
    }

    fn cell(&mut self, text: &Text, look: Look, x: f32, width: f32) -> Cell {
        let part = Some(self.paper.parts);
        self.paper.parts += 1;
        Cell { part, x, lines: lines(self.fonts, text, look.size, width) }
    }

    /// Where each begins and how wide it is: as wide as it asks for, where that is no more than its
    /// share of what the narrower ones leave.
    fn columns(&self, table: &Table) -> Vec<(f32, f32)> {
        let mut asked: Vec<f32> =
            table.columns.iter().map(|name| self.small(&Text::strong(name))).collect();
        for row in &table.rows {
            for (most, text) in asked.iter_mut().zip(row) {
                *most = most.max(self.small(text));
            }
        }
        let mut order: Vec<(usize, f32)> = asked.into_iter().enumerate().collect();
        order.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        let count = order.len();
        let mut left = WIDTH - GAP * count.saturating_sub(1) as f32;
        for (at, (_, asked)) in order.iter_mut().enumerate() {
            *asked = asked.min(left / (count - at) as f32);
            left -= *asked;
        }
        order.sort_by_key(|(at, _)| *at);
        let mut x = LEFT;
        let place = |(_, width)| {
            let from = x;
            x += width + GAP;
            (from, width)
        };
        order.into_iter().map(place).collect()
    }

    fn small(&self, text: &Text) -> f32 {
        // Rounding shall break no line.
        width(self.fonts, text, SMALL.size).ceil()
    }

    /// Cells side by side. What is short stays together; what is long goes on on the next page.
    fn row(&mut self, look: Look, mut cells: Vec<Cell>, again: &[Cell]) {
        let most = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
        let height = most as f32 * look.leading;
        if height <= (BOTTOM - TOP) / 3.0 {
            self.keep(height, again);
        }
        loop {
            // A page that has room for nothing would be followed by others without end.
            let fit = (((BOTTOM - self.y) / look.leading) as usize).max(1);
            let taken = cells.iter().map(|cell| cell.lines.len().min(fit)).max().unwrap_or(0);
            for cell in &mut cells {
                let lines: Vec<Line> = cell.lines.drain(..cell.lines.len().min(fit)).collect();
                if !lines.is_empty() {
                    let (part, x, y) = (cell.part, cell.x, self.y + look.size);
                    self.page.pieces.push(Piece { part, x, y, look, lines });
                }
            }
            self.y += taken as f32 * look.leading;
            if cells.iter().all(|cell| cell.lines.is_empty()) {
                return;
            }
            self.turn(again);
        }
    }

    fn rule(&mut self) {
        self.page.rules.push(self.y + PADDING / 2.0);
        self.y += PADDING;
    }

    /// Nothing at the top of a page.
    fn space(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// Turns the page where less than that is left of it.
    fn keep(&mut self, height: f32, again: &[Cell]) {
        if BOTTOM - self.y < height {
            self.turn(again);
        }
    }

    fn turn(&mut self, again: &[Cell]) {
        self.paper.pages.push(std::mem::take(&mut self.page));
        self.y = TOP;
        if !again.is_empty() {
            let short = |cell: &Cell| {
                let lines = cell.lines.iter().take(AGAIN_MAX).cloned().collect();
                Cell { lines, ..*cell }
            };
            self.row(SMALL, again.iter().map(short).collect(), &[]);
            self.rule();
        }
    }
}

/// A4 (ISO 216).
pub(super) const PAPER: (f32, f32) = (595.276, 841.89);
pub(super) const LEFT: f32 = 56.0;
pub(super) const RIGHT: f32 = PAPER.0 - LEFT;
const WIDTH: f32 = RIGHT - LEFT;
const TOP: f32 = 52.0;
const BOTTOM: f32 = PAPER.1 - 66.0;
/// Where the foot stands.
pub(super) const FOOT: f32 = PAPER.1 - 36.0;
/// Between columns.
const GAP: f32 = 10.0;
const INDENT: f32 = 12.0;
/// Between blocks.
const SPACE: f32 = 6.0;
/// Around the rule under a row.
const PADDING: f32 = 5.0;
/// What names take of the width at most.
const NAMES_SHARE: f32 = 0.3;
/// What follows a heading on its page at least.
const TOGETHER: f32 = 52.0;
/// Lines of a table's head that are said again.
const AGAIN_MAX: usize = 4;
const BODY: Look = Look { size: 9.5, leading: 13.5 };
pub(super) const NOTE: Look = Look { size: 7.0, leading: 9.0 };
const SMALL: Look = Look { size: 8.5, leading: 11.5 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_goes_on_under_its_head_and_no_row_is_lost_or_doubled() {
        let fonts = Fonts::new().unwrap();
        let rows: Vec<String> = (0..200).map(|number| format!("row {number}")).collect();
        let cells = rows.iter().map(|text| vec![Text::from(&**text)]).collect();
        let table = Table { label: "t".into(), columns: vec!["Head".into()], rows: cells };
        let paper = layout(&fonts, &[Block::Table(table)]);
        assert!(paper.pages.len() > 2);
        let mut seen = Vec::new();
        for page in &paper.pages {
            let lines = page.pieces.iter().flat_map(|piece| &piece.lines);
            let mut said = lines.flat_map(|line| &line.spans).map(|(_, text)| text.clone());
            assert_eq!(said.next().as_deref(), Some("Head"));
            seen.extend(said);
        }
        assert_eq!(seen, rows);
    }
}
