//! Double opt-in: what a form collected and nobody confirmed yet (S60..S63, S67).
//!
//! Before the click there is no contact and no event: only a row that is sealed under the link
//! itself, so that not even this installation can read it without the person's click. The click
//! makes contact, grants and evidence in one transaction.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{Address, Method, Source};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Consent, NewGrant, Proof, Recorded, Who, record};
use crate::{
    db::{Arg, Error, Tx, int, key, text, uuid},
    seal::{self, Secret},
};

/// What a form collected, with what it showed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Collected {
    pub form: String,
    /// As it was typed.
    pub address: String,
    pub at: Timestamp,
    pub ip: String,
    pub user_agent: String,
    /// Where the form stood, as the browser says.
    pub page: Option<String>,
    /// `cs`.
    pub language: String,
    pub agreed: Vec<Agreed>,
    /// The age that the person declared to have.
    pub of_age: Option<u16>,
    pub privacy_url: Option<String>,
    /// What the form said of the controller and the data, the right to withdraw included.
    pub notice: String,
    /// Message-ID of the letter that asks for the click.
    pub letter: String,
}

/// One purpose and the words that the person agreed to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Agreed {
    pub purpose: String,
    pub wording: String,
}

/// What one form may do to people.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// What is not confirmed is deleted after this.
    pub confirm_within: SignedDuration,
    /// One address is sent one letter in this time; the third one waits four times as long, and so
    /// on, until the row is gone: nobody fills another's mailbox by a form.
    pub again_after: SignedDuration,
    /// Letters of the form, all addresses together.
    pub letters_per_hour: u32,
}

/// What the link in the letter says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ticket {
    pub id: Uuid,
    /// Nowhere else: without it the row cannot be read.
    opener: [u8; 32],
    pub controller: String,
    pub form: String,
}

/// What came of asking for a letter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Asked {
    /// The letter with this ticket is to be sent.
    Send(Ticket),
    /// The address had a letter of this form just now.
    TooSoon,
    /// The form sent too many of late.
    TooMany,
}

/// What a ticket leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pending {
    Open(Box<Collected>),
    Confirmed,
    /// Not confirmed in time, or followed by a newer one.
    Gone,
}

/// 16 hex digits that change with every word that a page showed.
pub fn wording_version(
    agreed: &[&Agreed],
    notice: &str,
    privacy_url: Option<&str>,
    language: &str,
) -> String {
    let shown = json!([agreed, notice, privacy_url, language]).to_string();
    seal::hex(&seal::digest(shown.as_bytes())).chars().take(16).collect()
}

/// Who pressed the button.
#[derive(Clone, Copy, Debug)]
pub struct Click<'a> {
    pub ip: &'a str,
    pub user_agent: &'a str,
}

impl Collected {
    /// 16 hex digits that change with every word that was shown.
    pub fn version(&self) -> String {
        let agreed: Vec<&Agreed> = self.agreed.iter().collect();
        wording_version(&agreed, &self.notice, self.privacy_url.as_deref(), &self.language)
    }

    /// What proves the grant of one purpose.
    fn evidence(&self, agreed: &Agreed, click: Click<'_>, now: Timestamp) -> Value {
        json!({
            "form": self.form,
            "wording": agreed.wording,
            "wording_version": self.version(),
            "language": self.language,
            "notice": self.notice,
            "policy_url": self.privacy_url,
            "url": self.page,
            "of_age": self.of_age,
            "collected": {
                "at": self.at.to_string(), "ip": self.ip, "user_agent": self.user_agent,
            },
            "letter": self.letter,
            "confirmed": {
                "at": now.to_string(), "ip": click.ip, "user_agent": click.user_agent,
            },
        })
    }
}

impl Ticket {
    /// The token of the link.
    pub fn seal(&self, secret: &Secret) -> String {
        let mut plain = vec![FORM];
        plain.extend_from_slice(self.id.as_bytes());
        plain.extend_from_slice(&self.opener);
        let names = format!("{}\n{}", self.controller, self.form);
        plain.extend_from_slice(names.as_bytes());
        secret.seal_token(&plain)
    }

