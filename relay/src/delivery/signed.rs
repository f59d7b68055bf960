//! What is put on top of a message when its last edit is done: DKIM signatures, and the relay's set
//! of its ARC chain where one is configured.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use policy::{Address, Reading};
use tokio::time::timeout;

use super::{
    dns::{Answer, Resolver},
    prepare::{Desk, Stays, Work},
};
use crate::{
    journal::reason::Cause,
    sign::{self, Chain, Sealer},
};

/// Who seals, and what validates the chains that messages bring; cheap to clone.
#[derive(Clone, Debug)]
pub struct Chains {
    pub who: Sealer,
    pub resolver: Resolver,
}

impl Chains {
    /// What the chain of a message is worth, as it came; `None` where the DNS did not say: then
    /// nothing is added, for whatever were said of it might be wrong.
    async fn validated(&self, message: &[u8]) -> Option<Chain> {
        let names = sign::chain_keys(message);
        let ask = async |name: String| match self.resolver.texts(&name).await {
            Answer::Found(texts) => Some((name, texts)),
            Answer::Nothing | Answer::NoName => Some((name, Vec::new())),
            Answer::Failed(_) => None,
        };
        let asked = stream::iter(names).map(ask).buffer_unordered(LOOKUPS_AT_ONCE);
        let answers: Vec<_> = timeout(PATIENCE, asked.collect()).await.ok()?;
        let records: BTreeMap<String, Vec<String>> =
            answers.into_iter().collect::<Option<BTreeMap<_, _>>>()?;
        Some(sign::chain(message, &records))
    }
}

impl Desk {
    /// Looks at the chain of each message as it came.
    pub(super) async fn validate_chains(&self, work: &mut [Work]) {
        let Some(chains) = &self.chains else { return };
        for one in work.iter_mut().filter(|one| !one.message.stream.is_empty()) {
            one.chain = chains.validated(&one.message.bytes).await;
        }
    }

    /// The fields that sign a message with its edits; empty where there is no key for its sender.
    pub(super) fn signatures(
        &self,
        now: Timestamp,
        reading: &Reading,
        chain: Option<Chain>,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Stays> {
        let broken = |_| Stays::Later(Cause::SigningFailed, "");
        let mut out = Vec::new();
        if let Some(domain) = signing_domain(reading) {
            out = self.signer.sign(bytes, &domain, now).map_err(broken)?;
        }
        if let Some((chains, chain)) = self.chains.as_ref().zip(chain) {
            let set = self.signer.seal(&chains.who, chain, &out, bytes, now).map_err(broken)?;
            out.splice(..0, set);
        }
        Ok(out)
    }
}

/// The domain of the one From address.
pub(super) fn signing_domain(reading: &Reading) -> Option<String> {
    let address = Address::parse(&reading.message.senders().first()?.address).ok()?;
    Some(address.domain().to_owned())
}

const LOOKUPS_AT_ONCE: usize = 8;
/// For all keys of one chain.
const PATIENCE: Duration = Duration::from_secs(20);
