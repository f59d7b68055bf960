//! A commercial message does not hide who sent it. See the page.

use crate::{Address, Facts, Fault, Mailbox, OnBroken, Outcome, Rule, law};

pub(super) static RULE: Rule = Rule {
    id: "sender-hidden",
    since: "0.1",
    law: &[
        &law::CZ_480_7_4_B,
        &law::CZ_480_11,
        &law::SK_452_116_ID,
        &law::EU_EPRIVACY_13_4,
        &law::EU_ECOMMERCE_6,
        &law::RFC_5322,
        &law::DE_UWG_7_2_3,
        &law::DE_DDG_6_2,
        &law::AT_TKG_174_5,
        &law::PL_USUDE_9_2,
        &law::UK_PECR_23,
        &law::US_7704_A_1,
        &law::CA_CASL_6_2,
        &law::AU_SPAM_17,
    ],
    effect: OnBroken::Hold,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("sender_hidden.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let message = &facts.reading.message;
    let broken = |field: &str, because: &'static str| {
        let fault = facts
            .commercial_packs()
            .fold(Fault::new(because), |fault, pack| fault.under(pack, "identity.fields"));
        Outcome::Broken(fault.shown_by(message.evidence_of(field)))
    };
    let from = message.senders();
    if from.is_empty() {
        return broken("From", "from-without-address");
    }
    if from.iter().any(|mailbox| !is_own(facts, mailbox)) {
        return broken("From", "from-of-others");
    }
    if from.iter().any(|mailbox| shows_other(facts, mailbox)) {
        return broken("From", "from-name-of-others");
    }
    if message.mailboxes("Sender").iter().any(|mailbox| !is_own(facts, mailbox)) {
        return broken("Sender", "sender-of-others");
    }
    let answers = message.mailboxes("Reply-To");
    if answers.is_empty() && message.header("Reply-To").is_some() {
        return broken("Reply-To", "reply-to-without-address");
    }
    if answers.iter().any(|mailbox| Address::parse(&mailbox.address).is_err()) {
        return broken("Reply-To", "reply-to-unreadable");
    }
    if answers.iter().any(|mailbox| !is_own(facts, mailbox)) {
        return broken("Reply-To", "reply-to-of-others");
    }
    if answers.iter().any(|mailbox| takes_no_answer(&mailbox.address)) {
        return broken("Reply-To", "reply-to-takes-none");
    }
    Outcome::Kept
}

fn is_own(facts: &Facts<'_>, mailbox: &Mailbox) -> bool {
    let Ok(address) = Address::parse(&mailbox.address) else { return false };
    super::is_own_domain(facts, address.domain())
}

/// The display name is, or holds, the address of somebody else.
fn shows_other(facts: &Facts<'_>, mailbox: &Mailbox) -> bool {
    let mut addresses = Address::written_in(&mailbox.name).map(Address::parse);
    addresses
        .any(|address| address.is_ok_and(|address| !super::is_own_domain(facts, address.domain())))
}

fn takes_no_answer(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let letters: String = local.chars().filter(char::is_ascii_alphabetic).collect();
    NO_ANSWER.iter().any(|name| letters.starts_with(name))
}

static NO_ANSWER: [&str; 5] =
    ["noreply", "donotreply", "neodpovidat", "neodpovidejte", "neodpovedat"];
