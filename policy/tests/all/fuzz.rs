//! The fuzz bodies on stable: over the seeds, the corpus, and a few thousand deterministic
//! mutations of both. Not a search for new inputs; that is cargo-fuzz's work.

#[path = "../../fuzz/bodies.rs"]
mod bodies;
/// A small generator, so that every run mutates the same way (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % limit.max(1)
    }
}

/// Pieces on which parsers stumble.
const PIECES: [&[u8]; 24] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"--",
    b"=",
    b"=?utf-8?Q?",
    b"?=",
    b"<",
    b">",
    b"</",
    b"<!--",
    b"-->",
    b"&#",
    b"&amp;",
    b"\"",
    b"'",
    b";",
    b":",
    b"\xc5",
    b"\xff",
    b"\r\n\r\n",
    b"<p style='display:none'>",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
];

fn mutated(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(data.len() + 1);
        match dice.below(5) {
            0 => data.truncate(at),
            1 => {
                if let Some(byte) = data.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            2 => {
                let piece = PIECES[dice.below(PIECES.len())];
                data.splice(at..at, piece.iter().copied());
            }
            3 => {
                let end = (at + dice.below(40)).min(data.len());
                data.drain(at..end);
            }
            _ => {
                let end = (at + dice.below(200)).min(data.len());
                let piece = data[at..end].to_vec();
                let to = dice.below(data.len() + 1);
                data.splice(to..to, piece);
            }
        }
    }
    data
}

fn seeds() -> Vec<Vec<u8>> {
    let own: [&str; 9] = [
        "From: a@b\r\nSubject: =?utf-8?Q?P=C5=99=C3=ADli=C5=A1?=\r\n\r\nText https://a.cz/x.",
        "From: Jana <a@b>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\
         Content-Type: text/html; charset=iso-8859-2\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <p>P=F8=EDli=B9 <a href=3D\"https://a.cz/?a&amp;b\">odhl=E1sit</a>\r\n--b--\r\n",
        "Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\nPABwAD4AYQA=",
        "Content-Type: multipart/signed; boundary=\"b\"\r\n\r\n--b\r\n\r\nx\r\n--b--",
        "jana@háčkyčárky.cz",
        "\"a\\\"b\"@[IPv6:::1]",
        "Straße ½ ﬁ 🔥 z\u{30c}lut\u{200b}ý",
        "<table><tr><td style='font-size:0'><b>a<p>b</td><a href=x><img alt=y width=1 height=1></a>",
        "",
    ];
    own.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn run(body: fn(&[u8]), rounds: usize) {
    let mut dice = Dice(0x5ea1_ed0f_c0ff_ee11);
    for seed in &seeds() {
        body(seed);
        for _ in 0..rounds {
            body(&mutated(seed, &mut dice));
        }
    }
    let files = crate::corpus_files::all();
    // The large ones hold attachments, no other structures.
    for (_, bytes) in files.iter().filter(|(_, bytes)| bytes.len() < 40_000) {
        body(bytes);
    }
    let small: Vec<_> = files.iter().filter(|(_, bytes)| bytes.len() < 6_000).collect();
    for _ in 0..if small.is_empty() { 0 } else { rounds * 2 } {
        let (_, bytes) = small[dice.below(small.len())];
        body(&mutated(bytes, &mut dice));
    }
}

#[test]
fn an_address_read_reads_as_itself() {
    run(bodies::address, 100);
}

#[test]
fn a_message_is_cut_into_parts_that_lie_inside_it() {
    run(bodies::message, 60);
}

#[test]
fn what_is_folded_stays_folded() {
    run(bodies::folding, 40);
}

#[test]
fn a_reading_is_the_same_every_time() {
    run(bodies::reading, 15);
}

#[test]
fn a_rewritten_message_differs_only_in_its_edits() {
    run(bodies::rewrite, 50);
}
