//! What holds of every verdict, whatever the facts.

use policy::{
    Action, Basis, Class, Decider, Edit, Facts, Known, Method, OnBroken, Outcome, Scope, Source,
    decide, explain, journal_detail, rules,
};
use proptest::prelude::*;

use crate::fixture::{Fixture, policy};

/// Ends of sentences that matter to one rule or another.
const SUBJECTS: [&str; 4] = ["Newsletter: jaro", "Jaro", "[OS] {{name}}", "Re: dotaz"];
const BODIES: [&str; 5] = [
    "Nové knihy.",
    "Knihy Dobrý den s.r.o., IČO 61234567, Dlouhá 12, 110 00 Praha 1, zapsaná v rejstříku C 98765\n\
     Odhlásit odběr: https://knihydobryden.cz/u/1",
    "Odhlásit odběr: https://souhlas.invalid/unsubscribe",
    "Odhlásit odběr: http://knihydobryden.cz/u/1",
    "",
];
const CLASSES: [&str; 10] = [
    "commercial",
    "greeting",
    "review-request",
    "reconsent-request",
    "opt-in-confirmation",
    "technical-notice",
    "transactional",
    "solicited-reply",
    "non-business",
    "mixed",
];
const CONSENTS: [&str; 11] = [
    "consent=valid,evidence=-",
    "consent=valid,asks=age",
    "consent=valid,asks=once sent=2026-02-01",
    "consent=valid,method=form,unconfirmed,asks=confirmation",
    "",
    "consent=valid",
    "consent=valid,method=import",
    "consent=expired",
    "consent=withdrawn",
    "consent=valid,source=purchased",
    "consent=valid,method=preticked",
];
const REFUSALS: [&str; 4] =
    ["", "refused=everything", "refused=newsletter@2025-12-01", "refused=events"];
const RELATIONS: [&str; 7] = [
    "",
    "bought=2026-03-01",
    "bought=2024-03-01",
    "contract=2020-01-01",
    "asked=2026-03-01",
    "contest=2026-03-01",
    "subscriber=corporate published",
];
const OTHERS: [&str; 12] = [
    "",
    "charity",
    "adult",
    "label-in-name",
    "links=no",
    "offers=garden",
    "purpose=-",
    "at=gmail.com signs=no",
    "at=outlook.com",
    "at-most=1-in-30-days sent=2026-05-01",
    "topic=seeds chose=tools prefers-for=newsletter paused=2026-06-01",
    "representative=Eva_Malá privacy=https://knihydobryden.cz/udaje",
];
const CONTROLLERS: [&str; 10] = [
    "",
    "controller=sk",
    "controller=fr",
    "controller=de",
    "controller=at",
    "controller=pl",
    "controller=uk",
    "controller=us",
    "controller=ca",
    "controller=au",
];
const COUNTRIES: [&str; 11] = ["", "CZ", "SK", "EU", "DE", "AT", "PL", "GB", "US", "CA", "AU"];

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(words)
}