    /// `None` where the token is none of these.
    pub fn open(secret: &Secret, token: &str) -> Option<Self> {
        let plain = secret.open_token(token)?;
        let (&[form], rest) = plain.split_first_chunk::<1>()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (opener, names) = rest.split_first_chunk::<32>()?;
        let (controller, name) = std::str::from_utf8(names).ok()?.split_once('\n')?;
        (form == FORM).then(|| Self {
            id: Uuid::from_bytes(*id),
            opener: *opener,
            controller: controller.to_owned(),
            form: name.to_owned(),
        })
    }

    fn chest(&self, secret: &Secret) -> seal::Chest {
        secret.chest("pending", &self.opener)
    }
}

impl Consent {
    /// Keeps what a form collected, sealed, and says whether a letter may ask for the click.
    pub async fn ask(
        &self,
        now: Timestamp,
        controller: &str,
        address: &Address,
        collected: &Collected,
        bounds: Bounds,
    ) -> Result<Asked, Error> {
        let ticket = Ticket {
            id: Uuid::now_v7(),
            opener: seal::random(),
            controller: controller.to_owned(),
            form: collected.form.clone(),
        };
        let plain = serde_json::to_vec(collected).map_err(|error| Error::Bug(error.to_string()))?;
        let sealed = ticket.chest(&self.secret).seal(ticket.id.as_bytes(), &plain);
        let ago = |span| now.checked_sub(span).unwrap_or(Timestamp::MIN).as_millisecond();
        let again_after = bounds.again_after.min(YEAR).as_millis().try_into().unwrap_or(i64::MAX);
        let until = now.checked_add(bounds.confirm_within).unwrap_or(Timestamp::MAX);
        let mut tx = self.db.begin().await?;
        let of_form = vec![text(controller), text(&collected.form), int(ago(HOUR))];
        let sql = "SELECT COUNT(*) FROM pending WHERE controller = $1 AND form = $2 \
                   AND asked_at > $3";
        let sent = tx.rows(sql, of_form).await?.first().map_or(Ok(0), |row| row.int(0))?;
        if sent >= i64::from(bounds.letters_per_hour) {
            return Ok(Asked::TooMany);
        }
        let new = tx
            .run(
                "INSERT INTO pending (id, controller, form, key, sealed, asked_at, expires_at, \
                 letters) VALUES ($1, $2, $3, $4, $5, $6, $7, 1) \
                 ON CONFLICT (controller, form, key) DO UPDATE SET id = excluded.id, \
                 sealed = excluded.sealed, asked_at = excluded.asked_at, \
                 expires_at = excluded.expires_at, confirmed_at = NULL, \
                 letters = pending.letters + 1 \
                 WHERE pending.asked_at + $8 * pending.letters * pending.letters <= $6",
                vec![
                    uuid(ticket.id),
                    text(controller),
                    text(&collected.form),
                    key(self.secret.address_key(controller, address).as_bytes()),
                    Arg::bytes(sealed),
                    int(now.as_millisecond()),
                    int(until.as_millisecond()),
                    int(again_after),
                ],
            )
            .await?;
        if new == 0 {
            return Ok(Asked::TooSoon);
        }
        tx.commit().await?;
        Ok(Asked::Send(ticket))
    }

