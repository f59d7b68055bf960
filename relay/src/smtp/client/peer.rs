//! What a server says: replies and capabilities, read from bytes that nobody vouches for.

use memchr::memchr;

/// A server's whole reply, its lines joined by a line feed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeerReply {
    /// 200 to 599.
    pub code: u16,
    /// `[5, 7, 1]`, where the server said one that fits the code (RFC 2034).
    pub enhanced: Option<[u16; 3]>,
    /// Without codes and control characters.
    pub text: String,
}

impl PeerReply {
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// On one line, as journal and DSN show it: `550 5.1.1 no such user`. What is longer than a header
    /// field may be is cut.
    pub fn line(&self) -> String {
        let text = self.text.replace('\n', " ");
        let mut line = match self.enhanced {
            Some([class, subject, detail]) => {
                format!("{} {class}.{subject}.{detail} {text}", self.code)
            }
            None => format!("{} {text}", self.code),
        };
        if line.len() > SHOWN_MAX {
            line.truncate(line.floor_char_boundary(SHOWN_MAX));
            line.push_str(" ...");
        }
        line
    }
}

/// The server broke the protocol: nothing more of this connection can be trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BadReply(pub(super) &'static str);

/// Cuts bytes into replies. Accepts a bare LF as line end: only a client's commands can be smuggled.
///
/// Of a reply that says too much the beginning is kept and the rest passed over: its code counts all the
/// same. A server that takes messages so would otherwise get each again at every attempt.
#[derive(Debug, Default)]
pub(super) struct Reader {
    unread: Vec<u8>,
    taken: usize,
    open: Option<PeerReply>,
    lines: usize,
    /// Of the reply that is being read, what was passed over included.
    octets: usize,
}

/// What is kept of a line and of a reply, and what a reply may have at all.
const LINE_KEPT: usize = 4_096;
const LINES_KEPT: usize = 256;
const TEXT_KEPT: usize = 64 * 1024;
const OCTETS_MAX: usize = 4 << 20;
/// Octets of a reply in journal and DSN: with a field's name less than RFC 5322 §2.1.1 allows a line.
const SHOWN_MAX: usize = 900;

impl Reader {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.unread.drain(..self.taken.min(self.unread.len()));
            self.taken = 0;
        }
        self.unread.extend_from_slice(bytes);
    }

    /// Nothing was said that is not part of a finished reply.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_none() && self.taken >= self.unread.len()
    }

    pub(super) fn next(&mut self) -> Option<Result<PeerReply, BadReply>> {
        loop {
            let rest = self.unread.get(self.taken..).unwrap_or_default();
            let Some(end) = memchr(b'\n', rest) else {
                let over = rest.len().saturating_sub(LINE_KEPT);
                if over > 0
                    && let Err(bad) = read_line(rest.get(..LINE_KEPT).unwrap_or_default())
                {
                    return Some(Err(bad));
                }
                self.unread.truncate(self.unread.len() - over);
                self.octets += over;
                let waiting = self.octets + self.unread.len() - self.taken;
                return (waiting > OCTETS_MAX).then_some(Err(TOO_LONG));
            };
            let line = rest.get(..end.min(LINE_KEPT)).unwrap_or_default();
            let read = read_line(line.strip_suffix(b"\r").unwrap_or(line));
            self.octets += end + 1;
            self.taken += end + 1;
            match read.and_then(|(code, last, text)| self.add(code, last, text)) {
                Ok(None) => {}
                Ok(Some(reply)) => return Some(Ok(reply)),
                Err(bad) => return Some(Err(bad)),
            }
        }
    }

    fn add(&mut self, code: u16, last: bool, text: Line) -> Result<Option<PeerReply>, BadReply> {
        let mut reply = match self.open.take() {
            None => {
                self.lines = 0;
                PeerReply { code, enhanced: text.enhanced, text: text.text }
            }
            Some(open) if open.code != code => {
                return Err(BadReply("the lines of a reply have different codes"));
            }
            Some(mut open) => {
                if self.lines < LINES_KEPT && open.text.len() < TEXT_KEPT {
                    open.text.push('\n');
                    open.text.push_str(&text.text);
                }
                open
            }
        };
        self.lines += 1;
        if self.octets > OCTETS_MAX {
            return Err(TOO_LONG);
        }
        if last {
            self.octets = 0;
            reply.text.shrink_to_fit();
            return Ok(Some(reply));
        }
        self.open = Some(reply);
        Ok(None)
    }
}

const TOO_LONG: BadReply = BadReply("a reply is too long");

struct Line {
    enhanced: Option<[u16; 3]>,
    text: String,
}

