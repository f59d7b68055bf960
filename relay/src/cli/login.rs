//! `souhlas login`: the SMTP credentials of mailing tools.

use std::{
    io::{BufRead, IsTerminal},
    process::ExitCode,
};

use anyhow::{anyhow, bail};
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{
    open::{Place, Store},
    remark, say,
    table::Table,
};
use crate::{
    db::Db,
    login::{
        Credential, Login, Mixed, Refusals, check_name, generate, sender_pattern,
        store::{self, Changed},
    },
    staff::{Act, By, Entry, Staff},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a login and print its password, or take one with --password-stdin
    Add {
        /// 1 to 64 of `a-z 0-9 . _ + - @`
        name: String,
        /// A sender it may use: `news@shop.cz`, `@shop.cz`, `@*.shop.cz`; may be repeated
        #[arg(long = "sender", required = true, value_name = "SENDER")]
        senders: Vec<String>,
        /// What the client sees when a recipient may not get the message
        #[arg(long, value_enum, default_value_t = RefusalsArg::Reply)]
        refusals: RefusalsArg,
        /// What happens when only some recipients may get it
        #[arg(long, value_enum, default_value_t = MixedArg::Split)]
        mixed: MixedArg,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all logins
    List,
    /// Remove a login
    Remove { name: String },
    /// Refuse its next message, also over connections that are open
    Suspend { name: String },
    /// Let a suspended login send again
    Resume { name: String },
    /// Give a login a new password and print it, or take one with --password-stdin
    Password {
        name: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RefusalsArg {
    /// 550 to the client
    Reply,
    /// 250, not sent, and a report to the sender
    Suppress,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum MixedArg {
    /// Send to those who may get it
    Split,
    /// Send to nobody
    Refuse,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let Store { db, secret } = place.store(&config).await?;
    let staff = Staff::new(db.clone(), secret, config.web.console.clone());
    let now = Timestamp::now();
    match command {
        Command::Add { name, senders, refusals, mixed, password_stdin } => {
            check_name(&name).map_err(|fault| anyhow!("`{name}`: {fault}"))?;
            let pattern = |sender: &String| {
                sender_pattern(sender).map_err(|fault| anyhow!("`{sender}`: {fault}"))
            };
            let senders = senders.iter().map(pattern).collect::<Result<_, _>>()?;
            let refusals = match refusals {
                RefusalsArg::Reply => Refusals::Reply,
                RefusalsArg::Suppress => Refusals::Suppress,
            };
            let mixed = match mixed {
                MixedArg::Split => Mixed::Split,
                MixedArg::Refuse => Mixed::Refuse,
            };
            let (password, credential) = password(password_stdin)?;
            let login = Login { name: name.clone(), senders, refusals, mixed };
            if store::add(&db, now, &login, &credential).await? == Changed::Not {
                bail!("there is a login `{name}` already: choose another name, or remove it first");
            }
            shown(&name, password.as_deref())?;
        }
        Command::Password { name, password_stdin } => {
            let (password, credential) = password(password_stdin)?;
            found(store::set_password(&db, now, &name, &credential).await?, &name)?;
            shown(&name, password.as_deref())?;
        }
        Command::Remove { name } => {
            found(store::remove(&db, &name).await?, &name)?;
            say(format!("login `{name}` is removed"))?;
        }
        Command::Suspend { name } => {
            found(store::set_disabled(&db, now, &name, true).await?, &name)?;
            let entry = Entry::new(Act::LoginSuspended, format!("login/{name}"));
            staff.note(now, &By::command_line(), &entry).await?;
            say(format!("login `{name}` is suspended; running relays know it within seconds"))?;
        }
        Command::Resume { name } => {
            found(store::set_disabled(&db, now, &name, false).await?, &name)?;
            let entry = Entry::new(Act::LoginResumed, format!("login/{name}"));
            staff.note(now, &By::command_line(), &entry).await?;
            say(format!("login `{name}` may send again"))?;
        }
        Command::List => list(&db).await?,
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list(db: &Db) -> anyhow::Result<()> {
    let mut table = Table::new(&["NAME", "SENDERS", "REFUSALS", "MIXED", "LAST USED"]);
    for stored in store::list(db).await? {
        let login = &stored.login;
        let used = stored.last_used_at.map(|at| at.strftime("%Y-%m-%d %H:00Z").to_string());
        table.row([
            login.name.clone(),
            login.senders.join(" "),
            match login.refusals {
                Refusals::Reply => "reply".to_owned(),
                Refusals::Suppress => "suppress".to_owned(),
            },
            match login.mixed {
                Mixed::Split => "split".to_owned(),
                Mixed::Refuse => "refuse".to_owned(),
            },
            if stored.disabled { "suspended".to_owned() } else { used.unwrap_or("never".into()) },
        ]);
    }
    if table.is_empty() {
        remark("there is no login: add one with `souhlas login add NAME --sender @shop.cz`");
    } else {
        say(table)?;
    }
    Ok(())
}

/// The password to print, where it was made here, and what is kept of it.
fn password(from_stdin: bool) -> anyhow::Result<(Option<String>, Credential)> {
    let (password, is_own) = if from_stdin {
        if std::io::stdin().is_terminal() {
            remark("type the password and press Enter; it is shown");
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        (line.trim_end_matches(['\r', '\n']).to_owned(), true)
    } else {
        (generate(), false)
    };
    let credential = Credential::of(&password).map_err(|fault| anyhow!("{fault}"))?;
    Ok((Some(password).filter(|_| !is_own), credential))
}

fn shown(name: &str, password: Option<&str>) -> anyhow::Result<()> {
    say(format!("login:    {name}"))?;
    if let Some(password) = password {
        say(format!("password: {password}"))?;
        remark("the password is kept as a hash only and never shown again");
    }
    Ok(())
}

fn found(changed: Changed, name: &str) -> anyhow::Result<()> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Not => bail!("there is no login `{name}`: see `souhlas login list`"),
    }
}
