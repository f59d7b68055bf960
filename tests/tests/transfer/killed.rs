//! kill -9 in mid-import: the same import goes on where it was, and in the end everything is there
//! once.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::scene::{WORD, counts, exported, on_both};

/// Six of the import's batches.
const LINES: usize = 12_000;
const KILLS: usize = 2;

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
        let spawn = || {
            Command::new(outside::binary::path())
                .current_dir(relay.folder.path())
                .args(&import)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        for kill in 1..=KILLS {
            let mut child = spawn();
            in_mid_import(&relay.path("kontakty.csv.rejected.csv"), &mut child);
            child.kill().unwrap();
            let ended = child.wait_with_output().unwrap();
            assert!(!ended.status.success(), "kill {kill} of {KILLS}: {ended:?}");
        }
        let finished = spawn().wait_with_output().unwrap();
        assert!(finished.status.success(), "{finished:?}");
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

/// Rejected lines are on disk before their batch is written: at the second growth of their file a
/// batch of this very process is in the database.
fn in_mid_import(rejected: &Path, child: &mut Child) {
    let length = || std::fs::metadata(rejected).map_or(0, |about| about.len());
    let (mut grown, mut last) = (0, length());
    while grown < 2 {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "it was over before it could be killed: {ended:?}");
        thread::sleep(Duration::from_millis(1));
        let now = length();
        grown += usize::from(now > last);
        last = now;
    }
}
