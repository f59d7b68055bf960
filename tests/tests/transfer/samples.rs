//! A sample of each system's export: what is taken, what is refused, what is named as not taken.

use std::path::Path;

use crate::scene::{WORD, counts, on_both, standing};

/// File; what the import is told beside it; format, lines, granted, refused by the file, refusal stands,
/// left out, rejected; who then stands how.
type Sample = (&'static str, &'static str, (&'static str, [u64; 6]), &'static str);

const FIGURES: [&str; 6] =
    ["lines", "granted", "refused by the file", "refusal stands", "left out", "rejected"];

const SAMPLES: &[Sample] = &[
    (
        "smartemailing.json",
        "--purpose purpose:3=novinky --purpose purpose:4=akce --purpose list:1=novinky --purpose list:2=",
        ("smartemailing", [6, 3, 2, 1, 0, 3]),
        "eva: novinky, jana.novakova: akce novinky, karel: !*, petr: !novinky",
    ),
    (
        "smartemailing.csv",
        "--purpose novinky --only Souhlas=ano --format smartemailing",
        ("smartemailing", [5, 1, 2, 0, 1, 1]),
        "jana: novinky, karel: !*, petr: !*",
    ),
    (
        "ecomail.csv",
        "--purpose novinky",
        ("ecomail", [7, 2, 2, 0, 0, 3]),
        "eva: novinky, jana: novinky+doi, karel: !*, petr: !*",
    ),
    (
        "ecomail.json",
        "--purpose 5=novinky --purpose 6=",
        ("ecomail", [3, 1, 1, 0, 1, 0]),
        "jana: novinky+doi, petr: !novinky",
    ),
    (
        "mailchimp-subscribed.csv",
        "--purpose novinky --purpose VIP=akce --purpose káva=novinky",
        ("mailchimp", [3, 4, 0, 0, 0, 0]),
        "eva: novinky, jana: akce+doi novinky+doi, lucie: novinky",
    ),
    (
        "mailchimp-unsubscribed.csv",
        "--purpose novinky",
        ("mailchimp", [2, 0, 2, 0, 0, 0]),
        "jana: !*, petr: !*",
    ),
    ("mailchimp-cleaned.csv", "--purpose novinky", ("mailchimp", [1, 0, 0, 0, 0, 1]), ""),
    (
        "mailchimp.json",
        "--purpose vip=akce",
        ("mailchimp", [5, 1, 1, 0, 0, 3]),
        "jana: akce, petr: !*",
    ),
    (
        "listmonk.csv",
        "--purpose novinky",
        ("listmonk", [3, 1, 1, 0, 0, 1]),
        "jana: novinky, petr: !*",
    ),
    (
        "listmonk.json",
        "--purpose Novinky=novinky --purpose 2=akce",
        ("listmonk", [5, 2, 2, 0, 0, 2]),
        "jana: akce novinky+doi, karel: !*, petr: !novinky",
    ),
    (
        "listmonk-export.json",
        "--purpose Novinky=novinky --purpose Akce=akce",
        ("listmonk", [1, 1, 1, 0, 0, 0]),
        "jana: novinky !akce",
    ),
    (
        "odhlaseni.csv",
        "--purpose novinky --status unsubscribed",
        ("table", [2, 0, 2, 0, 0, 0]),
        "eva: !*, petr: !*",
    ),
    (
        "listmonk.csv",
        "--purpose novinky --format table --only name=Jana",
        ("table", [3, 1, 1, 0, 0, 1]),
        "jana: novinky, petr: !*",
    ),
    (
        "odhlaseni.csv",
        "--purpose novinky --from 2025-01-01",
        ("table", [2, 1, 1, 0, 0, 0]),
        "eva: novinky, petr: !*",
    ),
];

#[test]
fn each_system_is_taken_at_its_word() {
    on_both(SAMPLES.len(), |relay| {
        for (number, (file, more, counted, stand)) in SAMPLES.iter().enumerate() {
            let controller = format!("k{number}");
            let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
            std::fs::copy(samples.join(file), relay.path(file)).unwrap();
            let mut import = vec!["import", file, "--controller", &controller];
            import.extend(more.split_whitespace());
            let dry = relay.must(&[&import[..], &WORD, &["--dry-run"]].concat());
            assert_eq!(standing(relay, &controller), "", "a dry run writes nothing");
            let said = relay.must(&[&import[..], &WORD].concat());
            let (taken, dry) = (counts(&said), counts(&dry));
            let (format, counted) = counted;
            for (what, count) in FIGURES.iter().zip(counted) {
                assert_eq!(taken[*what], count.to_string(), "{file}: {what}\n{said}");
                assert_eq!(dry[*what], count.to_string(), "{file}: dry, {what}");
            }
            assert_eq!(taken["format"], *format, "{file}");
            assert_eq!(standing(relay, &controller), *stand, "{file}");
            // Twice is as once.
            let again = counts(&relay.must(&[&import[..], &WORD].concat()));
            assert_eq!((&*again["granted"], &*again["refused by the file"]), ("0", "0"));
            assert_eq!(standing(relay, &controller), *stand, "{file}");
        }
        assert!(relay.must(&["journal", "verify"]).contains("consent: whole"));
    });
}

#[test]
fn nothing_is_imported_that_was_bought_or_that_nobody_signs() {
    on_both(1, |relay| {
        std::fs::write(relay.path("a.csv"), "email,granted_at\na@b.cz,2025-01-01\n").unwrap();
        let import = ["import", "a.csv", "--controller", "k0", "--purpose", "novinky"];
        for origin in ["purchased", "public", "scraped", "prospects", "contest", "other-purpose"] {
            let word = ["--origin", origin, "--source", "x", "--attested-by", "Alena"];
            let output = relay.command(&[&import[..], &word].concat());
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(&format!("nothing {origin} is imported")), "{said}");
            assert!(said.contains("480/2004"), "the law is named: {said}");
        }
        let unsigned = relay.command(&[&import[..], &["--origin", "own"]].concat());
        assert_eq!(unsigned.status.code(), Some(1));
        let statement = String::from_utf8(unsigned.stdout).unwrap();
        assert!(statement.starts_with("By attesting an import"), "{statement}");
        assert_eq!(relay.must(&["import", "--statement"]), statement);
        assert_eq!(standing(relay, "k0"), "");
    });
}
