//! Text into lines of a width: at spaces, and within a word that no line can hold.

use super::{
    Text,
    font::{Face, Fonts},
};

/// One line of text, as it is drawn: letters of one face after those of another.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    pub spans: Vec<(Face, String)>,
}

#[derive(Clone, Copy, Debug)]
struct Letter {
    face: Face,
    letter: char,
    width: f32,
}

/// At least one line.
pub(super) fn lines(fonts: &Fonts, text: &Text, size: f32, width: f32) -> Vec<Line> {
    let mut broken = Breaker { width, ..Breaker::default() };
    for run in &text.runs {
        let face = Face::of(run.style);
        let letter = |letter| Letter { face, letter, width: fonts.advance(face, letter) * size };
        let mut rest = run.text.chars().peekable();
        while let Some(one) = rest.next() {
            match one {
                '\r' if rest.peek() == Some(&'\n') => {}
                '\n' => broken.end(),
                '\t' => broken.put(letter(' ')),
                _ if fonts.shows(face, one) => broken.put(letter(one)),
                _ => {
                    let number = format!("[U+{:04X}]", u32::from(one));
                    number.chars().for_each(|one| broken.put(letter(one)));
                }
            }
        }
    }
    broken.end();
    broken.lines
}

/// All of it in one; a line end is a space.
pub(super) fn line(fonts: &Fonts, text: &str) -> Line {
    let text = text.replace('\n', " ").into();
    lines(fonts, &text, 1.0, f32::INFINITY).into_iter().next().unwrap_or_default()
}

/// How wide it is.
pub(super) fn wide(fonts: &Fonts, line: &Line, size: f32) -> f32 {
    let span = |(face, text): &(Face, String)| {
        text.chars().map(|letter| fonts.advance(*face, letter)).sum::<f32>()
    };
    line.spans.iter().map(span).sum::<f32>() * size
}

/// How wide a text is where nothing breaks it: its widest line.
pub(super) fn width(fonts: &Fonts, text: &Text, size: f32) -> f32 {
    let lines = lines(fonts, text, size, f32::INFINITY);
    lines.iter().map(|line| wide(fonts, line, size)).fold(0.0, f32::max)
}

#[derive(Debug, Default)]
struct Breaker {
    width: f32,
    lines: Vec<Line>,
    /// Of the line that is not ended.
    letters: Vec<Letter>,
    used: f32,
    /// Where in it the last word begins.
    word: usize,
}

impl Breaker {
    fn put(&mut self, letter: Letter) {
        // A space where nothing fits any more ends the line that it stands in.
        if letter.letter == ' ' {
            self.add(letter);
            self.word = self.letters.len();
            return if self.used > self.width {
                self.end()
            };
        }
        while self.used + letter.width > self.width && !self.letters.is_empty() {
            let rest = if self.word > 0 { self.letters.split_off(self.word) } else { Vec::new() };
            self.end();
            rest.into_iter().for_each(|letter| self.add(letter));
        }
        self.add(letter);
    }

    fn add(&mut self, letter: Letter) {
        self.used += letter.width;
        self.letters.push(letter);
    }

    fn end(&mut self) {
        let mut line = Line::default();
        for Letter { face, letter, .. } in self.letters.drain(..) {
            match line.spans.last_mut().filter(|(own, _)| *own == face) {
                Some((_, text)) => text.push(letter),
                None => line.spans.push((face, letter.into())),
            }
        }
        (self.used, self.word) = (0.0, 0);
        self.lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, size: f32, width: f32) -> Vec<String> {
        let fonts = Fonts::new().unwrap();
        let lines = lines(&fonts, &text.into(), size, width);
        for line in &lines {
            // A space that ends a line may stand in the margin.
            let seen = line.spans.iter().map(|(_, text)| text.trim_end()).collect::<String>();
            let seen = super::line(&fonts, &seen);
            assert!(wide(&fonts, &seen, size) <= width.max(size), "{line:?}");
        }
        lines
            .iter()
            .map(|line| line.spans.iter().map(|(_, text)| text.as_str()).collect())
            .collect()
    }

    #[test]
    fn lines_end_at_spaces_and_inside_of_words_that_no_line_holds() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[""]),
            ("one", &["one"]),
            ("one two three four", &["one two ", "three four"]),
            ("a\nb\r\nc\n", &["a", "b", "c", ""]),
            ("a\tb", &["a b"]),
            ("Žluťoučký kůň Łódź", &["Žluťoučký ", "kůň Łódź"]),
            ("wwwwwwwwwwwwwww", &["wwwwww", "wwwwww", "www"]),
            ("ab wwwwwwwwwww", &["ab ", "wwwwww", "wwwww"]),
            ("a\u{202e}b\u{7}", &["a[U+202E]", "b[U+0007]"]),
            ("🔥 ש", &["[U+1F525] ", "[U+05E9]"]),
        ];
        for (text, lines) in cases {
            assert_eq!(said(text, 10.0, 52.0), *lines, "{text:?}");
        }
    }

    #[test]
    fn nothing_of_a_text_is_lost_however_narrow_the_line() {
        let text = format!("{} a  b {}   c", "x".repeat(1_000), "ěš".repeat(50));
        for width in [0.0, 1.0, 7.0, 30.0, 500.0, f32::INFINITY] {
            assert_eq!(said(&text, 9.0, width).concat(), text, "{width}");
        }
    }
}
