//! Columns side by side as SVG, made here: no page runs a script. What is drawn is also in the table
//! beside it; the parts of a column differ in pattern and not in colour alone.

use askama::Template;

/// Columns, each of up to three parts that stand on each other.
#[derive(Template)]
#[template(path = "console/chart.html")]
pub(super) struct Chart {
    /// Of its texts and patterns, once on a page.
    id: &'static str,
    title: String,
    /// What there is to see, in a sentence.
    about: String,
    /// What the parts are, from the bottom up; one part needs no name.
    parts: Vec<String>,
    bars: Vec<Bar>,
    lines: Vec<Line>,
    names: Vec<Name>,
}

struct Bar {
    part: usize,
    x: u64,
    y: u64,
    width: u64,
    height: u64,
}

/// Where a number stands.
struct Line {
    y: u64,
    number: u64,
}

/// Of a column, below it.
struct Name {
    x: u64,
    text: String,
}

impl Chart {
    pub(super) fn new(id: &'static str, title: String, about: String) -> Self {
        let (bars, lines, names) = (Vec::new(), Vec::new(), Vec::new());
        Self { id, title, about, parts: Vec::new(), bars, lines, names }
    }

    pub(super) fn of_parts(self, parts: Vec<String>) -> Self {
        Self { parts, ..self }
    }

    /// Each column with its name and its parts.
    pub(super) fn with(mut self, columns: &[(String, Vec<u64>)]) -> Self {
        let most = columns.iter().map(|(_, parts)| parts.iter().sum()).max().unwrap_or(0);
        let top = round(most);
        let marks = if top.is_multiple_of(2) { vec![0, top / 2, top] } else { vec![0, top] };
        let high = |number: u64| number.saturating_mul(HEIGHT) / top;
        self.lines =
            marks.iter().map(|mark| Line { y: FOOT - high(*mark), number: *mark }).collect();
        let count = u64::try_from(columns.len()).unwrap_or(1).max(1);
        let slot = WIDTH / count;
        let every = columns.len().div_ceil(NAMES_MAX).max(1);
        for (at, (name, parts)) in (0_u64..).zip(columns) {
            let x = LEFT + at * slot;
            let mut below = 0;
            for (part, number) in parts.iter().enumerate().filter(|(_, number)| **number > 0) {
                // However little it is, it is seen.
                let height = high(*number).max(LEAST);
                let y = FOOT.saturating_sub(below + height);
                self.bars.push(Bar { part, x: x + slot / 10, y, width: slot * 8 / 10, height });
                below += height;
            }
            // The last one is always named.
            if (columns.len() - 1).saturating_sub(usize::try_from(at).unwrap_or(0)) % every == 0 {
                self.names.push(Name { x: x + slot / 2, text: name.clone() });
            }
        }
        self
    }
}

/// How long a bar is beside the longest one, in a hundred.
pub(super) fn share(number: &u64, most: &u64) -> u64 {
    match number.saturating_mul(100).checked_div(*most) {
        Some(0) if *number > 0 => 1,
        Some(share) => share,
        None => 0,
    }
}

/// The next larger one of 1, 2, 4, 5, 10, 20…
fn round(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for step in [1, 2, 4, 5, 8] {
            let top = unit.saturating_mul(step);
            if top >= most {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Tenths of what a letter's size is reckoned in.
const LEFT: u64 = 400;
const WIDTH: u64 = 3_160;
const HEIGHT: u64 = 1_300;
const FOOT: u64 = 1_400;
const LEAST: u64 = 15;
/// More would run into each other.
const NAMES_MAX: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_column_fits_and_the_lowest_is_seen() {
        let columns = [("a".to_owned(), vec![1, 0]), ("b".to_owned(), vec![7_000, 900])];
        let chart = Chart::new("x", "<T>".into(), "about".into())
            .of_parts(vec!["one".into(), "two".into()])
            .with(&columns);
        assert_eq!(chart.lines.iter().map(|line| line.number).max(), Some(8_000));
        assert_eq!(chart.bars[0].height, LEAST);
        assert!(chart.bars.iter().all(|bar| bar.y + bar.height <= FOOT && bar.y >= 100));
        let text = chart.render().unwrap();
        assert!(text.contains("&#60;T&#62;") && text.contains("aria-labelledby"), "{text}");
    }

    #[test]
    fn nothing_and_one_column_are_drawn_too() {
        let chart = Chart::new("x", String::new(), String::new());
        assert!(chart.with(&[]).bars.is_empty());
        let days: Vec<(String, Vec<u64>)> = (0..90).map(|at| (at.to_string(), vec![0])).collect();
        let chart = Chart::new("x", String::new(), String::new()).with(&days);
        assert!(chart.names.len() <= NAMES_MAX && chart.names.last().unwrap().text == "89");
        assert_eq!((share(&1, &1_000), share(&0, &5), share(&5, &5)), (1, 0, 100));
    }
}
