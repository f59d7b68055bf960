//! The signs that words can be, and how strongly each speaks.

use super::{Class, signs::Role};

/// One kind of sign, named as in the word files.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) role: Role,
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
    role: Role,
    class: Class,
    in_subject: i32,
    in_text: i32,
    most: usize,
) -> Kind {
    Kind { name, role, class, in_subject, in_text, most }
}

/// Weights set so that a clear subject decides alone and text decides only by several phrases;
/// checked against the labelled messages of the tests (`souhlas policy report`).
pub(super) static KINDS: [Kind; 31] = [
    kind("order-confirmation", Role::Act, Class::Transactional, 60, 25, 3),
    kind("invoice", Role::Act, Class::Transactional, 50, 18, 3),
    kind("payment", Role::Act, Class::Transactional, 45, 18, 3),
    kind("shipping", Role::Act, Class::Transactional, 50, 18, 3),
    kind("booking", Role::Act, Class::Transactional, 50, 20, 3),
    kind("account-security", Role::Act, Class::Transactional, 60, 30, 2),
    kind("account", Role::Act, Class::Transactional, 45, 20, 3),
    kind("claim", Role::Act, Class::Transactional, 50, 25, 3),
    kind("request", Role::Act, Class::Transactional, 50, 30, 2),
    kind("business", Role::Topic, Class::Transactional, 25, 10, 3),
    kind("figures", Role::Topic, Class::Transactional, 5, 6, 2),
    kind("automatic", Role::Topic, Class::Transactional, 5, 10, 1),
    kind("opt-in-confirmation", Role::Act, Class::OptInConfirmation, 70, 40, 2),
    kind("opt-in-topic", Role::Topic, Class::OptInConfirmation, 15, 8, 3),
    kind("confirm", Role::Act, Class::OptInConfirmation, 20, 15, 1),
    kind("unasked", Role::Act, Class::OptInConfirmation, 10, 20, 2),
    kind("technical-notice", Role::Act, Class::TechnicalNotice, 60, 22, 3),
    kind("formal", Role::Topic, Class::TechnicalNotice, 20, 14, 2),
    kind("greeting", Role::Act, Class::Greeting, 55, 28, 2),
    kind("review-request", Role::Act, Class::ReviewRequest, 60, 28, 3),
    kind("reconsent-request", Role::Act, Class::ReconsentRequest, 60, 28, 3),
    kind("solicited-reply", Role::Act, Class::SolicitedReply, 30, 20, 2),
    kind("non-business", Role::Act, Class::NonBusiness, 40, 18, 4),
    kind("community", Role::Topic, Class::NonBusiness, 15, 8, 3),
    kind("company", Role::Company, Class::Commercial, 0, 40, 1),
    kind("label", Role::Label, Class::Commercial, 40, 5, 1),
    kind("promotion", Role::Promotion, Class::Commercial, 40, 12, 3),
    kind("enticement", Role::Promotion, Class::Commercial, 18, 7, 3),
    kind("coupon", Role::Promotion, Class::Commercial, 40, 20, 1),
    kind("interest", Role::Interest, Class::Commercial, 12, 4, 3),
    kind("unsubscribe", Role::Bulk, Class::Commercial, 10, 8, 1),
];
