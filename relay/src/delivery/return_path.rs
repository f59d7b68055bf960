//! Where what comes back of a message goes: reports to its MAIL FROM, a "no" to the mailto in its
//! List-Unsubscribe, complaints to its CFBL-Address.

use jiff::Timestamp;
use policy::Reading;

use crate::{
    returns::{Kind, Mark, Returns, Senders},
    seal::AddressKey,
    smtp::envelope::Path,
    spool::{Delivery, Message},
};

/// Makes what comes back to the relay find its way.
#[derive(Clone, Debug)]
pub struct Back {
    pub returns: Returns,
    pub senders: Senders,
}

impl Back {
    /// Of whom no number can be had now, the message leaves as theirs.
    pub(super) async fn learn(&self, now: Timestamp, senders: impl Iterator<Item = &Path>) {
        for sender in senders {
            if let Err(fault) = self.senders.learn(now, sender).await {
                tracing::debug!(%fault, "a sender has no number yet: reports of this message go to it");
            }
        }
    }
}

/// An address of the relay's own where it has a domain for that, one for each recipient, so that a
/// report finds both. What has the null sender keeps it: nothing answers that. So does a sender
/// without a number: its report would not reach it.
pub(super) fn of(
    message: &Message,
    own_domains: &[String],
    deliveries: &[Delivery],
    back: Option<&Back>,
) -> Option<Path> {
    let own = message.from.as_ref()?;
    let number = back.and_then(|back| Some((back, back.senders.number(own)?)));
    let Some((back, sender)) = number else { return Some(own.clone()) };
    let mark = Mark { sender, ..Mark::new(Kind::Bounce, message.id, only(deliveries)) };
    Some(back.returns.address(&mark, back.returns.domain_for(own_domains)))
}

/// The field that says where complaints about a commercial message go (RFC 9477 §3.1), to put on top of
/// it before it is signed in the name of `domain`. `None` where a provider would not heed it: the address has
/// to be below the domain of From; or where the message brings one of its own.
pub(super) fn feedback(
    message: &Message,
    (reading, domain): (&Reading, &str),
    deliveries: &[Delivery],
    back: Option<&Back>,
) -> Option<String> {
    let (back, below) = back.and_then(|back| Some((back, back.returns.below(domain)?)))?;
    if !message.class.is_commercial() || reading.message.header("CFBL-Address").is_some() {
        return None;
    }
    let mark = Mark::new(Kind::Feedback, message.id, only(deliveries));
    Some(format!("CFBL-Address: {}; report=arf\r\n", back.returns.address(&mark, below)))
}

/// `None`: several get the same bytes.
fn only(deliveries: &[Delivery]) -> Option<AddressKey> {
    match deliveries {
        [only] => Some(only.key),
        _ => None,
    }
}

/// `mailto:…` for List-Unsubscribe (RFC 2369 §3.2); empty where the relay takes no mail.
pub(super) fn unsubscribe(
    message: &Message,
    own_domains: &[String],
    key: Option<AddressKey>,
    back: Option<&Back>,
) -> String {
    let Some((back, key)) = back.zip(key) else { return String::new() };
    let mark = Mark::new(Kind::Unsubscribe, message.id, Some(key));
    let address = back.returns.address(&mark, back.returns.domain_for(own_domains));
    format!("mailto:{address}?subject=unsubscribe")
}
