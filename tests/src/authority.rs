//! A certificate authority of a test's own, and the certificates of its fake servers.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use relay::seal::{digest, hex};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

/// One server's certificate, and the authority's behind it.
pub struct Certified {
    pub der: Vec<u8>,
    /// Its public key, as TLSA's selector 1 has it.
    pub public_key: Vec<u8>,
    pub config: Arc<ServerConfig>,
    /// Certificates and key, for servers that read files.
    pub pem: (String, String),
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, "Test authority");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// For `ca-file`.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub fn der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    pub fn certify(&self, names: &[&str]) -> Certified {
        self.certified(names, false)
    }

    /// One that was valid long ago.
    pub fn expired(&self, names: &[&str]) -> Certified {
        self.certified(names, true)
    }

    fn certified(&self, names: &[&str], expired: bool) -> Certified {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let own = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![own.der().clone(), self.certificate.der().clone()];
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(chain, private).unwrap();
        Certified {
            der: own.der().to_vec(),
            public_key: rcgen::PublicKeyData::subject_public_key_info(&key),
            config: Arc::new(config),
            pem: (own.pem() + &self.certificate.pem(), key.serialize_pem()),
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// `3 1 1 <hex>` and the like: of this data its SHA-256.
pub fn tlsa(usage: u8, selector: u8, data: &[u8]) -> String {
    format!("{usage} {selector} 1 {}", hex(&digest(data)))
}
