//! A filter finds on both databases what the pure functions say of each contact.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use outside::store::on_both;
use policy::{
    Activity, Basis, Country, Ended, Method, Pack, Purpose, Relation, RelationKind, Requires,
    Scope, Source, Standing, Term, Validity,
};
use relay::consent::{
    About, Clocks, Closing, Consent, Customer, Filter, NewGrant, State, Who, customer, state,
};

use crate::{
    consent::{address, ask, proof, who, yes},
    make::{at, secret},
};

const DAY: i64 = 86_400;

/// Small, and the same in every run.
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn day(&mut self) -> Timestamp {
        at(i64::try_from(self.up_to(1_000)).unwrap() * DAY)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.up_to(of.len() as u64)).unwrap()].clone()
    }
}

async fn purposes(consent: &Consent) {
    let years = |years| Validity::Fixed(jiff::Span::new().years(years));
    let requires = Requires { double_opt_in: true, ..Requires::default() };
    for purpose in [
        Purpose::new("shop", "news", "News", Basis::Consent, years(1)),
        Purpose { requires, ..Purpose::new("shop", "strict", "Strict", Basis::Consent, years(2)) },
        Purpose::new("shop", "gone", "Gone", Basis::Consent, years(3)),
        // A refusal of everything does not end it.
        Purpose::new("shop", "deal", "Deal", Basis::Contract, years(1)),
        Purpose::new("club", "news", "News", Basis::Consent, years(1)),
    ] {
        consent.purpose_add(at(0), &purpose, "test").await.unwrap();
    }
}

/// Writes down what somebody says over three years, in any order.
async fn life(consent: &Consent, dice: &mut Dice, to: &str) {
    let (who, zone) = (who(to), TimeZone::UTC);
    for _ in 0..=dice.up_to(6) {
        let day = dice.day();
        let said = relay::consent::Proof { at: day, ..proof(0) };
        match dice.up_to(10) {
            0..=3 => {
                let grant = NewGrant {
                    method: dice.one(&[Method::Form, Method::DoubleOptIn, Method::Preticked]),
                    source: dice.one(&[Source::Own, Source::Own, Source::Public]),
                    confirmed_at: (dice.up_to(2) == 0).then_some(day),
                    lifts_refusal: dice.up_to(2) == 0,
                    ..yes(dice.one(&["news", "strict", "gone", "deal"]), day)
                };
                consent.grant(day, &zone, &who, &grant, &said).await.unwrap();
            }
            4 => {
                let scope = dice.one(&[Scope::Everything, Scope::Purpose("news".into())]);
                consent.refuse(day, &who, &scope, &said).await.unwrap();
            }
            5 => {
                let how = dice.one(&[Ended::Withdrawn, Ended::Revoked, Ended::Invalidated]);
                consent.end(day, &who, "news", how, &said).await.unwrap();
            }
            6 => {
                let kind = dice.one(&Activity::ALL);
                consent.touch(day, &zone, &who, kind, &said).await.unwrap();
            }
            7 => {
                let country = Some(Country(dice.one(&[*b"CZ", *b"SK"])));
                let about = About { country, ..About::default() };
                consent.describe(day, &who, &about, &said).await.unwrap();
            }
            _ => {
                let kind = dice.one(&[
                    RelationKind::Purchase,
                    RelationKind::Contract,
                    RelationKind::Enquiry,
                ]);
                let runs = kind == RelationKind::Contract && dice.up_to(2) == 0;
                let relation = Relation {
                    kind,
                    at: day,
                    ended_at: (!runs).then_some(day),
                    categories: vec![dice.one(&["toys", "cars", "a \"b\" %"]).to_owned()],
                    wide_assortment: false,
                    objection_offered: true,
                    event: String::new(),
                };
                consent.relate(day, &zone, &who, &relation, &said).await.unwrap();
            }
        }
    }
}

/// What is known of one contact beside its standing.
struct Known {
    standing: Standing,
    country: String,
    created_at: Timestamp,
}

/// The same question, asked of the pure functions.
fn found(filter: &Filter, clocks: &Clocks, one: &Known) -> bool {
    let holds = |id: &str| state(clocks.now, id, &one.standing).is_valid();
    match filter {
        Filter::And(all) => all.iter().all(|inner| found(inner, clocks, one)),
        Filter::Or(all) => all.iter().any(|inner| found(inner, clocks, one)),
        Filter::Not(inner) => !found(inner, clocks, one),
        Filter::Holds(id) => holds(id),
        Filter::HoldsNothing {} => !["news", "strict", "gone", "deal"].into_iter().any(holds),
        Filter::Ends { purpose, within_days } => {
            let end = clocks.now + jiff::SignedDuration::from_hours(24 * i64::from(*within_days));
            let mut beyond = one.standing.clone();
            beyond.grants.retain(|grant| grant.until > end);
            holds(purpose) && !state(clocks.now, purpose, &beyond).is_valid()
        }
        Filter::Expired(id) => {
            let ran_out = one.standing.grants.iter().any(|grant| {
                grant.purpose == *id && grant.until <= clocks.now && grant.withdrawn_at.is_none()
            });
            let refused = one.standing.refusals.iter().any(|refusal| refusal.concerns(Some(id)));
            ran_out && !refused && !holds(id)
        }
        Filter::Refused(id) => {
            one.standing.refusals.iter().any(|refusal| refusal.concerns(Some(id)))
        }
        Filter::RefusedEverything {} => one
            .standing
            .refusals
            .iter()
            .any(|refusal| refusal.scope == Scope::Everything && refusal.except.is_empty()),
        Filter::Customer(expected) => customer(&one.standing, clocks) == *expected,
        Filter::Bought(category) => one.standing.relations.iter().any(|relation| {
            matches!(relation.kind, RelationKind::Purchase | RelationKind::Contract)
                && relation.at <= clocks.now
                && relation.categories.contains(category)
        }),
        Filter::Informed {} | Filter::Reactivating {} => false,
        Filter::Country(codes) => codes.contains(&one.country),
        Filter::Added(between) => {
            between.from.is_none_or(|from| one.created_at >= from)
                && between.before.is_none_or(|before| one.created_at < before)
        }
        Filter::Silent { since, .. } => one.standing.last_activity.is_none_or(|at| at < *since),
    }
}

