//! What is valid and yet gets messages refused or held: for `souhlas check` and the log.
//!
//! Only what holds whatever the message says. Nothing is changed by it, and no warning is an error.

use std::path::Path;

use jiff::Timestamp;
use policy::{Address, Class, Controller, IdentityField, OnBroken, Pack, Stream, rules};

use super::{
    Business, Complaint, Config, Mapping,
    document::{Section, Sink},
};

impl Business {
    /// In the order of policy.toml, which is in `folder`.
    pub fn warnings(&self, folder: &Path, now: Timestamp) -> Vec<Complaint> {
        let name = folder.join("policy.toml").display().to_string();
        let sink = Sink::new(&name, &self.text);
        let table = sink.parse();
        let root = Section::root(&sink, table.get_ref());
        for (id, section) in root.named("controller") {
            if let Some(controller) = self.controller(&id.value) {
                self.identity(controller, &section, now);
            }
        }
        for (id, section) in root.named("stream") {
            let found = self.streams.iter().position(|one| one.stream.id == id.value);
            let (before, rest) = self.streams.split_at(found.unwrap_or(self.streams.len()));
            let Some(mapping) = rest.first() else { continue };
            self.senders(mapping, &section);
            if let Some(other) = before.iter().find(|other| is_same(other, mapping)) {
                warn(
                    &section,
                    "match",
                    &format!(
                        "stream `{}` matches the same messages and gets them, but for those that \
                         name this one in `Souhlas-Stream`: tell the two apart",
                        other.stream.id
                    ),
                );
            }
        }
        root.done();
        sink.into_complaints()
    }

