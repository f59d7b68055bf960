//! `souhlas demo`: a relay in a temporary folder, a thousand contacts, and one message of each kind
//! over real SMTP. Nothing leaves the machine.

mod row;
mod sample;
mod submit;

use std::{net::SocketAddr, path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use policy::LinkKind;
use uuid::Uuid;

use self::sample::SAMPLES;
use super::{
    open::told,
    remark, say,
    serve::{Signals, Watched},
    table::Table,
};
use crate::{
    at_rest,
    config::{Business, Config},
    consent::{Consent, import, link::Maker},
    db::Db,
    judge::with_crlf,
    owned,
    seal::Secret,
    serve::{self, Relay},
};

#[derive(Args, Debug)]
pub(super) struct Demo {
    /// End after the table
    #[arg(long)]
    once: bool,
}

pub(super) async fn run(ask: Demo) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new().prefix("souhlas-demo-").tempdir()?;
    let home = folder.path();
    std::fs::write(home.join("policy.toml"), POLICY)?;
    let config = told(Config::read("demo's relay.toml", &relay_toml(home)))?;
    let policy = Watched::new(home);
    let business = told(Business::load(home))?;
    prepare(&config, home).await?;
    let relay = serve::start(config, business, home.to_owned()).await?;
    let smtp = relay.smtp.first().context("the demo has a listener")?.1;
    say(table(&relay, home, smtp).await?)?;
    say("")?;
    captured(home, EXPECTED).await?;
    if ask.once {
        relay.stop(GRACE).await;
        return Ok(ExitCode::SUCCESS);
    }
    let signals = Signals::listen()?;
    guide(&relay, smtp, home)?;
    signals.until_stopped(&relay, policy).await;
    relay.stop(GRACE).await;
    Ok(ExitCode::SUCCESS)
}

/// Purposes, people and a thousand contacts, before the relay starts.
async fn prepare(config: &Config, home: &Path) -> anyhow::Result<()> {
    owned::folder(&config.data)?;
    let (secret, _) = Secret::open_or_create(&config.secret_file)?;
    let db = Db::open(config.database.reveal()).await?;
    at_rest::bind(&db, &secret).await?;
    let consent = Consent::new(db.clone(), secret, "demo");
    let now = Timestamp::now();
    sample::purposes(&consent, now).await?;
    sample::people(&consent, now).await?;
    let file = home.join("contacts.csv");
    std::fs::write(&file, sample::contacts_csv())?;
    let plan = import::Plan {
        controller: "zahrada".to_owned(),
        format: None,
        purposes: import::Mapping::all("zahrada-novinky"),
        origin: import::Origin::Own,
        source: "the demo's contacts".to_owned(),
        attested_by: "the demo".to_owned(),
        from: None,
        status: None,
        only: None,
        zone: jiff::tz::TimeZone::UTC,
        actor: "demo".to_owned(),
        rejects: None,
        dry_run: false,
    };
    let counts = import::import(&consent, &|| now, &file, &plan, |_| {}).await?.counts;
    remark(format!("{} contacts with their consents are in the store", counts.new_contacts + 8));
    db.close().await;
    Ok(())
}

/// Submits every message and says what became of it.
async fn table(relay: &Relay, home: &Path, smtp: SocketAddr) -> anyhow::Result<Table> {
    let business = told(Business::load(home))?;
    let mut table = Table::new(&["MESSAGE", "RECIPIENT", "VERDICT", "RULE", "LAW", "EDITED"]);
    for sample in &SAMPLES {
        if sample.store_silent {
            silence(&relay.db, true).await?;
        }
        let message = with_crlf(sample.text.as_bytes());
        let reply = submit::submit(smtp, sample.from, sample.to, &message).await;
        if sample.store_silent {
            silence(&relay.db, false).await?;
        }
        let row::Row { verdict, rule, law, edited } =
            row::of(relay, &business, sample, &reply?).await?;
        let recipient = sample.to.strip_suffix("@posta.example").unwrap_or(sample.to);
        table.row([sample.about, recipient, &verdict, &rule, &law, &edited]);
    }
    Ok(table)
}

/// Takes the consent store's answers away, or gives them back: a table has another name meanwhile.
async fn silence(db: &Db, is_silent: bool) -> anyhow::Result<()> {
    let sql = if is_silent {
        "ALTER TABLE grant_now RENAME TO grant_away"
    } else {
        "ALTER TABLE grant_away RENAME TO grant_now"
    };
    let mut tx = db.begin().await?;
    tx.run(sql, Vec::new()).await?;
    Ok(tx.commit().await?)
}

/// Waits until the capturing next hop has written what was sent on.
async fn captured(home: &Path, wanted: usize) -> anyhow::Result<()> {
    let folder = home.join("captured");
    let is_message =
        |file: &std::fs::DirEntry| file.path().extension().is_some_and(|is| is == "eml");
    let count =
        || std::fs::read_dir(&folder).map_or(0, |files| files.flatten().filter(is_message).count());
    for _ in 0..100 {
        if count() >= wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    say(format!("{} messages were sent on: see {}", count(), folder.display()))
}

fn guide(relay: &Relay, smtp: SocketAddr, home: &Path) -> anyhow::Result<()> {
    let business = told(Business::load(home))?;
    if let (Some(stream), Ok(jana)) =
        (business.stream("zahrada-novinky"), policy::Address::parse("jana.novakova@posta.example"))
    {
        let maker = Maker::new(&format!("http://{}", relay.web), relay.secret.clone());
        let key = relay.secret.address_key(&stream.controller.id, &jana);
        let link =
            maker.link(&LinkKind::Unsubscribe, stream, key, Uuid::now_v7(), Timestamp::now());
        say(format!("Jana's unsubscribe page:  {link}"))?;
    }
    say(format!("JSON API:                 http://{}", relay.api))?;
    if let Some(link) = &relay.first_account {
        say(format!("Console:                  {link}"))?;
    }
    say(format!("metrics:                  http://{}/metrics", relay.ops))?;
    say("send one of your own:")?;
    say(format!(
        "  swaks --server {smtp} --from novinky@zahrada.example --to adam.adamec@posta.example \\\n    \
         --h-From 'Zahrada <novinky@zahrada.example>' --header 'Subject: Slevy na jaro' --body 'Dobrý den.'"
    ))?;
    say("stop with Ctrl-C; everything goes away with it")
}

fn relay_toml(home: &Path) -> String {
    let data = home.display();
    format!(
        r#"hostname = "souhlas.localhost"
data = "{data}"
database = "sqlite:{data}/souhlas.db"
[[listener]]
name = "demo"
address = "127.0.0.1:0"
[listener.trusted]
networks = ["127.0.0.0/8"]
login = "local"
senders = ["@zahrada.example", "@hory.example", "@potok.example"]
[delivery.otherwise]
next-hop = "capture"
folder = "{data}/captured"
[web]
address = "127.0.0.1:0"
url = "https://souhlas.localhost"
ops-address = "127.0.0.1:0"
api-address = "127.0.0.1:0"
console-address = "127.0.0.1:0"
"#
    )
}

const POLICY: &str = include_str!("../../../../config/policy.toml");
const GRACE: Duration = Duration::from_secs(10);
/// So many of the samples are sent on.
const EXPECTED: usize = 7;
