//! Answers whether a credential is good: the throttle first, then what is remembered, then the
//! database and the slow hash, off the async threads.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use super::{
    Credential, Login,
    password::{self, LENGTH_MAX},
    remembered::{Claim, Remembered},
    scram,
    store::{self, Changed, Stored},
    throttle::Throttle,
};
use crate::{
    config,
    db::{Db, Unavailable},
    seal::{MacKey, Secret, base64url, random},
    smtp::{
        auth::{Credentials, LoginAnswer},
        reply::Reply,
    },
};

/// Longer than the queue for a hash ever is, unless somebody floods it.
const CHECK_WAIT_MAX: Duration = Duration::from_secs(10);
/// `last used` is written this often at most.
const USED_NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// All logins, and what is known about guesses; cheap to clone.
#[derive(Clone)]
pub struct Logins {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    settings: config::Logins,
    claims: MacKey,
    /// Makes the salts of names that do not exist.
    salts: MacKey,
    nobody: Credential,
    memory: Mutex<Memory>,
    checks: Semaphore,
}

struct Memory {
    remembered: Remembered,
    throttle: Throttle,
}

/// What came of a check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// `signature`: SCRAM's ServerSignature.
    Verified { login: Arc<Login>, signature: Option<Vec<u8>> },
    /// SCRAM goes on; said to unknown names too.
    Challenge { nonce: String, salt: Vec<u8>, iterations: u32 },
    /// Wrong password, unknown name: the client learns no more.
    Wrong,
    /// All is right, and the login is suspended: only who has the password learns it.
    Suspended,
    /// Nothing was checked: too many failures lately.
    Throttled { retry_after: SignedDuration },
    /// Nothing was checked: no database, or too many checks at once.
    Unavailable,
}

impl Outcome {
    /// What the session is told, and who it is from now on.
    pub fn into_answer(self) -> (LoginAnswer, Option<Arc<Login>>) {
        let refused = |code, enhanced, text: &str| {
            (LoginAnswer::Refused(Reply::new(code, enhanced, text)), None)
        };
        match self {
            Self::Verified { login, signature } => {
                (LoginAnswer::Accepted { signature }, Some(login))
            }
            Self::Challenge { nonce, salt, iterations } => {
                (LoginAnswer::Scram { nonce, salt, iterations }, None)
            }
            Self::Wrong => refused(535, "5.7.8", "wrong name or password"),
            Self::Suspended => (LoginAnswer::Refused(suspended(535)), None),
            Self::Throttled { .. } => {
                refused(454, "4.7.0", "too many failed logins, try again later")
            }
            Self::Unavailable => refused(454, "4.7.0", "cannot check logins now, try again later"),
        }
    }
}

impl Logins {
    pub fn new(db: Db, secret: &Secret, settings: config::Logins) -> Self {
        let slowed = SignedDuration::try_from(settings.slowed).unwrap_or(SignedDuration::MAX);
        Self {
            inner: Arc::new(Inner {
                db,
                claims: secret.mac_key("login claim"),
                salts: secret.mac_key("login salt"),
                nobody: Credential::nobody(),
                memory: Mutex::new(Memory {
                    remembered: Remembered::default(),
                    throttle: Throttle::new(settings.failures_max, slowed),
                }),
                checks: Semaphore::new(settings.checks_at_once.max(1)),
                settings,
            }),
        }
    }

    /// Checks what a client said. Each call counts: a failure slows the peer's next ones.
    pub async fn check(&self, now: Timestamp, peer: IpAddr, said: &Credentials) -> Outcome {
        let outcome = match said {
            Credentials::Password { user, password } => {
                self.verify_plain(now, peer, user, password.reveal()).await
            }
            Credentials::ScramFirst { user } => self.scram_first(now, peer, user).await,
            Credentials::ScramFinal { user, auth_message, proof } => {
                self.scram_final(now, peer, user, auth_message, proof).await
            }
        };
        count(&outcome);
        outcome
    }

