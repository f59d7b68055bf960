//! Why a handshake failed: words for people, and a kind that can be counted.

use rustls::CertificateError;

/// No TLS, or none that is trusted as far as asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    pub kind: FaultKind,
    text: String,
}

/// What was wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultKind {
    /// The certificate is not valid any more, or not yet.
    Expired,
    /// It is valid for other names.
    OtherName,
    /// Nobody who is trusted vouches for it.
    NotTrusted,
    /// Anything else, before or after the certificate.
    Other,
}

impl Fault {
    pub fn other(text: impl Into<String>) -> Self {
        Self { kind: FaultKind::Other, text: text.into() }
    }

    pub(super) fn of(fault: &std::io::Error) -> Self {
        let inner = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let Some(rustls::Error::InvalidCertificate(why)) = inner else {
            return Self::other(fault.to_string());
        };
        // What the verifier of this module says, who has no words of its own.
        let text = if *why == CertificateError::ApplicationVerificationFailure {
            NO_RECORD.to_owned()
        } else {
            fault.to_string()
        };
        Self { kind: kind(why), text }
    }
}

fn kind(why: &CertificateError) -> FaultKind {
    if is_time(why) {
        FaultKind::Expired
    } else if matches!(
        why,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
    ) {
        FaultKind::OtherName
    } else {
        FaultKind::NotTrusted
    }
}

fn is_time(why: &CertificateError) -> bool {
    matches!(
        why,
        CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
    )
}

const NO_RECORD: &str = "the certificate matches none of the zone's tlsa records";

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
