//! The signs that words can be, and how strongly each speaks.

use super::Class;

/// One kind of sign, named as in the word files.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) class: Class,
    /// Weight of a phrase in the subject; one is enough there.
    pub(super) in_subject: i32,
    /// Weight of each different phrase in the text.
    pub(super) in_text: i32,
    /// How many different phrases of the text count.
    pub(super) most: usize,
}

const fn kind(
    name: &'static str,
    class: Class,
    in_subject: i32,
    in_text: i32,
    most: usize,
) -> Kind {
    Kind { name, class, in_subject, in_text, most }
}

/// Weights set so that a clear subject decides alone and text decides only by several phrases;
/// checked against the labelled messages of the tests (`souhlas policy report`).
pub(super) static KINDS: [Kind; 31] = [
    kind("order-confirmation", Class::Transactional, 60, 25, 3),
    kind("invoice", Class::Transactional, 50, 18, 3),
    kind("payment", Class::Transactional, 45, 18, 3),
    kind("shipping", Class::Transactional, 50, 18, 3),
    kind("booking", Class::Transactional, 50, 20, 3),
    kind("account-security", Class::Transactional, 60, 30, 2),
    kind("account", Class::Transactional, 45, 20, 3),
    kind("claim", Class::Transactional, 50, 25, 3),
    kind("request", Class::Transactional, 50, 30, 2),
    kind("business", Class::Transactional, 25, 10, 3),
    kind("figures", Class::Transactional, 5, 6, 2),
    kind("automatic", Class::Transactional, 5, 10, 1),
    kind("opt-in-confirmation", Class::OptInConfirmation, 70, 40, 2),
    kind("opt-in-topic", Class::OptInConfirmation, 15, 8, 3),
    kind("confirm", Class::OptInConfirmation, 20, 15, 1),
    kind("unasked", Class::OptInConfirmation, 10, 20, 2),
    kind("technical-notice", Class::TechnicalNotice, 60, 22, 3),
    kind("formal", Class::TechnicalNotice, 20, 14, 2),
    kind("greeting", Class::Greeting, 55, 28, 2),
    kind("review-request", Class::ReviewRequest, 60, 28, 3),
    kind("reconsent-request", Class::ReconsentRequest, 60, 28, 3),
    kind("solicited-reply", Class::SolicitedReply, 30, 20, 2),
    kind("non-business", Class::NonBusiness, 40, 18, 4),
    kind("community", Class::NonBusiness, 15, 8, 3),
    kind(COMPANY, Class::Commercial, 0, 40, 1),
    kind(LABEL, Class::Commercial, 40, 5, 1),
    kind("promotion", Class::Commercial, 40, 12, 3),
    kind("enticement", Class::Commercial, 18, 7, 3),
    kind("coupon", Class::Commercial, 40, 20, 1),
    kind(INTEREST, Class::Commercial, 12, 4, 3),
    kind(UNSUBSCRIBE, Class::Commercial, 10, 8, 1),
];

/// The sender's own word for it; in a confirmation of a subscription it names what is confirmed.
pub(super) const LABEL: &str = "label";
/// Words of advertising and of everyday business alike.
pub(super) const INTEREST: &str = "interest";
/// A way out is offered where mail goes to many; it sells nothing.
pub(super) const UNSUBSCRIBE: &str = "unsubscribe";
/// A legal form of those who do business; charities, schools and neighbours have others.
pub(super) const COMPANY: &str = "company";
