//! What an erasure takes, what it leaves for how long, and that a no outlives it.

use jiff::{Span, Timestamp, tz::TimeZone};
use outside::store::{Fresh, on_both};
use policy::{Basis, Purpose, Relation, RelationKind, Scope, Term, Validity};
use relay::consent::{
    self, Consent, Contact, Erased, Erasure, Kept, NewGrant, Proven, Recorded,
    clock::{Clock, Terms},
};

use crate::{
    consent::{ask, grant, proof, standing, store, who, yes},
    make::{at, secret},
};

const DAY: i64 = 86_400;
const YEAR: i64 = 366 * DAY;
const JANA: &str = "jana@b.cz";

fn proven(kept_for: Option<Term>) -> Proven {
    Proven { zone: TimeZone::UTC, kept_for }
}

async fn erase(consent: &Consent, now: Timestamp, how: Erasure, term: Option<Term>) -> Erased {
    let proof = proof(0);
    consent.erase(now, &who(JANA), how, &proven(term), &proof).await.unwrap().expect("it is known")
}

async fn refuse(consent: &Consent) {
    consent.refuse(at(5), &who(JANA), &Scope::Everything, &proof(5)).await.unwrap();
}

async fn bought(consent: &Consent, kind: RelationKind, ended: Option<Timestamp>) {
    let relation = Relation {
        kind,
        at: at(2),
        ended_at: ended,
        categories: vec!["coffee".into()],
        wide_assortment: false,
        objection_offered: true,
        event: String::new(),
    };
    consent.relate(at(2), &TimeZone::UTC, &who(JANA), &relation, &proof(2)).await.unwrap();
}

async fn known(consent: &Consent) -> Option<Contact> {
    consent.contact(&who(JANA)).await.unwrap()
}

async fn whole(fresh: &Fresh) {
    assert!(
        consent::verify(&fresh.db, &secret()).await.unwrap().broken.is_empty(),
        "the chain is whole"
    );
}

/// Steps until there is nothing to do; how many erasures came to their end.
async fn wind(consent: &Consent, now: Timestamp) -> u64 {
    let terms = Terms {
        controller: "shop".into(),
        zone: TimeZone::UTC,
        max_inactive: Term::years(3),
        reactivate_within: None,
        evidence_for: Term::years(4),
        purge_evidence: false,
        review_every: Term::years(1),
    };
    let clock = Clock::new(consent.clone(), "test");
    let mut erased = 0;
    for _ in 0..100 {
        let ticked = clock.tick(now, std::slice::from_ref(&terms)).await.unwrap();
        erased += ticked.erased;
        if !ticked.more {
            return erased;
        }
    }
    panic!("the clock never comes to its end");
}

#[tokio::test]
async fn a_no_outlives_the_data_and_only_the_person_takes_it_back() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        grant(&consent, JANA, &yes("news", at(0))).await;
        bought(&consent, RelationKind::Purchase, Some(at(2))).await;
        refuse(&consent).await;
        let erased = erase(&consent, at(6), Erasure::Delete, None).await;
        assert_eq!((erased.events, erased.kept), (3, vec![Kept::Refusal]));
        let contact = known(&consent).await.unwrap();
        assert_eq!((contact.brief.address, contact.brief.erased_at), (None, Some(at(6))));
        assert!(contact.past.iter().all(|one| one.evidence.is_none()));
        let kinds: Vec<_> = contact.past.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["granted", "relation", "refused", "erased"]);
        let left = standing(&lookup, JANA).await;
        assert_eq!((left.grants.len(), left.relations.len(), left.refusals.len()), (0, 0, 1));
        whole(fresh).await;
        let said = async |second, yes: &NewGrant| {
            let proof = proof(second);
            consent.grant(at(second), &TimeZone::UTC, &who(JANA), yes, &proof).await.unwrap()
        };
        let again = said(7, &yes("news", at(7))).await;
        assert_eq!(again, Recorded::RefusalStands, "no tool brings it back");
        assert_eq!(known(&consent).await.unwrap().brief.address, None, "nor the address");
        let back = NewGrant { lifts_refusal: true, ..yes("news", at(8)) };
        assert!(matches!(said(8, &back).await, Recorded::New(_)));
        let contact = known(&consent).await.unwrap();
        assert_eq!((contact.brief.address.as_deref(), contact.brief.erased_at), (Some(JANA), None));
        whole(fresh).await;
    })
    .await;
}

