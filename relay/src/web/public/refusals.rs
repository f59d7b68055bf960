//! Tells people that their refusal is on record, by a letter, where a law that applies asks for it
//! (Slovakia) and the address is known: one way for all that refuses, be it a click, a tool, a
//! command or the clock. The refusal stands whatever becomes of the letter.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use policy::{Class, Controller, Pack};
use tokio::sync::watch;
use uuid::{Builder, Uuid};

use super::{Public, letters};
use crate::{
    config::Business, consent::refused::Refused, db::Unavailable, seal, smtp::envelope::Path,
    web::post::To, words::Words,
};

/// Who tells them; one for each relay.
#[derive(Clone)]
pub struct Refusals {
    public: Public,
    holder: String,
}

impl Refusals {
    pub fn new(public: Public, holder: &str) -> Self {
        Self { public, holder: holder.to_owned() }
    }

    /// Until told to stop. What cannot be sent now is tried again.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let mut said = false;
        loop {
            let more = match self.tick(Timestamp::now()).await {
                Ok(more) => {
                    said = false;
                    more
                }
                Err(fault) => {
                    if !said {
                        tracing::error!(%fault, "refusals cannot be confirmed: it is tried again");
                    }
                    said = true;
                    false
                }
            };
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(if more { BREATH } else { TICK }) => {}
            }
        }
    }

    /// One round; whether there may be more.
    pub async fn tick(&self, now: Timestamp) -> Result<bool, Unavailable> {
        let desk = &self.public.desk;
        let Some(round) = desk.refusals(now, &self.holder).await? else { return Ok(false) };
        let business = self.public.business.load_full();
        for own in by_person(&round.refused) {
            self.tell(now, &business, &own).await?;
        }
        desk.refusals_told(round).await?;
        Ok(true)
    }

    /// What one person refused, in one letter. Its id is made of the first event, and the journal has
    /// it with the letter: nobody is told twice.
    async fn tell(
        &self,
        now: Timestamp,
        business: &Business,
        own: &[&Refused],
    ) -> Result<(), Unavailable> {
        let Some(first) = own.first() else { return Ok(()) };
        let Some(sender) = business.controller(&first.controller) else { return Ok(()) };
        if !asked(business, sender, first) {
            return Ok(());
        }
        // An address that cannot be written to is no reason to stop.
        let Ok(path) = Path::parse(&first.address) else { return Ok(()) };
        let id = letter_id(first);
        if self.public.post.has_sent(id).await? {
            return Ok(());
        }
        let words = Words::of(sender.language);
        let letter = letters::refusal(words, sender, own);
        let to = To {
            id,
            path,
            key: first.key,
            class: Class::Transactional,
            what: "refusal",
            life: LETTER_LIFE,
        };
        self.public.post.send(now, words, sender, to, &letter).await
    }
}

/// Whether a law that applies wants it confirmed.
fn asked(business: &Business, sender: &Controller, refused: &Refused) -> bool {
    let country = refused.country.or(sender.recipients);
    let packs = &business.policy.packs;
    let packs = Pack::applying(packs, refused.at, sender.country, country);
    packs.iter().any(|pack| pack.terms.unsubscribe.confirm)
}

/// In the order in which each said the first of it.
fn by_person(refused: &[Refused]) -> Vec<Vec<&Refused>> {
    let mut people: Vec<Vec<&Refused>> = Vec::new();
    for one in refused {
        // The key is made of controller and address.
        let same = |own: &&mut Vec<&Refused>| {
            own.first().is_some_and(|first| first.key == one.key && first.silent == one.silent)
        };
        match people.iter_mut().find(same) {
            Some(own) => own.push(one),
            None => people.push(vec![one]),
        }
    }
    people
}

/// The same for the same event, and in the order of time as the others.
fn letter_id(refused: &Refused) -> Uuid {
    let named = format!("refusal {}", refused.event);
    let random = seal::digest(named.as_bytes()).first_chunk().copied().unwrap_or_default();
    let at = u64::try_from(refused.recorded_at.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(at, &random).into_uuid()
}

/// As long as a report is tried.
const LETTER_LIFE: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Whoever presses a button has the letter within seconds.
const TICK: Duration = Duration::from_secs(1);
const BREATH: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use policy::{Address, Scope};
    use serde_json::json;

    use super::*;
    use crate::{
        consent::{Proof, Who},
        web::public::tests::Site,
    };

    #[tokio::test]
    async fn every_way_to_refuse_is_confirmed_once_where_the_law_asks_for_it() {
        let site = Site::open().await;
        let refusals = Refusals::new(site.public.clone(), "one");
        let now = Timestamp::now();
        let who = |controller: &str, name: &str| {
            Who::address(controller, Address::parse(&format!("{name}@posta.example")).unwrap())
        };
        for (at, actor) in ["cli", "api:k1", "hook:mailchimp", "dsn"].iter().enumerate() {
            let proof = Proof { actor: (*actor).into(), at: now, evidence: json!(null) };
            for controller in ["hory", "zahrada"] {
                let who = who(controller, &format!("p{at}"));
                site.consent.refuse(now, &who, &Scope::Everything, &proof).await.unwrap();
            }
        }
        let letters = async || {
            let sql = "SELECT COUNT(*) FROM journal WHERE kind = 'reported'";
            site.db.read().await.unwrap().rows(sql, vec![]).await.unwrap()[0].int(0).unwrap()
        };
        let state = async || {
            let sql = "SELECT state FROM job WHERE name = 'refusals/tell'";
            site.db.read().await.unwrap().rows(sql, vec![]).await.unwrap()[0].text(0).unwrap()
        };
        // A relay that is stopped after its round began, and one that is after its letters left.
        let later = |seconds| now + SignedDuration::from_secs(seconds);
        let round = site.consent.refusals(later(5), "gone").await.unwrap().unwrap();
        assert_eq!(round.refused.len(), 8);
        let begun = state().await;
        assert!(!refusals.tick(later(6)).await.unwrap(), "another one is at it");
        assert!(refusals.tick(later(90)).await.unwrap());
        assert_eq!(letters().await, 4, "the Slovak ones");
        let mut tx = site.db.begin().await.unwrap();
        let sql = "UPDATE job SET state = $1 WHERE name = 'refusals/tell'";
        tx.run(sql, vec![crate::db::text(begun)]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(refusals.tick(later(91)).await.unwrap());
        assert!(!refusals.tick(later(92)).await.unwrap());
        assert_eq!(letters().await, 4, "each once");
    }
}