    /// PLAIN and LOGIN.
    pub async fn verify_plain(
        &self,
        now: Timestamp,
        peer: IpAddr,
        name: &str,
        password: &str,
    ) -> Outcome {
        let name = normal(name);
        if let Some(throttled) = self.throttled(now, peer, &name) {
            return throttled;
        }
        let Ok(row) = self.row(now, &name).await else { return Outcome::Unavailable };
        let credential = row.as_ref().map_or(&self.inner.nobody, |row| &row.credential);
        let claim = Claim::of(&self.inner.claims, &name, password);
        let mark = credential.mark();
        if !self.memory().remembered.verified(now, &claim, &mark) {
            let checked = self.hash(now, peer, &name, password, credential, &claim).await;
            match checked {
                Ok(true) => {
                    let how_long = SignedDuration::try_from(self.inner.settings.remembered);
                    let how_long = how_long.unwrap_or(SignedDuration::MAX);
                    self.memory().remembered.note_verified(now, claim, mark, how_long);
                }
                Ok(false) => return self.wrong(now, peer, &name),
                Err(outcome) => return outcome,
            }
        }
        match row {
            Some(row) if row.disabled => Outcome::Suspended,
            Some(row) => self.verified(now, peer, &row, None),
            None => self.wrong(now, peer, &name),
        }
    }

    /// One slow hash, of few at once; what changed while this one waited counts.
    async fn hash(
        &self,
        now: Timestamp,
        peer: IpAddr,
        name: &str,
        password: &str,
        credential: &Credential,
        claim: &Claim,
    ) -> Result<bool, Outcome> {
        if password.len() > LENGTH_MAX {
            return Ok(false);
        }
        let permit = tokio::time::timeout(CHECK_WAIT_MAX, self.inner.checks.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(Outcome::Unavailable) };
        // A tool opens many connections at once: the first one's hash serves all.
        if self.memory().remembered.verified(now, claim, &credential.mark()) {
            return Ok(true);
        }
        // A guesser opens many connections at once: they were let through before any had failed.
        if let Some(throttled) = self.throttled(now, peer, name) {
            return Err(throttled);
        }
        let (hash, password) = (credential.hash.clone(), password.to_owned());
        metrics::counter!("souhlas_password_hashes_total").increment(1);
        tokio::task::spawn_blocking(move || password::verify(&hash, &password))
            .await
            .map_err(|_| Outcome::Unavailable)
    }

    /// SCRAM's first step. It proves nothing yet, so it counts as nothing.
    pub async fn scram_first(&self, now: Timestamp, peer: IpAddr, name: &str) -> Outcome {
        let name = normal(name);
        if let Some(throttled) = self.throttled(now, peer, &name) {
            return throttled;
        }
        let Ok(row) = self.row(now, &name).await else { return Outcome::Unavailable };
        let made_up = self.inner.salts.sign(name.as_bytes());
        let (salt, iterations) = row.as_ref().map_or_else(
            || (made_up.iter().take(16).copied().collect(), scram::ITERATIONS),
            |row| (row.credential.scram.salt.clone(), row.credential.scram.iterations),
        );
        Outcome::Challenge { nonce: base64url(&random::<18>()), salt, iterations }
    }

    /// SCRAM's last step.
    pub async fn scram_final(
        &self,
        now: Timestamp,
        peer: IpAddr,
        name: &str,
        auth_message: &str,
        proof: &[u8],
    ) -> Outcome {
        let name = normal(name);
        if let Some(throttled) = self.throttled(now, peer, &name) {
            return throttled;
        }
        let Ok(row) = self.row(now, &name).await else { return Outcome::Unavailable };
        let credential = row.as_ref().map_or(&self.inner.nobody, |row| &row.credential);
        let signature = credential.scram.check(auth_message, proof);
        match (row, signature) {
            (Some(row), Some(_)) if row.disabled => Outcome::Suspended,
            (Some(row), Some(signature)) => self.verified(now, peer, &row, Some(signature)),
            (_, _) => self.wrong(now, peer, &name),
        }
    }

    /// The login of this name, for a proxy that has checked it itself (XCLIENT LOGIN).
    pub async fn named(
        &self,
        now: Timestamp,
        name: &str,
    ) -> Result<Option<Arc<Login>>, Unavailable> {
        let row = self.row(now, &normal(name)).await?;
        Ok(row.filter(|row| !row.disabled).map(|row| row.login.clone()))
    }

