//! Own parameters laid over a pack: they may be stricter than the law, never milder.

use toml::{Table, Value};

use super::{Pack, Term, Terms};

/// Why an own parameter cannot be taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Complaint {
    /// `label.level`.
    pub key: String,
    /// Lower case, no final stop; says what to do.
    pub message: String,
}

impl Pack {
    /// This pack with `own` laid over its parameters: `{label = {level = 1}}`.
    ///
    /// # Errors
    ///
    /// Every key that is unknown, has a value of the wrong kind, or would loosen the law.
    pub fn tightened(&self, own: &Table) -> Result<Self, Vec<Complaint>> {
        let base = Table::try_from(&self.terms).unwrap_or_default();
        let mut complaints = Vec::new();
        let mut merged = base.clone();
        for (section, values) in own {
            let Value::Table(values) = values else {
                complaints.push(complaint(section, "is not a section: see the pack's file"));
                continue;
            };
            for (key, value) in values {
                let name = format!("{section}.{key}");
                if section == "law" || !self.knows(&name) {
                    complaints.push(unknown(&name, self));
                    continue;
                }
                if let Some(Value::Table(into)) = merged.get_mut(section) {
                    let old = into.insert(key.clone(), value.clone());
                    // Each key is tried alone too, so that each wrong one is named.
                    if let Err(fault) = with(&base, section, key, value) {
                        complaints.push(complaint(&name, &fault));
                        restore(into, key, old);
                    }
                }
            }
        }
        let Ok(terms) = merged.try_into::<Terms>() else { return Err(complaints) };
        complaints.extend(loosened(&self.terms, &terms).into_iter().map(|key| {
            complaint(
                key,
                &format!("is milder than {}: it can only be made stricter", self.law_name()),
            )
        }));
        if complaints.is_empty() { Ok(Self { terms, ..self.clone() }) } else { Err(complaints) }
    }

    fn knows(&self, name: &str) -> bool {
        self.terms.law.contains_key(name)
    }
}

fn with(base: &Table, section: &str, key: &str, value: &Value) -> Result<(), String> {
    let mut alone = base.clone();
    if let Some(Value::Table(into)) = alone.get_mut(section) {
        into.insert(key.to_owned(), value.clone());
    }
    match alone.try_into::<Terms>() {
        Ok(_) => Ok(()),
        Err(error) => Err(error.message().to_owned()),
    }
}

fn restore(into: &mut Table, key: &str, old: Option<Value>) {
    match old {
        Some(old) => into.insert(key.to_owned(), old),
        None => into.remove(key),
    };
}

fn unknown(name: &str, pack: &Pack) -> Complaint {
    let key = name.rsplit('.').next().unwrap_or(name);
    let near = pack.terms.law.keys().max_by_key(|known| shared_letters(known, name, key));
    let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
    complaint(name, &format!("is not a parameter of pack `{}`{near}", pack.id))
}

/// How much of two names is alike: the length of the common start and of the common end.
fn shared_letters(known: &str, name: &str, key: &str) -> usize {
    let start = known.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let end = known.bytes().rev().zip(key.bytes().rev()).take_while(|(a, b)| a == b).count();
    start + end
}

fn complaint(key: &str, message: &str) -> Complaint {
    Complaint { key: key.to_owned(), message: message.to_owned() }
}

/// The parameters of `new` that let more pass, or ask for less, than `old`.
fn loosened(old: &Terms, new: &Terms) -> Vec<&'static str> {
    // INVARIANT: every parameter stands here once; a test compares with the pack files.
    directions(old, new).into_iter().filter(|(_, milder)| *milder).map(|(key, _)| key).collect()
}

fn directions(old: &Terms, new: &Terms) -> Vec<(&'static str, bool)> {
    let mut all = consent_directions(old, new);
    all.extend(content_directions(old, new));
    all
}

