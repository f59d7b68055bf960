//! The demo's messages and contacts: invented, and one of each kind.

use jiff::{Span, Timestamp, tz::TimeZone};
use policy::{Basis, Method, Purpose, Relation, RelationKind, Scope, Source, Validity};

use crate::consent::{Consent, NewGrant, Proof, Who};

/// One message of the demo.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub about: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    /// With LF line ends, as a file has them.
    pub text: &'static str,
    /// Sent while the consent store does not answer.
    pub store_silent: bool,
}

macro_rules! sample {
    ($about:literal, $from:literal, $to:literal, $file:literal) => {
        Sample {
            about: $about,
            from: $from,
            to: $to,
            text: include_str!(concat!("../../../demo/", $file, ".eml")),
            store_silent: false,
        }
    };
}

const NEWS: &str = "novinky@zahrada.example";

pub(super) const SAMPLES: [Sample; 19] = [
    sample!(
        "newsletter, all in order",
        "novinky@zahrada.example",
        "jana.novakova@posta.example",
        "untouched"
    ),
    sample!(
        "newsletter without a label",
        "novinky@zahrada.example",
        "jana.novakova@posta.example",
        "label"
    ),
    sample!(
        "offer without identity and link",
        "novinky@zahrada.example",
        "petr.svoboda@posta.example",
        "footer"
    ),
    sample!(
        "Slovak offer, nothing in it",
        "novinky@hory.example",
        "lucia.kovacova@posta.example",
        "slovak"
    ),
    sample!(
        "order confirmation after a refusal",
        "objednavky@zahrada.example",
        "karel.dvorak@posta.example",
        "order"
    ),
    sample!(
        "new terms, customer who refused",
        "provoz@zahrada.example",
        "karel.dvorak@posta.example",
        "notice"
    ),
    sample!(
        "association to its members",
        "spolek@potok.example",
        "vaclav.benes@posta.example",
        "members"
    ),
    sample!(
        "newsletter after a refusal",
        "novinky@zahrada.example",
        "karel.dvorak@posta.example",
        "refused"
    ),
    sample!(
        "newsletter to a stranger",
        "novinky@zahrada.example",
        "nikdo.neznamy@posta.example",
        "unknown"
    ),
    sample!(
        "newsletter, consent ran out",
        "novinky@zahrada.example",
        "marie.cerna@posta.example",
        "expired"
    ),
    sample!(
        "newsletter to a bought address",
        "novinky@zahrada.example",
        "obchod@firma.example",
        "bought"
    ),
    sample!(
        "customer of other goods",
        "novinky@zahrada.example",
        "tomas.prochazka@posta.example",
        "other-goods"
    ),
    sample!(
        "Slovak customer, too long ago",
        "novinky@hory.example",
        "zuzana.horakova@posta.example",
        "too-old"
    ),
    sample!(
        "recipients see each other",
        "novinky@zahrada.example",
        "jana.novakova@posta.example",
        "exposed"
    ),
    sample!(
        "PGP signed, edit needed",
        "novinky@zahrada.example",
        "jana.novakova@posta.example",
        "sealed"
    ),
    sample!(
        "parcel notice that advertises",
        "zasilky@zahrada.example",
        "jana.novakova@posta.example",
        "mismatch"
    ),
    sample!(
        "template tag left in",
        "novinky@zahrada.example",
        "jana.novakova@posta.example",
        "placeholder"
    ),
    sample!(
        "foreign sender address",
        "odesilani@hory.example",
        "jana.novakova@posta.example",
        "hidden-sender"
    ),
    Sample {
        about: "consent store does not answer",
        from: NEWS,
        to: "jana.novakova@posta.example",
        text: include_str!("../../../demo/untouched.eml"),
        store_silent: true,
    },
];

/// A thousand contacts as a file that `souhlas import` takes.
pub(super) fn contacts_csv() -> String {
    let mut csv = String::from("email;datum\n");
    for (at, (first, last)) in
        FIRST.iter().flat_map(|first| LAST.iter().map(move |last| (first, last))).enumerate()
    {
        let (month, day) = (at % 6 + 1, at % 28 + 1);
        csv.push_str(&format!("{first}.{last}@posta.example;2026-{month:02}-{day:02}\n"));
    }
    csv
}