/// `250-text`: code, whether it is the last line, and the text.
fn read_line(line: &[u8]) -> Result<(u16, bool, Line), BadReply> {
    let bad = Err(BadReply("a line does not start with a reply code"));
    let Some((digits, rest)) = line.split_at_checked(3) else { return bad };
    let Some(code) = number(digits).filter(|code| (200..600).contains(code)) else { return bad };
    let (last, text) = match rest.split_first() {
        None => (true, rest),
        Some((b' ', text)) => (true, text),
        Some((b'-', text)) => (false, text),
        Some(_) => return bad,
    };
    Ok((code, last, read_text(code, text)))
}

fn read_text(code: u16, text: &[u8]) -> Line {
    let (enhanced, text) = match enhanced(code, text) {
        Some((enhanced, rest)) => (Some(enhanced), rest),
        None => (None, text),
    };
    let text = String::from_utf8_lossy(text);
    let text = text.trim_end();
    let text = if text.chars().any(char::is_control) {
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    } else {
        text.to_owned()
    };
    Line { enhanced, text }
}

/// An enhanced status code at the start, if its class fits the reply's.
fn enhanced(code: u16, text: &[u8]) -> Option<([u16; 3], &[u8])> {
    let end = memchr(b' ', text).unwrap_or(text.len());
    let mut numbers = text.get(..end)?.split(|&byte| byte == b'.').map(number);
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    let [class, ..] = found;
    let fits = numbers.next().is_none() && class == code / 100;
    fits.then(|| (found, text.get(end + 1..).unwrap_or_default()))
}

/// One to three digits.
fn number(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |sum, &digit| sum * 10 + u16::from(digit - b'0')))
}

/// What the server offered after EHLO; nothing after HELO.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Capabilities {
    pub pipelining: bool,
    pub eight_bit: bool,
    pub smtputf8: bool,
    pub chunking: bool,
    pub binary: bool,
    pub dsn: bool,
    pub start_tls: bool,
    pub require_tls: bool,
    pub priority: bool,
    /// RFC 2852: the least of seconds that it takes with `R`; 0 where it says none. `None`: it knows
    /// no BY.
    pub deliver_by: Option<i32>,
    pub prdr: bool,
    pub size: bool,
    /// Octets; `None`: no limit said.
    pub size_max: Option<u64>,
    pub auth_plain: bool,
    pub auth_login: bool,
    /// RFC 9422: recipients in one transaction, transactions over one connection.
    pub recipients_max: Option<usize>,
    pub messages_max: Option<u32>,
    /// What it wants to be told of the message's first client, in upper case.
    pub xforward: Vec<String>,
}

impl Capabilities {
    /// From the text of the reply to EHLO; the first line is the server's name.
    pub(super) fn of(text: &str) -> Self {
        let mut offered = Self::default();
        for line in text.lines().skip(1) {
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            match keyword.as_str() {
                "PIPELINING" => offered.pipelining = true,
                "XFORWARD" => offered.xforward = words.map(str::to_ascii_uppercase).collect(),
                "8BITMIME" => offered.eight_bit = true,
                "SMTPUTF8" => offered.smtputf8 = true,
                "CHUNKING" => offered.chunking = true,
                "BINARYMIME" => offered.binary = true,
                "DSN" => offered.dsn = true,
                "STARTTLS" => offered.start_tls = true,
                "REQUIRETLS" => offered.require_tls = true,
                "MT-PRIORITY" => offered.priority = true,
                "DELIVERBY" => {
                    let least = words.next().and_then(|word| word.parse().ok());
                    offered.deliver_by = Some(least.unwrap_or(0).max(0));
                }
                "PRDR" => offered.prdr = true,
                "SIZE" => {
                    offered.size = true;
                    let most = words.next().and_then(|word| word.parse().ok());
                    offered.size_max = most.filter(|&most: &u64| most > 0);
                }
                "AUTH" => {
                    for word in words {
                        offered.auth_plain |= word.eq_ignore_ascii_case("PLAIN");
                        offered.auth_login |= word.eq_ignore_ascii_case("LOGIN");
                    }
                }
                "LIMITS" => offered.limits(line),
                _ => {}
            }
        }
        offered
    }