fn consent_directions(old: &Terms, new: &Terms) -> Vec<(&'static str, bool)> {
    let (c, d) = (&old.consent, &new.consent);
    let (e, f) = (&old.exemption, &new.exemption);
    vec![
        ("consent.required", off(c.required, d.required)),
        ("consent.double-opt-in", off(c.double_opt_in, d.double_opt_in)),
        ("consent.request-by-email", d.request_by_email < c.request_by_email),
        ("consent.max-age", later(c.max_age, d.max_age)),
        ("consent.activity-extends", !within(&d.activity_extends, &c.activity_extends)),
        ("consent.evidence-fields", !within(&c.evidence_fields, &d.evidence_fields)),
        ("consent.evidence-kept-for", shorter(c.evidence_kept_for, d.evidence_kept_for)),
        ("exemption.enabled", on(e.enabled, f.enabled)),
        ("exemption.own-goods-only", off(e.own_goods_only, f.own_goods_only)),
        ("exemption.similar-only", off(e.similar_only, f.similar_only)),
        (
            "exemption.objection-at-collection",
            off(e.objection_at_collection, f.objection_at_collection),
        ),
        ("exemption.max-age", later(e.max_age, f.max_age)),
        ("exemption.enquiries", longer(e.enquiries, f.enquiries)),
        ("exemption.greetings", on(e.greetings, f.greetings)),
        ("exemption.charities", on(e.charities, f.charities)),
        // None is before every day.
        ("exemption.charities-since", f.charities_since < e.charities_since),
        (
            "exemption.national-list",
            e.national_list.is_some() && e.national_list != f.national_list,
        ),
        (
            "technical-notice.customers-for",
            shorter(new.technical_notice.customers_for, old.technical_notice.customers_for),
        ),
        ("non-business.commercial", off(old.non_business.commercial, new.non_business.commercial)),
        ("b2b.exempt-corporate", on(old.b2b.exempt_corporate, new.b2b.exempt_corporate)),
        (
            "b2b.exempt-published-address",
            on(old.b2b.exempt_published_address, new.b2b.exempt_published_address),
        ),
        ("minors.age", new.minors.age < old.minors.age),
        ("minors.declaration", off(old.minors.declaration, new.minors.declaration)),
        ("retention.max-inactive", shorter(new.retention.max_inactive, old.retention.max_inactive)),
        ("retention.review-every", shorter(new.retention.review_every, old.retention.review_every)),
    ]
}

fn content_directions(old: &Terms, new: &Terms) -> Vec<(&'static str, bool)> {
    let (l, m) = (&old.label, &new.label);
    let (i, j) = (&old.identity, &new.identity);
    let (told, tells) = (&old.information, &new.information);
    let (u, v) = (&old.unsubscribe, &new.unsubscribe);
    let (r, s) = (&old.reconsent, &new.reconsent);
    vec![
        ("label.required", off(l.required, m.required)),
        ("label.where", !within(&m.places, &l.places)),
        ("label.level", m.level > l.level),
        ("label.extra-words", !within(&m.extra_words, &l.extra_words)),
        // Any text that this pack's own words accept; a test of the rule holds the default.
        ("label.prefix", m.prefix.trim().is_empty()),
        ("label.unless-consent", on(l.unless_consent, m.unless_consent)),
        ("label.adult-prefix", l.adult_prefix.is_some() && l.adult_prefix != m.adult_prefix),
        ("identity.fields", !within(&i.fields, &j.fields)),
        ("identity.if-known", !within(&i.if_known, &j.if_known)),
        ("identity.recommended", !within(&i.recommended, &j.recommended)),
        ("identity.link-is-enough", on(i.link_is_enough, j.link_is_enough)),
        ("identity.on-transactional", off(i.on_transactional, j.on_transactional)),
        ("identity.valid-for", cut(i.valid_for, j.valid_for)),
        ("information.right-to-object", off(told.right_to_object, tells.right_to_object)),
        ("information.objection-words", off(told.objection_words, tells.objection_words)),
        ("information.privacy-link", off(told.privacy_link, tells.privacy_link)),
        ("information.origin", off(told.origin, tells.origin)),
        ("unsubscribe.in-body", off(u.in_body, v.in_body)),
        ("unsubscribe.header", off(u.header, v.header)),
        ("unsubscribe.one-click", off(u.one_click, v.one_click)),
        ("unsubscribe.link-valid-for", shorter(u.link_valid_for, v.link_valid_for)),
        ("unsubscribe.honour-within", shorter(v.honour_within, u.honour_within)),
        ("unsubscribe.confirm", off(u.confirm, v.confirm)),
        ("unsubscribe.login-allowed", on(u.login_allowed, v.login_allowed)),
        ("unsubscribe.fee-allowed", on(u.fee_allowed, v.fee_allowed)),
        ("unsubscribe.refusal-kept-for", shorter(u.refusal_kept_for, v.refusal_kept_for)),
        ("unsubscribe.on-transactional", off(u.on_transactional, v.on_transactional)),
        ("reconsent.parts", !within(&r.parts, &s.parts)),
        ("reconsent.repeats-max", s.repeats_max > r.repeats_max),
        ("reconsent.within", shorter(r.within, s.within)),
        ("penalty.note", old.penalty.note != new.penalty.note),
        ("penalty.authority", old.penalty.authority != new.penalty.authority),
    ]
}

fn off(old: bool, new: bool) -> bool {
    old && !new
}

fn on(old: bool, new: bool) -> bool {
    !old && new
}

fn shorter(old: Term, new: Term) -> bool {
    new.about_days() < old.about_days()
}

