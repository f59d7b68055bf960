//! Recipients are not shown to each other. See the page.

use crate::{Address, Class, Facts, Fault, Mailbox, OnBroken, Outcome, Reason, Rule, law};

pub(super) static RULE: Rule = Rule {
    id: "recipients-exposed",
    since: "0.1",
    law: &[&law::EU_GDPR_5_1_F, &law::EU_GDPR_6, &law::UK_GDPR_5],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: false,
    waivable: true,
    doc: include_str!("recipients_exposed.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    match facts.class {
        // Business letters have several addressees who know of each other.
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
    let message = &facts.reading.message;
    let mailboxes: Vec<Mailbox> =
        ["To", "Cc"].into_iter().flat_map(|field| message.mailboxes(field)).collect();
    if mailboxes.len() <= 1 {
        return Outcome::Kept;
    }
    let mut visible: Vec<Address> = mailboxes
        .iter()
        .filter_map(|mailbox| Address::parse(&mailbox.address).ok())
        .filter(|address| !super::is_own_domain(facts, address.domain()))
        .collect();
    visible.sort();
    visible.dedup();
    if visible.len() <= 1 {
        return Outcome::Kept;
    }
    let count = u32::try_from(visible.len()).unwrap_or(u32::MAX);
    Outcome::Broken(
        Fault::new(Reason::new("recipients-exposed").number("count", count))
            .shown_by(["To", "Cc"].into_iter().filter_map(|field| message.evidence_of(field))),
    )
}
