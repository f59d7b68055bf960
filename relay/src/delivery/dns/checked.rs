//! The resolver that validates, and whether the servers pass on what it needs.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use hickory_resolver::{
    ResolverBuilder, TokioResolver,
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{dnssec::TrustAnchors, rr::RecordType},
};
use tokio::time::Instant;

use crate::delivery::{outcome::Problem, settings::Dnssec};

pub(super) struct Checked {
    resolver: TokioResolver,
    /// Servers that pass no DNSSEC on are no reason to go without.
    required: bool,
    able: Mutex<Able>,
}

/// Whether the root's own keys came through, validated.
#[derive(Clone, Copy)]
enum Able {
    Unknown,
    Yes,
    No { asked: Instant },
}

/// Servers that could not are asked again after this.
const AGAIN: Duration = Duration::from_secs(60 * 60);

impl Checked {
    pub(super) fn new(
        builder: ResolverBuilder<TokioRuntimeProvider>,
        asked: &Dnssec,
    ) -> anyhow::Result<Self> {
        let (anchor, required) = match asked {
            Dnssec::Off => (None, false),
            Dnssec::Auto { anchor } => (anchor.as_ref(), false),
            Dnssec::Required { anchor } => (anchor.as_ref(), true),
        };
        let anchors = match anchor {
            Some(file) => TrustAnchors::from_file(file)
                .with_context(|| format!("reading the DNSKEY records in `{}`", file.display()))?,
            None => TrustAnchors::default(),
        };
        let resolver = builder.with_trust_anchor(Arc::new(anchors)).build();
        let resolver = resolver.context("setting up dns")?;
        Ok(Self { resolver, required, able: Mutex::new(Able::Unknown) })
    }

    /// `None`: the servers pass no DNSSEC on, and that is no reason to wait.
    pub(super) async fn resolver(&self) -> Result<Option<&TokioResolver>, Problem> {
        // Once they could, they can: who makes them silent later must not have it both ways.
        match self.able() {
            _ if self.required => return Ok(Some(&self.resolver)),
            Able::Yes => return Ok(Some(&self.resolver)),
            Able::No { asked } if asked.elapsed() < AGAIN => return Ok(None),
            Able::Unknown | Able::No { .. } => {}
        }
        let able = self.probe().await?;
        if !able {
            tracing::warn!(
                "the dns servers pass no dnssec on, so dane is not used: ask others (`dns` in \
                 [delivery]), as in unbound on this machine"
            );
        }
        let able = if able { Able::Yes } else { Able::No { asked: Instant::now() } };
        *self.able.lock().unwrap_or_else(PoisonError::into_inner) = able;
        Ok(matches!(able, Able::Yes).then_some(&self.resolver))
    }

    fn able(&self) -> Able {
        *self.able.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn probe(&self) -> Result<bool, Problem> {
        match self.resolver.lookup(".", RecordType::DNSKEY).await {
            Ok(lookup) => Ok(lookup.answers().iter().any(|record| record.proof.is_secure())),
            Err(NetError::Dns(
                DnsError::DnssecBogus | DnsError::Nsec { .. } | DnsError::NoRecordsFound(_),
            )) => Ok(false),
            Err(NetError::Dns(DnsError::ResponseCode(_))) => Ok(false),
            Err(_) => Err(Problem::Dns("the servers cannot be reached".to_owned())),
        }
    }
}