fn later(old: Option<Term>, new: Option<Term>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => new.about_days() > old.about_days(),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Where nothing is said there is none at all.
fn longer(old: Option<Term>, new: Option<Term>) -> bool {
    new.is_some_and(|new| old.is_none_or(|old| new.about_days() > old.about_days()))
}

/// What was to be kept so long is kept shorter, or no time at all.
fn cut(old: Option<Term>, new: Option<Term>) -> bool {
    old.is_some_and(|old| new.is_none_or(|new| shorter(old, new)))
}

fn within<T: PartialEq>(inner: &[T], outer: &[T]) -> bool {
    inner.iter().all(|one| outer.contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(id: &str) -> Pack {
        Pack::builtin().into_iter().rfind(|pack| pack.id == id).unwrap()
    }

    fn cz() -> Pack {
        pack("cz")
    }

    fn complaints(own: &str) -> Vec<String> {
        complaints_of("cz", own)
    }

    fn complaints_of(id: &str, own: &str) -> Vec<String> {
        let own: Table = own.parse().unwrap();
        let all = pack(id).tightened(&own).unwrap_err();
        all.into_iter().map(|one| format!("{}: {}", one.key, one.message)).collect()
    }

    #[test]
    fn a_stricter_parameter_is_taken() {
        let own = "label.level = 1\nexemption.max-age = '1 year'\nconsent.max-age = '3 years'";
        let pack = cz().tightened(&own.parse().unwrap()).unwrap();
        assert_eq!(pack.terms.label.level, 1);
        assert_eq!(pack.terms.exemption.max_age, Some(Term::years(1)));
        assert_eq!(pack.terms.consent.max_age, Some(Term::years(3)));
    }

    #[test]
    fn a_milder_parameter_is_refused_by_name() {
        for (own, key) in [
            ("label.required = false", "label.required"),
            ("label.extra-words = ['vaše']", "label.extra-words"),
            ("exemption.max-age = '9 years'", "exemption.max-age"),
            ("identity.fields = ['name']", "identity.fields"),
            ("unsubscribe.honour-within = '2 days'", "unsubscribe.honour-within"),
            ("consent.request-by-email = 'allowed'", "consent.request-by-email"),
        ] {
            assert_eq!(
                complaints(own),
                [format!("{key}: is milder than Czech law: it can only be made stricter")]
            );
        }
    }

    #[test]
    fn what_only_foreign_packs_have_has_a_direction_too() {
        for (id, milder, stricter) in [
            ("us", "label.adult-prefix = 'ADULT: '", "consent.required = true"),
            (
                "us",
                "unsubscribe.honour-within = '11 working days'",
                "unsubscribe.honour-within = '14 days'",
            ),
            ("eu", "label.where = ['subject', 'text']", "label.where = ['subject']"),
            ("us", "unsubscribe.link-valid-for = '29 days'", "label.unless-consent = false"),
            ("uk", "exemption.enquiries = '5 years'", "exemption.enquiries = '6 months'"),
            ("uk", "non-business.commercial = false", "exemption.charities = false"),
            (
                "uk",
                "exemption.charities-since = '2026-02-04'",
                "exemption.charities-since = '2026-03-01'",
            ),
            ("uk", "b2b.exempt-published-address = true", "b2b.exempt-corporate = false"),
            ("pl", "exemption.enabled = true", "consent.double-opt-in = true"),
            ("ca", "identity.valid-for = '59 days'", "identity.valid-for = '90 days'"),
            ("ca", "unsubscribe.on-transactional = false", "exemption.similar-only = true"),
            ("de", "identity.if-known = ['register']", "identity.link-is-enough = false"),
            ("at", "exemption.national-list = 'none'", "minors.age = 16"),
        ] {
            let key = milder.split(' ').next().unwrap();
            let law = pack(id).law_name();
            assert_eq!(
                complaints_of(id, milder),
                [format!("{key}: is milder than {law}: it can only be made stricter")]
            );
            assert!(pack(id).tightened(&stricter.parse().unwrap()).is_ok(), "{id}: {stricter}");
        }
    }

    #[test]
    fn every_wrong_key_is_named_at_once() {
        let all = complaints("label.levle = 1\nlabel.required = 'yes'\nunsubscribe.confirm = 3");
        assert_eq!(all.len(), 3, "{all:?}");
        assert_eq!(
            all[0],
            "label.levle: is not a parameter of pack `cz`: did you mean `label.level`?"
        );
    }

    #[test]
    fn every_parameter_has_a_direction() {
        let terms = cz().terms;
        let mut known: Vec<&str> = directions(&terms, &terms).iter().map(|(key, _)| *key).collect();
        known.sort_unstable();
        let cited: Vec<&str> = terms.law.keys().map(String::as_str).collect();
        assert_eq!(known, cited);
    }

    #[test]
    fn a_pack_laid_over_itself_loosens_nothing() {
        for pack in Pack::builtin() {
            assert!(loosened(&pack.terms, &pack.terms).is_empty());
        }
    }
}