    /// Whether an open connection of this login may send its next message; else what it is told.
    pub async fn may_go_on(&self, now: Timestamp, login: &Login) -> Result<(), Reply> {
        match self.named(now, &login.name).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(suspended(550)),
            Err(_) => Err(Reply::new(451, "4.3.0", "cannot check logins now")),
        }
    }

    /// Suspends a login or lets it go on: here at once, in other relays within seconds.
    pub async fn set_disabled(
        &self,
        now: Timestamp,
        name: &str,
        disabled: bool,
    ) -> Result<Changed, Unavailable> {
        let changed = store::set_disabled(&self.inner.db, now, name, disabled).await?;
        self.memory().remembered.forget_row(name);
        Ok(changed)
    }

    async fn row(&self, now: Timestamp, name: &str) -> Result<Option<Arc<Stored>>, Unavailable> {
        if let Some(row) = self.memory().remembered.row(now, name) {
            return Ok(row);
        }
        let row = match name {
            "" => None,
            _ => store::find(&self.inner.db, name).await?.map(Arc::new),
        };
        self.memory().remembered.note_row(now, name, row.clone());
        Ok(row)
    }

    fn throttled(&self, now: Timestamp, peer: IpAddr, name: &str) -> Option<Outcome> {
        let wait = self.memory().throttle.wait(now, peer, name);
        wait.map(|retry_after| Outcome::Throttled { retry_after })
    }

    fn wrong(&self, now: Timestamp, peer: IpAddr, name: &str) -> Outcome {
        self.memory().throttle.failed(now, peer, name);
        Outcome::Wrong
    }

    fn verified(
        &self,
        now: Timestamp,
        peer: IpAddr,
        row: &Arc<Stored>,
        signature: Option<Vec<u8>>,
    ) -> Outcome {
        let name = &row.login.name;
        self.memory().throttle.succeeded(now, peer, name);
        if row.last_used_at.is_none_or(|last| now.duration_since(last) >= USED_NOTED_EVERY) {
            let noted = Stored { last_used_at: Some(now), ..Stored::clone(row) };
            self.memory().remembered.note_row(now, name, Some(Arc::new(noted)));
            let (db, name) = (self.inner.db.clone(), name.clone());
            tokio::spawn(async move {
                if let Err(error) = store::note_used(&db, now, &name).await {
                    tracing::debug!(%error, "when a login was last used is not noted");
                }
            });
        }
        Outcome::Verified { login: row.login.clone(), signature }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // What a panic left behind here are counters and dates: never worse than stale.
        self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Logins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Logins")
    }
}

/// The name as it would be stored; empty where no login can have it, so that nothing of what a
/// guesser makes up is remembered or asked for.
fn normal(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    super::check_name(&name).map_or_else(|_| String::new(), |()| name)
}

/// RFC 5248: an account that is disabled, told after its password was right.
fn suspended(code: u16) -> Reply {
    Reply::new(code, "5.7.13", "this login is suspended: ask who runs the relay")
}

