//! People who work with the console: accounts, what each may do, sessions, links used once, and the
//! trail of what they did.
//!
//! It knows no HTTP: `web::console` asks it, and so does the command line. Tokens, codes and names
//! that somebody tried are kept as hashes; secrets, addresses and programs lie sealed.

mod account;
pub mod audit;
mod code;
mod email;
mod factor;
mod identity;
mod letter;
mod link;
mod lock;
mod role;
mod saved;
mod session;
mod sign_in;
mod token;
pub mod totp;
mod work;

use std::{net::IpAddr, sync::Arc, time::Duration};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    config::Console,
    db::{Db, Unavailable},
    login::password,
    seal::Secret,
};

pub use account::{Account, Changed, New};
pub use audit::{Act, Entry};
pub use email::Sent;
pub use factor::{Enrolled, Offer};
pub use identity::Provided;
pub use letter::{Letter, Rhythm, Wanted};
pub use link::{Followed, Link, Purpose};
pub use role::{Action, Held, Reach, Rights, Role};
pub use saved::{Kept, SAVED_MAX, Saved};
pub use session::{How, Listed, Session, Stage};
pub use sign_in::SignIn;
pub use token::Token;
pub use work::Work;

pub use crate::login::PasswordFault;

/// All accounts; cheap to clone.
#[derive(Clone)]
pub struct Staff {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    secret: Secret,
    settings: Console,
    /// Passwords hashed at the same time: each takes 20 MiB.
    hashing: Semaphore,
}

/// From where somebody works, and with what.
#[derive(Clone, Debug)]
pub struct From {
    pub ip: IpAddr,
    /// As the browser calls itself, cut short.
    pub program: String,
}

/// Who does something, for the trail.
#[derive(Clone, Debug)]
pub struct By {
    pub actor: String,
    pub ip: Option<IpAddr>,
}

impl By {
    /// By whom the ledger and the trail name an account.
    pub fn staff(account: Uuid, ip: IpAddr) -> Self {
        Self { actor: actor(account), ip: Some(ip) }
    }

    /// Who has the machine.
    pub fn command_line() -> Self {
        Self { actor: "cli".into(), ip: None }
    }

    /// Who is not signed in.
    pub fn nobody(ip: IpAddr) -> Self {
        Self { actor: "nobody".into(), ip: Some(ip) }
    }
}

impl Staff {
    pub fn new(db: Db, secret: Secret, settings: Console) -> Self {
        let hashing = Semaphore::new(HASHED_AT_ONCE);
        Self { inner: Arc::new(Inner { db, secret, settings, hashing }) }
    }

    /// Whether everybody needs a second factor.
    pub fn needs_factor(&self) -> bool {
        self.inner.settings.factor_required
    }

    fn db(&self) -> &Db {
        &self.inner.db
    }

    fn secret(&self) -> &Secret {
        &self.inner.secret
    }

    /// Of a password that nobody has checked yet.
    async fn hashed(&self, password: &str) -> Result<Result<String, PasswordFault>, Unavailable> {
        if let Err(fault) = password::check(password) {
            return Ok(Err(fault));
        }
        let password = password.to_owned();
        self.slowly(move || password::hash(&password)).await
    }

    async fn matches(&self, hash: &str, password: &str) -> Result<bool, Unavailable> {
        if password.len() > password::LENGTH_MAX {
            return Ok(false);
        }
        let (hash, password) = (hash.to_owned(), password.to_owned());
        self.slowly(move || password::verify(&hash, &password)).await
    }

    /// Off the async threads, few at a time.
    async fn slowly<T: Send + 'static>(
        &self,
        hash: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unavailable> {
        let busy = || Unavailable("too many passwords are checked at once".into());
        let free = tokio::time::timeout(HASH_WAIT_MAX, self.inner.hashing.acquire()).await;
        let Ok(Ok(_free)) = free else { return Err(busy()) };
        tokio::task::spawn_blocking(hash).await.map_err(|_| busy())
    }
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Staff")
    }
}

/// `staff/<id>`.
fn actor(account: Uuid) -> String {
    format!("staff/{account}")
}

/// What the trail calls an account that something was done to.
fn subject(account: Uuid) -> String {
    format!("account/{account}")
}

/// Before and after, for the trail.
fn change(before: impl Into<Value>, after: impl Into<Value>) -> Value {
    json!({ "before": before.into(), "after": after.into() })
}

fn span(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

const HASHED_AT_ONCE: usize = 2;
const HASH_WAIT_MAX: Duration = Duration::from_secs(10);
