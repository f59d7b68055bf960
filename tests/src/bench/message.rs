//! The messages that are sent: a Czech newsletter that needs every repair the policy knows.

/// A multipart/alternative newsletter of about `size` bytes: no label, no identity, no unsubscribe
/// link, no List-Unsubscribe. Lines end with LF, as smtp-source wants its file.
pub fn newsletter(size: usize) -> String {
    let head = "From: Kavárna Pod Lípou <novinky@kavarna.example>\n\
        To: prijemce@example.net\n\
        Subject: =?utf-8?Q?Nov=C3=A9_ka=CC=81vy_z_Etiopie_a_Kolumbie?=\n\
        Date: Mon, 02 Nov 2026 08:00:00 +0100\n\
        Message-ID: <kampan-42@kavarna.example>\n\
        MIME-Version: 1.0\n\
        Content-Type: multipart/alternative; boundary=\"hranice\"\n\n";
    let sentence = "Právě jsme upražili nové kávy a rádi vám je představíme u nás v obchodě. ";
    let text_open = "--hranice\nContent-Type: text/plain; charset=utf-8\n\
        Content-Transfer-Encoding: 8bit\n\nDobrý den,\n\n";
    let html_open = "\n--hranice\nContent-Type: text/html; charset=utf-8\n\
        Content-Transfer-Encoding: 8bit\n\n<html><body style=\"color:#222\"><h1>Nové kávy</h1>\n\
        <p><a href=\"https://www.kavarna.example/?utm_source=mail\">Do obchodu</a></p>\n";
    let html_close = "</body></html>\n--hranice--\n";
    let fixed = head.len() + text_open.len() + html_open.len() + html_close.len();
    let each = size.saturating_sub(fixed) / 2;
    let text = format!("{sentence}\n").repeat(each / (sentence.len() + 1));
    let paragraph = format!("<p>{sentence}</p>\n");
    let html = paragraph.repeat(each / paragraph.len());
    format!("{head}{text_open}{text}{html_open}{html}{html_close}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_about_what_was_asked() {
        for size in [4_096, 51_200] {
            let made = newsletter(size).len();
            assert!(made > size * 9 / 10 && made <= size, "{made} of {size}");
        }
    }
}
