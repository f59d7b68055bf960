//! Where what comes back of a message goes: reports to its MAIL FROM, a "no" to the mailto in its
//! List-Unsubscribe.

use crate::{
    returns::{Kind, Mark, Returns},
    seal::AddressKey,
    smtp::envelope::Path,
    spool::{Delivery, Message},
};

/// An address of the relay's own where it has a domain for that, one for each recipient, so that a
/// report finds both. What has the null sender keeps it: nothing answers that.
pub(super) fn of(
    message: &Message,
    deliveries: &[Delivery],
    returns: Option<&Returns>,
) -> Option<Path> {
    let own = message.from.as_ref()?;
    let Some(returns) = returns else { return Some(own.clone()) };
    let only = match deliveries {
        [only] => Some(only.key),
        _ => None,
    };
    Some(returns.address(&Mark::new(Kind::Bounce, message.id, only)))
}

/// `mailto:…` for List-Unsubscribe (RFC 2369 §3.2); empty where the relay takes no mail.
pub(super) fn unsubscribe(
    message: &Message,
    key: Option<AddressKey>,
    returns: Option<&Returns>,
) -> String {
    let Some((returns, key)) = returns.zip(key) else { return String::new() };
    let address = returns.address(&Mark::new(Kind::Unsubscribe, message.id, Some(key)));
    format!("mailto:{address}?subject=unsubscribe")
}
