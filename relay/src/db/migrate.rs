//! The numbered files in /migrations, run forward in one transaction.
//!
//! Our own twenty lines and not sqlx's: one text serves two databases, with marked lines for one
//! of them, and a database from a newer release is refused in words.

use super::{Conn, Db, Error, int, text};

/// In order; a test compares the list with the folder.
const ALL: &[(i64, &str, &str)] = &[
    (1, "consent", include_str!("../../../migrations/0001_consent.sql")),
    (2, "journal", include_str!("../../../migrations/0002_journal.sql")),
    (3, "spool", include_str!("../../../migrations/0003_spool.sql")),
    (4, "login", include_str!("../../../migrations/0004_login.sql")),
    (5, "turn", include_str!("../../../migrations/0005_turn.sql")),
    (6, "api", include_str!("../../../migrations/0006_api.sql")),
    (7, "pending", include_str!("../../../migrations/0007_pending.sql")),
    (8, "import", include_str!("../../../migrations/0008_import.sql")),
    (9, "webhook", include_str!("../../../migrations/0009_webhook.sql")),
    (10, "checkpoint", include_str!("../../../migrations/0010_checkpoint.sql")),
    (11, "ledger", include_str!("../../../migrations/0011_ledger.sql")),
    (12, "staff", include_str!("../../../migrations/0012_staff.sql")),
    (13, "decisions", include_str!("../../../migrations/0013_decisions.sql")),
    (14, "review", include_str!("../../../migrations/0014_review.sql")),
    (15, "saved", include_str!("../../../migrations/0015_saved.sql")),
    (16, "sample", include_str!("../../../migrations/0016_sample.sql")),
    (17, "figures", include_str!("../../../migrations/0017_figures.sql")),
    (18, "openid", include_str!("../../../migrations/0018_openid.sql")),
    (19, "queue", include_str!("../../../migrations/0019_queue.sql")),
    (20, "letters", include_str!("../../../migrations/0020_letters.sql")),
    (21, "draft", include_str!("../../../migrations/0021_draft.sql")),
    (22, "counts", include_str!("../../../migrations/0022_counts.sql")),
    (23, "bounced", include_str!("../../../migrations/0023_bounced.sql")),
    (24, "tls", include_str!("../../../migrations/0024_tls.sql")),
    (25, "return_sender", include_str!("../../../migrations/0025_return_sender.sql")),
    (26, "priority", include_str!("../../../migrations/0026_priority.sql")),
    (27, "pace", include_str!("../../../migrations/0027_pace.sql")),
    (28, "rebind", include_str!("../../../migrations/0028_rebind.sql")),
    (29, "wish", include_str!("../../../migrations/0029_wish.sql")),
];

pub(super) async fn run(db: &Db) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    if !db.is_sqlite() {
        // Relays that start together wait for the first one.
        tx.run("SELECT pg_advisory_xact_lock($1)", vec![int(LOCK)]).await?;
    }
    let done = applied(&mut tx).await?;
    let known = ALL.last().map_or(0, |(number, ..)| *number);
    anyhow::ensure!(
        done <= known,
        "the database was written by a newer release (migration {done}, known here: {known}): \
         install that release or a newer one"
    );
    for (number, name, sql) in ALL.iter().filter(|(number, ..)| *number > done) {
        tx.script(&dialect(sql, db.is_sqlite()))
            .await
            .map_err(|error| anyhow::anyhow!("migration {number} ({name}): {error}"))?;
        tx.run(
            "INSERT INTO migration (number, name) VALUES ($1, $2)",
            vec![int(*number), text(*name)],
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn applied(conn: &mut Conn<'_>) -> Result<i64, Error> {
    conn.script(
        "CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY, \
         name TEXT NOT NULL)",
    )
    .await?;
    let rows = conn.rows("SELECT COALESCE(MAX(number), 0) FROM migration", vec![]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// Uncovers the lines meant for this database; the other's stay comments.
fn dialect(sql: &str, sqlite: bool) -> String {
    let mark = if sqlite { "--sqlite " } else { "--postgres " };
    sql.lines().map(|line| line.strip_prefix(mark).unwrap_or(line)).fold(
        String::with_capacity(sql.len()),
        |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        },
    )
}

const LOCK: i64 = 0x50_75_68_6c_61_73;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".sql"))
            .collect();
        files.sort();
        let listed: Vec<String> =
            ALL.iter().map(|(number, name, _)| format!("{number:04}_{name}.sql")).collect();
        assert_eq!(listed, files);
    }

    #[test]
    fn a_marked_line_is_for_one_database_alone() {
        let sql = "a\n--sqlite b\n--postgres c\n";
        assert_eq!(dialect(sql, true), "a\nb\n--postgres c\n");
        assert_eq!(dialect(sql, false), "a\n--sqlite b\nc\n");
    }
}