fn count(outcome: &Outcome) {
    let outcome = match outcome {
        Outcome::Verified { .. } => "verified",
        Outcome::Challenge { .. } => return,
        Outcome::Wrong => "wrong",
        Outcome::Suspended => "suspended",
        Outcome::Throttled { .. } => "throttled",
        Outcome::Unavailable => "unavailable",
    };
    metrics::counter!("souhlas_login_checks_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        login::{Mixed, Refusals},
        smtp::auth,
    };

    const PASSWORD: &str = "a good password";

    struct Scene {
        logins: Logins,
        db: Db,
        folder: tempfile::TempDir,
    }

    async fn scene() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = Db::open(&url).await.unwrap();
        store::add(&db, at(0), &shop(), &Credential::of(PASSWORD).unwrap()).await.unwrap();
        let settings = config::Logins {
            remembered: Duration::from_secs(300),
            checks_at_once: 2,
            failures_max: 2,
            slowed: Duration::from_secs(60),
        };
        let logins = Logins::new(db.clone(), &Secret::from_bytes([1; 32]), settings);
        Scene { logins, db, folder }
    }

    fn shop() -> Login {
        Login {
            name: "shop".into(),
            senders: vec!["@shop.cz".into(), "news@other.cz".into()],
            refusals: Refusals::Suppress,
            mixed: Mixed::Refuse,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn verified() -> Outcome {
        Outcome::Verified { login: Arc::new(shop()), signature: None }
    }

    #[tokio::test]
    async fn a_verified_password_is_not_hashed_again_while_it_is_remembered() {
        let Scene { logins, folder: _folder, .. } = scene().await;
        assert_eq!(logins.verify_plain(at(0), peer(1), "Shop", PASSWORD).await, verified());
        // From here on whoever needs the slow hash is told that it is not to be had.
        logins.inner.checks.close();
        assert_eq!(logins.verify_plain(at(299), peer(2), "shop", PASSWORD).await, verified());
        for (now, name, password) in
            [(0, "shop", "b good password"), (0, "sh0p", PASSWORD), (300, "shop", PASSWORD)]
        {
            let outcome = logins.verify_plain(at(now), peer(1), name, password).await;
            assert_eq!(outcome, Outcome::Unavailable, "{now} {name} {password}");
        }
    }

    #[tokio::test]
    async fn a_new_password_and_a_disabled_login_count_within_seconds() {
        let Scene { logins, db, folder: _folder } = scene().await;
        assert_eq!(logins.verify_plain(at(0), peer(1), "shop", PASSWORD).await, verified());
        let new = Credential::of("another password").unwrap();
        store::set_password(&db, at(1), "shop", &new).await.unwrap();
        let old = logins.verify_plain(at(6), peer(1), "shop", PASSWORD).await;
        assert_eq!(old, Outcome::Wrong);
        let new = logins.verify_plain(at(6), peer(1), "shop", "another password").await;
        assert_eq!(new, verified());
        store::set_disabled(&db, at(7), "shop", true).await.unwrap();
        let disabled = logins.verify_plain(at(12), peer(1), "shop", "another password").await;
        assert_eq!(disabled, Outcome::Suspended);
        let (answer, _) = disabled.into_answer();
        assert!(matches!(answer, LoginAnswer::Refused(reply) if reply.code == 535));
        let wrong = logins.verify_plain(at(12), peer(1), "shop", "a wrong password").await;
        assert_eq!(wrong, Outcome::Wrong, "a guesser does not learn it");
        assert_eq!(logins.may_go_on(at(12), &shop()).await.unwrap_err().code, 550);
        logins.set_disabled(at(12), "shop", false).await.unwrap();
        assert_eq!(logins.may_go_on(at(12), &shop()).await, Ok(()), "here at once");
        logins.set_disabled(at(12), "shop", true).await.unwrap();
        assert_eq!(logins.named(at(12), "shop").await, Ok(None));
    }

    #[tokio::test]
    async fn a_guesser_is_slowed_and_the_tool_that_is_known_is_not() {
        let Scene { logins, folder: _folder, .. } = scene().await;
        assert_eq!(logins.verify_plain(at(0), peer(1), "shop", PASSWORD).await, verified());
        for _ in 0..3 {
            let guess = logins.verify_plain(at(0), peer(2), "shop", "a wrong password").await;
            assert_eq!(guess, Outcome::Wrong);
        }
        let throttled = Outcome::Throttled { retry_after: SignedDuration::from_mins(1) };
        assert_eq!(logins.verify_plain(at(0), peer(2), "shop", PASSWORD).await, throttled);
        assert_eq!(logins.scram_first(at(0), peer(2), "shop").await, throttled);
        assert_eq!(logins.verify_plain(at(0), peer(1), "shop", PASSWORD).await, verified());
        assert_eq!(logins.verify_plain(at(60), peer(2), "shop", PASSWORD).await, verified());
    }

    #[tokio::test]
    async fn guesses_that_come_all_at_once_are_slowed_too() {
        let Scene { logins, folder: _folder, .. } = scene().await;
        let guesses = (0..12).map(|number| {
            let logins = logins.clone();
            async move {
                logins.verify_plain(at(0), peer(2), "shop", &format!("guess number {number}")).await
            }
        });
        let outcomes: Vec<Outcome> = futures_util::future::join_all(guesses).await;
        let checked = outcomes.iter().filter(|outcome| **outcome == Outcome::Wrong).count();
        assert!((3..=4).contains(&checked), "{checked}: those allowed and those at once");
    }

    #[tokio::test]
    async fn scram_proves_the_password_and_hides_who_exists() {
        let Scene { logins, folder: _folder, .. } = scene().await;
        let first = |name: &'static str| {
            let logins = logins.clone();
            async move {
                let outcome = logins.scram_first(at(0), peer(1), name).await;
                let Outcome::Challenge { salt, iterations, nonce } = outcome else {
                    panic!("{outcome:?}")
                };
                (salt, iterations, nonce)
            }
        };
        let (salt, iterations, nonce) = first("shop").await;
        let (unknown_salt, unknown_iterations, unknown_nonce) = first("nobody").await;
        assert_eq!((salt.len(), iterations), (unknown_salt.len(), unknown_iterations));
        assert_ne!(nonce, unknown_nonce);
        assert_eq!(first("nobody").await.0, unknown_salt, "always the same salt");

        let proof = |password: &str| {
            use crate::seal::{digest, hmac, pbkdf2};
            let client_key = hmac(&pbkdf2(password.as_bytes(), &salt, iterations), b"Client Key");
            let signature = hmac(&digest(&client_key), b"the exchange");
            client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect::<Vec<u8>>()
        };
        let said = |user: &str, proof| Credentials::ScramFinal {
            user: user.into(),
            auth_message: "the exchange".into(),
            proof,
        };
        let outcome = logins.check(at(0), peer(1), &said("SHOP", proof(PASSWORD))).await;
        let Outcome::Verified { login, signature } = outcome else { panic!("{outcome:?}") };
        assert_eq!((&*login, signature.unwrap().len()), (&shop(), 32));
        for wrong in [said("shop", proof("x")), said("shop", vec![]), said("nobody", vec![0; 32])] {
            assert_eq!(logins.check(at(0), peer(1), &wrong).await, Outcome::Wrong);
        }
    }

    #[tokio::test]
    async fn names_that_no_login_can_have_are_wrong_and_not_remembered() {
        let Scene { logins, db, folder: _folder } = scene().await;
        db.close().await;
        for name in ["", "no such\0name", &"a".repeat(10_000)] {
            let outcome = logins.verify_plain(at(0), peer(1), name, PASSWORD).await;
            assert_eq!(outcome, Outcome::Wrong, "without asking the database");
            assert_eq!(normal(name), "");
        }
        assert!(matches!(
            logins.verify_plain(at(0), peer(1), "x", PASSWORD).await,
            Outcome::Throttled { .. }
        ));
    }

    #[tokio::test]
    async fn without_a_database_nobody_is_verified_and_nobody_is_wrong() {
        let Scene { logins, db, folder: _folder } = scene().await;
        db.close().await;
        let plain =
            Credentials::Password { user: "shop".into(), password: auth::Secret::new(PASSWORD) };
        let outcome = logins.check(at(0), peer(1), &plain).await;
        assert_eq!(outcome, Outcome::Unavailable);
        let (answer, login) = outcome.into_answer();
        assert!(matches!(answer, LoginAnswer::Refused(reply) if reply.code == 454));
        assert_eq!(login, None);
        let (answer, _) = Outcome::Wrong.into_answer();
        assert!(matches!(answer, LoginAnswer::Refused(reply) if reply.code == 535));
    }

    #[tokio::test]
    async fn when_a_login_was_used_is_noted_once_an_hour() {
        let Scene { logins, db, folder: _folder } = scene().await;
        for (now, noted) in [(0, 0), (60, 0), (3600, 3600), (3700, 3600)] {
            assert_eq!(logins.verify_plain(at(now), peer(1), "shop", PASSWORD).await, verified());
            let last_used = async || store::find(&db, "shop").await.unwrap().unwrap().last_used_at;
            let deadline = std::time::Instant::now() + Duration::from_secs(10);
            while last_used().await != Some(at(noted)) {
                assert!(std::time::Instant::now() < deadline, "{:?}", last_used().await);
                tokio::task::yield_now().await;
            }
        }
    }
}
