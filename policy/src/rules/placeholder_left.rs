//! No merge tag is left where a name or a link should stand. See the page.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::{
    Class, Evidence, Facts, Fault, Link, LinkTarget, OnBroken, Outcome, Rule, law, own_link,
    unsubscribe,
};

pub(super) static RULE: Rule = Rule {
    id: "placeholder-left",
    since: "0.1",
    law: &[&law::EU_GDPR_5_1_F, &law::EU_ECOMMERCE_6],
    effect: OnBroken::Hold,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("placeholder_left.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if !facts.links && own_link::stands_in(facts.reading) {
        return Outcome::Broken(Fault::new("links-without-address"));
    }
    match facts.class {
        // Code and templates may be what such a message is about.
        Class::Transactional | Class::SolicitedReply => return Outcome::Outside,
        Class::Commercial
        | Class::Greeting
        | Class::ReviewRequest
        | Class::ReconsentRequest
        | Class::OptInConfirmation
        | Class::TechnicalNotice
        | Class::NonBusiness
        | Class::Mixed => {}
    }
    let Some(tags) = TAGS.as_ref() else {
        return Outcome::Undecided { missing: "tags-unreadable" };
    };
    match in_subject(facts, tags).or_else(|| in_text(facts, tags)).or_else(|| in_link(facts)) {
        Some((because, evidence)) => Outcome::Broken(Fault::new(because).shown_by(evidence)),
        None => Outcome::Kept,
    }
}

type Found = (&'static str, Option<Evidence>);

fn in_subject(facts: &Facts<'_>, tags: &Regex) -> Option<Found> {
    let message = &facts.reading.message;
    tags.find(message.subject())?;
    Some(("tag-in-subject", message.evidence_of("Subject")))
}

fn in_text(facts: &Facts<'_>, tags: &Regex) -> Option<Found> {
    facts.reading.views.iter().find_map(|view| {
        // A tag that is the target of a link is judged as a link.
        let in_link = |at: &Range<usize>| {
            view.links.iter().any(|link| link.at.start <= at.start && at.end <= link.at.end)
        };
        let at = tags.find_iter(&view.text).map(|tag| tag.range()).find(|at| !in_link(at))?;
        let evidence = view.evidence(&facts.reading.message, at);
        Some(("tag-in-text", Some(evidence)))
    })
}

fn in_link(facts: &Facts<'_>) -> Option<Found> {
    facts.reading.views.iter().find_map(|view| {
        let unexpanded = |link: &&Link| link.target == LinkTarget::Unexpanded;
        // The link to unsubscribe has a rule of its own.
        let is_unsubscribe =
            |link: &Link| unsubscribe::links(view).any(|other| std::ptr::eq(other, link));
        let link = view.links.iter().filter(unexpanded).find(|link| !is_unsubscribe(link))?;
        let evidence = view.evidence(&facts.reading.message, link.at.clone());
        Some(("tag-in-link", Some(evidence)))
    })
}

/// The tags of the common tools: `{{name}}`, `{% if %}`, `*|FNAME|*`, `%%x%%`, `[[name]]`, `${name}`,
/// `{$name}`, `<%= name %>`, `##NAME##`, `%recipient.name%`.
static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let patterns = [
        r"\{\{[^{}\n]{1,80}\}\}",
        r"\{%[^%\n]{1,80}%\}",
        r"\*\|[A-Za-z0-9_:. -]{1,60}\|\*",
        r"%%[A-Za-z0-9_. -]{1,60}%%",
        r"\[\[[A-Za-z_][A-Za-z0-9_.: -]{0,60}\]\]",
        r"\$\{[A-Za-z_][^{}\n]{0,60}\}",
        r"\{\$[A-Za-z_][A-Za-z0-9_.]{0,60}\}",
        r"<%=?[^%\n]{1,80}%>",
        r"##[A-Z][A-Z0-9_]{1,40}##",
        r"%recipient\.[A-Za-z_]{1,40}%",
    ];
    Regex::new(&patterns.join("|")).ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_tags_of_the_common_tools_are_known() {
        let tags = TAGS.as_ref().unwrap();
        for tag in [
            "{{name}}",
            "{{ contact.FIRSTNAME | default: '' }}",
            "{% if x %}",
            "*|FNAME|*",
            "*|IF:FNAME|*",
            "%%jmeno%%",
            "[[osloveni]]",
            "${user.name}",
            "{$jmeno}",
            "<%= name %>",
            "##JMENO##",
            "%recipient.name%",
        ] {
            assert!(tags.is_match(&format!("Dobrý den {tag},")), "{tag}");
        }
        for text in [
            "sleva 20 %, teď",
            "a {b} c",
            "[1] pozn. [2]",
            "100 %% jistota",
            "## Nadpis ##",
            "5*|3",
        ] {
            assert!(!tags.is_match(text), "{text}");
        }
    }
}
