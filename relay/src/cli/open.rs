//! Opens what commands work with: the two files, the database, the installation's secret.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::remark;
use crate::{
    at_rest,
    config::{Business, Complaint, Config},
    consent::Consent,
    db::Db,
    owned,
    seal::Secret,
};

/// Where the configuration stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub folder: PathBuf,
}

/// The database with the secret that finds addresses in it.
pub(super) struct Store {
    pub db: Db,
    pub secret: Secret,
}

impl Store {
    /// The consent store, with events of this process on a chain of its own.
    pub(super) fn consent(&self) -> Consent {
        Consent::new(self.db.clone(), self.secret.clone(), "cli")
    }
}

impl Place {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn config(&self) -> anyhow::Result<Config> {
        told(Config::load(&self.folder))
    }

    pub(super) fn business(&self) -> anyhow::Result<Business> {
        told(Business::load(&self.folder))
    }

    pub(super) async fn consent(&self) -> anyhow::Result<Consent> {
        Ok(self.store(&self.config()?).await?.consent())
    }

    /// Opens database and secret, making both where the relay never ran.
    pub(super) async fn store(&self, config: &Config) -> anyhow::Result<Store> {
        owned::folder(&config.data)
            .with_context(|| format!("cannot make the folder `{}`", config.data.display()))?;
        let (secret, is_new) = Secret::open_or_create(&config.secret_file)?;
        if is_new {
            let file = config.secret_file.display();
            remark(format!("made the installation's secret `{file}`: keep a copy of it"));
        }
        let db = Db::open(config.database.reveal()).await.context("cannot open the database")?;
        at_rest::bind(&db, &secret).await?;
        Ok(Store { db, secret })
    }
}

/// Says every complaint, then fails with their count.
pub(super) fn told<T>(read: Result<T, Vec<Complaint>>) -> anyhow::Result<T> {
    match read {
        Ok(value) => Ok(value),
        Err(complaints) => {
            complaints.iter().for_each(remark);
            match complaints.len() {
                1 => bail!("one thing is wrong in the configuration"),
                many => bail!("{many} things are wrong in the configuration"),
            }
        }
    }
}
