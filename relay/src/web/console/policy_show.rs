//! `/policy`: the policy in force: what each rule asks for when it is broken, the file, and what was in
//! force before; and a form to try another one.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use policy::{OnBroken, Rule, rules};

use super::{Answer, Frame, Visit, audit_list::Names, problem::Problem};
use crate::{
    config::Business,
    drafts::Draft,
    journal::policies::{self, Policy},
    staff::{Action, Reach},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/policy_show.html")]
struct Page {
    frame: Frame,
    version: String,
    /// By which it came into force, and whose word that was; where the role sees drafts.
    draft: Option<(Draft, String)>,
    rules: Vec<Asked>,
    /// Where the role sees all controllers, of all of which the file speaks.
    text: Option<String>,
    /// The newest first.
    history: Vec<Policy>,
}

/// What a rule asks for.
struct Asked {
    rule: &'static Rule,
    on_broken: OnBroken,
    /// Another than the program's own.
    is_set: bool,
    /// Streams that set it themselves, as far as they are seen.
    streams: usize,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let console = &visit.shared.console;
    let business = console.business.load_full();
    let asked = |rule: &&'static Rule| Asked {
        rule,
        on_broken: business.policy.on_broken(rule),
        is_set: business.policy.rules.contains_key(rule.id),
        streams: setting(&visit, &business, rule),
    };
    let page = Page {
        frame: visit.frame(),
        draft: by_draft(&visit, &business.policy.version).await?,
        version: business.policy.version.clone(),
        rules: rules::ALL.iter().map(asked).collect(),
        text: sees_text(&visit).then(|| business.text.to_string()),
        history: policies::list(&console.db, HISTORY_MAX).await?,
    };
    Ok(html(StatusCode::OK, &page))
}

fn setting(visit: &Visit, business: &Business, rule: &Rule) -> usize {
    let reach = visit.reach(Action::SeePolicy);
    let all = business.streams.iter().map(|mapping| &mapping.stream);
    let own = all.filter(|stream| reach.holds_controller(&stream.controller.id));
    own.filter(|one| one.sets(rule, business.policy.on_broken_in(one, rule))).count()
}

async fn by_draft(visit: &Visit, version: &str) -> Result<Option<(Draft, String)>, Problem> {
    if !sees_text(visit) {
        return Ok(None);
    }
    let Some(draft) = visit.shared.console.drafts.of_version(version).await? else {
        return Ok(None);
    };
    let names = Names::read(visit).await?;
    let by = draft.activated.as_ref().map_or(&draft.edited_by, |(by, _)| by);
    let name = names.of(by).to_owned();
    Ok(Some((draft, name)))
}

/// The file speaks of all controllers.
pub(super) fn sees_text(visit: &Visit) -> bool {
    visit.reach(Action::SeePolicy) == Reach::Everything
}

/// What templates of the policy say alike.
impl Frame {
    pub(super) fn on_broken(&self, set: &OnBroken) -> Cow<'static, str> {
        self.say(match set {
            OnBroken::Repair => "console-on-broken-repair",
            OnBroken::Hold => "console-on-broken-hold",
            OnBroken::Reject => "console-on-broken-reject",
            OnBroken::Report => "console-on-broken-report",
            OnBroken::Off => "console-on-broken-off",
        })
    }

    /// How it looks beside its word.
    pub(super) fn strictness(&self, set: &OnBroken) -> &'static str {
        match set {
            OnBroken::Repair => "go",
            OnBroken::Hold => "wait",
            OnBroken::Reject => "stop",
            OnBroken::Report | OnBroken::Off => "",
        }
    }
}

const HISTORY_MAX: usize = 200;
