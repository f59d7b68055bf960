//! Drafts of a policy: who may take which step, when, and of which text; and which relay has taken one.

use std::time::Duration;

use jiff::Timestamp;
use outside::store::{Fresh, on_both};
use relay::drafts::{Came, Drafts, LIVE_MAX, Refused, State, Written};
use uuid::Uuid;

use crate::make::{at, secret};

const BASE: &str = "one";
const HOUR: Option<Duration> = Some(Duration::from_secs(3_600));

fn drafts(fresh: &Fresh) -> Drafts {
    Drafts::new(fresh.db.clone(), secret())
}

fn written(base: &str, version: &str) -> Written {
    Written { base: base.into(), text: format!("# {version}\n"), version: version.into() }
}

async fn state(drafts: &Drafts, id: Uuid) -> State {
    drafts.find(id).await.unwrap().unwrap().0.state
}

/// One that `a` wrote, in force after `BASE`.
async fn made(drafts: &Drafts, now: Timestamp) -> Uuid {
    drafts.make(now, ("a", ""), &written(BASE, "two")).await.unwrap()
}

#[tokio::test]
async fn somebody_else_agrees_in_time_and_to_what_they_have_read() {
    on_both(async |fresh| {
        let drafts = drafts(fresh);
        let id = made(&drafts, at(0)).await;
        let propose = async |now, edition| {
            drafts.propose(now, (id, edition), ("a", "Proč", BASE), HOUR).await
        };
        let answer = async |now, edition, by, agrees| {
            drafts.answer(now, (id, edition), (by, BASE), (agrees, "Ne")).await
        };
        assert_eq!(answer(at(0), 1, "b", true).await, Err(Refused::Changed), "nobody proposed it");
        propose(at(0), 1).await.unwrap();
        assert_eq!(propose(at(1), 1).await, Err(Refused::Changed), "it stands");
        assert_eq!(answer(at(1), 1, "a", true).await, Err(Refused::Own));
        assert_eq!(answer(at(1), 1, "a", false).await, Err(Refused::Own));
        assert_eq!(answer(at(3_600), 1, "b", true).await, Err(Refused::Late));
        propose(at(3_600), 1).await.unwrap();
        answer(at(3_601), 1, "b", false).await.unwrap();
        let (draft, _) = drafts.find(id).await.unwrap().unwrap();
        assert_eq!(
            (draft.state, draft.why.as_str(), draft.answer.as_str()),
            (State::Declined, "Proč", "Ne")
        );
        // Whoever edits last does not agree, and what was read is another text by then.
        propose(at(3_602), 1).await.unwrap();
        drafts.edit(at(3_603), (id, 1), "b", &written(BASE, "three")).await.unwrap();
        assert_eq!(state(&drafts, id).await, State::Written);
        assert_eq!(propose(at(3_604), 1).await, Err(Refused::Changed));
        propose(at(3_604), 2).await.unwrap();
        assert_eq!(answer(at(3_605), 1, "c", true).await, Err(Refused::Changed));
        assert_eq!(answer(at(3_605), 2, "b", true).await, Err(Refused::Own));
        answer(at(3_605), 2, "c", true).await.unwrap();
        let (draft, text) = drafts.find(id).await.unwrap().unwrap();
        assert_eq!((draft.answered_by.as_deref(), text.as_str()), (Some("c"), "# three\n"));
        drafts.edit(at(3_606), (id, 2), "c", &written(BASE, "four")).await.unwrap();
        assert_eq!(state(&drafts, id).await, State::Written, "nobody agreed to this text");
        drafts.withdraw((id, 3)).await.unwrap();
        let late = drafts.edit(at(3_607), (id, 3), "c", &written(BASE, "five")).await;
        assert_eq!(late, Err(Refused::Changed));
    })
    .await;
}

#[tokio::test]
async fn only_a_sound_text_that_replaces_what_is_in_force_goes_on() {
    on_both(async |fresh| {
        let drafts = drafts(fresh);
        let propose = async |id, in_force| {
            drafts.propose(at(1), (id, 1), ("a", "Proč", in_force), None).await
        };
        let begun = drafts.make(at(0), ("a", "Výjimka:"), &written(BASE, "two")).await.unwrap();
        assert_eq!(drafts.find(begun).await.unwrap().unwrap().0.why, "Výjimka:");
        drafts.withdraw((begun, 1)).await.unwrap();
        let unsound = drafts.make(at(0), ("a", ""), &written(BASE, "")).await.unwrap();
        assert_eq!(propose(unsound, BASE).await, Err(Refused::Unsound));
        let id = made(&drafts, at(0)).await;
        assert_eq!(propose(id, "other").await, Err(Refused::Outdated));
        let early = drafts.activate(at(1), (id, 1), ("a", BASE)).await;
        assert_eq!(early, Err(Refused::Changed), "nobody has agreed to it");
        propose(id, BASE).await.unwrap();
        assert_eq!(state(&drafts, id).await, State::Approved, "one is enough");
        let late = drafts.activate(at(2), (id, 1), ("a", "other")).await;
        assert_eq!(late, Err(Refused::Outdated));
        drafts.activate(at(2), (id, 1), ("a", BASE)).await.unwrap();
        let found = drafts.of_version("two").await.unwrap().unwrap();
        assert_eq!((found.id, found.activated), (id, Some(("a".into(), at(2)))));
        assert_eq!(drafts.withdraw((id, 1)).await, Err(Refused::Changed));
        let nobody = Uuid::now_v7();
        assert_eq!(drafts.withdraw((nobody, 1)).await, Err(Refused::Gone));
        for _ in 1..LIVE_MAX {
            made(&drafts, at(3)).await;
        }
        let more = drafts.make(at(3), ("a", ""), &written(BASE, "two")).await;
        assert_eq!(more, Err(Refused::Full));
    })
    .await;
}

#[tokio::test]
async fn each_relay_takes_the_newest_once_and_again_only_when_it_is_told_to() {
    on_both(async |fresh| {
        let drafts = drafts(fresh);
        let active = async |base: &str, version: &str, now| {
            let id = drafts.make(now, ("a", ""), &written(base, version)).await.unwrap();
            drafts.propose(now, (id, 1), ("a", "Proč", base), None).await.unwrap();
            drafts.activate(now, (id, 1), ("a", base)).await.unwrap();
            id
        };
        let due = async |node: &str| drafts.due(node).await.unwrap().map(|(draft, _)| draft.id);
        assert_eq!(due("x").await, None);
        let one = active(BASE, "two", at(0)).await;
        assert_eq!((due("x").await, due("y").await), (Some(one), Some(one)));
        drafts.take(at(1), one, "x", Came::InForce).await.unwrap();
        drafts.take(at(1), one, "y", Came::Linked).await.unwrap();
        drafts.take(at(2), one, "y", Came::InForce).await.unwrap();
        assert_eq!((due("x").await, due("y").await), (None, None));
        let taken = drafts.taken(one).await.unwrap();
        let told: Vec<_> = taken.iter().map(|one| (one.node.as_str(), one.came)).collect();
        assert_eq!(told, [("x", Came::InForce), ("y", Came::Linked)], "the first word counts");
        drafts.activate(at(3), (one, 1), ("b", "two")).await.unwrap();
        assert_eq!((due("x").await, due("y").await), (None, Some(one)));
        let two = active("two", "three", at(4)).await;
        assert_eq!(
            (due("x").await, due("y").await),
            (Some(two), Some(two)),
            "the older is history"
        );
    })
    .await;
}
