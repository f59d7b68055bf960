//! `souhlas account`: who works with the console. What is set here is set without signing in: whoever
//! has the machine has it all.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::Timestamp;

use super::{arguments::language, open::Place, remark, say, table::Table};
use crate::{
    config::Business,
    staff::{Account, By, Changed, Held, New, Purpose, Rights, Role, Staff, Token},
    web::console::link,
    words::Words,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an account and print the one-time link by which its owner chooses a password
    Add {
        /// 1 to 64 of `a-z 0-9 . _ + - @`
        name: String,
        /// What it may do: admin, reviewer, dpo, auditor, sender; `reviewer:shop` for one controller;
        /// may be repeated
        #[arg(long = "role", required = true, value_parser = held, value_name = "ROLE")]
        roles: Vec<Held>,
        /// A login of a mailing tool whose messages are its own, for the role sender; may be repeated
        #[arg(long = "login", value_name = "NAME")]
        logins: Vec<String>,
        /// Where its owner gets mail
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// The language of its pages: cs, sk or en
        #[arg(long, value_parser = language, default_value = "en")]
        language: policy::Language,
    },
    /// List all accounts
    List,
    /// Disable an account: it cannot sign in, and its sessions end at once
    Disable { name: String },
    /// Take that back
    Enable { name: String },
    /// Print a one-time link for a new password
    Reset {
        name: String,
        /// Forget the second factor, too: its owner has lost app and recovery codes
        #[arg(long)]
        second_factor: bool,
    },
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let store = place.store(&config).await?;
    let console = config.web.console.clone();
    let staff = Staff::new(store.db.clone(), store.secret.clone(), console.clone());
    let (now, by) = (Timestamp::now(), By::command_line());
    match command {
        Command::Add { name, roles, logins, email, language } => {
            check(&place.business()?, &roles)?;
            let language = Words::of(language).lang.to_owned();
            let rights = Rights { held: roles, logins };
            let new = New { name: name.clone(), email, language, rights };
            match staff.add_account(now, &by, &new).await? {
                Ok(id) => {
                    let token = staff.make_link(now, &by, id, Purpose::Password).await?;
                    shown(&link(&console, &reveal(token, &name)?))?;
                }
                Err(fault) => done(&name, fault)?,
            }
        }
        Command::Reset { name, second_factor } => {
            let purpose =
                if second_factor { Purpose::PasswordAndFactor } else { Purpose::Password };
            let account = find(&staff, &name).await?;
            let token = staff.make_link(now, &by, account.id, purpose).await?;
            shown(&link(&console, &reveal(token, &name)?))?;
        }
        Command::Disable { name } => {
            let id = find(&staff, &name).await?.id;
            done(&name, staff.set_disabled(now, &by, id, true).await?)?;
            say(format!("account `{name}` is disabled"))?;
        }
        Command::Enable { name } => {
            let id = find(&staff, &name).await?.id;
            done(&name, staff.set_disabled(now, &by, id, false).await?)?;
            say(format!("account `{name}` is enabled"))?;
        }
        Command::List => list(&staff.accounts().await?)?,
    }
    store.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn find(staff: &Staff, name: &str) -> anyhow::Result<Account> {
    let found = staff.account_named(name).await?;
    found.with_context(|| format!("there is no account `{name}`: see `souhlas account list`"))
}

fn check(business: &Business, roles: &[Held]) -> anyhow::Result<()> {
    for held in roles {
        let Some(id) = &held.controller else { continue };
        if held.role == Role::Sender {
            bail!("the role `sender` is about logins, not controllers: write `--login`");
        }
        if business.controller(id).is_none() {
            bail!("there is no controller `{id}` in policy.toml");
        }
    }
    Ok(())
}

fn reveal(token: Option<Token>, name: &str) -> anyhow::Result<String> {
    let token = token.with_context(|| {
        format!("account `{name}` is disabled: `souhlas account enable` takes that back")
    })?;
    Ok(token.reveal())
}

fn shown(link: &str) -> anyhow::Result<()> {
    say(format!("link: {link}"))?;
    remark("hand it over on a way that nobody else reads: it works once, for 24 hours");
    Ok(())
}

fn list(accounts: &[Account]) -> anyhow::Result<()> {
    let mut table = Table::new(&["NAME", "ROLES", "STATE", "SECOND FACTOR", "LAST SIGN-IN"]);
    for account in accounts {
        let roles: Vec<String> = account.rights.held.iter().map(ToString::to_string).collect();
        let state = match account {
            Account { disabled_at: Some(_), .. } => "disabled",
            Account { has_password: false, .. } => "invited",
            Account { .. } => "active",
        };
        let last = account.last_sign_in_at;
        let last = last.map_or("never".to_owned(), |at| at.strftime("%F %H:%MZ").to_string());
        table.row([
            account.name.clone(),
            roles.join(" "),
            state.to_owned(),
            if account.has_factor { "yes" } else { "no" }.to_owned(),
            last,
        ]);
    }
    if table.is_empty() {
        remark(
            "there is no account: `souhlas serve` prints a link to the first one, or add one with \
             `souhlas account add NAME --role admin`",
        );
        return Ok(());
    }
    say(table)
}

fn done(name: &str, changed: Changed) -> anyhow::Result<()> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Unknown => bail!("there is no account `{name}` any more"),
        Changed::Taken => bail!("there is an account `{name}` already: choose another name"),
        Changed::NameWrong => bail!(
            "`{name}`: a name is 1 to 64 of `a-z 0-9 . _ + - @` and begins with a letter or digit"
        ),
        Changed::LastAdmin => {
            bail!("nobody would be left who may change accounts: add another admin first")
        }
    }
}

fn held(text: &str) -> Result<Held, String> {
    Held::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("write one of {}, or `reviewer:shop` for one controller", known.join(", "))
    })
}
