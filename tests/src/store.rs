//! Every test of a store runs on both databases, through this.

use relay::db::Db;

use crate::postgres::Database;

/// A fresh, migrated database that goes away with it.
pub struct Fresh {
    pub db: Db,
    pub url: String,
    _folder: Option<tempfile::TempDir>,
    _database: Option<Database>,
}

impl Fresh {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("souhlas.db").display());
        let db = Db::open(&url).await.expect("sqlite opens");
        Self { db, url, _folder: Some(folder), _database: None }
    }

    pub async fn postgres() -> Self {
        let database = Database::create();
        let url = database.url.clone();
        let db = Db::open(&url).await.expect("postgres opens");
        Self { db, url, _folder: None, _database: Some(database) }
    }

    /// The same database over connections of its own; it goes away with the first.
    pub async fn beside(&self) -> Self {
        let db = Db::open(&self.url).await.expect("it opens");
        Self { db, url: self.url.clone(), _folder: None, _database: None }
    }
}

/// Runs the test on SQLite, then on PostgreSQL; what it wrote is what its events say.
pub async fn on_both(test: impl AsyncFn(&Fresh)) {
    on_each(async |fresh| {
        test(fresh).await;
        let compared = relay::consent::compare(&fresh.db).await.expect("it can be compared");
        let found: Vec<String> = compared.differences.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "the present is not what the events say: {found:#?}");
    })
    .await;
}

/// The same for a test that changes rows behind the store's back.
#[expect(clippy::print_stdout, reason = "a test that fails says on which database")]
pub async fn on_each(test: impl AsyncFn(&Fresh)) {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        println!("on {}", fresh.url);
        test(&fresh).await;
        fresh.db.close().await;
    }
}
