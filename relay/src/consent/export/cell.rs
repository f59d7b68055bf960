//! Cells of a CSV file (RFC 4180) that no spreadsheet takes for a formula, and the way back.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a line end is evaluated by programs that open
//! the file (OWASP, CSV injection): an apostrophe before it makes it text.

/// Appends one cell.
pub(in crate::consent) fn write(line: &mut String, text: &str) {
    let guarded = is_guarded(text);
    if !guarded && !text.contains(['"', ',', ';', '\r', '\n']) && text.trim() == text {
        line.push_str(text);
        return;
    }
    line.push('"');
    if guarded {
        line.push('\'');
    }
    for letter in text.chars() {
        if letter == '"' {
            line.push('"');
        }
        line.push(letter);
    }
    line.push('"');
}

/// One record with its end.
pub fn record<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (at, text) in cells.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        write(&mut line, text);
    }
    line.push_str("\r\n");
    line
}

/// The cell as it was before it was made harmless.
pub(in crate::consent) fn plain(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_guarded(rest)).unwrap_or(text)
}

/// Whether it is a formula, or an apostrophe would be taken off it on the way back.
fn is_guarded(text: &str) -> bool {
    let rest = text.trim_start_matches('\'');
    rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        for (text, expected) in [
            ("=1+1", "\"'=1+1\""),
            ("+420", "\"'+420\""),
            ("-x", "\"'-x\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("'=x", "\"''=x\""),
            ("o'neil@b.cz", "o'neil@b.cz"),
            ("a,b \"c\"", "\"a,b \"\"c\"\"\""),
            ("2026-01-01", "2026-01-01"),
        ] {
            let mut line = String::new();
            write(&mut line, text);
            assert_eq!(line, expected);
        }
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(text in "['=+@a-]{0,6}") {
            let mut line = String::new();
            write(&mut line, &text);
            let cell = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let cell = cell.map_or(line.clone(), |cell| cell.replace("\"\"", "\""));
            prop_assert_eq!(plain(&cell), text.as_str());
            let dangerous = |text: &str| text.starts_with(['=', '+', '-', '@']);
            prop_assert!(!dangerous(&cell));
        }
    }
}
