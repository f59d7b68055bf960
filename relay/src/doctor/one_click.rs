//! Whether the links in messages lead to this relay: a GET shows a page and changes nothing, a POST
//! (RFC 8058) arrives. The link asked with is of nobody: its key is of an address that cannot be.

use jiff::Timestamp;
use policy::{Address, UnsubscribeScope};
use uuid::Uuid;

use super::{Finding, Subject, World};
use crate::{
    consent::{
        Lookup,
        link::{Kind, Link},
    },
    http::Answer,
    seal::{AddressKey, Secret},
};

const CHECK: &str = "one-click";

/// What it is asked with.
#[derive(Debug)]
pub struct OneClick {
    /// The public base of the pages, without a slash at its end.
    url: String,
    link: String,
    key: AddressKey,
    lookup: Lookup,
}

impl OneClick {
    /// `None` where the address of nobody cannot be made, which is never.
    pub fn new(url: &str, secret: &Secret, lookup: Lookup, now: Timestamp) -> Option<Self> {
        let nobody = Address::parse("nobody@doctor.invalid").ok()?;
        let key = secret.address_key(CONTROLLER, &nobody);
        let link = Link {
            kind: Kind::Unsubscribe,
            controller: CONTROLLER.to_owned(),
            purpose: String::new(),
            scope: UnsubscribeScope::Everything,
            key,
            message: Uuid::now_v7(),
            issued_at: now,
        };
        let link = format!("{url}/u/{}", link.seal(secret));
        Some(Self { url: url.to_owned(), link, key, lookup })
    }

    async fn refused(&self) -> Option<bool> {
        let answer = self.lookup.answer(vec![self.key], false).await.ok()?;
        Some(answer.records.iter().any(|record| !record.standing.refusals.is_empty()))
    }
}

pub(super) async fn look(subject: &Subject, world: &World) -> Vec<Finding> {
    let Some(own) = &subject.one_click else {
        let found = "the relay has no public address, so it makes no links";
        return vec![Finding::fail(CHECK, found, "set `url` under [web] in relay.toml")];
    };
    vec![get(own, world).await, post(own, world).await]
}

async fn get(own: &OneClick, world: &World) -> Finding {
    let url = &own.url;
    match ask(world, &own.link, false).await {
        Err(why) => fail(format!("{url}: {why}")),
        Ok(Answer { status: 200, .. }) => match own.refused().await {
            Some(false) => {
                Finding::ok(CHECK, format!("GET at {url} shows the page, and changes nothing"))
            }
            Some(true) => fail(format!("GET at {url} unsubscribes")),
            None => Finding::fail(
                CHECK,
                "the consent store did not answer, so what GET did is not known",
                "see `souhlas system`",
            ),
        },
        Ok(Answer { status, .. }) => {
            fail(format!("GET at {url}/u/... answers {status}: this relay's page answers 200"))
        }
    }
}

/// What is no link is nothing to both, and looks the same: a proxy that lets only GET pass does not.
async fn post(own: &OneClick, world: &World) -> Finding {
    let url = &own.url;
    let nothing = format!("{url}/u/nothing");
    let (get, post) = (ask(world, &nothing, false).await, ask(world, &nothing, true).await);
    match (get, post) {
        (Ok(get), Ok(post)) if post.status == 404 && get.body == post.body => {
            Finding::ok(CHECK, format!("POST at {url} reaches the relay"))
        }
        (_, Ok(post)) => fail(format!(
            "POST at {url}/u/... answers {}: it does not reach the relay",
            post.status
        )),
        (_, Err(why)) => fail(format!("POST at {url}: {why}")),
    }
}

async fn ask(world: &World, url: &str, is_post: bool) -> Result<Answer, &'static str> {
    let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
    let body = is_post.then(|| "List-Unsubscribe=One-Click".to_owned());
    let headers = if is_post { vec![form] } else { Vec::new() };
    world.ask(url, &headers, body, PAGE_BYTES_MAX).await
}

fn fail(found: String) -> Finding {
    Finding::fail(
        CHECK,
        found,
        "have the proxy at that address pass GET and POST below /u/ to `address` under [web]",
    )
}

/// No controller has this id: ids are letters, digits and hyphens.
const CONTROLLER: &str = "(doctor)";
const PAGE_BYTES_MAX: usize = 256 << 10;
