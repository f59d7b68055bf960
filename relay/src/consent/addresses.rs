//! Addresses by their keys, for lists that people read.

use std::collections::BTreeMap;

use super::{Consent, store::open_address};
use crate::{
    db::{Error, Keys},
    seal::AddressKey,
};

impl Consent {
    /// Of those who are on record and not erased.
    pub async fn addresses(
        &self,
        keys: impl IntoIterator<Item = AddressKey>,
    ) -> Result<BTreeMap<AddressKey, String>, Error> {
        let mut keys: Vec<AddressKey> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let sought = Keys::Bytes(keys.iter().map(|one| one.0.as_slice()).collect());
        let sql = "SELECT key, address FROM contact WHERE key {in}";
        let mut named = BTreeMap::new();
        for row in self.db.read().await?.rows_in(sql, &[], sought).await? {
            let own = AddressKey(row.key(0)?);
            if let Some(address) = open_address(&self.secret, &own, row.opt_bytes(1)?)? {
                named.insert(own, address);
            }
        }
        Ok(named)
    }
}
