//! Certificates that a zone vouches for: TLSA records (RFC 6698) as mail uses them (RFC 7672).
//!
//! Of the usages only DANE-TA(2) and DANE-EE(3) count (RFC 7672 §3.1.3). Where the records come from, and
//! that they were validated, is DNS's business.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use crate::seal;

/// One TLSA record, as DNS has it (RFC 6698 §2.1).
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Tlsa {
    pub usage: u8,
    pub selector: u8,
    pub matching: u8,
    pub data: Vec<u8>,
}

/// What a host's certificate must match: at least one record, each of them usable.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Dane {
    records: Vec<Tlsa>,
    /// Names that a certificate under a trust anchor of the records may be for.
    names: Vec<String>,
}

const TRUST_ANCHOR: u8 = 2;
const END_ENTITY: u8 = 3;
const WHOLE: u8 = 0;
const PUBLIC_KEY: u8 = 1;
const FULL: u8 = 0;
const SHA_256: u8 = 1;
const SHA_512: u8 = 2;

impl Tlsa {
    /// Others are there for other programs, or are mistakes.
    fn is_usable(&self) -> bool {
        let length = self.data.len();
        matches!(self.usage, TRUST_ANCHOR | END_ENTITY)
            && matches!(self.selector, WHOLE | PUBLIC_KEY)
            && match self.matching {
                FULL => length > 0,
                SHA_256 => length == 32,
                SHA_512 => length == 64,
                _ => false,
            }
    }

    fn matches(&self, certificate: &CertificateDer<'_>) -> bool {
        let key;
        let selected: &[u8] = if self.selector == PUBLIC_KEY {
            let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return false };
            key = parsed.subject_public_key_info();
            &key
        } else {
            certificate
        };
        match self.matching {
            FULL => selected == self.data,
            SHA_256 => seal::digest(selected)[..] == self.data[..],
            SHA_512 => seal::sha512(selected) == self.data,
            _ => false,
        }
    }
}

impl Dane {
    /// `None`: none of the records is usable. `names` are those of the host and of the domain whose
    /// mail it takes (RFC 7672 §3.2.2).
    pub fn new(records: impl IntoIterator<Item = Tlsa>, names: Vec<String>) -> Option<Self> {
        let mut records: Vec<Tlsa> = records.into_iter().filter(Tlsa::is_usable).collect();
        records.sort_unstable();
        records.dedup();
        // The stronger digest alone counts, where both are there (RFC 7671 §9).
        let strong: Vec<(u8, u8)> = records
            .iter()
            .filter(|one| one.matching == SHA_512)
            .map(|one| (one.usage, one.selector))
            .collect();
        records
            .retain(|one| one.matching != SHA_256 || !strong.contains(&(one.usage, one.selector)));
        (!records.is_empty()).then_some(Self { records, names })
    }

    fn of(&self, usage: u8) -> impl Iterator<Item = &Tlsa> {
        self.records.iter().filter(move |record| record.usage == usage)
    }

    /// The certificate itself is named: its name and its dates say nothing then (RFC 7672 §3.1.1).
    fn names_certificate(&self, certificate: &CertificateDer<'_>) -> bool {
        self.of(END_ENTITY).any(|record| record.matches(certificate))
    }

    /// The trust anchors that are named: those of the chain, and those that stand in a record whole.
    fn anchors(&self, chain: &[CertificateDer<'_>]) -> RootCertStore {
        let mut anchors = RootCertStore::empty();
        for record in self.of(TRUST_ANCHOR) {
            for certificate in chain.iter().filter(|certificate| record.matches(certificate)) {
                // What cannot be read vouches for nobody.
                let _ = anchors.add(certificate.clone().into_owned());
            }
            if record.selector == WHOLE && record.matching == FULL {
                let _ = anchors.add(CertificateDer::from(record.data.clone()));
            }
        }
        anchors
    }

    pub(super) fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<(), rustls::Error> {
        if self.names_certificate(certificate) {
            return Ok(());
        }
        let anchors = self.anchors(chain);
        if anchors.is_empty() {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        let parsed = ParsedCertificate::try_from(certificate)?;
        let known = provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, &anchors, chain, now, known)?;
        let names = self.names.iter().filter_map(|name| ServerName::try_from(name.as_str()).ok());
        if names.into_iter().any(|name| verify_server_name(&parsed, &name).is_ok()) {
            return Ok(());
        }
        Err(CertificateError::NotValidForName.into())
    }
}

/// Believes the records alone.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) dane: Arc<Dane>,
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.dane.verify(certificate, chain, now, &self.provider);
        verified.map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
