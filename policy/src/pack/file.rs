//! The pack files: several versions of one pack in one TOML file. A version says what it changes
//! in the one before it; what it leaves unsaid holds on.
//!
//! Reading text is all that happens here; which version holds is the business of [`Pack`].

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::{Pack, Terms};
use crate::{Country, Language};

/// The files that come with the program.
pub(super) static SHIPPED: [&str; 10] = [
    include_str!("../packs/cz.toml"),
    include_str!("../packs/sk.toml"),
    include_str!("../packs/eu.toml"),
    include_str!("../packs/de.toml"),
    include_str!("../packs/at.toml"),
    include_str!("../packs/pl.toml"),
    include_str!("../packs/uk.toml"),
    include_str!("../packs/us.toml"),
    include_str!("../packs/ca.toml"),
    include_str!("../packs/au.toml"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    id: String,
    country: String,
    adjective: String,
    language: String,
    time_zone: String,
    version: Vec<Version>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Version {
    effective_from: String,
    effective_to: Option<String>,
    #[serde(flatten)]
    terms: toml::Table,
}

/// Every version in the file, in the order of the file. The error says what is wrong where.
pub(super) fn read(text: &str) -> Result<Vec<Pack>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let country = match file.country.as_bytes() {
        [first, second] => Country([*first, *second]),
        _ => return Err(format!("`{}` is not a country: write two letters", file.country)),
    };
    let language = match file.language.as_str() {
        "cs" => Language::Czech,
        "sk" => Language::Slovak,
        "en" => Language::English,
        "de" => Language::German,
        "pl" => Language::Polish,
        other => return Err(format!("`{other}` is not a language: write cs, sk, en, de or pl")),
    };
    let zone = TimeZone::get(&file.time_zone).map_err(|error| error.to_string())?;
    let mut holds = toml::Table::new();
    file.version
        .into_iter()
        .map(|version| {
            let effective_to =
                version.effective_to.map(|date| start_of(&date, &zone)).transpose()?;
            lay_over(&mut holds, version.terms);
            let terms = holds.clone();
            Ok(Pack {
                id: file.id.clone(),
                country,
                adjective: file.adjective.clone(),
                language,
                time_zone: zone.clone(),
                effective_from: start_of(&version.effective_from, &zone)?,
                effective_to,
                version: version.effective_from,
                terms: Terms::deserialize(terms).map_err(|error| error.to_string())?,
            })
        })
        .collect()
}

/// Key by key of each section.
fn lay_over(holds: &mut toml::Table, changes: toml::Table) {
    for (section, values) in changes {
        match (holds.get_mut(&section), values) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => old.extend(new),
            (_, new) => {
                holds.insert(section, new);
            }
        }
    }
}

fn start_of(date: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let day: Date = date.parse().map_err(|error| format!("`{date}`: {error}"))?;
    let start = day.to_zoned(zone.clone()).map_err(|error| format!("`{date}`: {error}"))?;
    Ok(start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_pack_reads() {
        for text in SHIPPED {
            let versions = read(text).unwrap();
            assert!(!versions.is_empty());
            for pair in versions.windows(2) {
                assert_eq!(pair[0].effective_to, Some(pair[1].effective_from), "{}", pair[0].id);
            }
            assert_eq!(versions.last().unwrap().effective_to, None);
        }
    }

    #[test]
    fn every_parameter_says_where_it_comes_from() {
        for pack in Pack::builtin() {
            let terms = toml::Table::try_from(&pack.terms).unwrap();
            let mut keys: Vec<String> = terms
                .iter()
                .filter(|(section, _)| *section != "law")
                .flat_map(|(section, values)| {
                    let values = values.as_table().unwrap();
                    values.keys().map(move |key| format!("{section}.{key}"))
                })
                .collect();
            // What a law does not fix is cited too: why there is no limit.
            keys.extend(OPTIONAL.map(str::to_owned));
            keys.sort();
            keys.dedup();
            let cited: Vec<String> = pack.terms.law.keys().cloned().collect();
            assert_eq!(cited, keys, "{} {}", pack.id, pack.version);
        }
    }

    const OPTIONAL: [&str; 7] = [
        "consent.max-age",
        "exemption.charities-since",
        "exemption.enquiries",
        "exemption.max-age",
        "exemption.national-list",
        "identity.valid-for",
        "label.adult-prefix",
    ];

    #[test]
    fn every_source_of_a_parameter_is_a_known_citation() {
        for pack in Pack::builtin() {
            for (key, sources) in &pack.terms.law {
                assert!(!sources.is_empty(), "{} {key}", pack.id);
                for source in sources {
                    let known = crate::law::find(source).is_some();
                    assert!(known || source == "choice", "{} {key}: {source}", pack.id);
                }
            }
        }
    }
}
