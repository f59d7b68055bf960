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
    pub fn new(text: impl Into<String>) -> Self {
        Self { kind: FaultKind::Other, text: text.into() }
    }

    pub(super) fn of(fault: &std::io::Error) -> Self {
        let inner = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let kind = match inner {
            Some(rustls::Error::InvalidCertificate(why)) => kind(why),
            Some(_) | None => FaultKind::Other,
        };
        Self { kind, text: fault.to_string() }
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

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
