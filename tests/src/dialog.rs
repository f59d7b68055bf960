//! Reads `tests/dialogs/*.smtp`: what a client says and what it must hear.
//!
//! ```text
//! # a comment
//! @ limit recipients 2      a setting of the session, see `Setting`
//! C MAIL FROM:<a@test>      the client says this line, CRLF follows
//! C~ a\nb{x*100}\r\n        the client says exactly this: \r \n \t \0 \xHH \\ and {text*times}
//! S 250 2.1.0 sender ok     the server says this line
//! T                         the TLS handshake happens here
//! L                         the deadline for hearing something passes here
//! X                         the server closes
//! E a@test -> b@test        the envelope that reaches the decision (only where a file has any)
//! D Subject: hello          a line of the message that reaches it (only where a file has any)
//! ```
//!
//! Parsing only: who plays a dialog, and against what, is a test's business.

/// One line of a dialog.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Line {
    Client(Vec<u8>),
    Handshake,
    Deadline,
    /// With its letter: `S `, `E `, `D ` or `X`.
    Heard(String),
}

/// A dialog file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Dialog {
    /// The words of each `@` line.
    pub settings: Vec<Vec<String>>,
    pub lines: Vec<Line>,
}

impl Dialog {
    /// Reads a whole file; panics with the line that is not one.
    pub fn parse(script: &str) -> Self {
        let mut dialog = Self::default();
        for line in script.lines() {
            let (mark, text) = line.split_once(' ').unwrap_or((line, ""));
            match mark {
                "" | "#" => {}
                "@" => dialog.settings.push(text.split_whitespace().map(str::to_owned).collect()),
                "C" => dialog.lines.push(Line::Client(format!("{text}\r\n").into_bytes())),
                "C~" => dialog.lines.push(Line::Client(unescape(text))),
                "T" => dialog.lines.push(Line::Handshake),
                "L" => dialog.lines.push(Line::Deadline),
                "S" | "E" | "D" => dialog.lines.push(Line::Heard(format!("{mark} {text}"))),
                "X" => dialog.lines.push(Line::Heard("X".into())),
                _ => panic!("not a line of a dialog: {line}"),
            }
        }
        dialog
    }

    /// What the client must hear, in order.
    pub fn expected(&self) -> Vec<&str> {
        self.lines
            .iter()
            .filter_map(|line| match line {
                Line::Heard(text) => Some(text.as_str()),
                Line::Client(_) | Line::Handshake | Line::Deadline => None,
            })
            .collect()
    }

    /// Whether the file says anything with this letter.
    pub fn speaks_of(&self, mark: char) -> bool {
        self.expected().iter().any(|text| text.starts_with(mark))
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = vec![];
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let after = &rest[char.len_utf8()..];
        match char {
            '\\' => {
                let (byte, used) = escape(after);
                bytes.push(byte);
                rest = &after[used..];
            }
            '{' => {
                let (inside, behind) = after.split_once('}').expect("a } after {");
                let (piece, times) = inside.rsplit_once('*').expect("{text*times}");
                bytes.extend(unescape(piece).repeat(times.parse().expect("{text*times}")));
                rest = behind;
            }
            char => {
                bytes.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
        }
    }
    bytes
}

fn escape(after: &str) -> (u8, usize) {
    match after.chars().next() {
        Some('r') => (b'\r', 1),
        Some('n') => (b'\n', 1),
        Some('t') => (b'\t', 1),
        Some('0') => (0, 1),
        Some('\\') => (b'\\', 1),
        Some('x') => (u8::from_str_radix(&after[1..3], 16).expect("two hex digits"), 3),
        other => panic!("no such escape: {other:?}"),
    }
}
