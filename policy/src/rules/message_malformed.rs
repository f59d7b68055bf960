//! A message that readers take apart differently cannot be judged. See the page.

use crate::{Class, Facts, Fault, OnBroken, Outcome, Reason, Rule, law};

pub(super) static RULE: Rule = Rule {
    id: "message-malformed",
    since: "0.1",
    law: &[&law::RFC_5322, &law::RFC_2045],
    effect: OnBroken::Hold,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("message_malformed.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    match facts.class {
        // Nothing is asked of their content, so nothing turns on how it is read.
        Class::Transactional | Class::SolicitedReply | Class::NonBusiness => Outcome::Outside,
        Class::Commercial
        | Class::Greeting
        | Class::ReviewRequest
        | Class::ReconsentRequest
        | Class::OptInConfirmation
        | Class::TechnicalNotice
        | Class::Mixed => {
            let message = &facts.reading.message;
            if !message.is_malformed() {
                return Outcome::Kept;
            }
            let because = Reason::new("message-malformed").words("faults", message.faults());
            Outcome::Broken(Fault::new(because))
        }
    }
}
