//! What staff did, saw and exported: append-only, on one hash chain for all relays and commands, so
//! that its numbers are its order.
//!
//! A change is noted in its own transaction wherever that is at hand. What was refused is noted too.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::{By, Staff};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conditions, Conn, Db, Error, Row, Tx, Unavailable, int, key, moment, size, text},
    journal::{
        self, Step, Verified,
        chain::{self, Hashed, Line, Stands, Table},
    },
};

/// What is to be noted.
#[derive(Clone, Debug)]
pub struct Entry {
    pub act: Act,
    /// What it was done to: `account/<id>`, `message/<id>`, `contact/<id>`; or nothing.
    pub subject: String,
    /// Whose it is; or nothing.
    pub controller: String,
    /// Before and after, why, how many. No personal data.
    pub detail: Value,
}

impl Entry {
    pub fn new(act: Act, subject: impl Into<String>) -> Self {
        Self { act, subject: subject.into(), controller: String::new(), detail: Value::Null }
    }

    pub fn of(self, controller: impl Into<String>) -> Self {
        Self { controller: controller.into(), ..self }
    }

    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }
}

/// Each act: its word in the trail, and the id of its text for people.
macro_rules! acts {
    ($($(#[$about:meta])* $name:ident = $word:literal $id:literal;)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Act { $($(#[$about])* $name,)* }

        impl Act {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The trail's word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Of its word for people.
            pub fn text_id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|act| act.as_str() == word)
            }
        }
    };
}

acts! {
    SignedIn = "signed-in" "console-act-signed-in";
    /// A wrong name, password or code.
    SignInFailed = "sign-in-failed" "console-act-sign-in-failed";
    SignedOut = "signed-out" "console-act-signed-out";
    SessionEnded = "session-ended" "console-act-session-ended";
    PasswordChanged = "password-changed" "console-act-password-changed";
    EmailChanged = "email-changed" "console-act-email-changed";
    /// By a link that was sent there.
    EmailConfirmed = "email-confirmed" "console-act-email-confirmed";
    LettersChosen = "letters-chosen" "console-act-letters-chosen";
    FactorEnrolled = "factor-enrolled" "console-act-factor-enrolled";
    /// A person of the organisation's own sign-in has this account from now on.
    IdentityBound = "identity-bound" "console-act-identity-bound";
    CodesMade = "codes-made" "console-act-codes-made";
    LinkMade = "link-made" "console-act-link-made";
    AccountAdded = "account-added" "console-act-account-added";
    RightsChanged = "rights-changed" "console-act-rights-changed";
    AccountDisabled = "account-disabled" "console-act-account-disabled";
    AccountEnabled = "account-enabled" "console-act-account-enabled";
    /// A page or an action that the role does not have.
    Forbidden = "forbidden" "console-act-forbidden";
    /// What stands in a message.
    ContentSeen = "content-seen" "console-act-content-seen";
    DecisionSeen = "decision-seen" "console-act-decision-seen";
    DecisionsExported = "decisions-exported" "console-act-decisions-exported";
    LoginResumed = "login-resumed" "console-act-login-resumed";
    LoginSuspended = "login-suspended" "console-act-login-suspended";
    /// To pause, retry or bounce what waits.
    QueueOrdered = "queue-ordered" "console-act-queue-ordered";
    QueueEnded = "queue-order-ended" "console-act-queue-ended";
    ReportExported = "report-exported" "console-act-report-exported";
    HeldSeen = "held-seen" "console-act-held-seen";
    HeldLocked = "held-locked" "console-act-held-locked";
    HeldCommented = "held-commented" "console-act-held-commented";
    HeldReleased = "held-released" "console-act-held-released";
    HeldRejected = "held-rejected" "console-act-held-rejected";
    HeldProposed = "held-proposed" "console-act-held-proposed";
    HeldApproved = "held-approved" "console-act-held-approved";
    HeldDeclined = "held-declined" "console-act-held-declined";
    HeldGranted = "held-granted" "console-act-held-granted";
    HeldRefused = "held-refused" "console-act-held-refused";
    HeldAgain = "held-again" "console-act-held-again";
    /// That the program took a message for what it is not.
    MistakeNoted = "mistake-noted" "console-act-mistake-noted";
    /// A letter that may mean no.
    WishSeen = "wish-seen" "console-act-wish-seen";
    WishRead = "wish-read" "console-act-wish-read";
    MistakesExported = "mistakes-exported" "console-act-mistakes-exported";
    /// On the test bench.
    MessageTried = "message-tried" "console-act-message-tried";
    PolicyTried = "policy-tried" "console-act-policy-tried";
    DraftMade = "draft-made" "console-act-draft-made";
    DraftEdited = "draft-edited" "console-act-draft-edited";
    DraftProposed = "draft-proposed" "console-act-draft-proposed";
    DraftApproved = "draft-approved" "console-act-draft-approved";
    DraftDeclined = "draft-declined" "console-act-draft-declined";
    DraftWithdrawn = "draft-withdrawn" "console-act-draft-withdrawn";
    DraftActivated = "draft-activated" "console-act-draft-activated";
    BulkMade = "bulk-made" "console-act-bulk-made";
    BulkBegun = "bulk-begun" "console-act-bulk-begun";
    BulkProposed = "bulk-proposed" "console-act-bulk-proposed";
    BulkApproved = "bulk-approved" "console-act-bulk-approved";
    BulkCancelled = "bulk-cancelled" "console-act-bulk-cancelled";
    ContactsListed = "contacts-listed" "console-act-contacts-listed";
    ContactSeen = "contact-seen" "console-act-contact-seen";
    ContactsExported = "contacts-exported" "console-act-contacts-exported";
    ContactCopied = "contact-copied" "console-act-contact-copied";
    CaseMade = "case-made" "console-act-case-made";
    ContactErased = "contact-erased" "console-act-contact-erased";
    GrantAdded = "grant-added" "console-act-grant-added";
    RefusalAdded = "refusal-added" "console-act-refusal-added";
    GrantsEnded = "grants-ended" "console-act-grants-ended";
    GrantCorrected = "grant-corrected" "console-act-grant-corrected";
    PersonInformed = "person-informed" "console-act-person-informed";
    PurposeAdded = "purpose-added" "console-act-purpose-added";
    TopicsSet = "topics-set" "console-act-topics-set";
    PurposeClosed = "purpose-closed" "console-act-purpose-closed";
    PurposeAssigned = "purpose-assigned" "console-act-purpose-assigned";
    ReviewSigned = "review-signed" "console-act-review-signed";
    ImportTried = "import-tried" "console-act-import-tried";
    Imported = "imported" "console-act-imported";
    TrailExported = "trail-exported" "console-act-trail-exported";
}

