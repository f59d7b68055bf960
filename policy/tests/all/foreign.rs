//! Invented businesses of other countries, each as its own law wants it named.

use jiff::tz::TimeZone;
use policy::{Controller, Country, Language};

/// An invented business of another country.
pub(crate) struct Foreign {
    tag: &'static str,
    country: &'static str,
    id: &'static str,
    name: &'static str,
    company_id: Option<&'static str>,
    seat: &'static str,
    register: Option<&'static str>,
    contact: &'static str,
    language: Language,
    zone: &'static str,
    domain: &'static str,
}

impl Foreign {
    pub(crate) fn controller(&self, other: Controller) -> Controller {
        Controller {
            id: self.id.into(),
            name: self.name.into(),
            company_id: self.company_id.map(Into::into),
            seat: Some(self.seat.into()),
            register: self.register.map(Into::into),
            contact: Some(self.contact.into()),
            country: Country(self.country.as_bytes().try_into().unwrap()),
            language: self.language,
            time_zone: TimeZone::get(self.zone).unwrap(),
            domains: vec![self.domain.into()],
            ..other
        }
    }
}

/// By the tag `controller=de`.
pub(crate) fn of(tag: &str) -> &'static Foreign {
    let found = ALL.iter().find(|one| one.tag == tag);
    found.unwrap_or_else(|| panic!("no controller is called {tag}"))
}

static ALL: [Foreign; 9] = [
    Foreign {
        tag: "sk",
        country: "SK",
        id: "zahrada",
        name: "Zelená záhrada, s. r. o.",
        company_id: Some("50123459"),
        seat: "Lipová 5, 811 02 Bratislava",
        register: Some(
            "Obchodný register Mestského súdu Bratislava III, oddiel: Sro, vložka č. 45678/B",
        ),
        contact: "info@zelenazahrada.sk",
        language: Language::Slovak,
        zone: "Europe/Bratislava",
        domain: "zelenazahrada.sk",
    },
    Foreign {
        tag: "de",
        country: "DE",
        id: "gruenwerk",
        name: "Grünwerk Pflanzenhandel GmbH",
        company_id: None,
        seat: "Ahornweg 12, 04299 Leipzig",
        register: Some("Amtsgericht Leipzig, HRB 99812"),
        contact: "post@gruenwerk.example",
        language: Language::German,
        zone: "Europe/Berlin",
        domain: "gruenwerk.example",
    },
    Foreign {
        tag: "at",
        country: "AT",
        id: "almkaffee",
        name: "Almkaffee Handels GmbH",
        company_id: None,
        seat: "Feldgasse 3, 4020 Linz",
        register: Some("FN 998127, Landesgericht Linz"),
        contact: "servus@almkaffee.example",
        language: Language::German,
        zone: "Europe/Vienna",
        domain: "almkaffee.example",
    },
    Foreign {
        tag: "pl",
        country: "PL",
        id: "ksiegarnia",
        name: "Księgarnia Pod Lipą sp. z o.o.",
        company_id: Some("9990001232"),
        seat: "ul. Lipowa 7, 31-001 Kraków",
        register: Some("KRS 0000999812, Sąd Rejonowy w Krakowie"),
        contact: "kontakt@podlipa.example",
        language: Language::Polish,
        zone: "Europe/Warsaw",
        domain: "podlipa.example",
    },
    Foreign {
        tag: "uk",
        country: "GB",
        id: "fernhill",
        name: "Fernhill Books Ltd",
        company_id: Some("09998121"),
        seat: "4 Mill Lane, Hexham NE46 1ZZ",
        register: None,
        contact: "hello@fernhill.example",
        language: Language::English,
        zone: "Europe/London",
        domain: "fernhill.example",
    },
    Foreign {
        tag: "us",
        country: "US",
        id: "cedar",
        name: "Cedar Street Coffee Inc.",
        company_id: None,
        seat: "99 Cedar Street, Springfield, OR 97477",
        register: None,
        contact: "hello@cedar.example",
        language: Language::English,
        zone: "America/New_York",
        domain: "cedar.example",
    },
    Foreign {
        tag: "ca",
        country: "CA",
        id: "maplelane",
        name: "Maple Lane Tools Ltd.",
        company_id: None,
        seat: "12 Maple Lane, Guelph, ON N1H 9Z9",
        register: None,
        contact: "hello@maplelane.example",
        language: Language::English,
        zone: "America/Toronto",
        domain: "maplelane.example",
    },
    Foreign {
        tag: "au",
        country: "AU",
        id: "wattle",
        name: "Wattle Seeds Pty Ltd",
        company_id: None,
        seat: "8 Wattle Road, Ballarat VIC 3350",
        register: None,
        contact: "hello@wattle.example",
        language: Language::English,
        zone: "Australia/Sydney",
        domain: "wattle.example",
    },
    // A member of the Union without a pack of its own.
    Foreign {
        tag: "fr",
        country: "FR",
        id: "lavande",
        name: "Lavande SARL",
        company_id: None,
        seat: "5 rue des Tilleuls, 26110 Nyons",
        register: None,
        contact: "bonjour@lavande.example",
        language: Language::English,
        zone: "Europe/Paris",
        domain: "lavande.example",
    },
];