fn filters() -> Vec<Filter> {
    let middle = at(500 * DAY);
    [
        r#"{"and":[]}"#.to_owned(),
        r#"{"or":[]}"#.into(),
        r#"{"holds":"news"}"#.into(),
        r#"{"holds":"strict"}"#.into(),
        r#"{"holds":"gone"}"#.into(),
        r#"{"holds":"x' OR '1' = '1"}"#.into(),
        r#"{"holds-nothing":{}}"#.into(),
        r#"{"ends":{"purpose":"news","within_days":90}}"#.into(),
        r#"{"ends":{"purpose":"strict","within_days":65535}}"#.into(),
        r#"{"holds":"deal"}"#.into(),
        r#"{"expired":"news"}"#.into(),
        r#"{"expired":"deal"}"#.into(),
        r#"{"refused":"news"}"#.into(),
        r#"{"refused-everything":{}}"#.into(),
        r#"{"customer":"active"}"#.into(),
        r#"{"customer":"former"}"#.into(),
        r#"{"customer":"inactive"}"#.into(),
        r#"{"customer":"never"}"#.into(),
        r#"{"bought":"toys"}"#.into(),
        r#"{"bought":"a \"b\" %"}"#.into(),
        r#"{"bought":"b"}"#.into(),
        r#"{"country":["CZ",""]}"#.into(),
        r#"{"country":[]}"#.into(),
        r#"{"informed":{}}"#.into(),
        format!(r#"{{"added":{{"from":"{middle}"}}}}"#),
        format!(r#"{{"added":{{"before":"{middle}"}}}}"#),
        format!(r#"{{"silent":{{"since":"{middle}"}}}}"#),
        r#"{"and":[{"not":{"holds":"news"}},{"or":[{"customer":"active"},{"refused":"news"}]}]}"#
            .into(),
    ]
    .iter()
    .map(|text| Filter::parse(text).unwrap())
    .collect()
}

#[tokio::test]
async fn a_filter_finds_whom_the_pure_functions_name() {
    on_both(async |fresh| {
        let consent = Consent::new(fresh.db.clone(), secret(), "test");
        purposes(&consent).await;
        let mut dice = Dice(4);
        let people: Vec<String> = (0..120).map(|number| format!("a{number}@b.cz")).collect();
        for to in &people {
            life(&consent, &mut dice, to).await;
        }
        let other = Who::address("club", address("a1@b.cz"));
        let zone = TimeZone::UTC;
        consent.grant(at(1), &zone, &other, &yes("news", at(0)), &proof(1)).await.unwrap();
        let closing = Closing { controller: "shop", purpose: "gone", actor: "cli", why: "" };
        consent.purpose_close(at(900 * DAY), &closing).await.unwrap();
        let lookup = ask(&consent);
        let mut known = BTreeMap::new();
        for to in &people {
            let Some(contact) = consent.contact(&who(to)).await.unwrap() else { continue };
            let standing =
                lookup.records("shop", &[address(to)], true).await.unwrap().remove(0).standing;
            let country = contact.brief.country.unwrap_or_default();
            known.insert(
                to.clone(),
                Known { standing, country, created_at: contact.brief.created_at },
            );
        }
        let pack = Pack::in_force(&Pack::builtin(), "cz", at(0)).unwrap().clone();
        let classes = BTreeMap::from([("toys".to_owned(), Term::days(40))]);
        let mut sizes = Vec::new();
        for filter in filters() {
            // After the last word, so that nothing is in the future of what is known.
            for now in [at(1_000 * DAY), at(1_300 * DAY), at(2_500 * DAY)] {
                let clocks = Clocks::new(now, &pack, &zone, &classes);
                let expected: Vec<&str> = known
                    .iter()
                    .filter(|(_, one)| found(&filter, &clocks, one))
                    .map(|(to, _)| to.as_str())
                    .collect();
                let mut listed = Vec::new();
                let mut after = None;
                loop {
                    let page = consent.list("shop", &filter, &clocks, after, 7).await.unwrap();
                    assert!(page.contacts.len() <= 7);
                    listed.extend(page.contacts.into_iter().map(|one| one.address.unwrap()));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                listed.sort();
                assert_eq!(listed, expected, "{filter:?} at {now}");
                let counted = consent.count("shop", &filter, &clocks).await.unwrap();
                assert_eq!(counted, expected.len() as u64, "{filter:?} at {now}");
                sizes.push(expected.len());
            }
        }
        let all = known.len();
        let telling = sizes.iter().filter(|size| **size > 0 && **size < all).count();
        assert!(telling > 40, "most filters tell people apart: {sizes:?}");
        assert!(State::ALL.len() == 11 && Customer::Active < Customer::Never);
    })
    .await;
}
