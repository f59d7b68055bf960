//! `/mistakes`: where staff said that the program took a message for what it is not, and how often each
//! rule was wrong.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use policy::Class;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    decision_list::class_text,
    owner::own_of,
    paging::{BEFORE, PAGE, Paging},
    query::Query,
};
use crate::{
    decisions::campaign,
    mistake::{Count, Mistake},
    staff::Action,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/mistake_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    counts: Vec<Count>,
    rows: Vec<Mistake>,
    names: Names,
    paging: Paging,
    is_filtered: bool,
    may_export: bool,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let mistakes = &visit.shared.console.review.mistakes;
    let theirs = own_of(&visit, Action::SeeReports);
    let before = visit.query.get(BEFORE).and_then(|before| before.parse().ok());
    let rule = visit.query.get("rule");
    let mut rows = mistakes.list(theirs.as_deref(), rule, before, PAGE + 1).await?;
    let paging = Paging::of("/mistakes", &visit.query, &mut rows, |last| last.id.to_string());
    let page = Page {
        frame: visit.frame(),
        counts: mistakes.counts(theirs.as_deref()).await?,
        names: Names::read(&visit).await?,
        is_filtered: rule.is_some(),
        may_export: visit.may(Action::Export),
        query: visit.query.clone(),
        rows,
        paging,
    };
    Ok(html(StatusCode::OK, &page))
}

impl Page {
    fn class(&self, class: &Class) -> Cow<'static, str> {
        self.frame.say(class_text(*class))
    }

    /// The class that it is, or that the rule alone was wrong.
    fn is(&self, class: &Option<Class>) -> Cow<'static, str> {
        let rule_only = || self.frame.say("console-mistake-rule-only");
        class.as_ref().map_or_else(rule_only, |class| self.class(class))
    }

    fn of_rule(&self, rule: &str) -> String {
        self.query.url("/mistakes", &[("rule", Some(rule)), (BEFORE, None), ("done", None)])
    }

    fn decisions(&self, row: &Mistake) -> String {
        let campaign = campaign::hex(row.wrong.campaign);
        format!("/decisions?view=each&what=any&campaign={campaign}&message={}", row.wrong.message)
    }

    fn share(&self, count: &Count) -> String {
        let values = [
            ("count", self.frame.count(&count.campaigns).into()),
            ("all", self.frame.count(&count.of_campaigns).into()),
        ];
        self.frame.with("console-mistake-share", &values)
    }
}
