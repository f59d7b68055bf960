//! Rewriting, structure by structure: which parts get the footer, and that all others keep every byte.

use bytes::Bytes;
use policy::{CannotEdit, Edit, LinkKind, Message, PartKind, Reading, render};

const IDENTITY: &str = "Žlutý kůň s.r.o., IČO 27082440";
const SENTENCE: &str = "Odhlášení";
const LINK: &str = "https://relay.example/u/Zm9v";

fn link(_: &LinkKind) -> String {
    LINK.to_owned()
}

fn footer() -> Vec<Edit> {
    vec![
        Edit::LabelSubject { label: "[OS]".to_owned() },
        Edit::AddIdentity { text: IDENTITY.to_owned() },
        Edit::AddUnsubscribe { text: SENTENCE.to_owned() },
        Edit::AddListUnsubscribe,
    ]
}

fn rendered(message: &[u8]) -> Result<Bytes, CannotEdit> {
    render(&Message::parse(Bytes::copy_from_slice(message)), &footer(), &link)
}

/// The paths of the parts that were changed. All others have the same bytes, the changed ones
/// show the footer, and a second time changes nothing.
fn changed(message: &str) -> Result<Vec<String>, CannotEdit> {
    let before = Message::parse(Bytes::from(message.to_owned()));
    let out = render(&before, &footer(), &link)?;
    let after = Reading::of(out.clone());
    assert_eq!(before.parts().len(), after.message.parts().len(), "{message}");
    assert_eq!(before.is_malformed(), after.message.is_malformed(), "{message}");
    let mut paths = Vec::new();
    for (index, old) in before.parts().iter().enumerate() {
        let new = &after.message.parts()[index];
        assert_eq!((&old.path, &old.media_type), (&new.path, &new.media_type), "{message}");
        if old.kind == PartKind::Multipart {
            continue;
        }
        if before.raw(old.body.clone()) == after.message.raw(new.body.clone()) {
            assert_eq!(before.raw(old.head.clone()).len(), old.head.len());
            continue;
        }
        paths.push(old.path.clone());
        let view = after.views.iter().find(|view| view.part == index);
        let view = view.unwrap_or_else(|| panic!("{} is not shown: {message}", old.path));
        assert!(view.text.contains(IDENTITY) && view.text.contains(SENTENCE), "{}", view.text);
        assert!(view.links.iter().any(|link| link.href == LINK && link.visible), "{message}");
        assert_eq!(view.text.matches(IDENTITY).count(), 1, "{message}");
    }
    let twice = render(&after.message, &footer(), &link);
    assert_eq!(twice.as_deref(), Ok(&out[..]), "{message}");
    Ok(paths)
}

/// A tree written short: `mixed[text html attached]`, with CRLF.
fn tree(text: &str) -> String {
    let mut rest = text;
    let mut number = 0;
    let part = part(&mut rest, &mut number);
    assert!(rest.is_empty(), "{rest}");
    format!("From: Obchod <a@b.cz>\nSubject: Sleva\nMIME-Version: 1.0\n{part}")
        .replace('\n', "\r\n")
}