    /// The letter could not be sent: the person may ask again at once.
    pub async fn unask(&self, ticket: &Ticket) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        tx.run("DELETE FROM pending WHERE id = $1", vec![uuid(ticket.id)]).await?;
        tx.commit().await
    }

    /// What a ticket leads to; changes nothing.
    pub async fn pending(&self, now: Timestamp, ticket: &Ticket) -> Result<Pending, Error> {
        let sql = "SELECT sealed, confirmed_at, expires_at FROM pending WHERE id = $1";
        let rows = self.db.read_briefly().await?.rows(sql, vec![uuid(ticket.id)]).await?;
        let Some(row) = rows.first() else { return Ok(Pending::Gone) };
        if row.opt_int(1)?.is_some() {
            return Ok(Pending::Confirmed);
        }
        let open = |sealed: Vec<u8>| self.opened(ticket, &sealed);
        let in_time = row.int(2)? > now.as_millisecond();
        let collected = row.opt_bytes(0)?.filter(|_| in_time).and_then(open);
        Ok(collected.map_or(Pending::Gone, |collected| Pending::Open(Box::new(collected))))
    }

    /// The click: contact, grants and evidence, once. [`Pending::Open`] says what was granted now.
    pub async fn confirm(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        ticket: &Ticket,
        click: Click<'_>,
    ) -> Result<Pending, Error> {
        let mut tx = self.db.begin().await?;
        // Takes the row before it is read: of two clicks at once the second one waits here.
        let mine = "UPDATE pending SET asked_at = asked_at WHERE id = $1 AND sealed IS NOT NULL \
                    AND expires_at > $2";
        let args = vec![uuid(ticket.id), int(now.as_millisecond())];
        if tx.run(mine, args).await? == 0 {
            drop(tx);
            return Ok(match self.pending(now, ticket).await? {
                Pending::Confirmed => Pending::Confirmed,
                Pending::Open(_) | Pending::Gone => Pending::Gone,
            });
        }
        let sql = "SELECT sealed FROM pending WHERE id = $1";
        let rows = tx.rows(sql, vec![uuid(ticket.id)]).await?;
        let sealed = rows.first().map_or(Ok(None), |row| row.opt_bytes(0))?.unwrap_or_default();
        let Some(collected) = self.opened(ticket, &sealed) else { return Ok(Pending::Gone) };
        if !self.grant_all(&mut tx, now, zone, (ticket, click), &collected).await? {
            return Ok(Pending::Gone);
        }
        let done = "UPDATE pending SET sealed = NULL, confirmed_at = $2 WHERE id = $1";
        tx.run(done, vec![uuid(ticket.id), int(now.as_millisecond())]).await?;
        tx.commit().await?;
        Ok(Pending::Open(Box::new(collected)))
    }

    /// Whether anything was granted: purposes close, too.
    async fn grant_all(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        zone: &TimeZone,
        (ticket, click): (&Ticket, Click<'_>),
        collected: &Collected,
    ) -> Result<bool, Error> {
        let Ok(address) = Address::parse(&collected.address) else { return Ok(false) };
        let who = Who::address(&ticket.controller, address);
        let mut any = false;
        for agreed in &collected.agreed {
            let grant = NewGrant {
                purpose: agreed.purpose.clone(),
                from: now,
                until: None,
                method: Method::DoubleOptIn,
                source: Source::Own,
                confirmed_at: Some(now),
                age_declared: collected.of_age.is_some(),
                // A new subscription, confirmed from the mailbox itself.
                lifts_refusal: true,
            };
            let evidence = collected.evidence(agreed, click, now);
            let proof = Proof { actor: "form".to_owned(), at: now, evidence };
            let recorded = record::grant_in(tx, self, now, zone, &who, &grant, &proof).await?;
            any |= matches!(recorded, Recorded::New(_));
        }
        Ok(any)
    }

    /// Deletes what was not confirmed in time, and what is only there to tell of a second click.
    pub async fn purge_pending(&self, now: Timestamp) -> Result<u64, Error> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM pending WHERE expires_at <= $1";
        let gone = tx.run(sql, vec![int(now.as_millisecond())]).await?;
        tx.commit().await?;
        Ok(gone)
    }

    fn opened(&self, ticket: &Ticket, sealed: &[u8]) -> Option<Collected> {
        let plain = ticket.chest(&self.secret).open(ticket.id.as_bytes(), sealed)?;
        serde_json::from_slice(&plain).ok()
    }
}

/// The form of the ticket's payload; other links have another.
const FORM: u8 = 2;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::link::Link;

    #[test]
    fn a_ticket_says_again_what_was_sealed_and_is_no_other_link() {
        let secret = Secret::from_bytes([1; 32]);
        let ticket = Ticket {
            id: Uuid::from_u128(9),
            opener: [3; 32],
            controller: "zahrada".into(),
            form: "odber".into(),
        };
        let token = ticket.seal(&secret);
        assert!(token.len() < 180, "{}", token.len());
        assert_eq!(Ticket::open(&secret, &token), Some(ticket));
        assert!(Link::open(&secret, &token, Timestamp::UNIX_EPOCH).is_err());
        assert_eq!(Ticket::open(&Secret::from_bytes([2; 32]), &token), None);
        for plain in [&[1; 60][..], &[FORM], &[FORM; 50]] {
            assert_eq!(Ticket::open(&secret, &secret.seal_token(plain)), None);
        }
    }
}
