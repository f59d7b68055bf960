//! A sample of each system's export: what is taken, what is refused, what is named as not taken.

use std::path::Path;

use crate::scene::{WORD, counts, on_both, standing};

struct Sample {
    file: &'static str,
    more: &'static [&'static str],
    /// Format, lines, granted, refused by the file, refusal stands, left out, rejected.
    counts: (&'static str, u64, u64, u64, u64, u64, u64),
    standing: &'static str,
}

const ALL: &[&str] = &["--purpose", "novinky"];
/// Some dates are missing.
const DATED: &[&str] = &["--purpose", "novinky", "--from", "2025-01-01"];

const SAMPLES: &[Sample] = &[
    Sample {
        file: "smartemailing.json",
        more: &[
            "--purpose",
            "purpose:3=novinky",
            "--purpose",
            "purpose:4=akce",
            "--purpose",
            "list:1=novinky",
            "--purpose",
            "list:2=",
        ],
        counts: ("smartemailing", 6, 3, 2, 1, 0, 3),
        standing: "eva: novinky, jana.novakova: akce novinky, karel: !*, petr: !novinky",
    },
    Sample {
        file: "smartemailing.csv",
        more: &["--purpose", "novinky", "--only", "Souhlas=ano", "--format", "smartemailing"],
        counts: ("smartemailing", 5, 1, 2, 0, 1, 1),
        standing: "jana: novinky, karel: !*, petr: !*",
    },
    Sample {
        file: "ecomail.csv",
        more: ALL,
        counts: ("ecomail", 7, 2, 2, 0, 0, 3),
        standing: "eva: novinky, jana: novinky+doi, karel: !*, petr: !*",
    },
    Sample {
        file: "ecomail.json",
        more: &["--purpose", "5=novinky", "--purpose", "6="],
        counts: ("ecomail", 3, 1, 1, 0, 1, 0),
        standing: "jana: novinky+doi, petr: !novinky",
    },
    Sample {
        file: "mailchimp-subscribed.csv",
        more: &["--purpose", "novinky", "--purpose", "VIP=akce", "--purpose", "káva=novinky"],
        counts: ("mailchimp", 3, 4, 0, 0, 0, 0),
        standing: "eva: novinky, jana: akce+doi novinky+doi, lucie: novinky",
    },
    Sample {
        file: "mailchimp-unsubscribed.csv",
        more: ALL,
        counts: ("mailchimp", 2, 0, 2, 0, 0, 0),
        standing: "jana: !*, petr: !*",
    },
    Sample {
        file: "mailchimp-cleaned.csv",
        more: ALL,
        counts: ("mailchimp", 1, 0, 0, 0, 0, 1),
        standing: "",
    },
    Sample {
        file: "mailchimp.json",
        more: &["--purpose", "vip=akce"],
        counts: ("mailchimp", 5, 1, 1, 0, 0, 3),
        standing: "jana: akce, petr: !*",
    },
    Sample {
        file: "listmonk.csv",
        more: ALL,
        counts: ("listmonk", 3, 1, 1, 0, 0, 1),
        standing: "jana: novinky, petr: !*",
    },
    Sample {
        file: "listmonk.json",
        more: &["--purpose", "Novinky=novinky", "--purpose", "2=akce"],
        counts: ("listmonk", 5, 2, 2, 0, 0, 2),
        standing: "jana: akce novinky+doi, karel: !*, petr: !novinky",
    },
    Sample {
        file: "listmonk-export.json",
        more: &["--purpose", "Novinky=novinky", "--purpose", "Akce=akce"],
        counts: ("listmonk", 1, 1, 1, 0, 0, 0),
        standing: "jana: novinky !akce",
    },
    Sample {
        file: "odhlaseni.csv",
        more: &["--purpose", "novinky", "--status", "unsubscribed"],
        counts: ("table", 2, 0, 2, 0, 0, 0),
        standing: "eva: !*, petr: !*",
    },
    Sample {
        file: "listmonk.csv",
        more: &["--purpose", "novinky", "--format", "table", "--only", "name=Jana"],
        counts: ("table", 3, 1, 1, 0, 0, 1),
        standing: "jana: novinky, petr: !*",
    },
    Sample {
        file: "odhlaseni.csv",
        more: DATED,
        counts: ("table", 2, 1, 1, 0, 0, 0),
        standing: "eva: novinky, petr: !*",
    },
];

#[test]
fn each_system_is_taken_at_its_word() {
    on_both(SAMPLES.len(), |relay| {
        for (number, sample) in SAMPLES.iter().enumerate() {
            let controller = format!("k{number}");
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample.file);
            std::fs::copy(file, relay.path(sample.file)).unwrap();
            let import = [&["import", sample.file, "--controller", &controller][..], sample.more];
            let import = import.concat();
            let dry = relay.must(&[&import[..], &WORD, &["--dry-run"]].concat());
            assert_eq!(standing(relay, &controller), "", "a dry run writes nothing");
            let said = relay.must(&[&import[..], &WORD].concat());
            let (counted, dry) = (counts(&said), counts(&dry));
            let (format, lines, granted, refused, stands, left_out, rejected) = sample.counts;
            for (what, count) in [
                ("lines", lines),
                ("granted", granted),
                ("refused by the file", refused),
                ("refusal stands", stands),
                ("left out", left_out),
                ("rejected", rejected),
            ] {
                assert_eq!(counted[what], count.to_string(), "{}: {what}\n{said}", sample.file);
                assert_eq!(dry[what], count.to_string(), "{}: dry, {what}", sample.file);
            }
            assert_eq!(counted["format"], format, "{}", sample.file);
            assert_eq!(standing(relay, &controller), sample.standing, "{}", sample.file);
            // Twice is as once.
            let again = counts(&relay.must(&[&import[..], &WORD].concat()));
            assert_eq!((&*again["granted"], &*again["refused by the file"]), ("0", "0"));
            assert_eq!(standing(relay, &controller), sample.standing, "{}", sample.file);
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