/// A line of the trail.
#[derive(Clone, Debug)]
pub struct Noted {
    pub seq: i64,
    pub at: Timestamp,
    /// `staff/<account>`, `cli`, `nobody`.
    pub actor: String,
    /// The trail's word, whether this release knows it or not.
    pub act: String,
    pub subject: String,
    pub controller: String,
    pub detail: Value,
    pub ip: Option<String>,
}

/// What to list; everything asked for must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub actor: Option<String>,
    pub act: Option<Act>,
    pub subject: Option<String>,
    pub controller: Option<String>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Lines older than this one: the last of the page before.
    pub before: Option<i64>,
}

impl Staff {
    /// Notes what is done beside any transaction of this store.
    pub async fn note(&self, now: Timestamp, by: &By, entry: &Entry) -> Result<(), Unavailable> {
        let mut tx = self.db().begin().await?;
        self.note_in(&mut tx, now, by, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The same within one.
    pub(super) async fn note_in(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        by: &By,
        entry: &Entry,
    ) -> Result<(), Error> {
        let old = chain::head(tx, CHAIN).await?;
        let mut head = old;
        let written = Written {
            at: now.as_millisecond(),
            actor: by.actor.clone(),
            act: entry.act.as_str().to_owned(),
            subject: entry.subject.clone(),
            controller: entry.controller.clone(),
            detail: entry.detail.to_string(),
        };
        head.append(&written.line());
        let row = [Part::Int(head.chain), Part::Int(head.seq)];
        let seal = |ip: IpAddr| {
            at_rest::seal(self.secret(), Column::AuditIp, &row, ip.to_string().as_bytes())
        };
        let args = vec![
            int(head.chain),
            int(head.seq),
            int(written.at),
            text(&written.actor),
            text(&written.act),
            text(&written.subject),
            text(&written.controller),
            text(&written.detail),
            Arg::Bytes(by.ip.map(|ip| seal(ip).into())),
            key(&head.hash),
        ];
        tx.insert("audit", COLUMNS, args, "").await?;
        chain::advance(tx, &old, &head).await
    }

    /// Newest first.
    pub async fn trail(&self, filter: &Filter, limit: usize) -> Result<Vec<Noted>, Unavailable> {
        let limit = size(limit);
        let mut asked = Conditions::new(vec![limit]);
        asked.ask("actor = $", filter.actor.clone().map(text));
        asked.ask("act = $", filter.act.map(|act| text(act.as_str())));
        asked.ask("subject = $", filter.subject.clone().map(text));
        asked.ask("controller = $", filter.controller.clone().map(text));
        asked.ask("at >= $", filter.from.map(|at| int(at.as_millisecond())));
        asked.ask("at < $", filter.until.map(|at| int(at.as_millisecond())));
        asked.ask("seq < $", filter.before.map(int));
        let (asked, args) = asked.finish();
        let sql = format!("{SELECT} WHERE {asked} ORDER BY seq DESC LIMIT $1");
        let rows = self.db().read().await?.rows(&sql, args).await?;
        Ok(rows.iter().map(|row| self.noted(row)).collect::<Result<_, _>>()?)
    }

    fn noted(&self, row: &Row) -> Result<Noted, Error> {
        let Stands { chain, seq, written, .. } = stands(row)?;
        let place = [Part::Int(chain), Part::Int(seq)];
        let open = |ip| at_rest::open_text(self.secret(), Column::AuditIp, &place, ip);
        Ok(Noted {
            seq,
            at: moment(written.at)?,
            actor: written.actor,
            act: written.act,
            subject: written.subject,
            controller: written.controller,
            detail: journal::detail::read(written.detail),
            ip: row.opt_bytes(8)?.map(open).transpose()?,
        })
    }
}

/// What a line's hash is made over.
struct Written {
    at: i64,
    actor: String,
    act: String,
    subject: String,
    controller: String,
    detail: String,
}

impl Hashed for Written {
    fn line(&self) -> Line {
        Line::default()
            .number(self.at)
            .field(self.actor.as_bytes())
            .field(self.act.as_bytes())
            .field(self.subject.as_bytes())
            .field(self.controller.as_bytes())
            .field(self.detail.as_bytes())
    }
}

/// The chain's walk, as with the journal.
pub async fn verify(db: &Db) -> Result<Verified, Error> {
    journal::walk(db, Table::Audit, async |conn, range| steps(conn, range).await).await
}

/// For a walk: lines after one number up to another, in order.
pub(crate) async fn steps(
    conn: &mut Conn<'_>,
    (chain, seq, upto): (i64, i64, i64),
) -> Result<Vec<Step>, Error> {
    let sql = format!("{SELECT} WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq");
    let rows = conn.rows(&sql, vec![int(chain), int(seq), int(upto)]).await?;
    rows.iter().map(|row| Step::of(row.int(1)?, stands(row), None)).collect()
}

fn stands(row: &Row) -> Result<Stands<Written>, Error> {
    let written = Written {
        at: row.int(2)?,
        actor: row.text(3)?,
        act: row.text(4)?,
        subject: row.text(5)?,
        controller: row.text(6)?,
        detail: row.text(7)?,
    };
    Ok(Stands { chain: row.int(0)?, seq: row.int(1)?, hash: row.key(9)?, written })
}

/// The one chain.
const CHAIN: &str = "audit/staff";
const SELECT: &str = "SELECT chain, seq, at, actor, act, subject, controller, detail, ip, hash \
                      FROM audit";
const COLUMNS: &[&str] =
    &["chain", "seq", "at", "actor", "act", "subject", "controller", "detail", "ip", "hash"];