pub(super) async fn purposes(consent: &Consent, now: Timestamp) -> anyhow::Result<()> {
    for (id, controller, name) in [
        ("zahrada-novinky", "zahrada", "Novinky a nabídky pro zahradu"),
        ("hory-novinky", "hory", "Novinky pre turistov"),
    ] {
        let validity = Validity::Fixed(Span::new().years(3));
        let purpose = Purpose::new(controller, id, name, Basis::Consent, validity);
        consent.purpose_add(now, &purpose, "demo").await?;
    }
    Ok(())
}

/// Those whom the messages are for.
pub(super) async fn people(consent: &Consent, now: Timestamp) -> anyhow::Result<()> {
    let desk = People { consent, now };
    desk.grant("jana.novakova", "zahrada-novinky", 4, Source::Own).await?;
    desk.grant("marie.cerna", "zahrada-novinky", 40, Source::Own).await?;
    desk.grant("lucia.kovacova", "hory-novinky", 5, Source::Own).await?;
    desk.grant("obchod@firma.example", "zahrada-novinky", 1, Source::Purchased).await?;
    desk.bought("petr.svoboda", "zahrada", 5, "naradi").await?;
    desk.bought("tomas.prochazka", "zahrada", 5, "nabytek").await?;
    desk.bought("zuzana.horakova", "hory", 14, "turistika").await?;
    desk.bought("karel.dvorak", "zahrada", 2, "semena").await?;
    let who = who("zahrada", "karel.dvorak")?;
    consent.refuse(now, &who, &Scope::Everything, &desk.proof(1)?).await?;
    Ok(())
}

struct People<'a> {
    consent: &'a Consent,
    now: Timestamp,
}

impl People<'_> {
    async fn grant(
        &self,
        name: &str,
        purpose: &str,
        months_ago: i64,
        source: Source,
    ) -> anyhow::Result<()> {
        let proof = self.proof(months_ago)?;
        let grant = NewGrant {
            purpose: purpose.to_owned(),
            from: proof.at,
            until: None,
            method: Method::Form,
            source,
            confirmed_at: None,
            age_declared: false,
            lifts_refusal: false,
        };
        let controller = purpose.split('-').next().unwrap_or_default();
        let who = who(controller, name)?;
        self.consent.grant(self.now, &TimeZone::UTC, &who, &grant, &proof).await?;
        Ok(())
    }

    async fn bought(
        &self,
        name: &str,
        controller: &str,
        months_ago: i64,
        category: &str,
    ) -> anyhow::Result<()> {
        let proof = self.proof(months_ago)?;
        let relation = Relation {
            kind: RelationKind::Purchase,
            at: proof.at,
            ended_at: Some(proof.at),
            categories: vec![category.to_owned()],
            wide_assortment: false,
            objection_offered: true,
            event: String::new(),
        };
        self.consent
            .relate(self.now, &TimeZone::UTC, &who(controller, name)?, &relation, &proof)
            .await?;
        Ok(())
    }

    fn proof(&self, months_ago: i64) -> anyhow::Result<Proof> {
        let then = self.now.to_zoned(TimeZone::UTC).checked_sub(Span::new().months(months_ago))?;
        let evidence = serde_json::json!({ "note": "demo" });
        Ok(Proof { actor: "demo".to_owned(), at: then.timestamp(), evidence })
    }
}

/// A whole address, or the part before `@posta.example`.
fn who(controller: &str, name: &str) -> anyhow::Result<Who> {
    let address =
        if name.contains('@') { name.to_owned() } else { format!("{name}@posta.example") };
    let address = policy::Address::parse(&address).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    Ok(Who::address(controller, address))
}

const FIRST: [&str; 32] = [
    "adam",
    "barbora",
    "cyril",
    "dana",
    "eliska",
    "filip",
    "gabriela",
    "hana",
    "igor",
    "jitka",
    "kamil",
    "lenka",
    "michal",
    "natalie",
    "ondrej",
    "pavla",
    "radek",
    "simona",
    "tadeas",
    "ursula",
    "viktor",
    "zdenka",
    "ales",
    "bohumil",
    "denisa",
    "emil",
    "frantisek",
    "iveta",
    "jakub",
    "klara",
    "lubos",
    "monika",
];

const LAST: [&str; 32] = [
    "adamec", "bartos", "cech", "dolezal", "fiala", "gregor", "hajek", "chalupa", "janda",
    "kadlec", "kolar", "kopecky", "kral", "kubat", "macha", "marek", "nemec", "novotny", "pokorny",
    "pospisil", "ruzicka", "sedlak", "simek", "soukup", "stastny", "sykora", "urban", "vacek",
    "vanek", "vlcek", "zeman", "zima",
];