#[tokio::test]
async fn who_did_not_refuse_is_found_by_nobody() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, JANA, &yes("news", at(0))).await;
        let erased = erase(&consent, at(6), Erasure::Delete, None).await;
        assert_eq!(erased.kept, []);
        assert!(known(&consent).await.is_none());
        let (who, proven, proof) = (who(JANA), proven(None), proof(7));
        let none = consent.erase(at(7), &who, Erasure::Delete, &proven, &proof).await;
        assert_eq!(none.unwrap(), None);
        whole(fresh).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_anonymous_still_counts() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, JANA, &yes("news", at(0))).await;
        bought(&consent, RelationKind::Purchase, Some(at(2))).await;
        refuse(&consent).await;
        erase(&consent, at(6), Erasure::Anonymise, None).await;
        let left = standing(&ask(&consent), JANA).await;
        assert_eq!((left.grants.len(), left.relations.len()), (1, 1));
        let contact = known(&consent).await.unwrap();
        assert!(
            contact.brief.address.is_none()
                && contact.past.iter().all(|one| one.evidence.is_none())
        );
    })
    .await;
}

#[tokio::test]
async fn proof_of_consent_stays_for_its_years_and_then_goes_by_itself() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, JANA, &yes("news", at(0))).await;
        bought(&consent, RelationKind::Purchase, Some(at(2))).await;
        refuse(&consent).await;
        let erased = erase(&consent, at(6), Erasure::Delete, Some(Term::years(4))).await;
        let until = at(5).to_zoned(TimeZone::UTC).checked_add(Span::new().years(4)).unwrap();
        let proof = Kept::Evidence { events: 2, until: until.timestamp() };
        assert_eq!((erased.events, erased.kept), (1, vec![proof, Kept::Refusal]));
        let proven = async || {
            let past = known(&consent).await.unwrap().past;
            past.into_iter().filter(|one| one.evidence.is_some()).map(|one| one.kind).collect()
        };
        let kinds: Vec<String> = proven().await;
        assert_eq!(kinds, ["granted", "refused"]);
        assert_eq!(known(&consent).await.unwrap().brief.address, None, "the address went at once");
        assert_eq!(wind(&consent, at(3 * YEAR)).await, 0);
        assert_eq!(proven().await.len(), 2);
        assert_eq!(wind(&consent, at(5 * YEAR)).await, 1);
        assert_eq!(proven().await, Vec::<String>::new());
        assert_eq!(wind(&consent, at(6 * YEAR)).await, 0, "once");
        whole(fresh).await;
    })
    .await;
}

#[tokio::test]
async fn a_duty_keeps_the_address_as_long_as_it_lasts_and_no_longer() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let span = Validity::Fixed(Span::new().years(2));
        let purpose = Purpose::new("shop", "invoices", "Name", Basis::LegalObligation, span);
        consent.purpose_add(at(0), &purpose, "test").await.unwrap();
        grant(&consent, JANA, &yes("invoices", at(0))).await;
        grant(&consent, JANA, &yes("news", at(0))).await;
        bought(&consent, RelationKind::Contract, Some(at(YEAR))).await;
        refuse(&consent).await;
        let erased = erase(&consent, at(6), Erasure::Delete, None).await;
        let [
            Kept::Duty { purpose, basis, .. },
            Kept::Contract { until },
            Kept::Evidence { .. },
            Kept::Refusal,
        ] = &erased.kept[..]
        else {
            panic!("{erased:?}");
        };
        assert_eq!((purpose.as_str(), *basis), ("invoices", Basis::LegalObligation));
        assert_eq!(*until, Some(at(YEAR)));
        let left = standing(&ask(&consent), JANA).await;
        let grants: Vec<_> =
            left.grants.iter().map(|one| (one.purpose.as_str(), one.withdrawn_at)).collect();
        assert_eq!(grants, [("invoices", None)], "a refusal of advertising does not end it");
        assert_eq!(known(&consent).await.unwrap().brief.address.as_deref(), Some(JANA));
        assert_eq!(wind(&consent, at(YEAR + DAY)).await, 0);
        assert_eq!(known(&consent).await.unwrap().brief.address.as_deref(), Some(JANA));
        assert_eq!(wind(&consent, at(3 * YEAR)).await, 1);
        assert_eq!(known(&consent).await.unwrap().brief.address, None);
        whole(fresh).await;
    })
    .await;
}
