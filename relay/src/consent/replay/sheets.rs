//! The tables of the present, and the rows of some contacts in them.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::sheet::{
    Cell::{Int, Text},
    Cells, Sheet,
};
use crate::{
    consent::event::name,
    db::{Conn, Error, Keys},
};

/// A table whose rows each belong to a contact.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Now {
    Grant,
    Refusal,
    Relation,
    Preference,
    Activity,
    Notice,
    Reactivation,
}

/// The rows of one contact; each by its table and what tells it from the others there.
pub(super) type Rows = BTreeMap<(Now, String), Vec<Cells>>;

impl Now {
    pub(super) const ALL: [Self; 7] = [
        Self::Grant,
        Self::Refusal,
        Self::Relation,
        Self::Preference,
        Self::Activity,
        Self::Notice,
        Self::Reactivation,
    ];

    pub(super) fn sheet(self) -> &'static Sheet {
        match self {
            Self::Grant => &GRANT,
            Self::Refusal => &REFUSAL,
            Self::Relation => &RELATION,
            Self::Preference => &PREFERENCE,
            Self::Activity => &ACTIVITY,
            Self::Notice => &NOTICE,
            Self::Reactivation => &REACTIVATION,
        }
    }

    /// What tells a contact's rows apart: the event that made them where there may be many.
    fn row(self, cells: &Cells) -> String {
        let text = |name: &str| cells.get(name).and_then(Value::as_str).unwrap_or_default();
        let int = |name: &str| cells.get(name).and_then(Value::as_i64).unwrap_or_default();
        match self {
            Self::Grant | Self::Relation => name(int("chain"), int("seq")),
            Self::Refusal => text("scope").to_owned(),
            Self::Preference => text("purpose").to_owned(),
            Self::Activity => text("kind").to_owned(),
            Self::Notice | Self::Reactivation => String::new(),
        }
    }
}

pub(super) async fn of(
    conn: &mut Conn<'_>,
    contacts: &[Uuid],
) -> Result<BTreeMap<Uuid, Rows>, Error> {
    let mut all: BTreeMap<Uuid, Rows> = BTreeMap::new();
    for table in Now::ALL {
        let sheet = table.sheet();
        let sql =
            format!("SELECT contact, {} FROM {} WHERE contact {{in}}", sheet.names(), sheet.table);
        for row in conn.rows_in(&sql, &[], Keys::Uuids(contacts.to_vec())).await? {
            let cells = sheet.read(&row, 1)?;
            let of = (table, table.row(&cells));
            all.entry(row.uuid(0)?).or_default().entry(of).or_default().push(cells);
        }
    }
    Ok(all)
}

const GRANT: Sheet = Sheet {
    table: "grant_now",
    columns: &[
        ("purpose", Text),
        ("valid_from", Int),
        ("valid_until", Int),
        ("method", Text),
        ("source", Text),
        ("withdrawn_at", Int),
        ("ended", Text),
        ("confirmed_at", Int),
        ("of_age", Int),
        ("evidence", Text),
        ("chain", Int),
        ("seq", Int),
        ("told", Int),
    ],
};
const REFUSAL: Sheet = Sheet {
    table: "refusal_now",
    columns: &[("scope", Text), ("since", Int), ("chain", Int), ("seq", Int), ("lifted", Int)],
};
const RELATION: Sheet = Sheet {
    table: "relation_now",
    columns: &[
        ("chain", Int),
        ("seq", Int),
        ("kind", Text),
        ("at", Int),
        ("ended_at", Int),
        ("categories", Text),
        ("wide_assortment", Int),
        ("objection_offered", Int),
    ],
};
const PREFERENCE: Sheet = Sheet {
    table: "preference_now",
    columns: &[
        ("purpose", Text),
        ("at_most", Text),
        ("paused_until", Int),
        ("topics", Text),
        ("chain", Int),
        ("seq", Int),
    ],
};
const ACTIVITY: Sheet = Sheet { table: "activity_now", columns: &[("kind", Text), ("at", Int)] };
const NOTICE: Sheet = Sheet {
    table: "notice_now",
    columns: &[
        ("version", Text),
        ("kind", Text),
        ("url", Text),
        ("at", Int),
        ("chain", Int),
        ("seq", Int),
    ],
};
const REACTIVATION: Sheet =
    Sheet { table: "reactivation_now", columns: &[("since", Int), ("until", Int)] };
