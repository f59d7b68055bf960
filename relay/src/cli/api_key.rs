//! `souhlas api-key`: who may use the JSON API.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use super::{arguments::moment, open::Place, remark, say, table::Table, whose::Whose};
use crate::api_key::{Key, Scope, Token, store};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key and print its token, which is shown this once
    Add {
        /// What it is for: `shop`
        name: String,
        #[command(flatten)]
        whose: Whose,
        /// What it may do: contacts:read, contacts:write, purposes:read, purposes:write, decide,
        /// export, erase, webhooks; may be repeated
        #[arg(long = "scope", required = true, value_parser = scope, value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// When it ends; in a year where nothing is said
        #[arg(long, value_parser = moment, value_name = "TIME")]
        expires: Option<Timestamp>,
        /// It never ends
        #[arg(long, conflicts_with = "expires")]
        forever: bool,
    },
    /// List all keys
    List,
    /// End a key at once
    Revoke {
        /// The part of the token between the two `_`
        id: String,
    },
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let db = place.store(&place.config()?).await?.db;
    let now = Timestamp::now();
    match command {
        Command::Add { name, whose, mut scopes, expires, forever } => {
            if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
                bail!("a key's name has 1 to {NAME_MAX} octets: say what it is for, as in `shop`");
            }
            let business = place.business()?;
            let year = now.to_zoned(TimeZone::UTC).checked_add(1.year())?.timestamp();
            scopes.sort_unstable();
            scopes.dedup();
            let token = Token::generate();
            let key = Key {
                id: token.id.clone(),
                controller: whose.find(&business)?.id.clone(),
                name,
                scopes,
                created_at: now,
                expires_at: (!forever).then_some(expires.unwrap_or(year)),
                revoked_at: None,
                last_used_at: None,
            };
            if !key.is_valid(now) {
                bail!("the key would have ended before it began: name a later time");
            }
            store::add(&db, &key, &token).await?;
            say(format!("token: {}", token.reveal()))?;
            remark("the token is kept as a hash only and never shown again");
        }
        Command::Revoke { id } => {
            if !store::revoke(&db, now, &id).await? {
                bail!("there is no key `{id}` that counts: see `souhlas api-key list`");
            }
            say(format!("key `{id}` is revoked"))?;
        }
        Command::List => list(now, &store::list(&db).await?)?,
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn list(now: Timestamp, keys: &[Key]) -> anyhow::Result<()> {
    let mut table = Table::new(&["ID", "CONTROLLER", "NAME", "SCOPES", "STATE", "LAST USED"]);
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    for key in keys {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", day(at)),
            (None, Some(at)) if !key.is_valid(now) => format!("expired {}", day(at)),
            (None, Some(at)) => format!("until {}", day(at)),
            (None, None) => "for ever".to_owned(),
        };
        let used =
            key.last_used_at.map_or("never".to_owned(), |at| at.strftime("%F %H:%MZ").to_string());
        let scopes = scopes.join(" ");
        table.row([&key.id, &key.controller, &key.name, &scopes, &state, &used]);
    }
    if table.is_empty() {
        remark("there is no key: add one with `souhlas api-key add NAME --scope contacts:write`");
        return Ok(());
    }
    say(table)
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::parse(word).ok_or_else(|| {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("write one of {}", known.join(", "))
    })
}

/// Octets.
const NAME_MAX: usize = 64;
