//! kill -9 in mid-import: the same import goes on where it was, and in the end everything is there
//! once.

use std::{
    fmt::Write as _,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::scene::{WORD, counts, exported, on_both};

const LINES: usize = 8_000;

#[test]
fn a_killed_import_goes_on_where_it_was() {
    on_both(1, |relay| {
        let mut file = String::from("email,granted_at,doi_date\n");
        for number in 0..LINES {
            let date = if number % 100 == 7 { "soon" } else { "2025-01-01" };
            writeln!(file, "a{number}@posta.example,2025-01-01,{date}").unwrap();
        }
        std::fs::write(relay.path("kontakty.csv"), file).unwrap();
        let import = ["import", "kontakty.csv", "--controller", "k0", "--purpose", "novinky"];
        let import = [&import[..], &WORD].concat();
        let began = || relay.must(&["import", "--past", "--controller", "k0"]);
        let mut killed = 0;
        let finished = loop {
            let mut child = Command::new(outside::binary::path())
                .current_dir(relay.folder.path())
                .args(&import)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            // Each try gets further before it is killed.
            thread::sleep(Duration::from_millis(300 + 400 * killed));
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            if output.status.success() {
                break output;
            }
            killed += 1;
            assert!(killed < 100, "it never gets to its end: {}", began());
        };
        assert!(killed > 0, "it was over before it could be killed");
        let said = String::from_utf8(finished.stderr).unwrap();
        assert!(said.contains("went on where it had been stopped"), "{said}");
        let counted = counts(&String::from_utf8(finished.stdout).unwrap());
        let bad = LINES / 100;
        assert_eq!(counted["lines"], LINES.to_string());
        assert_eq!(counted["granted"], (LINES - bad).to_string());
        assert_eq!(
            (&*counted["already on record"], &*counted["rejected"]),
            ("0", &*bad.to_string())
        );
        assert_eq!(exported(relay, "k0").len(), LINES - bad);
        let rejected = std::fs::read_to_string(relay.path("kontakty.csv.rejected.csv")).unwrap();
        let mut numbers: Vec<_> = rejected.lines().map(|line| line.split(',').next()).collect();
        assert_eq!(numbers.len(), bad, "each rejected line stands there once");
        numbers.dedup();
        assert_eq!(numbers.len(), bad);
        assert_eq!(began().lines().count(), 2, "all of it is one import: {}", began());
        assert!(relay.must(&["journal", "verify"]).contains("consent: whole"));
    });
}
