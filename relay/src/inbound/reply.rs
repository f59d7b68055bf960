//! What is said to those who bring something back: stable texts without personal data.

use crate::smtp::reply::Reply;

pub(super) fn recipient_ok() -> Reply {
    Reply::new(250, "2.1.5", "recipient ok")
}

pub(super) fn no_such_address() -> Reply {
    Reply::new(550, "5.1.1", "no-such-address: only addresses from our messages are taken here")
}

pub(super) fn malformed() -> Reply {
    Reply::new(554, "5.6.0", "malformed: the message cannot be read")
}

pub(super) fn unavailable() -> Reply {
    Reply::new(451, "4.3.0", "storage-unavailable: nothing was kept, try again")
}

/// The address is ours, and nothing is on record of its message any more.
pub(super) fn forgotten() -> Reply {
    Reply::new(550, "5.1.6", "forgotten: nothing is known of that message any more")
}

pub(super) fn taken() -> Reply {
    Reply::new(250, "2.0.0", "taken, thank you")
}

/// A letter to an address that only machines read: its writer hears of it at once.
pub(super) fn nobody_reads() -> Reply {
    Reply::new(
        550,
        "5.7.1",
        "nobody-reads-this: write to the address in the message's From, or use its unsubscribe link",
    )
}