    fn limits(&mut self, line: &str) {
        for (name, most) in line.split(' ').filter_map(|word| word.split_once('=')) {
            match name.to_ascii_uppercase().as_str() {
                "RCPTMAX" => self.recipients_max = most.parse().ok().filter(|&most| most > 0),
                "MAILMAX" => self.messages_max = most.parse().ok().filter(|&most| most > 0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = Result<(u16, Option<[u16; 3]>, String), &'static str>;

    fn read(bytes: &[u8]) -> Vec<Seen> {
        let mut whole = Reader::default();
        whole.push(bytes);
        let mut replies = Vec::new();
        while let Some(reply) = whole.next() {
            let failed = reply.is_err();
            replies.push(reply.map(|r| (r.code, r.enhanced, r.text)).map_err(|bad| bad.0));
            if failed {
                break;
            }
        }
        replies
    }

    #[test]
    fn replies_are_read_as_they_come() {
        let ok = |code, enhanced, text: &str| Ok((code, enhanced, text.to_owned()));
        let code = Err("a line does not start with a reply code");
        for (bytes, expected) in [
            (&b"250 ok\r\n"[..], vec![ok(250, None, "ok")]),
            (b"250\r\n", vec![ok(250, None, "")]),
            (b"250 2.1.0 sender ok\r\n", vec![ok(250, Some([2, 1, 0]), "sender ok")]),
            (b"550 5.7.123\r\n", vec![ok(550, Some([5, 7, 123]), "")]),
            (b"550 2.1.0 class differs\r\n", vec![ok(550, None, "2.1.0 class differs")]),
            (b"250 1.2.3.4 is you\r\n", vec![ok(250, None, "1.2.3.4 is you")]),
            (b"250 2.1 short\r\n", vec![ok(250, None, "2.1 short")]),
            (b"250-2.0.0 a\r\n250 2.0.0 b\n", vec![ok(250, Some([2, 0, 0]), "a\nb")]),
            (b"250 a\r\n354 go\r\n", vec![ok(250, None, "a"), ok(354, None, "go")]),
            (b"550 a\0b\rc\xff\r\n", vec![ok(550, None, "a b c\u{fffd}")]),
            (b"250-a\r\n550 b\r\n", vec![Err("the lines of a reply have different codes")]),
            (b"25 a\r\n", vec![code.clone()]),
            (b"\r\n", vec![code.clone()]),
            (b"999 a\r\n", vec![code.clone()]),
            (b"150 a\r\n", vec![code.clone()]),
            (b"2500 a\r\n", vec![code.clone()]),
            (b"HTTP/1.1 400\r\n", vec![code]),
            (b"250 unfinished", vec![]),
        ] {
            assert_eq!(read(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn of_a_reply_that_is_too_long_the_beginning_is_kept() {
        let long = [b"250 ".as_slice(), &[b'x'; 1_000_000], b"\r\n354 go\r\n"].concat();
        let mut many = b"250-2.0.0 x\r\n".repeat(10_000);
        many.extend_from_slice(b"250 end\r\n354 go\r\n");
        for bytes in [long, many] {
            // In pieces, as they come from a socket, and at once.
            for size in [1_000, 4_096, bytes.len()] {
                let mut reader = Reader::default();
                let mut replies = Vec::new();
                for piece in bytes.chunks(size) {
                    reader.push(piece);
                    replies.extend(std::iter::from_fn(|| reader.next()));
                    let held = reader.open.as_ref().map_or(0, |open| open.text.len());
                    assert!(reader.unread.len() <= LINE_KEPT + size && held <= 2 * TEXT_KEPT);
                }
                let replies: Vec<PeerReply> = replies.into_iter().map(Result::unwrap).collect();
                let codes: Vec<u16> = replies.iter().map(|reply| reply.code).collect();
                assert_eq!(codes, [250, 354], "{size}");
                assert!(replies[0].line().len() < 950 && replies[0].line().starts_with("250 "));
            }
        }
    }

    #[test]
    fn a_server_cannot_go_on_for_ever() {
        for (begins, piece) in [("250 ", "x".repeat(4_000)), ("", "250-x\r\n".repeat(500))] {
            let mut reader = Reader::default();
            reader.push(begins.as_bytes());
            let end = (0..2_000).find_map(|_| {
                reader.push(piece.as_bytes());
                reader.next()
            });
            assert_eq!(end, Some(Err(TOO_LONG)));
            assert!(reader.unread.len() < 10_000);
        }
    }

    #[test]
    fn any_cut_gives_the_same_replies() {
        let bytes = b"250-2.0.0 a\r\n250 2.0.0 b\r\n354 go\n550 5.1.1 no\r\n";
        for cut in 0..bytes.len() {
            let mut reader = Reader::default();
            let mut replies = Vec::new();
            for piece in [&bytes[..cut], &bytes[cut..]] {
                reader.push(piece);
                replies.extend(std::iter::from_fn(|| reader.next()));
            }
            assert!(reader.is_empty());
            let codes: Vec<u16> = replies.into_iter().map(|reply| reply.unwrap().code).collect();
            assert_eq!(codes, [250, 354, 550], "cut at {cut}");
        }
    }

    #[test]
    fn capabilities_are_found_in_any_case_and_order() {
        let offered = Capabilities::of(
            "mx.test hello PIPELINING\nsize 1000\nAUTH=LOGIN plain\nPipelining\n8BITMIME\nLIMITS RCPTMAX=20 MAILMAX=5\nXANYTHING 1",
        );
        assert!(
            offered.pipelining && offered.eight_bit && offered.auth_plain && offered.auth_login
        );
        assert!(!offered.chunking && !offered.dsn && !offered.start_tls);
        assert_eq!((offered.size, offered.size_max), (true, Some(1000)));
        assert_eq!((offered.recipients_max, offered.messages_max), (Some(20), Some(5)));
        assert_eq!(Capabilities::of("PIPELINING"), Capabilities::default(), "a name is no offer");
    }
}