prop_compose! {
    fn fixtures()(
        class in one_of(&CLASSES),
        consent in one_of(&CONSENTS),
        refusal in one_of(&REFUSALS),
        relation in one_of(&RELATIONS),
        other in one_of(&OTHERS),
        controller in one_of(&CONTROLLERS),
        country in one_of(&COUNTRIES),
        subject in one_of(&SUBJECTS),
        body in one_of(&BODIES),
    ) -> Fixture {
        let mut tags = format!("{class} {consent} {refusal} {relation} {other} {controller}");
        if !country.is_empty() {
            tags += &format!(" country={country}");
        }
        Fixture::new(&tags, &format!("Subject: {subject}\n\n{body}"))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// A verdict exists for all facts, and holds one finding per rule.
    #[test]
    fn a_verdict_is_total(fixture in fixtures()) {
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        prop_assert_eq!(verdict.findings.len(), rules::ALL.len());
        prop_assert_eq!(verdict.edits.is_empty(), verdict.action != Action::SendEdited);
    }

    /// No rule sees another's outcome: run alone, in any order, each finds the same.
    #[test]
    fn the_order_of_the_rules_does_not_matter(fixture in fixtures()) {
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        for finding in verdict.findings.iter().rev() {
            let alone = fixture.with_facts(|facts| (finding.rule.check)(facts));
            if verdict.repaired.is_some() || verdict.action != Action::Hold {
                prop_assert_eq!(&alone, &finding.outcome, "{}", finding.rule.id);
            }
        }
    }

    /// Switching a rule on never relaxes.
    #[test]
    fn a_stricter_setting_never_relaxes(fixture in fixtures(), which in 0..rules::ALL.len()) {
        let id = rules::ALL[which].id.to_owned();
        let mut last = None;
        for set in [OnBroken::Off, OnBroken::Report, OnBroken::Hold, OnBroken::Reject] {
            let mut policy = policy();
            policy.rules.insert(id.clone(), set);
            let action = fixture.with_facts(|facts| decide(&policy, facts)).action;
            prop_assert!(last.is_none_or(|last| last <= action), "{id} {set:?}");
            last = Some(action);
        }
    }

    /// A person has made what the policy holds for: the edits are those that the rule itself would make,
    /// and what it says where none helps still counts.
    #[test]
    fn a_repair_by_a_person_is_the_rules_own(fixture in fixtures(), which in 0..rules::ALL.len()) {
        let (mut fixture, rule) = (fixture, &rules::ALL[which]);
        let mut with = |set, repairs: Vec<String>| {
            let mut policy = policy();
            policy.rules.insert(rule.id.to_owned(), set);
            let (by, reason, at) = ("reviewer".into(), "mended".into(), fixture.now);
            fixture.waiver = Some(policy::Waiver { rules: vec![], repairs, by, reason, at });
            let verdict = fixture.with_facts(|facts| decide(&policy, facts));
            (verdict.action, verdict.edits)
        };
        let own = with(OnBroken::Repair, vec![]);
        let mended = with(OnBroken::Hold, vec![rule.id.to_owned()]);
        let held = with(OnBroken::Hold, vec![]);
        prop_assert!(mended == own || mended == held, "{}: {mended:?} {own:?} {held:?}", rule.id);
        prop_assert!(mended.0 <= held.0);
    }

    /// Where a stream only reports, what no person may waive still binds, and nothing else does.
    #[test]
    fn a_stream_that_reports_is_held_to_what_binds_alone(fixture in fixtures()) {
        let mut fixture = fixture;
        fixture.stream.report_only = true;
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        let broken = |outcome: &Outcome| matches!(outcome, Outcome::Broken(_));
        for finding in &verdict.findings {
            prop_assert!(!finding.rule.waivable || finding.on_broken == OnBroken::Report);
        }
        let mut binding = verdict.findings.iter().filter(|finding| !finding.rule.waivable);
        let binds = binding.any(|finding| broken(&finding.outcome));
        let unknown = |outcome: &Outcome| matches!(outcome, Outcome::Undecided { .. });
        if !verdict.findings.iter().any(|finding| unknown(&finding.outcome)) {
            prop_assert_eq!(verdict.action > Action::SendEdited, binds, "{:?}", verdict.action);
            // The relay's own links are filled in whatever the rules say.
            prop_assert!(verdict.edits.iter().all(|edit| *edit == Edit::FillLinks));
        }
        let told = fixture.with_facts(|facts| journal_detail("test", facts, &verdict));
        prop_assert!(told.contains("\"report_only\":true"));
        let explained = fixture.with_facts(|facts| explain("test", facts, &verdict, &|reason| reason.id.to_string()));
        prop_assert!(explained.report_only && explained.to_text().contains("report-only"));
    }

    /// What a stream sets counts in its messages alone, and says so wherever the verdict is told; and it
    /// is no more than what the policy would ask for by the same word.
    #[test]
    fn a_streams_own_setting_is_the_policys_for_its_messages(
        fixture in fixtures(),
        which in 0..rules::ALL.len(),
        set in prop_oneof![Just(OnBroken::Report), Just(OnBroken::Hold), Just(OnBroken::Off)],
        otherwise in prop_oneof![Just(OnBroken::Reject), Just(OnBroken::Off)],
    ) {
        let (mut own, rule) = (fixture, rules::ALL[which]);
        let with = |set| {
            let mut policy = policy();
            policy.rules.insert(rule.id.to_owned(), set);
            policy
        };
        let said = |verdict: &policy::Verdict| {
            let asked = verdict.findings.iter().map(|one| one.on_broken).collect::<Vec<_>>();
            (verdict.action, verdict.rule_id(), verdict.edits.clone(), asked)
        };
        let everywhere = own.with_facts(|facts| decide(&with(set), facts));
        let elsewhere = own.with_facts(|facts| decide(&with(otherwise), facts));
        own.stream.rules.insert(rule.id.to_owned(), set);
        let here = own.with_facts(|facts| decide(&with(otherwise), facts));
        prop_assert_eq!(said(&here), said(&everywhere));
        for finding in here.findings.iter().chain(&elsewhere.findings) {
            let is_here = finding.on_broken == set && finding.rule.id == rule.id;
            prop_assert!(!finding.by_stream || is_here, "{}", finding.rule.id);
        }
        prop_assert!(here.findings.iter().any(|finding| finding.by_stream));
        prop_assert!(!elsewhere.findings.iter().any(|finding| finding.by_stream));
        let told = own.with_facts(|facts| journal_detail("test", facts, &here));
        let text = own.with_facts(|facts| explain("test", facts, &here, &|reason| reason.id.to_string()));
        let broken = here.findings.iter().chain(here.repaired.iter().flatten());
        let mut broken = broken.filter(|one| matches!(one.outcome, Outcome::Broken(_)));
        prop_assert_eq!(told.contains("\"by_stream\":true"), broken.any(|one| one.by_stream));
        let mut spoken = text.outcomes.iter().filter(|one| one.outcome == "broken");
        let is_said = spoken.any(|one| one.by_stream);
        let text = text.to_text();
        prop_assert!(!is_said || text.contains("as the stream sets it: "), "{}", text);
    }

    /// A stream that only reports does so whatever it sets of a rule that a person could waive.
    #[test]
    fn report_only_wins_over_a_streams_own_setting(fixture in fixtures(), which in 0..rules::ALL.len()) {
        let (mut fixture, rule) = (fixture, rules::ALL[which]);
        fixture.stream.report_only = true;
        let without = fixture.with_facts(|facts| decide(&policy(), facts)).action;
        fixture.stream.rules.insert(rule.id.to_owned(), OnBroken::Hold);
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        if rule.waivable {
            prop_assert_eq!(verdict.action, without);
            prop_assert!(!verdict.findings.iter().any(|finding| finding.by_stream));
        }
    }

    /// Of two laws the stricter counts: the recipient's never lets go what the controller's keeps,
    /// nor the other way round.
    #[test]
    fn another_law_never_relaxes(fixture in fixtures()) {
        let both = fixture.with_facts(|facts| decide(&policy(), facts)).action;
        let alone = fixture.with_facts(|facts| {
            let each = facts.packs.iter().map(|pack| {
                let alone = [*pack];
                decide(&policy(), &Facts { packs: &alone, ..facts.clone() }).action
            });
            each.max()
        });
        prop_assert!(alone.is_none_or(|alone| alone <= both), "{alone:?} {both:?}");
    }

    /// A foreign law adds findings; a law of the Union is cited where one of its states is concerned
    /// and nowhere else.
    #[test]
    fn only_laws_that_apply_are_cited(fixture in fixtures()) {
        let cited: Vec<&str> = fixture.with_facts(|facts| {
            let verdict = decide(&policy(), facts);
            let broken = verdict.findings.iter().filter_map(|finding| match &finding.outcome {
                Outcome::Broken(fault) if fault.law.is_empty() => {
                    Some(finding.rule.law_under(facts.packs))
                }
                Outcome::Broken(fault) => Some(fault.law.clone()),
                Outcome::Outside | Outcome::Kept | Outcome::Undecided { .. } => None,
            });
            let countries = broken.flatten().map(|citation| citation.country);
            let stray = countries.filter(|country| match *country {
                "--" => false,
                "EU" => !facts.packs.iter().any(|pack| pack.country.under_union_law()),
                own => !facts.packs.iter().any(|pack| pack.country.0 == own.as_bytes()),
            });
            stray.collect()
        });
        prop_assert!(cited.is_empty(), "{cited:?}");
    }

    /// Not knowing is never permission.
    #[test]
    fn an_unknown_standing_never_sends_what_needs_one(fixture in fixtures()) {
        let mut fixture = fixture;
        fixture.standing = None;
        let needs = fixture.with_facts(|facts| facts.commercial() != Known::Is(false))
            || fixture.class == Class::OptInConfirmation;
        let action = fixture.with_facts(|facts| decide(&policy(), facts)).action;
        prop_assert!(!needs || action >= Action::Defer, "{:?}", action);
    }

    /// Taking a fact in the sender's favour away never relaxes.
    #[test]
    fn less_consent_never_relaxes(fixture in fixtures()) {
        let before = fixture.with_facts(|facts| decide(&policy(), facts)).action;
        let mut poorer = fixture;
        // A relation is what makes a technical notice none of the law's business.
        if let Some(standing) = &mut poorer.standing {
            standing.grants.clear();
            standing.relations.clear();
        }
        let after = poorer.with_facts(|facts| decide(&policy(), facts)).action;
        prop_assert!(after >= before, "{before:?} {after:?}");
    }

    /// Who refused everything gets nothing commercial, whatever else is on record.
    #[test]
    fn a_refusal_outweighs_everything(fixture in fixtures(), waive in any::<bool>()) {
        let mut fixture = fixture;
        let Some(standing) = &mut fixture.standing else { return Ok(()) };
        for grant in &mut standing.grants {
            grant.method = Method::Import;
        }
        standing.refusals = vec![policy::Refusal {
            scope: Scope::Everything,
            except: vec![],
            since: "2026-05-01T00:00:00Z".parse().unwrap(),
            event: "event".into(),
        }];
        fixture.waiver = waive.then(|| policy::Waiver {
            rules: rules::ALL.iter().map(|rule| rule.id.to_owned()).collect(),
            repairs: rules::ALL.iter().map(|rule| rule.id.to_owned()).collect(),
            by: "reviewer".into(),
            reason: "all of it".into(),
            at: fixture.now,
        });
        let waived_mixed = waive && fixture.class == Class::Mixed;
        let commercial = fixture.with_facts(|facts| facts.commercial() == Known::Is(true));
        let action = fixture.with_facts(|facts| decide(&policy(), facts)).action;
        prop_assert!(!commercial || waived_mixed || action == Action::Reject, "{:?}", action);
    }

    /// At most one of the rules about the recipient is broken: a reviewer sees the one reason.
    #[test]
    fn one_reason_at_most_concerns_the_recipient(fixture in fixtures()) {
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        let broken = verdict.findings.iter().filter(|finding| {
            finding.rule.about_recipient
                && finding.on_broken != OnBroken::Report
                && matches!(finding.outcome, Outcome::Broken(_))
        });
        prop_assert!(broken.count() <= 1);
    }

    /// What is remembered between recipients changes no verdict.
    #[test]
    fn memory_changes_nothing(fixtures in proptest::collection::vec(fixtures(), 1..6)) {
        let policy = policy();
        let mut decider = Decider::default();
        let first = &fixtures[0];
        for other in &fixtures {
            // The first one's message to the other one's recipient, in the other one's class.
            let (mut with, mut without) = (String::new(), String::new());
            other.with_facts(|facts| {
                let facts = Facts { reading: &first.reading, ..facts.clone() };
                with = format!("{:?}", decider.verdict(&policy, &facts));
                without = format!("{:?}", decide(&policy, &facts));
            });
            prop_assert_eq!(with, without);
        }
    }

    /// A repaired message needs no further repair.
    #[test]
    fn a_repair_is_enough(fixture in fixtures()) {
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        let Some(repaired) = &verdict.repaired else { return Ok(()) };
        if verdict.action == Action::SendEdited {
            for finding in repaired {
                // A note is none that a repair is for.
                prop_assert!(
                    finding.on_broken == OnBroken::Report
                        || matches!(finding.outcome, Outcome::Kept | Outcome::Outside),
                    "{} {:?}", finding.rule.id, finding.outcome
                );
            }
        }
    }
}

#[test]
fn a_bought_address_is_no_ground_even_with_a_waiver() {
    let tags = "commercial consent=valid,source=purchased waive=source-forbidden,consent-missing";
    let mut fixture = Fixture::new(tags, "Subject: Newsletter");
    let action = fixture.with_facts(|facts| decide(&policy(), facts)).action;
    assert_eq!(action, Action::Reject);
    let grant = &mut fixture.standing.as_mut().unwrap().grants[0];
    assert_eq!((grant.source, grant.basis), (Source::Purchased, Basis::Consent));
    grant.source = Source::Own;
    let action = fixture.with_facts(|facts| decide(&policy(), facts)).action;
    assert_eq!(action, Action::SendEdited);
}