fn part(rest: &mut &str, number: &mut usize) -> String {
    *rest = rest.trim_start();
    let end = rest.find([' ', '[', ']']).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    *rest = behind;
    let leaf = match word {
        "text" => "Content-Type: text/plain; charset=utf-8\n\nDobrý den.\n",
        "html" => {
            "Content-Type: text/html; charset=utf-8\n\n<html><body><p>Dobrý den.</p></body></html>\n"
        }
        "quoted" => {
            "Content-Type: text/html; charset=iso-8859-2\nContent-Transfer-Encoding: quoted-printable\n\n\
             <p>Dob=\nr=FD den =\n</p>\n"
        }
        "base64" => {
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nRG9\nici\nDDvSBkZW4uDQo=\n"
        }
        "flowed" => {
            "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\nDob \nrý den, \npříteli.\n-- \nJan\n"
        }
        "attached" => {
            "Content-Type: text/html; charset=utf-8\nContent-Disposition: attachment; filename=a.html\n\n<p>A</p>\n"
        }
        "image" => {
            "Content-Type: image/png\nContent-ID: <i>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
        }
        "calendar" => {
            "Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n"
        }
        "nested" => {
            "Content-Type: message/rfc822\n\nFrom: c@d.cz\nSubject: x\nContent-Type: text/plain\n\nText.\n"
        }
        "amp" => {
            "Content-Type: text/x-amp-html; charset=utf-8\n\n<html amp4email><body>x</body></html>\n"
        }
        "signature" => "Content-Type: application/pkcs7-signature\n\nx\n",
        "secret" => "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\nx\n",
        "status" => "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n",
        _ => "",
    };
    if !leaf.is_empty() {
        return leaf.to_owned();
    }
    *number += 1;
    let boundary = format!("b{number}");
    // `open-mixed` has no end of its own.
    let kind = word.trim_start_matches("open-");
    let mut out = format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\n\npreamble\n");
    *rest = rest.strip_prefix('[').unwrap_or_else(|| panic!("{word} {rest}"));
    while !rest.starts_with(']') {
        out += &format!("--{boundary}\n{}", part(rest, number));
        *rest = rest.trim_start();
    }
    *rest = &rest[1..];
    if !word.starts_with("open-") {
        out += &format!("--{boundary}--\nepilogue\n");
    }
    out
}

#[test]
fn each_alternative_of_the_body_gets_the_footer_and_nothing_else_does() {
    for (written, paths) in [
        ("text", &["1"][..]),
        ("html", &["1"]),
        ("quoted", &["1"]),
        ("base64", &["1"]),
        ("flowed", &["1"]),
        ("alternative[text html]", &["1", "2"]),
        ("alternative[base64 quoted]", &["1", "2"]),
        ("alternative[html]", &["1"]),
        // An attachment before the text, and after it.
        ("mixed[image text]", &["2"]),
        ("mixed[attached text]", &["2"]),
        ("mixed[nested text]", &["2"]),
        ("mixed[text attached image]", &["1"]),
        ("mixed[image alternative[text html] image]", &["2.1", "2.2"]),
        ("mixed[mixed[image] mixed[mixed[text]]]", &["2.1.1"]),
        ("related[html image]", &["1"]),
        ("alternative[text related[html image]]", &["1", "2.1"]),
        ("mixed[related[alternative[text html] image] attached]", &["1.1.1", "1.1.2"]),
        ("mixed[alternative[text related[quoted image]] nested]", &["1.1", "1.2.1"]),
        ("alternative[text mixed[html image] calendar]", &["1", "2.1"]),
        // An invitation stays as it was made.
        ("alternative[text html calendar]", &["1", "2"]),
        ("mixed[alternative[text html] calendar]", &["1.1", "1.2"]),
        ("alternative[text amp html]", &["1", "3"]),
        ("x-unknown[text image]", &["1"]),
        ("report[text status nested]", &["1"]),
        // Only the first text of several is the body, the others are more of it.
        ("mixed[text image text]", &["1"]),
        // The outer end ends what has none.
        ("open-mixed[image text]", &["2"]),
        ("open-alternative[text html]", &["1", "2"]),
        ("mixed[open-alternative[text html] image]", &["1.1", "1.2"]),
        ("open-mixed[open-related[open-alternative[text html]]]", &["1.1.1", "1.1.2"]),
    ] {
        let message = tree(written);
        assert_eq!(
            changed(&message).as_deref(),
            Ok(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>()[..]),
            "{written}"
        );
    }
}

#[test]
fn what_cannot_be_written_into_is_refused_whole() {
    for (written, why) in [
        ("signed[text signature]", CannotEdit::Sealed),
        ("signed[alternative[text html] signature]", CannotEdit::Sealed),
        ("mixed[signed[text signature] text]", CannotEdit::Sealed),
        ("encrypted[status secret]", CannotEdit::Sealed),
        ("image", CannotEdit::NoText),
        ("calendar", CannotEdit::NoText),
        ("mixed[image attached]", CannotEdit::NoText),
        ("mixed[nested]", CannotEdit::NoText),
    ] {
        let message = tree(written);
        assert_eq!(changed(&message), Err(why), "{written}");
    }
}

