//! A message as it would leave: octets, with its edits and signatures.

use bytes::Bytes;
use policy::{Edit, LinkKind};
use uuid::Uuid;

use super::{Judge, Submitted, stream};
use crate::{config::Business, consent::link::Maker, facts::Declared, sign};

impl Judge {
    /// As delivery renders it: edits, signatures they break removed, the relay's own on top. The error
    /// says why it cannot be.
    pub fn rendered(
        &self,
        business: &Business,
        asked: Submitted<'_>,
        edits: &[Edit],
    ) -> Result<Bytes, String> {
        let declared = Declared::of(asked.reading);
        let message = &asked.reading.message;
        let stream = stream(business, asked, &declared).map_err(|refusal| refusal.to_string())?;
        let links = self.pages.as_deref().map(|url| Maker::new(url, self.secret.clone()));
        let key = self.secret.address_key(&stream.controller.id, asked.to);
        let id = Uuid::now_v7();
        let link = |kind: &LinkKind| {
            let made = links.as_ref().map(|links| links.link(kind, stream, key, id, asked.at));
            made.unwrap_or_default()
        };
        let cannot = |why| format!("the message cannot be edited: {why:?}");
        let mut bytes = policy::render(message, edits, &link).map_err(cannot)?;
        let broken = sign::broken_by(message.bytes(), &bytes);
        if !broken.is_empty() {
            let all: Vec<Edit> = edits.iter().cloned().chain(broken).collect();
            bytes = policy::render(message, &all, &link).map_err(cannot)?;
        }
        let Some(domain) = self.signing_domain(asked.reading) else { return Ok(bytes) };
        let signature = self.signer.sign(&bytes, &domain, asked.at);
        let mut signed = signature.map_err(|why| format!("cannot sign for `{domain}`: {why:?}"))?;
        signed.extend_from_slice(&bytes);
        Ok(signed.into())
    }
}