    /// What a law asks every message to say of the controller, and nobody told.
    fn identity(&self, controller: &Controller, section: &Section<'_, '_>, now: Timestamp) {
        let streams = self.streams.iter().map(|mapping| &mapping.stream);
        let streams = streams.filter(|one| {
            one.controller.id == controller.id && self.keeps_back(one, "identity-missing")
        });
        let (any, commercial) =
            (streams.clone().count() > 0, streams.clone().any(|one| may_be_commercial(one)));
        let own = Pack::applying(&self.policy.packs, now, controller.country, None);
        let mut ids: Vec<&str> = self.policy.packs.iter().map(|pack| pack.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let packs = ids.iter().filter_map(|id| Pack::in_force(&self.policy.packs, id, now));
        let binding: Vec<&Pack> = packs
            .filter(|pack| commercial || any && pack.terms.identity.on_transactional)
            .collect();
        for field in FIELDS {
            let lacking =
                |pack: &&&Pack| policy::identity_unknown(controller, pack).contains(&field.0);
            let lacking: Vec<&&Pack> = binding.iter().filter(lacking).collect();
            let listed = |linked: bool| {
                let some = lacking.iter().filter(|one| one.terms.identity.link_is_enough == linked);
                some.map(|pack| pack.id.to_uppercase()).collect::<Vec<_>>().join(", ")
            };
            let (strict, linked) = (listed(false), listed(true));
            let is_own = |pack: &&&&Pack| own.iter().any(|own| own.id == pack.id);
            let own = lacking.iter().find(is_own);
            let mut who = Vec::new();
            if own.is_some_and(|own| !own.terms.identity.link_is_enough) {
                who.push("its messages are refused (identity-missing)".to_owned());
            } else {
                let to = |ids: &str| {
                    format!("messages to recipients in {ids} are refused (identity-missing)")
                };
                if !strict.is_empty() {
                    who.push(to(&strict));
                }
                if !linked.is_empty() {
                    who.push(format!("{} unless they link to it", to(&linked)));
                }
            }
            if who.is_empty() {
                continue;
            }
            let (who, write) = (who.join("; "), field.2);
            let what = format!("not written: {who}: write `{write}`");
            warn(section, field.1, &what);
        }
    }

    /// Senders that are not the controller's.
    fn senders(&self, mapping: &Mapping, section: &Section<'_, '_>) {
        let stream = &mapping.stream;
        let controller = &stream.controller;
        if !self.keeps_back(stream, "sender-hidden") || !may_be_commercial(stream) {
            return;
        }
        for pattern in &mapping.from {
            let domain = pattern.rsplit_once('@').map_or("", |(_, domain)| domain);
            let domain = domain.strip_prefix("*.").unwrap_or(domain);
            let Ok(address) = Address::parse(&format!("x@{domain}")) else { continue };
            let is_own = |own: &String| {
                let rest = address.domain().strip_suffix(own.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            };
            if !controller.domains.iter().any(is_own) {
                let what = format!(
                    "`{pattern}` is in no domain of controller `{}`, and its commercial messages \
                     are held (sender-hidden): add `{}` to its `domains`",
                    controller.id,
                    address.domain()
                );
                warn(section, "match.from", &what);
            }
        }
    }

    /// Where a message of the stream breaks the rule, that is not only noted.
    fn keeps_back(&self, stream: &Stream, rule: &str) -> bool {
        let asked = rules::find(rule).map(|rule| self.policy.on_broken_in(stream, rule));
        !matches!(asked, None | Some(OnBroken::Off | OnBroken::Report))
    }
}

/// Without a public address the relay makes no links.
pub fn no_links(folder: &Path, config: &Config, business: &Business) -> Option<Complaint> {
    let mut streams = business.streams.iter().map(|mapping| &mapping.stream);
    let commercial = streams.any(|stream| may_be_commercial(stream));
    (config.web.url.is_none() && commercial).then(|| Complaint {
        file: folder.join("relay.toml").display().to_string(),
        line: 0,
        column: 0,
        text: "warning: `[web]` has no `url`, so the relay makes no links: commercial messages \
               without a way of their own to unsubscribe are held (unsubscribe-missing)"
            .to_owned(),
    })
}

fn may_be_commercial(stream: &Stream) -> bool {
    stream.class.is_none_or(Class::is_commercial)
}

/// The second never gets what both match.
fn is_same(one: &Mapping, other: &Mapping) -> bool {
    let is_empty = one.logins.is_empty() && one.from.is_empty() && one.list_ids.is_empty();
    !is_empty
        && one.logins == other.logins
        && one.from == other.from
        && one.list_ids == other.list_ids
}

fn warn(section: &Section<'_, '_>, key: &str, what: &str) {
    let text = format!("warning: `{key}`: {what}");
    match section.place(key) {
        Some(at) => section.complain_at(at, text),
        None => section.complain_here(text),
    }
}

/// With its key and how it is written.
const FIELDS: [(IdentityField, &str, &str); 6] = [
    (IdentityField::CompanyId, "company-id", "company-id = \"...\""),
    (IdentityField::Seat, "seat", "seat = \"Street 1, 100 00 Town\""),
    (IdentityField::Register, "register", "register = \"...\""),
    (IdentityField::Representative, "representative", "representative = \"...\""),
    (IdentityField::VatId, "vat-id", "vat-id = \"...\""),
    (IdentityField::Contact, "contact", "contact = \"info@shop.example\""),
];

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../config/policy.toml");

    fn warnings(text: &str) -> Vec<String> {
        let business = Business::read("policy.toml", text).unwrap();
        let now = "2026-11-02T10:00:00Z".parse().unwrap();
        business.warnings(Path::new("c"), now).iter().map(ToString::to_string).collect()
    }

    fn policy(country: &str, stream: &str) -> String {
        format!(
            "[controller.a]\nname = \"A\"\nseat = \"B 1\"\ncountry = \"{country}\"\n\
             domains = [\"a.example\"]\n[stream.s]\ncontroller = \"a\"\n{stream}"
        )
    }

    #[test]
    fn what_ships_warns_of_nothing() {
        assert_eq!(warnings(SHIPPED), Vec::<String>::new());
    }

    #[test]
    fn a_missing_contact_names_whose_messages_are_refused() {
        let found = warnings(&policy("GB", "purpose = \"p\"\n"));
        assert_eq!(
            found,
            ["c/policy.toml:1:13: warning: `contact`: not written: messages to recipients in AU, \
              CA, EU, PL are refused (identity-missing); messages to recipients in AT, DE are refused \
              (identity-missing) unless they link to it: write `contact = \"info@shop.example\"`"]
        );
    }

    #[test]
    fn what_its_own_law_asks_for_concerns_all_its_messages() {
        let found = warnings(&policy("CZ", "purpose = \"p\"\n"));
        for (line, key) in found.iter().zip(["company-id", "contact", "register"]) {
            assert!(line.contains(&format!("`{key}`: not written: ")), "{found:?}");
            let all = line.contains("its messages are refused (identity-missing)");
            assert_eq!(all, key != "contact", "{line}");
        }
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn who_sends_nothing_commercial_needs_what_is_asked_of_every_message() {
        let found = warnings(&policy("GB", "class = \"transactional\"\n"));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("recipients in AU, CA are refused"), "{found:?}");
        assert_eq!(warnings(&policy("GB", "purpose = \"p\"\nreport-only = true\n")).len(), 0);
        let off = policy("GB", "purpose = \"p\"\n[rules]\nidentity-missing = \"report\"\n");
        assert_eq!(warnings(&off).len(), 0);
        let own =
            |set| format!("purpose = \"p\"\n[stream.s.rules]\nidentity-missing = \"{set}\"\n");
        assert_eq!(warnings(&policy("GB", &own("report"))).len(), 0);
        let held = policy("GB", &own("hold")) + "[rules]\nidentity-missing = \"off\"\n";
        assert_eq!(warnings(&held).len(), 1, "the stream's own setting counts");
    }

    #[test]
    fn a_sender_of_another_domain_is_found() {
        let text = "purpose = \"p\"\n[stream.s.match]\nfrom = [\"@a.example\", \
                    \"x@mail.a.example\", \"@*.a.example\", \"x@ba.example\"]\n";
        let found = warnings(&policy("GB", text).replace("name =", "contact = \"1\"\nname ="));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("c/policy.toml:11:1: warning: `match.from`: `x@ba.example` is ")
        );
        assert!(
            found[0].contains("(sender-hidden): add `ba.example` to its `domains`"),
            "{found:?}"
        );
    }

    #[test]
    fn of_two_streams_that_match_the_same_the_second_gets_nothing() {
        let same = "class = \"transactional\"\n[stream.s.match]\nfrom = [\"@a.example\"]\n";
        let other = "[stream.t]\ncontroller = \"a\"\n".to_owned() + same;
        let text = policy("GB", same) + &other.replace("stream.s", "stream.t");
        let found = warnings(&text.replace("name =", "contact = \"1\"\nname ="));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("`match`: stream `s` matches the same messages"), "{found:?}");
    }
}
