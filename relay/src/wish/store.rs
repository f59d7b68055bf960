//! The wishes' SQL. Who may see which is asked for by controllers.

use jiff::{SignedDuration, Timestamp};
use policy::Scope;
use uuid::Uuid;

use super::{About, KEPT_DAYS, Kept, Read, Told, UNREAD_MAX, Wish, Wishes};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conditions, Db, Error, Row, int, key, size, text, uuid},
    seal::{AddressKey, digest},
};

impl Wishes {
    /// `bytes`: the letter as it came, by which one that comes twice is known.
    pub async fn keep(
        &self,
        now: Timestamp,
        about: &About,
        told: &Told,
        bytes: &[u8],
    ) -> Result<Kept, Error> {
        let id = Uuid::now_v7();
        let same = digest(&[about.message.as_bytes(), bytes].concat());
        let json = serde_json::to_vec(told).map_err(|why| Error::Bug(why.to_string()))?;
        let sealed = at_rest::seal(&self.secret, COLUMN, &[Part::Uuid(id)], &json);
        let row = vec![
            uuid(id),
            key(&same),
            int(now.as_millisecond()),
            uuid(about.message),
            text(&about.controller),
            text(&about.stream),
            text(&about.login),
            Arg::Bytes(about.recipient.map(|own| own.0.to_vec().into())),
            Arg::bytes(sealed),
        ];
        let mut tx = self.db.begin().await?;
        let sql = "SELECT COUNT(*) FROM wish WHERE message = $1 AND read_at IS NULL";
        let waiting = tx.rows(sql, vec![uuid(about.message)]).await?;
        if waiting.first().map_or(Ok(0), |row| row.int(0))? >= UNREAD_MAX {
            return Ok(Kept::TooMany);
        }
        tx.insert("wish", NEW, row, "ON CONFLICT DO NOTHING").await?;
        tx.commit().await?;
        Ok(Kept::Yes)
    }

    /// Those that nobody has read, the oldest first, or those that somebody has, the newest first.
    /// `controllers`: of these; `None`: of whomever. `past`: the last one of the page before.
    pub async fn list(
        &self,
        controllers: Option<&[String]>,
        is_read: bool,
        past: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Wish>, Error> {
        let mut asked = Conditions::new(vec![size(limit)]);
        asked.within("controller", controllers);
        let (state, after, order) =
            if is_read { ("NOT NULL", "id < $", "DESC") } else { ("NULL", "id > $", "ASC") };
        asked.also(&format!("read_at IS {state}"));
        asked.ask(after, past.map(uuid));
        let (asked, args) = asked.finish();
        self.find(&format!("{asked} ORDER BY id {order} LIMIT $1"), args).await
    }

    /// How many nobody has read.
    pub async fn unread(&self, controllers: Option<&[String]>) -> Result<u64, Error> {
        let mut asked = Conditions::new(vec![]);
        asked.within("controller", controllers);
        let (asked, args) = asked.finish();
        let sql = format!("SELECT COUNT(*) FROM wish WHERE {asked} AND read_at IS NULL");
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.first().map_or(Ok(0), |row| row.count(0))
    }

    pub async fn show(&self, id: Uuid) -> Result<Option<Wish>, Error> {
        Ok(self.find("id = $1", vec![uuid(id)]).await?.pop())
    }

    /// All that a person wrote, the newest first.
    pub async fn of(&self, who: AddressKey) -> Result<Vec<Wish>, Error> {
        self.find("recipient = $1 ORDER BY id DESC", vec![key(&who.0)]).await
    }

    /// Whether nobody was faster.
    pub async fn read(&self, id: Uuid, read: &Read) -> Result<bool, Error> {
        let scope = read.refuses.as_ref().map(|scope| match scope {
            Scope::Everything => EVERYTHING.into(),
            Scope::Purpose(id) => id.as_str().into(),
        });
        let sql = "UPDATE wish SET read_at = $2, reader = $3, scope = $4 \
                   WHERE id = $1 AND read_at IS NULL";
        let args = vec![uuid(id), int(read.at.as_millisecond()), text(&read.by), Arg::Text(scope)];
        let mut tx = self.db.begin().await?;
        let changed = tx.run(sql, args).await?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    async fn find(&self, asked: &str, args: Vec<Arg<'_>>) -> Result<Vec<Wish>, Error> {
        let sql = format!("SELECT {} FROM wish WHERE {asked}", COLUMNS.join(", "));
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter().map(|row| self.wish(row)).collect()
    }

    fn wish(&self, row: &Row) -> Result<Wish, Error> {
        let id = row.uuid(0)?;
        let told = at_rest::open(&self.secret, COLUMN, &[Part::Uuid(id)], row.bytes(7)?)?;
        let told: Told =
            serde_json::from_slice(&told).map_err(|why| Error::Bug(format!("wish.told: {why}")))?;
        let scope = row.opt_text(10)?.map(|scope| match scope.as_str() {
            EVERYTHING => Scope::Everything,
            _ => Scope::Purpose(scope),
        });
        let read = row.opt_time(8)?.zip(row.opt_text(9)?);
        Ok(Wish {
            id,
            at: row.time(1)?,
            about: About {
                message: row.uuid(2)?,
                controller: row.text(3)?,
                stream: row.text(4)?,
                login: row.text(5)?,
                recipient: row.opt_key(6)?.map(AddressKey),
            },
            told,
            read: read.map(|(at, by)| Read { at, by, refuses: scope }),
        })
    }
}

/// Takes away those that were read long ago; how many.
pub async fn forget(db: &Db, now: Timestamp) -> Result<u64, Error> {
    let age = SignedDuration::from_hours(24 * KEPT_DAYS);
    let over = now.checked_sub(age).unwrap_or(Timestamp::MIN);
    remove(db, "read_at <= $1", int(over.as_millisecond())).await
}

/// Takes away those that the person wrote; how many.
pub async fn erase(db: &Db, who: AddressKey) -> Result<u64, Error> {
    remove(db, "recipient = $1", key(&who.0)).await
}

async fn remove(db: &Db, which: &str, arg: Arg<'_>) -> Result<u64, Error> {
    let mut tx = db.begin().await?;
    let gone = tx.run(&format!("DELETE FROM wish WHERE {which}"), vec![arg]).await?;
    tx.commit().await?;
    Ok(gone)
}

const COLUMN: Column = Column::WishTold;
/// No purpose is called so.
const EVERYTHING: &str = "*";
const NEW: &[&str] =
    &["id", "same", "at", "message", "controller", "stream", "login", "recipient", "told"];
const COLUMNS: &[&str] = &[
    "id",
    "at",
    "message",
    "controller",
    "stream",
    "login",
    "recipient",
    "told",
    "read_at",
    "reader",
    "scope",
];
