//! What a host presented in a handshake, kept to be looked at: whose word it was is no matter here.

use std::{io, time::Duration};

use jiff::Timestamp;
use rustls::{
    pki_types::{CertificateDer, UnixTime},
    server::ParsedCertificate,
};
use tokio::net::TcpStream;

use super::{Dane, Fault, Tls, TlsStream};
use crate::seal;

/// A host's certificates, its own first.
#[derive(Clone, Debug)]
pub struct Chain {
    own: CertificateDer<'static>,
    others: Vec<CertificateDer<'static>>,
}

impl Chain {
    /// `None`: it presented none.
    pub fn of(stream: &TlsStream<TcpStream>) -> Option<Self> {
        let (own, others) = stream.get_ref().1.peer_certificates()?.split_first()?;
        let others = others.iter().map(|one| one.clone().into_owned()).collect();
        Some(Self { own: own.clone().into_owned(), others })
    }

    /// SHA-256 of the host's public key in hex: the data of a TLSA record `3 1 1` (RFC 6698 §2.1).
    /// `None`: its certificate cannot be read.
    pub fn key_digest(&self) -> Option<String> {
        let parsed = ParsedCertificate::try_from(&self.own).ok()?;
        Some(seal::hex(&seal::digest(&parsed.subject_public_key_info())))
    }
}

impl Tls {
    /// Whether the records vouch for what was presented, as they would in a handshake now.
    ///
    /// # Errors
    ///
    /// Why they do not.
    pub fn vouches(&self, dane: &Dane, chain: &Chain, now: Timestamp) -> Result<(), Fault> {
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let verified = dane.verify(&chain.own, &chain.others, now, &self.provider);
        verified.map_err(|fault| Fault::of(&io::Error::other(fault)))
    }
}