#[test]
fn deep_trees_are_written_or_refused_and_never_torn() {
    for depth in [1, 10, 30, 40, 200] {
        let written = format!("{}text{}", "mixed[".repeat(depth), "]".repeat(depth));
        match changed(&tree(&written)) {
            Ok(paths) => assert_eq!((paths.len(), depth < 32), (1, true), "{depth}"),
            Err(why) => assert_eq!((why, depth > 30), (CannotEdit::NoText, true), "{depth}"),
        }
    }
    let wide = format!("mixed[text{}]", " image".repeat(400));
    assert_eq!(changed(&tree(&wide)).as_deref(), Ok(&["1".to_owned()][..]));
}

/// Python's email package, seen 2026-11, and with it whoever reads the header alone.
#[test]
fn html_that_names_its_charset_itself_gets_a_footer_that_needs_none() {
    let meta = "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">";
    for encoding in ["8bit", "quoted-printable", "base64"] {
        let body = format!("<html><head>{meta}</head><body><p>Hello.</p></body></html>");
        let body = match encoding {
            "base64" => "PG1ldGEgY2hhcnNldD11dGYtOD48cD5IZWxsby48L3A+".to_owned(),
            "quoted-printable" => body.replace('=', "=3D"),
            _ => body,
        };
        let message = format!(
            "From: a@b.cz\r\nSubject: x\r\nContent-Type: text/html;\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
        );
        assert_eq!(changed(&message).as_deref(), Ok(&["1".to_owned()][..]), "{encoding}");
        let after = Message::parse(rendered(message.as_bytes()).unwrap());
        let text = after.text(&after.parts()[0]).unwrap();
        assert!(text.is_ascii() && text.contains("Hello."), "{encoding}: {text}");
    }
}

/// Lines of a flowed text that begin with a space or a bracket would be read as something else.
#[test]
fn a_flowed_text_stays_flowed() {
    let out = rendered(tree("flowed").as_bytes()).unwrap();
    let out = String::from_utf8(out.to_vec()).unwrap();
    let body = out.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(
        body,
        format!(
            "Dob \r\nrý den, \r\npříteli.\r\n\r\n{IDENTITY}\r\n{SENTENCE}\r\n{LINK}\r\n\r\n-- \r\nJan\r\n"
        )
    );
}

#[test]
fn an_existing_footer_is_not_written_again() {
    for (kind, body) in [
        ("plain", format!("Dobrý den.\n\n{IDENTITY}\n{SENTENCE}\n{LINK}\n")),
        (
            "plain",
            format!(
                "Dobrý den.\n\n{IDENTITY}  \n\n{SENTENCE}\nhttps://relay.example/u/other\n\n-- \nJan\n"
            ),
        ),
    ] {
        let message = format!(
            "From: a@b.cz\nSubject: [OS] x\nList-Unsubscribe: <{LINK}>\nContent-Type: text/{kind}; charset=utf-8\n\n{body}"
        )
        .replace('\n', "\r\n");
        let out = rendered(message.as_bytes()).unwrap();
        assert_eq!(out, message.replace("/u/other", "/u/Zm9v").as_bytes());
    }
    // In HTML too, and where something was written behind it.
    let message = tree("alternative[text html]");
    let once = rendered(message.as_bytes()).unwrap();
    let moved = String::from_utf8(once.to_vec()).unwrap().replace("</body>", "\r\n \r\n</body>");
    let twice = String::from_utf8(rendered(moved.as_bytes()).unwrap().to_vec()).unwrap();
    assert_eq!(twice.matches(IDENTITY).count(), 2, "{twice}");
}

/// It is our own text that ends there; what was passed on has an end of its own.
#[test]
fn the_footer_stands_before_what_is_passed_on_in_the_text() {
    for separator in [
        "---------- Forwarded message ---------",
        "-----Original Message-----",
        "-------- Původní zpráva --------",
        "-------- Přeposlaná zpráva --------",
        "-----Pôvodná správa-----",
        "-----Ursprüngliche Nachricht-----",
        "Begin forwarded message:",
    ] {
        let text = format!("Doporučujeme.\n\n{separator}\nFrom: c@d.cz\n\nText.\n-- \nJan\n");
        let head = "From: a@b.cz\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n";
        let message = format!("{head}{text}").replace('\n', "\r\n");
        assert_eq!(changed(&message).as_deref(), Ok(&["1".to_owned()][..]));
        let out = String::from_utf8(rendered(message.as_bytes()).unwrap().to_vec()).unwrap();
        let place = |what: &str| out.find(what).unwrap();
        assert!(place("Doporučujeme") < place(IDENTITY) && place(LINK) < place(separator), "{out}");
    }
    // A line like any other.
    let message = tree("text").replace("Dobrý den.", "Dobrý den.\r\n\r\nForwarded message");
    let out = String::from_utf8(rendered(message.as_bytes()).unwrap().to_vec()).unwrap();
    assert!(out.find("Forwarded message").unwrap() < out.find(IDENTITY).unwrap());
}

