//! `souhlas doctor`: what the DNS and the web say about a domain, and what to publish.

use std::{net::IpAddr, process::ExitCode, time::Duration};

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{open::Place, remark, say};
use crate::{
    config::{Config, NextHop},
    delivery::{Settings, dns::Resolver},
    doctor::{self, Finding, OneClick, State, Subject, World},
    http::Client,
    returns::Returns,
    sign,
    tls::Tls,
};

#[derive(Args, Debug)]
pub(super) struct Ask {
    /// The domain in header From, with A-labels
    domain: String,
    /// An address that messages leave from; none: those of the relay's `hostname`
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<IpAddr>,
    /// The domain in MAIL FROM; none: that of `[returns]`, or the one in header From
    #[arg(long, value_name = "DOMAIN")]
    mail_from: Option<String>,
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, ask: Ask) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let domain = domain(&ask.domain)?;
    let world = world(&config)?;
    let store = place.store(&config).await?;
    let returns = Returns::new(&config.returns, &store.secret);
    let mail_from = match (ask.mail_from.as_deref(), returns) {
        (Some(named), _) => self::domain(named)?,
        (None, Some(back)) => back.domain_for(&own_domains(place, &domain)?).to_owned(),
        (None, None) => domain.clone(),
    };
    let lookup = store.consent().lookup(PATIENCE);
    let url = config.web.url.as_deref();
    let addresses = if ask.ip.is_empty() {
        world.dns.addresses(&config.hostname).await.unwrap_or_default()
    } else {
        ask.ip
    };
    let mut keys = sign::list(&config.keys)?;
    let signing = sign::domain_of_keys(&keys, &domain);
    keys.retain(|key| Some(&key.domain) == signing.as_ref());
    let subject = Subject {
        domain,
        returns: config.returns.contains(&mail_from),
        mail_from,
        addresses,
        hostname: config.hostname.clone(),
        keys,
        one_click: url.and_then(|url| OneClick::new(url, &store.secret, lookup, Timestamp::now())),
    };
    if hands_on(&config) {
        remark(
            "a smarthost sends on: it is the smarthost's addresses that count, name them with --ip",
        );
    }
    let found = doctor::examine(&subject, &world).await;
    store.db.close().await;
    let is_well = found.iter().all(|finding| finding.state != State::Fail);
    if ask.json {
        let whole = json!({ "domain": subject.domain, "ok": is_well, "findings": found });
        say(serde_json::to_string_pretty(&whole)?)?;
    } else {
        lines(&found)?;
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All domains of the controller that has this one, by which its domain for returns is chosen.
fn own_domains(place: &Place, domain: &str) -> anyhow::Result<Vec<String>> {
    let has = |own: &String| {
        let above = domain.strip_suffix(own.as_str());
        above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let business = place.business()?;
    let owner = business.controllers.iter().find(|one| one.domains.iter().any(has));
    Ok(owner.map_or_else(|| vec![domain.to_owned()], |owner| owner.domains.clone()))
}

/// Who may be asked: what relay.toml says of DNS, of private networks and of their certificates.
fn world(config: &Config) -> anyhow::Result<World> {
    let settings = Settings::of(&config.hostname, &config.delivery);
    let dns = Resolver::new(&settings)?;
    let tls = Tls::new(config.webhook.ca_file.as_deref())?;
    let networks = config.webhook.private_networks.clone().into();
    let http = Client::new(tls.clone(), networks);
    Ok(World { dns, http, settings, tls, now: Timestamp::now() })
}

fn hands_on(config: &Config) -> bool {
    let routes = config.delivery.routes.iter().map(|route| &route.next_hop);
    let mut hops = routes.chain([&config.delivery.otherwise]);
    hops.any(|hop| matches!(hop, NextHop::Smarthosts(_) | NextHop::Proxy(_)))
}

fn domain(text: &str) -> anyhow::Result<String> {
    let name = text.trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if name.len() > 253 || !name.contains('.') || !name.split('.').all(label) {
        bail!("`{text}` is not a domain: write it as `example.cz`, with A-labels (`xn--...`)");
    }
    Ok(name)
}

fn lines(found: &[Finding]) -> anyhow::Result<()> {
    for finding in found {
        let (state, check) = (finding.state.name(), finding.check);
        say(format!("{state:<5} {check:<10} {}", clean(&finding.found)))?;
        if let Some(advice) = &finding.advice {
            say(format!("{:<16} {}", "", clean(advice)))?;
        }
    }
    Ok(())
}

/// Control characters of foreign text must not reach a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

const PATIENCE: Duration = Duration::from_secs(5);
