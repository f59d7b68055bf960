//! `--controller`: whose contacts and purposes a command is about; two controllers share nothing.

use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use policy::{Address, Controller, Purpose};

use crate::{
    config::Business,
    consent::Consent,
    seal::{AddressKey, Secret},
};

#[derive(Args, Debug)]
pub(super) struct Whose {
    /// Id of the controller in policy.toml; may be left out where only one can be meant
    #[arg(long)]
    controller: Option<String>,
}

impl Whose {
    /// The one that is named, or the only one there is.
    pub(super) fn find<'b>(&self, business: &'b Business) -> anyhow::Result<&'b Arc<Controller>> {
        match (&self.controller, business.controllers.as_slice()) {
            (Some(id), _) => named(business, id),
            (None, [only]) => Ok(only),
            (None, _) => bail!("whose? Name one with --controller: {}", all(business)),
        }
    }

    /// All that may be meant.
    pub(super) fn some<'b>(
        &self,
        business: &'b Business,
    ) -> anyhow::Result<Vec<&'b Arc<Controller>>> {
        match &self.controller {
            Some(id) => Ok(vec![named(business, id)?]),
            None => Ok(business.controllers.iter().collect()),
        }
    }

    /// A purpose by its id, with its controller: the one that is named, or the only one that has it.
    pub(super) async fn purpose<'b>(
        &self,
        business: &'b Business,
        consent: &Consent,
        id: &str,
    ) -> anyhow::Result<(Purpose, &'b Arc<Controller>)> {
        let known = consent.purposes().await?;
        let asked = self.some(business)?;
        let mut found = Vec::new();
        for purpose in known.iter().filter(|purpose| purpose.id == id) {
            let owner = asked.iter().find(|own| own.id == purpose.controller);
            found.extend(owner.map(|owner| (purpose.clone(), *owner)));
        }
        let ids: Vec<&str> = known.iter().map(|own| own.id.as_str()).collect();
        match (found.pop(), found.is_empty(), ids.as_slice()) {
            (Some(only), true, _) => Ok(only),
            (Some(_), false, _) => bail!(
                "purpose `{id}` of which controller? Name one with --controller: {}",
                all(business)
            ),
            (None, _, []) => {
                bail!("there is no purpose `{id}`: add it with `souhlas purpose add`")
            }
            (None, _, ids) => bail!("there is no purpose `{id}`: there are {}", ids.join(", ")),
        }
    }
}

/// Under which keys controllers find the address. The last one is nobody's: of those who send, to
/// whom the relay's own reports go.
pub(super) fn keys(business: &Business, secret: &Secret, address: &Address) -> Vec<AddressKey> {
    let controllers = business.controllers.iter().map(|own| own.id.as_str());
    controllers.chain([""]).map(|id| secret.address_key(id, address)).collect()
}

fn named<'b>(business: &'b Business, id: &str) -> anyhow::Result<&'b Arc<Controller>> {
    match business.controllers.iter().find(|own| own.id == id) {
        Some(found) => Ok(found),
        None => bail!("there is no controller `{id}` in policy.toml: it has {}", all(business)),
    }
}

fn all(business: &Business) -> String {
    let ids: Vec<&str> = business.controllers.iter().map(|own| own.id.as_str()).collect();
    ids.join(", ")
}