/// The footer relies on no style: it stands in the body as text and a link, and where it has a
/// colour it has a background.
#[test]
fn a_footer_of_html_is_seen_in_the_dark_and_without_styles() {
    for (body, at) in [
        ("<html><body bgcolor=\"#000000\" text=\"#ffffff\"><p>x</p></body></html>", "</body>"),
        ("<p>x", ""),
        ("<html><body><table><tr><td>x</body></html>", "</body>"),
        ("<html><body><div><div><p>x</div></html>", "</html>"),
        ("<body>x</body></body></html>", "</body></html>"),
        (
            "<style>.x{color:#fff}</style><p class=x style='background:#000'>x</p></html></body>",
            "</body>",
        ),
        ("<BODY>x<center></BODY>", "</BODY>"),
        ("<html><head><title>x</head><body></title><p>x", ""),
    ] {
        let message = format!(
            "From: a@b.cz\r\nSubject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"
        );
        assert_eq!(changed(&message).as_deref(), Ok(&["1".to_owned()][..]), "{body}");
        let out = String::from_utf8(rendered(message.as_bytes()).unwrap().to_vec()).unwrap();
        let end = out.find("data-souhlas=\"unsubscribe\"").unwrap();
        assert!(out[end..].contains(at), "{out}");
        for style in out.split("style=\"").skip(1).filter(|style| style.contains("color:#333333")) {
            let style = style.split('"').next().unwrap();
            assert!(
                style.contains("background-color:#ffffff"),
                "a colour without a background: {style}"
            );
        }
        // Without any style.
        let bare: String = out
            .split(" style=\"")
            .enumerate()
            .map(|(n, piece)| match n {
                0 => piece.to_owned(),
                _ => piece.split_once('"').unwrap().1.to_owned(),
            })
            .collect();
        let view = &Reading::of(Bytes::from(bare.clone())).views[0];
        assert!(view.text.contains(IDENTITY), "{bare}");
    }
}

/// Two sizes of the same message: twice as much text makes no more than twice as much work, which is
/// seen in what is written, not on a clock.
#[test]
fn a_message_of_25_megabytes_is_rewritten() {
    let image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA6\r\n"
        .repeat(300_000);
    let text = "Dobrý den, toto je dlouhá zpráva o ničem.\r\n".repeat(20_000);
    let message = tree("mixed[alternative[text html] image]")
        .replace("iVBORw0KGgo=\r\n", &image)
        .replacen("Dobrý den.\r\n", &text, 1);
    assert!(message.len() > 23_000_000, "{}", message.len());
    let out = rendered(message.as_bytes()).unwrap();
    assert!(out.len() - message.len() < 2_000);
    // The image is where it was, byte for byte.
    let end = message.len() - (message.find(&image).unwrap() + image.len());
    assert!(out[..out.len() - end].ends_with(image.as_bytes()));
    for encoding in ["base64", "quoted"] {
        let message = tree(encoding);
        let (head, body) = message.split_at(message.find("\r\n\r\n").unwrap() + 4);
        let line =
            if encoding == "base64" { "RG9icsO9IGRlbi4g\r\n" } else { "Dob=\r\nr=FD den =\r\n" };
        let large = format!("{head}{}{body}", line.repeat(400_000));
        let out = rendered(large.as_bytes()).unwrap();
        assert_eq!(&out[out.len() - 60..].is_ascii(), &true);
        assert!(out.len() < large.len() + 2_000, "{}", out.len() - large.len());
        assert!(Message::parse(out.clone()).text(&Message::parse(out).parts()[0]).is_some());
    }
}
