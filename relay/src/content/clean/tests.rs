//! Hostile HTML, put together and as it is found.

use policy::Reading;

use super::*;
use crate::content::rendered;

const LABELS: Labels<'_> = Labels { image: "Picture", inside: "in the message" };

fn cleaned(html: &str) -> String {
    clean(html, &[], &LABELS).unwrap()
}

#[test]
fn links_and_pictures_are_text() {
    for (html, is) in [
        (
            "<p>Ahoj <a href='https://a.cz/?b=1&amp;c=2' target=_top>zde</a></p>",
            "<p>Ahoj <span class=\"link\">zde</span>\
             <span class=\"target\">https:&#47;&#47;a.cz&#47;?b&#61;1&amp;c&#61;2</span></p>",
        ),
        ("<a name=x>zde</a>", "<span class=\"link\">zde</span>"),
        (
            "<img src=\"http://p.cz:8/o.gif?u=1\" alt='Káva \"A\"' width=1 height=1>",
            "<span class=\"image\">Picture · Káva \"A\" · 1 × 1 · p.cz:8</span>",
        ),
        ("<img src=cid:a@b>", "<span class=\"image\">Picture · in the message</span>"),
        ("<img src='//p.cz/a'>", "<span class=\"image\">Picture · p.cz</span>"),
        ("<mark id=e1>a</mark><span class=target>b</span>", "a<span>b</span>"),
        ("<td style='color:RED; background:url(//x); width:10%'>a", "a"),
        (
            "<p style='color:RED; background:url(//x); width:10%'>a",
            "<p style=\"color:RED;width:10%;\">a</p>",
        ),
    ] {
        let said = cleaned(html).replace("&#47;", "/").replace("&#61;", "=");
        let said = said.replace("&#32;", " ").replace("&quot;", "\"").replace("&#58;", ":");
        assert_eq!(said, is.replace("&#47;", "/").replace("&#61;", "="), "{html}");
    }
}

#[test]
fn a_place_is_marked_wherever_tags_stand() {
    let html = "<p>Velká <b>sleva</b> &amp; káva</p>";
    let word = |text: &str| html.find(text).map(|at| at..at + text.len()).unwrap();
    let marks = [(word("sleva"), 1), (word("&amp;"), 1), (word("káva"), 2)];
    assert_eq!(
        clean(html, &marks, &LABELS).unwrap(),
        "<p>Velká <b><mark id=\"e1\">sleva</mark></b> <mark>&amp;</mark> \
         <mark id=\"e2\">káva</mark></p>"
    );
    // Where the two readers of HTML disagree, nothing is torn.
    let odd = "<p title=\"a b\" style=\"color:red\">c</p>";
    let marks = [(odd.find("a b").unwrap()..odd.find("a b").unwrap() + 3, 1)];
    assert_eq!(clean(odd, &marks, &LABELS).unwrap(), "<p style=\"color:red;\">c</p>");
    assert_eq!(cleaned("&#x100001;a&#x10FFFD;"), "<mark id=\"e1\">a</mark>");
}

/// What must stand nowhere in what is shown.
fn is_harmless(shown: &str) -> Result<(), String> {
    for token in tokens(shown) {
        let Token::Tag(tag) = token else { continue };
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if !(TAGS.contains(&name.as_str()) || name == "mark") {
            return Err(format!("<{name}>"));
        }
        let lower = tag.to_ascii_lowercase();
        for bad in [" on", "href", "src", "url(", "expression", "\\", "background=", "action", "@"]
        {
            if lower.contains(bad) {
                return Err(format!("{bad} in {tag}"));
            }
        }
    }
    Ok(())
}

