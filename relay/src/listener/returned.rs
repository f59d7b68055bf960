//! The listener of what comes back: nobody logs in, and only the relay's own return addresses are there.

use bytes::Bytes;
use jiff::Timestamp;

use super::connection::Connection;
use crate::smtp::{
    envelope::{Envelope, Recipient},
    reply::Reply,
    settings::{AuthOffer, BareLf, Limits, Settings},
};

/// A report is about one message; whoever names more recipients is guessing.
const RECIPIENTS_MAX: usize = 10;
/// Wrong commands and addresses that are none.
const ERRORS_MAX: u32 = 10;

/// Of a submission listener's, what holds here too.
pub(super) fn settings(submission: Settings) -> Settings {
    Settings {
        limits: Limits {
            recipients_max: RECIPIENTS_MAX,
            errors_max: submission.limits.errors_max.min(ERRORS_MAX),
            ..submission.limits
        },
        // Whoever reports to us is no tool that its operator could mend.
        bare_lf: BareLf::Normalize,
        auth: AuthOffer::Never,
        auth_required: false,
        ..submission
    }
}

impl Connection {
    pub(super) fn returned_to(&self, asked: &[Recipient]) -> Vec<Reply> {
        let Some(inbound) = &self.shared.inbound else { return Vec::new() };
        asked.iter().map(|recipient| inbound.recipient(recipient)).collect()
    }

    pub(super) async fn returned(&self, envelope: &Envelope, bytes: Bytes) -> Vec<Reply> {
        let Some(inbound) = &self.shared.inbound else { return Vec::new() };
        let due = if envelope.params.prdr { envelope.recipients.len() + 1 } else { 1 };
        let reply = Box::pin(inbound.message(Timestamp::now(), envelope, bytes)).await;
        vec![reply; due]
    }
}
