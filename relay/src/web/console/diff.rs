//! What changed between two texts, line by line.

use std::collections::VecDeque;

/// One line of either.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Changed {
    pub mark: Mark,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mark {
    Same,
    Gone,
    New,
    /// Lines that are the same in both and are not shown.
    Left,
}

impl Changed {
    /// For whoever sees no colour.
    pub(super) fn sign(&self) -> &'static str {
        match self.mark {
            Mark::Same => " ",
            Mark::Gone => "−",
            Mark::New => "+",
            Mark::Left => "…",
        }
    }

    pub(super) fn look(&self) -> &'static str {
        match self.mark {
            Mark::Same => "same",
            Mark::Gone => "gone",
            Mark::New => "new",
            Mark::Left => "left",
        }
    }
}

/// Every line of both, what is gone before what came in its place.
pub(super) fn lines(old: &[String], new: &[String]) -> Vec<Changed> {
    let same = |(one, other): &(&String, &String)| one == other;
    let head = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (from(old, head), from(new, head));
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    let (old_middle, old_tail) = split(old_rest, tail);
    let (new_middle, _) = split(new_rest, tail);
    let mut all: Vec<Changed> = marked(old.iter().take(head), Mark::Same).collect();
    all.extend(middle(old_middle, new_middle));
    all.extend(marked(old_tail.iter(), Mark::Same));
    all
}

/// Without what is the same far from any change.
pub(super) fn short(all: Vec<Changed>) -> Vec<Changed> {
    let changed: Vec<bool> = all.iter().map(|line| line.mark != Mark::Same).collect();
    let is_near = |at: usize| {
        let around = changed.iter().skip(at.saturating_sub(AROUND));
        around.take(AROUND + AROUND.min(at) + 1).any(|changed| *changed)
    };
    let mut told: Vec<Changed> = Vec::new();
    for (at, line) in all.into_iter().enumerate() {
        if is_near(at) {
            told.push(line);
        } else if told.last().is_none_or(|last| last.mark != Mark::Left) {
            told.push(Changed { mark: Mark::Left, text: String::new() });
        }
    }
    told
}

fn middle(old: &[String], new: &[String]) -> Vec<Changed> {
    if old.len().saturating_mul(new.len()) > CELLS_MAX {
        return marked(old.iter(), Mark::Gone).chain(marked(new.iter(), Mark::New)).collect();
    }
    let lengths = lengths(old, new);
    let common = |old: usize, new: usize| {
        lengths.get(old).and_then(|row| row.get(new)).copied().unwrap_or_default()
    };
    let (mut all, mut at_old, mut at_new) = (Vec::new(), 0, 0);
    loop {
        let (one, other) = (old.get(at_old), new.get(at_new));
        let mark = match (one, other) {
            (None, None) => return all,
            (Some(one), Some(other)) if one == other => Mark::Same,
            (Some(_), None) => Mark::Gone,
            (None, Some(_)) => Mark::New,
            (Some(_), Some(_)) if common(at_old + 1, at_new) >= common(at_old, at_new + 1) => {
                Mark::Gone
            }
            (Some(_), Some(_)) => Mark::New,
        };
        let line = if mark == Mark::New { other } else { one };
        all.extend(line.map(|text| Changed { mark, text: text.clone() }));
        at_old += usize::from(mark != Mark::New);
        at_new += usize::from(mark != Mark::Gone);
    }
}

/// Of each two rests, how many lines they have in common, in order.
fn lengths(old: &[String], new: &[String]) -> VecDeque<Vec<u32>> {
    let mut rows = VecDeque::from([vec![0; new.len() + 1]]);
    for line in old.iter().rev() {
        let below = rows.front().cloned().unwrap_or_default();
        let mut row = vec![0; new.len() + 1];
        let mut right = 0;
        for (at, other) in new.iter().enumerate().rev() {
            let cell = |at: usize| below.get(at).copied().unwrap_or_default();
            right = if line == other { cell(at + 1) + 1 } else { right.max(cell(at)) };
            if let Some(cell) = row.get_mut(at) {
                *cell = right;
            }
        }
        rows.push_front(row);
    }
    rows
}

fn marked<'l>(
    lines: impl Iterator<Item = &'l String>,
    mark: Mark,
) -> impl Iterator<Item = Changed> {
    lines.map(move |text| Changed { mark, text: text.clone() })
}

fn from(lines: &[String], at: usize) -> &[String] {
    lines.get(at..).unwrap_or_default()
}

/// So many off the end.
fn split(lines: &[String], tail: usize) -> (&[String], &[String]) {
    lines.split_at_checked(lines.len().saturating_sub(tail)).unwrap_or_default()
}

/// Lines shown before and behind a change.
const AROUND: usize = 3;
/// Where both texts are longer than some thousand lines, all of one stands before all of the other.
const CELLS_MAX: usize = 4_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> String {
        let of = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let all = lines(&of(old), &of(new));
        all.iter().map(|line| format!("{}{}", line.sign().trim(), line.text)).collect()
    }

    #[test]
    fn what_went_and_what_came_is_told_in_order() {
        for (old, new, wanted) in [
            ("abc", "abc", "abc"),
            ("abc", "axc", "a−b+xc"),
            ("abc", "ac", "a−bc"),
            ("ac", "abc", "a+bc"),
            ("", "ab", "+a+b"),
            ("ab", "", "−a−b"),
            ("abcd", "bxda", "−ab−c+xd+a"),
            ("aa", "a", "a−a"),
        ] {
            assert_eq!(told(old, new), wanted, "{old} -> {new}");
        }
    }

    #[test]
    fn each_text_can_be_read_out_of_the_difference() {
        let texts = ["", "a", "b", "ab", "ba", "aab", "aba", "abab", "bbaa", "abcabc", "cbacba"];
        for old in texts {
            for new in texts {
                let of = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
                let all = lines(&of(old), &of(new));
                let read = |without: Mark| -> String {
                    let kept = all.iter().filter(|line| line.mark != without);
                    kept.map(|line| line.text.as_str()).collect()
                };
                assert_eq!((read(Mark::New).as_str(), read(Mark::Gone).as_str()), (old, new));
            }
        }
    }

    #[test]
    fn what_is_far_from_any_change_is_left_out() {
        let old: Vec<String> = (0..40).map(|line| line.to_string()).collect();
        let mut new = old.clone();
        new[20] = "x".into();
        let told = short(lines(&old, &new));
        let text: Vec<&str> = told.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(text, ["", "17", "18", "19", "20", "x", "21", "22", "23", ""]);
        assert!(short(lines(&old, &old)).len() == 1);
    }
}
