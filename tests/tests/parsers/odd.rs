//! Messages put together in every way that tools and forwarders put them together: each one can be
//! rewritten, and is read the same way by everybody before.

/// Names and messages, with CRLF.
pub(crate) fn samples() -> Vec<(&'static str, String)> {
    let mut all = in_one_part();
    all.extend(in_parts());
    let deep = (0..25)
        .fold(text("Dobrý den.\n"), |inner, level| many("mixed", &format!("d{level}."), &[inner]));
    all.push(("a deep one", deep));
    let open = both();
    all.push(("without its end", open.replace("--a--\n", "")));
    let open = many("mixed", "m", &[both().replace("--a--\n", ""), image()]);
    all.push(("without its inner end", open));
    let head = "From: Obchod <a@b.cz>\nTo: c@d.cz\nMIME-Version: 1.0\n";
    let mut named: Vec<(&str, String)> = all
        .into_iter()
        .map(|(name, body)| (name, format!("{head}Subject: Sleva\n{body}")))
        .collect();
    for (name, subject) in [
        ("a subject in pieces", "=?utf-8?Q?Nov=C3=A9?= =?utf-8?Q?_k=C3=A1vy?="),
        ("a subject on two lines", "Nove\n kavy"),
        ("a subject in two charsets", "=?iso-8859-2?Q?=BElu=BB?=\n =?utf-8?B?b3XEjWvDvQ==?="),
        ("an answer", "Re: =?utf-8?Q?Nov=C3=A9?= kavy"),
        ("a subject of nothing", ""),
    ] {
        named.push((name, format!("{head}Subject: {subject}\n{}", text("A.\n"))));
    }
    named.into_iter().map(|(name, text)| (name, text.replace('\n', "\r\n"))).collect()
}

fn in_one_part() -> Vec<(&'static str, String)> {
    vec![
        ("text alone", text("Dobrý den.\n")),
        ("text without its last line end", text("Dobrý den.")),
        ("nothing but a header", "Content-Type: text/plain\n\n".into()),
        ("no type at all", "\nHello.\n".into()),
        ("html alone", html("<html><body><p>Dobrý den.</p></body></html>\n")),
        ("html that names its charset itself", part("text/html", "8bit", META)),
        ("html in pieces", html("<p>x<table><tr><td>y</body></html>\n")),
        ("flowed", part("text/plain; charset=utf-8; format=flowed; delsp=yes", "8bit", FLOWED)),
        (
            "windows-1250",
            part("text/plain; charset=windows-1250", "quoted-printable", "P=F8=EDli=9A\n"),
        ),
        (
            "iso-8859-2 in html",
            part("text/html; charset=iso-8859-2", "quoted-printable", "<p>=BElu=BB\n"),
        ),
        (
            "utf-16",
            part("text/plain; charset=utf-16", "base64", "//5EAG8AYgByAP0AIABkAGUAbgAuAA0ACgA=\n"),
        ),
        ("a charset of its own", part("text/plain; charset=\"US-ASCII\"", "7bit", "Hello.\n")),
        ("soft breaks", part("text/html; charset=utf-8", "quoted-printable", SOFT)),
        (
            "ends in a soft break",
            part("text/plain; charset=utf-8", "quoted-printable", "Dobr=C3=BD=\n"),
        ),
        (
            "base64 of odd lines",
            part("text/plain; charset=utf-8", "base64", "RG9\nicsO9IGRlbi\nB4DQo=\n"),
        ),
        ("base64 in one line", part("text/plain; charset=utf-8", "base64", "RG9icsO9IGRlbi4NCg==")),
    ]
}

fn in_parts() -> Vec<(&'static str, String)> {
    vec![
        (
            "alternative",
            many("alternative", "a", &[text("Dobrý den.\n"), html("<p>Dobrý den.</p>\n")]),
        ),
        ("html first", many("alternative", "a", &[html("<p>A.</p>\n"), text("A.\n")])),
        ("an image before the text", many("mixed", "m", &[image(), text("Dobrý den.\n"), image()])),
        (
            "an attached page before the text",
            many("mixed", "m", &[attached(), text("Dobrý den.\n")]),
        ),
        ("related", many("related", "r", &[html("<p>A <img src=cid:i></p>\n"), image()])),
        (
            "alternative in related in mixed",
            many("mixed", "m", &[many("related", "r", &[both(), image()]), attached()]),
        ),
        ("a forwarded message", many("mixed", "m", &[text("A.\n"), nested()])),
        ("a forwarded message first", many("mixed", "m", &[nested(), text("A.\n")])),
        (
            "an invitation",
            many("alternative", "a", &[text("A.\n"), html("<p>A.</p>\n"), calendar()]),
        ),
        ("an invitation attached", many("mixed", "m", &[both(), calendar()])),
        ("an unknown multipart", many("x-odd", "m", &[text("A.\n"), image()])),
        (
            "one boundary begins like the other",
            many(
                "mixed",
                "bb",
                &[many("alternative", "bbb", &[text("A.\n"), html("<p>A.</p>\n")]), image()],
            ),
        ),
        ("a boundary of odd letters", many("mixed", "=_'()+,-./:=? x", &[text("A.\n"), image()])),
        ("a part without a header", many("mixed", "m", &["\nA.\n".into(), image()])),
        ("empty parts", many("alternative", "a", &[text("\n"), html("\n")])),
        ("a wide one", many("mixed", "m", &[vec![text("A.\n")], vec![image(); 200]].concat())),
        ("an old footer", text("Dobrý den.\n\n-- \nKavárna s.r.o.\nhttps://www.kavarna.example\n")),
        (
            "passed on in the text",
            text("A.\n\n---------- Forwarded message ---------\nFrom: c@d.cz\n\nB.\n"),
        ),
    ]
}

fn part(kind: &str, encoding: &str, body: &str) -> String {
    format!("Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{body}")
}

fn text(body: &str) -> String {
    part("text/plain; charset=utf-8", "8bit", body)
}

fn html(body: &str) -> String {
    part("text/html; charset=utf-8", "8bit", body)
}

fn image() -> String {
    part("image/png\nContent-ID: <i>", "base64", "iVBORw0KGgo=\n")
}

fn attached() -> String {
    let kind = "text/html; charset=utf-8\nContent-Disposition: attachment; filename=a.html";
    part(kind, "8bit", "<p>Příloha</p>\n")
}

fn nested() -> String {
    "Content-Type: message/rfc822\n\nFrom: c@d.cz\nSubject: x\nContent-Type: text/plain\n\nB.\n"
        .into()
}

fn calendar() -> String {
    part("text/calendar; charset=utf-8; method=REQUEST", "7bit", "BEGIN:VCALENDAR\nEND:VCALENDAR\n")
}

fn both() -> String {
    many("alternative", "a", &[text("Dobrý den.\n"), html("<p>Dobrý den.</p>\n")])
}

fn many(kind: &str, boundary: &str, parts: &[String]) -> String {
    let mut out =
        format!("Content-Type: multipart/{kind};\n boundary=\"{boundary}\"\n\npreamble\n");
    for part in parts {
        out += &format!("--{boundary}\n{part}");
    }
    out + &format!("--{boundary}--\n")
}

const META: &str = "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\
                    </head><body><p>Hello.</p></body></html>\n";
const FLOWED: &str = "Dob \nrý den, \npříteli.\n-- \nJan\n";
const SOFT: &str =
    "<html><body><p style=3D\"color:=\n#000\">Dobr=C3=\n=BD den =\n</p></body></ht=\nml>\n";
