//! What each edit writes, byte for byte.

use bytes::Bytes;
use policy::{CannotEdit, Edit, LinkKind, Message, render};

const LINK: &str = "https://relay.example/u/Zm9v?a=1&b=2";

fn link(kind: &LinkKind) -> String {
    match kind {
        LinkKind::Unsubscribe => LINK.to_owned(),
        LinkKind::UnsubscribeByMail => String::new(),
        LinkKind::Preferences => "https://relay.example/p".to_owned(),
        LinkKind::Renew { purpose } => format!("https://relay.example/r/{purpose}"),
        LinkKind::Confirm { purpose } => format!("https://relay.example/c/{purpose}"),
    }
}

fn rendered(message: &[u8], edits: &[Edit]) -> Result<Vec<u8>, CannotEdit> {
    let message = Message::parse(Bytes::copy_from_slice(message));
    render(&message, edits, &link).map(|out| out.to_vec())
}

/// A message with these fields after From, and one line of text.
fn with_fields(fields: &str) -> String {
    format!("From: <a@b.cz>\r\n{fields}\r\nx\r\n")
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_subject_is_labelled_behind_reply_prefixes() {
    for (before, label, after) in [
        ("Subject: Sleva\r\n", "[OS]", "Subject: [OS] Sleva\r\n"),
        ("Subject:Sleva\r\n", "[OS]", "Subject: [OS] Sleva\r\n"),
        ("Subject: Re: Sleva\r\n", "[OS]", "Subject: Re: [OS] Sleva\r\n"),
        ("Subject: RE: FW: Odp: x\r\n", "[OS]", "Subject: RE: FW: Odp: [OS] x\r\n"),
        ("Subject: [shop] Sleva\r\n", "[OS]", "Subject: [OS] [shop] Sleva\r\n"),
        ("Subject: [shop] [OS] Sleva\r\n", "[OS]", "Subject: [shop] [OS] Sleva\r\n"),
        ("Subject: Re: [OS] Sleva\r\n", "[OS]", "Subject: Re: [OS] Sleva\r\n"),
        ("Subject:\r\n", "[OS]", "Subject: [OS]\r\n"),
        ("Subject: Re:\r\n", "[OS]", "Subject: Re: [OS]\r\n"),
        ("", "[OS]", "Subject: [OS]\r\n"),
        ("", "Žert:", "Subject: =?UTF-8?Q?=C5=BDert=3A?=\r\n"),
        (
            "Subject: =?utf-8?B?UMWZw61saQ==?=\r\n =?utf-8?Q?=C5=A1?=\r\n",
            "[OS]",
            "Subject: [OS] =?utf-8?B?UMWZw61saQ==?=\r\n =?utf-8?Q?=C5=A1?=\r\n",
        ),
        (
            "Subject: Re: =?iso-8859-2?Q?P=F8=EDli=B9?=\r\n",
            "[OS]",
            "Subject: Re: [OS] =?iso-8859-2?Q?P=F8=EDli=B9?=\r\n",
        ),
        (
            "Subject: =?utf-8?Q?Re:_P=C5=99=C3=ADli=C5=A1?=\r\n",
            "[OS]",
            "Subject: Re: =?UTF-8?Q?=5BOS=5D_P=C5=99=C3=ADli=C5=A1?=\r\n",
        ),
        (
            "Subject: =?utf-8?Q?=5BOS=5D_P=C5=99?=\r\n",
            "[OS]",
            "Subject: =?utf-8?Q?=5BOS=5D_P=C5=99?=\r\n",
        ),
        (
            "Subject: =?utf-8?Q?P=C5=99?=\r\n",
            "Žert:",
            "Subject: =?UTF-8?Q?=C5=BDert=3A_?= =?utf-8?Q?P=C5=99?=\r\n",
        ),
        ("Subject: Sleva\r\n", "Žert:", "Subject: =?UTF-8?Q?=C5=BDert=3A?= Sleva\r\n"),
        ("Subject: Příliš\r\n", "Žert:", "Subject: Žert: Příliš\r\n"),
        (
            "Subject: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\r\n",
            "[OS]",
            "Subject: [OS]\r\n 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\r\n",
        ),
        ("Subject: a\r\nSubject: b\r\n", "[OS]", "Subject: [OS] a\r\nSubject: [OS] b\r\n"),
        ("Subject: x\r\n", "[OS]\r\nBcc: <y@z>", "Subject: [OS]  Bcc: <y@z> x\r\n"),
    ] {
        let edits = [Edit::LabelSubject { label: label.to_owned() }];
        let out = rendered(with_fields(before).as_bytes(), &edits).unwrap();
        assert_eq!(shown(&out), with_fields(after), "{before:?}");
    }
}

#[test]
fn a_display_name_is_labelled_in_each_of_its_forms() {
    for (before, after) in [
        ("\"Obchod\" <i@b.cz>", "\"[OS] Obchod\" <i@b.cz>"),
        ("\"[OS] Obchod\" <i@b.cz>", "\"[OS] Obchod\" <i@b.cz>"),
        ("\"A, \\\"B\\\" <c>\" <i@b.cz>", "\"[OS] A, \\\"B\\\" <c>\" <i@b.cz>"),
        ("Obchod s.r.o. <i@b.cz>", "\"[OS] Obchod s.r.o.\" <i@b.cz>"),
        ("Příliš <i@b.cz>", "\"[OS] Příliš\" <i@b.cz>"),
        ("=?utf-8?Q?P=C5=99?= <i@b.cz>", "=?UTF-8?Q?=5BOS=5D_?= =?utf-8?Q?P=C5=99?= <i@b.cz>"),
        ("Obchod =?utf-8?Q?P=C5=99?= <i@b.cz>", "\"[OS]\" Obchod =?utf-8?Q?P=C5=99?= <i@b.cz>"),
        ("<i@b.cz>", "\"[OS] b.cz\" <i@b.cz>"),
        ("i@b.cz", "\"[OS] b.cz\" <i@b.cz>"),
        ("i@b.cz (Obchod)", "\"[OS] Obchod\" <i@b.cz>"),
        ("\r\n \"Obchod\"\r\n <i@b.cz>", "\r\n \"[OS] Obchod\"\r\n <i@b.cz>"),
    ] {
        let message = |from: &str| format!("From: {from}\r\nSubject: x\r\n\r\nx\r\n");
        let edits = [Edit::LabelSender { label: "[OS]".to_owned() }];
        let out = rendered(message(before).as_bytes(), &edits).unwrap();
        assert_eq!(shown(&out), message(after), "{before:?}");
        let twice = rendered(&out, &edits).unwrap();
        assert_eq!(shown(&twice), message(after), "twice: {before:?}");
    }
    for from in ["a@b.cz, c@d.cz", "Team: a@b.cz;", "", "\"A\" <a@b.cz>\r\nFrom: c@d.cz"] {
        let message = format!("From: {from}\r\n\r\nx\r\n");
        let edits = [Edit::LabelSender { label: "[OS]".to_owned() }];
        assert_eq!(rendered(message.as_bytes(), &edits), Err(CannotEdit::Senders), "{from:?}");
    }
}

#[test]
fn list_fields_replace_what_is_there_and_keep_the_tools_mailto() {
    let new = format!("List-Unsubscribe: <{LINK}>");
    for (before, after) in [
        ("", format!("{new}\r\n")),
        ("List-Unsubscribe: <https://tool/u>\r\nX: 1\r\n", format!("{new}\r\nX: 1\r\n")),
        (
            "List-Unsubscribe: <https://tool/u>, <mailto:u@t.cz>\r\n",
            format!("{new}, <mailto:u@t.cz>\r\n"),
        ),
        (
            "List-Unsubscribe: <mailto:unsubscribe-0123456789-0123456789@tool.cz>\r\n",
            format!("{new},\r\n <mailto:unsubscribe-0123456789-0123456789@tool.cz>\r\n"),
        ),
        (
            "list-unsubscribe: <mailto:a@tool.cz>\r\nX: 1\r\nList-Unsubscribe: <https://tool/>\r\n",
            format!("list-unsubscribe: <{LINK}>, <mailto:a@tool.cz>\r\nX: 1\r\n"),
        ),
        ("List-Unsubscribe: mailto:a@tool.cz\r\n", format!("{new}\r\n")),
    ] {
        let out = rendered(with_fields(before).as_bytes(), &[Edit::AddListUnsubscribe]).unwrap();
        assert_eq!(shown(&out), with_fields(&after), "{before:?}");
    }
    let edits = [Edit::AddListUnsubscribePost, Edit::AddListId { id: "news.b.cz".to_owned() }];
    let post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    for (before, after) in [
        (String::new(), format!("{post}List-Id: <news.b.cz>\r\n")),
        (
            format!("List-Id: Novinky <news.b.cz>\r\n{post}"),
            format!("List-Id: Novinky <news.b.cz>\r\n{post}"),
        ),
        (
            "List-Id: <other>\r\nList-Unsubscribe-Post: no\r\n".to_owned(),
            format!("List-Id: <news.b.cz>\r\n{post}"),
        ),
    ] {
        let out = rendered(with_fields(&before).as_bytes(), &edits).unwrap();
        assert_eq!(shown(&out), with_fields(&after), "{before:?}");
    }
}

#[test]
fn merge_links_are_filled_through_every_encoding() {
    for (kind, encoding, before, after) in [
        (
            "plain",
            "7bit",
            "Zde: https://souhlas.invalid/unsubscribe.\r\n",
            "Zde: https://relay.example/u/Zm9v?a=1&b=2.\r\n",
        ),
        (
            "html",
            "8bit",
            "<a href=\"https://souhlas.invalid/renew/news\">Dál</a>\r\n",
            "<a href=\"https://relay.example/r/news\">Dál</a>\r\n",
        ),
        (
            "html",
            "quoted-printable",
            "<a href=3D\"https://souh=\r\nlas.invalid/unsub=\r\nscribe?utm=3Dx\">D=C3=A1l</a>\r\n",
            "<a href=3D\"https://relay.example/u/Zm9v?a=3D1&amp;b=3D2\">D=C3=A1l</a>\r\n",
        ),
        // "<a href='https://souhlas.invalid/preferences'>x</a>" and the same with the new link.
        (
            "html",
            "base64",
            "PGEgaHJlZj0naHR0cHM6Ly9zb3VobGFzLmludmFsaWQvcHJlZmVyZW5jZXMnPng8L2E+\r\n",
            "PGEgaHJlZj0naHR0cHM6Ly9yZWxheS5leGFtcGxlL3AnPng8L2E+\r\n",
        ),
    ] {
        let message = |body: &str| {
            format!(
                "From: <a@b.cz>\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n{body}"
            )
        };
        let out = rendered(message(before).as_bytes(), &[Edit::FillLinks]).unwrap();
        assert_eq!(shown(&out), message(after), "{kind} {encoding}");
    }
    let before = with_fields("List-Unsubscribe: <https://souhlas.invalid/unsubscribe>\r\n");
    let out = rendered(before.as_bytes(), &[Edit::FillLinks]).unwrap();
    assert_eq!(shown(&out), with_fields(&format!("List-Unsubscribe: <{LINK}>\r\n")));
}

#[test]
fn a_footer_goes_before_a_signature_and_keeps_the_encoding() {
    let edits = [
        Edit::AddIdentity { text: "Žlutý kůň s.r.o.".to_owned() },
        Edit::AddUnsubscribe { text: "Odhlášení:".to_owned() },
    ];
    for (charset, encoding, before, after) in [
        (
            "utf-8",
            "8bit",
            &b"Ahoj\r\n-- \r\nJan\r\n"[..],
            "Ahoj\r\n\r\nŽlutý kůň s.r.o.\r\nOdhlášení:\r\nhttps://relay.example/u/Zm9v?a=1&b=2\r\n\r\n-- \r\nJan\r\n"
                .as_bytes(),
        ),
        (
            "iso-8859-2",
            "8bit",
            b"Ahoj \xf8",
            b"Ahoj \xf8\r\n\r\n\xaelut\xfd k\xf9\xf2 s.r.o.\r\nOdhl\xe1\xb9en\xed:\r\nhttps://relay.example/u/Zm9v?a=1&b=2\r\n",
        ),
        (
            "utf-8",
            "quoted-printable",
            b"Ahoj =C5=99=\r\n\r\n",
            b"Ahoj =C5=99=\r\n\r\n\r\n=C5=BDlut=C3=BD k=C5=AF=C5=88 s.r.o.\r\nOdhl=C3=A1=C5=A1en=C3=AD:\r\nhttps://relay.example/u/Zm9v?a=3D1&b=3D2\r\n",
        ),
    ] {
        let message = |body: &[u8]| {
            let head = format!(
                "From: <a@b.cz>\r\nContent-Type: text/plain; charset={charset}\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n"
            );
            [head.as_bytes(), body].concat()
        };
        let out = rendered(&message(before), &edits).unwrap();
        assert_eq!(shown(&out), shown(&message(after)), "{charset} {encoding}");
        assert_eq!(rendered(&out, &edits).as_deref(), Ok(&out[..]), "twice: {charset} {encoding}");
    }
}

#[test]
fn notices_stand_before_the_identity_however_they_came() {
    let notice = |text: &str| Edit::AddNotice {
        text: text.to_owned(),
        link: Some("https://b.cz/udaje?a=1&b=2".to_owned()),
    };
    let identity = || Edit::AddIdentity { text: "Firma s.r.o.".to_owned() };
    let unsubscribe = || Edit::AddUnsubscribe { text: "Odhlásit:".to_owned() };
    for kind in ["plain", "html"] {
        let before = format!(
            "From: <a@b.cz>\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\nx\r\n"
        );
        let all = [notice("Zásady:"), notice("Údaje:"), identity(), unsubscribe()];
        let out = rendered(before.as_bytes(), &all).unwrap();
        assert_eq!(rendered(&out, &all).as_deref(), Ok(&out[..]), "twice: {kind}");
        if kind == "html" {
            // Over what an earlier hop wrote, in two steps: once each, in the same order.
            let first = rendered(before.as_bytes(), &[identity(), unsubscribe()]).unwrap();
            let both = rendered(&first, &all).unwrap();
            assert_eq!(shown(&both), shown(&out));
            assert_eq!(shown(&both).matches("Firma").count(), 1);
        }
        let (out, link) =
            (shown(&out), if kind == "html" { "udaje?a=1&amp;b=2" } else { "udaje?a=1&b=2" });
        let places = ["sady:", link, "daje:", "Firma", "Odhl"].map(|text| out.rfind(text).unwrap());
        assert!(places[0] < places[2] && places[2] < places[1] && places[1] < places[3], "{out}");
        assert!(places[3] < places[4], "{out}");
    }
}

#[test]
fn only_a_part_that_cannot_hold_the_text_is_converted() {
    let edits = [Edit::AddIdentity { text: "Žlutý".to_owned() }];
    let before = "From: <a@b.cz>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
        --b\r\n\r\na = b\r\n--b\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n<p>x</body>\r\n--b--\r\n";
    let out = shown(&rendered(before.as_bytes(), &edits).unwrap());
    let parts: Vec<&str> = out.split("--b").collect();
    assert_eq!(
        parts[1],
        "\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\na =3D b\r\n\r\n=C5=BDlut=C3=BD\r\n"
    );
    assert!(parts[2].starts_with(
        "\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n<p>x\r\n<div data-souhlas=\"identity\""
    ));
    assert!(parts[2].ends_with("&#381;lut&#253;</div>\r\n</body>\r\n"), "{}", parts[2]);
    assert!(out.starts_with(
        "From: <a@b.cz>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b"
    ));
}

#[test]
fn what_is_sealed_is_never_touched() {
    let signed = "From: <a@b.cz>\r\nSubject: x\r\nContent-Type: multipart/signed; boundary=s;\r\n \
        protocol=\"application/pkcs7-signature\"; micalg=sha256\r\n\r\n--s\r\n\
        Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n\
        https://souhlas.invalid/unsubscribe\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b--\r\n\
        --s\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--s--\r\n";
    let pgp = "From: <a@b.cz>\r\nSubject: x\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nx\r\n";
    let smime = "From: <a@b.cz>\r\nSubject: x\r\nContent-Type: application/pkcs7-mime\r\n\r\nx\r\n";
    for message in [signed, pgp, smime] {
        for edit in [
            Edit::AddIdentity { text: "x".to_owned() },
            Edit::AddUnsubscribe { text: "x".to_owned() },
        ] {
            assert_eq!(rendered(message.as_bytes(), &[edit]), Err(CannotEdit::Sealed), "{message}");
        }
        let out = rendered(message.as_bytes(), &[Edit::LabelSubject { label: "[OS]".to_owned() }]);
        assert_eq!(shown(&out.unwrap()), message.replace("Subject: x", "Subject: [OS] x"));
    }
    assert_eq!(rendered(signed.as_bytes(), &[Edit::FillLinks]), Err(CannotEdit::Sealed));
    // The sealed part repeats the subject: readers show that one (RFC 9788).
    let protected = signed.replacen(
        "Content-Type: multipart/alt",
        "Subject: x\r\nContent-Type: multipart/alt",
        1,
    );
    let label = [Edit::LabelSubject { label: "[OS]".to_owned() }];
    assert_eq!(rendered(protected.as_bytes(), &label), Err(CannotEdit::Sealed));
}

#[test]
fn a_footer_is_never_put_where_nobody_sees_it() {
    let edits = [Edit::AddIdentity { text: "x".to_owned() }];
    for html in ["<p>x<!-- ", "<textarea>x", "<plaintext>x", "<a title=\"x"] {
        let message = format!("From: <a@b.cz>\r\nContent-Type: text/html\r\n\r\n{html}\r\n");
        assert_eq!(rendered(message.as_bytes(), &edits), Err(CannotEdit::Malformed), "{html}");
    }
    let attached = "From: <a@b.cz>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: application/pdf\r\n\r\nx\r\n--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n";
    assert_eq!(rendered(attached.as_bytes(), &edits), Err(CannotEdit::NoText));
}

#[test]
fn a_link_of_another_message_in_our_own_footer_is_replaced() {
    let edits = [
        Edit::AddIdentity { text: "Firma".to_owned() },
        Edit::AddUnsubscribe { text: "Odhlásit".to_owned() },
    ];
    for kind in ["plain", "html"] {
        let message =
            format!("From: <a@b.cz>\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\nx\r\n");
        let message = Message::parse(Bytes::from(message));
        let first = render(&message, &edits, &|_| "https://relay.example/u/1".to_owned()).unwrap();
        let second = render(&Message::parse(first.clone()), &edits, &|_| {
            "https://relay.example/u/2".to_owned()
        });
        assert_eq!(shown(&second.unwrap()), shown(&first).replace("/u/1", "/u/2"), "{kind}");
    }
}
