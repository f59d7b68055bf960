//! Which column holds what, by the names that mailing tools give them (compliance.md 4.1).

/// Positions of the columns that are understood; all others are kept as evidence.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub names: Vec<String>,
    pub address: usize,
    pub granted: Option<usize>,
    pub confirmed: Option<usize>,
    pub confirmed_from: Option<usize>,
    pub until: Option<usize>,
    pub status: Option<usize>,
    pub unsubscribed: Option<usize>,
    pub cleaned: Option<usize>,
    pub blocked: Option<usize>,
    /// All that name lists, tags or purposes.
    pub lists: Vec<usize>,
    pub country: Option<usize>,
    pub of_age: Option<usize>,
    pub wording: Option<usize>,
    /// Which column must say what for a line to count as a yes.
    pub only: Option<usize>,
}

impl Columns {
    /// `None`: no column holds an address. `only` is the name of a column of the person's choice.
    pub(super) fn find(header: &[String], only: Option<&str>) -> Option<Self> {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        // In the order of the names: the surest one wins, wherever it stands.
        let at = |wanted: &[&str]| {
            wanted.iter().find_map(|name| names.iter().position(|column| column == name))
        };
        let all = |wanted: &[&str]| {
            let named =
                names.iter().enumerate().filter(|(_, name)| wanted.contains(&name.as_str()));
            named.map(|(at, _)| at).collect()
        };
        Some(Self {
            names: header.to_vec(),
            address: at(ADDRESS)?,
            granted: at(GRANTED),
            confirmed: at(CONFIRMED),
            confirmed_from: at(&["confirmip", "doiip", "confirmedip"]),
            until: at(UNTIL),
            status: at(STATUS),
            unsubscribed: at(UNSUBSCRIBED),
            cleaned: at(&["cleantime"]),
            blocked: at(BLOCKED),
            lists: all(LISTS),
            country: at(COUNTRY),
            of_age: at(OF_AGE),
            wording: at(WORDING),
            only: only.and_then(|name| at(&[plain(name).as_str()])),
        })
    }
}

/// Letters and digits only, lower case.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a box is ticked. A word that is not understood is none.
pub(super) fn is_yes(text: &str) -> bool {
    matches!(
        plain(text).as_str(),
        "1" | "true" | "yes" | "y" | "x" | "on" | "ano" | "áno" | "ja" | "tak"
    )
}

const ADDRESS: &[&str] = &[
    "email",
    "emailaddress",
    "subscriberemail",
    "emailovaadresa",
    "emailováadresa",
    "mail",
    "adresa",
];
const GRANTED: &[&str] = &[
    "grantedat",
    "consentat",
    "consentdate",
    "consenttimestamp",
    "validfrom",
    "from",
    "optintime",
    "optindate",
    "timestampopt",
    "subscribedat",
    "timestampsignup",
    "datumsouhlasu",
    "datumsúhlasu",
    "datumregistrace",
    "registrationdate",
    "createdat",
    "created",
    "datum",
];
const CONFIRMED: &[&str] =
    &["doidate", "confirmtime", "confirmedat", "doubleoptin", "datumpotvrzení", "datumpotvrzeni"];
const OF_AGE: &[&str] =
    &["ofage", "agedeclared", "adult", "over18", "age18", "plnoletý", "plnolety", "plnoletost"];
const WORDING: &[&str] =
    &["wording", "consenttext", "consentwording", "textsouhlasu", "textsúhlasu", "textsuhlasu"];
const UNTIL: &[&str] = &["validto", "until", "validuntil", "expiresat", "platnostdo", "platnéodo"];
const STATUS: &[&str] = &["status", "state", "stav"];
const UNSUBSCRIBED: &[&str] = &[
    "unsubtime",
    "unsubscribedat",
    "unsubscribed",
    "unsubscribedate",
    "optouttime",
    "optoutdate",
    "datumodhlášení",
    "datumodhlaseni",
    "odhlášení",
    "odhlaseni",
];
const BLOCKED: &[&str] = &["blacklisted", "emailblacklisted", "blocklisted"];
const LISTS: &[&str] =
    &["listid", "contactlist", "contactlists", "lists", "list", "tags", "purposeid", "seznam"];
const COUNTRY: &[&str] = &["country", "countrycode", "cc", "země", "zeme", "krajina", "stát"];

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &[&str]) -> Option<Columns> {
        Columns::find(&header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), None)
    }

    #[test]
    fn the_names_of_well_known_exports_are_understood() {
        let mailchimp =
            find(&["First Name", "Email Address", "OPTIN_TIME", "CONFIRM_TIME", "CC"]).unwrap();
        assert_eq!((mailchimp.address, mailchimp.granted), (1, Some(2)));
        assert_eq!((mailchimp.confirmed, mailchimp.country), (Some(3), Some(4)));
        let ecomail = find(&["id", "E-mail", "Status", "doi_date"]).unwrap();
        assert_eq!((ecomail.address, ecomail.status, ecomail.confirmed), (1, Some(2), Some(3)));
        let words = find(&["email", "Of age", "Text souhlasu", "confirmed_at"]).unwrap();
        assert_eq!((words.of_age, words.wording, words.confirmed), (Some(1), Some(2), Some(3)));
        let czech = find(&["Jméno", "E-mailová adresa", "Datum souhlasu"]).unwrap();
        assert_eq!((czech.address, czech.granted), (1, Some(2)));
        assert!(find(&["name", "phone"]).is_none());
        let chosen = ["email", "Souhlas?"].map(str::to_owned);
        assert_eq!(Columns::find(&chosen, Some("souhlas")).unwrap().only, Some(1));
    }

    #[test]
    fn a_box_is_ticked_or_it_is_not() {
        for (text, ticked) in
            [("Ano", true), ("1", true), ("no", false), ("17", false), ("?", false)]
        {
            assert_eq!(is_yes(text), ticked, "{text}");
        }
    }
}