#[test]
fn what_runs_or_asks_is_gone() {
    for html in [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//x></SCRIPT>",
        "<svg onload=alert(1)><a href=//x>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><img src=x onerror=a()></mtext></math>",
        "<img src=x onerror=alert(1)>",
        "<body onload=a() background=//x>",
        "<base href=//x>",
        "<meta http-equiv=refresh content='0;url=//x'>",
        "<link rel=stylesheet href=//x>",
        "<iframe src=//x srcdoc='<script>1</script>'></iframe>",
        "<object data=//x><embed src=//x>",
        "<form action=//x><input name=a><button formaction=//x>b</button></form>",
        "<p style='background:url(//x)'>",
        "<p style='b\\61ckground:u\\72l(//x)'>",
        "<p style='color:expression(alert(1))'>",
        "<p style='color:red/**/;@import url(//x)'>",
        "<style>@import url(//x);</style>",
        "<video poster=//x><source src=//x><track src=//x></video>",
        "<table background=//x><td background=//x>",
        "<a href='javascript:alert(1)'>a</a>",
        "<a href=' &#106;avascript:alert(1)'>a</a>",
        "<a ping=//x href=//y>a</a>",
        "<noscript><p title='</noscript><img src=x onerror=a()>'></noscript>",
        "<title><a title='</title><img src=x onerror=a()>'></title>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=a()&gt;'>",
        "<svg></p><style><a id='</style><img src=1 onerror=a()>'>",
        "<plaintext><img src=//x>",
        "<xmp><img src=//x onerror=a()></xmp>",
        "<textarea><img src=//x></textarea>",
        "<select><template><img src=//x></template></select>",
        "<portal src=//x>",
        "<img srcset='//x 2x'>",
        "<a href='\"><script>a()</script>'>a</a>",
        "<img alt='\"><script>a()</script>'>",
        "<p style='color:red;\" onclick=\"a()'>",
        "<!--[if mso]><img src=//x><![endif]-->",
        "<?xml-stylesheet href=//x?>",
    ] {
        let shown = cleaned(html);
        assert_eq!(is_harmless(&shown), Ok(()), "{html} -> {shown}");
    }
    assert!(is_harmless("<p onclick=\"a()\">").is_err() && is_harmless("<img alt=\"a\">").is_err());
}

#[test]
fn what_would_keep_a_browser_busy_is_not_shown() {
    for piece in ["<div>", "<b><p>", "<a href=x><b>", "<table><td>", "<font color=a>"] {
        assert_eq!(clean(&piece.repeat(DEPTH_MAX + 1), &[], &LABELS), Err(TooMuch), "{piece}");
    }
    // What only looks closed is as deep as it can be.
    let most = "<div><table></div></table>".repeat(TAGS_MAX / 8);
    let shown = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || clean(&most, &[], &LABELS).map(|shown| shown.len()));
    assert!(shown.unwrap().join().unwrap().is_ok());
    let plain = "<p>Káva<br><img src=x></p>".repeat(TAGS_MAX / 3);
    assert!(clean(&plain, &[], &LABELS).is_ok());
    assert_eq!(clean(&"<p>".repeat(TAGS_MAX + 1), &[], &LABELS), Err(TooMuch));
    assert_eq!(clean(&"x".repeat(BYTES_MAX + 1), &[], &LABELS), Err(TooMuch));
}

/// Messages as they are found.
#[test]
#[expect(clippy::print_stdout, reason = "what was skipped is said")]
fn every_message_of_the_corpus_is_harmless() {
    let mut seen = 0;
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");
    let mut folders = vec![std::path::PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let reading = Reading::of(bytes.into());
                for (part, shown) in rendered(&reading, &[], &LABELS) {
                    let Ok(shown) = shown else { continue };
                    assert_eq!(is_harmless(&shown), Ok(()), "{} {part}", path.display());
                    seen += 1;
                }
            }
        }
    }
    assert!(
        seen > 0 || !std::path::Path::new(root).exists(),
        "no message of the corpus has HTML that is shown"
    );
    if seen == 0 {
        println!("skipped: no corpus at {root}");
    }
}

#[test]
fn whatever_is_put_together_of_hostile_pieces_is_harmless() {
    let mut state = 7_u64;
    let mut next = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..20_000 {
        let html: String = (0..next(30)).map(|_| PIECES[next(PIECES.len())]).collect();
        let at = html.floor_char_boundary(next(html.len() + 1));
        let shown = clean(&html, &[(at..html.len(), 3)], &LABELS).unwrap();
        assert_eq!(is_harmless(&shown), Ok(()), "{html:?} -> {shown}");
    }
}

const PIECES: [&str; 40] = [
    "<",
    ">",
    "\"",
    "'",
    "=",
    " ",
    "/",
    "&",
    ";",
    "--",
    "<!--",
    "-->",
    "<p ",
    "<a ",
    "</a>",
    "<img ",
    "href=",
    "src=",
    "style=",
    "onload=a()",
    "url(//x)",
    "javascript:",
    "<svg>",
    "</svg>",
    "<math>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<table>",
    "<td>",
    "<script>",
    "</script>",
    "<textarea>",
    "<template>",
    "<select>",
    "\u{100001}",
    "\u{10fffd}",
    "&#x100001;",
    "x",
];
