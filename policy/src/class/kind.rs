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
/// checked against the sample messages of the tests.
pub(super) static KINDS: [Kind; 16] = [
    kind("order-confirmation", Class::Transactional, 60, 25, 2),
    kind("invoice", Class::Transactional, 50, 12, 3),
    kind("shipping", Class::Transactional, 50, 12, 3),
    kind("account-security", Class::Transactional, 60, 30, 2),
    kind("opt-in-confirmation", Class::OptInConfirmation, 70, 40, 1),
    kind("technical-notice", Class::TechnicalNotice, 60, 15, 2),
    kind("greeting", Class::Greeting, 50, 25, 1),
    kind("review-request", Class::ReviewRequest, 50, 25, 1),
    kind("reconsent-request", Class::ReconsentRequest, 50, 30, 1),
    kind("solicited-reply", Class::SolicitedReply, 30, 20, 1),
    kind("non-business", Class::NonBusiness, 20, 10, 2),
    kind(LABEL, Class::Commercial, 40, 5, 1),
    kind("promotion", Class::Commercial, 40, 12, 3),
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
