//! A message read again after an edit is read as if it were read for the first time.

use bytes::Bytes;
use policy::Reading;

/// What is put in, and before which last bytes; at the end where they do not stand there.
const EDITS: [(&[u8], &[u8]); 6] = [
    (b"<div>Kav\xc3\xa1rna</div>\r\n", b"</body"),
    (b"Kav\xc3\xa1rna", b"</body"),
    (b"Kav\xc3\xa1rna https://a.cz/odhlasit\r\n", b"\r\n--"),
    (b"\r\n", b"</html"),
    (b"<b>", b"\n"),
    (b"X-Field: 1\r\n", b"Subject:"),
];

#[test]
fn the_corpus_read_again_is_the_corpus_read() {
    let small = |(_, bytes): &(String, Vec<u8>)| bytes.len() < 200_000;
    for (name, bytes) in crate::corpus_files::all().into_iter().filter(small) {
        let before = Reading::of(Bytes::from(bytes.clone()));
        for (added, last) in EDITS {
            let mut edited = bytes.clone();
            let at = memchr::memmem::rfind(&bytes, last).unwrap_or(bytes.len());
            edited.splice(at..at, added.iter().copied());
            let edited = Bytes::from(edited);
            let again = before.again(edited.clone());
            let first = Reading::of(edited);
            assert!(told(&again) == told(&first), "{name} {last:?}");
        }
    }
}

fn told(reading: &Reading) -> String {
    let views = reading.views.iter().map(|view| {
        let shown = (&view.text, &view.links, &view.spans, &view.alt);
        (view.part, view.html, view.readable, shown, view.images, view.pixels)
    });
    format!("{:?} {:?}", reading.message, views.collect::<Vec<_>>())
}
