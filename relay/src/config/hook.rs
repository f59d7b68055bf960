//! Hooks of policy.toml: what other systems report, and what it means for the ledger.
//!
//! How each system writes it is `web`'s.

use std::{collections::BTreeMap, sync::Arc};

use policy::{Controller, UnsubscribeScope};

use super::{
    Secret,
    document::{Section, Text},
    policy_file::{SCOPES, check_id, owner},
    secret,
};

/// Something that reports.
#[derive(Clone, Debug)]
pub struct Hook {
    pub id: String,
    pub controller: Arc<Controller>,
    pub kind: HookKind,
    /// What a subscription is about where its list is not one of `lists`.
    pub purpose: Option<String>,
    /// By the reporter's own name of the list.
    pub lists: BTreeMap<String, String>,
    /// A subscription grants; else it is ignored.
    pub grants: bool,
    pub unsubscribe: UnsubscribeScope,
    /// What signs the body; `None`: the URL's token is enough.
    pub signature: Option<Signature>,
    /// Where it says that the person agreed; a JSON pointer.
    pub agreed: Option<String>,
    /// Of kind `json`: where everything stands.
    pub mapping: Mapping,
    /// Another one makes another URL.
    pub edition: u64,
}

/// Who reports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HookKind {
    Smartsupp,
    Ecomail,
    Mailchimp,
    Listmonk,
    Json,
}

/// HMAC-SHA256 over the body.
#[derive(Clone, Debug)]
pub struct Signature {
    pub secret: Secret<String>,
    /// The header, in small letters.
    pub header: String,
    pub form: SignatureForm,
}

/// How it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureForm {
    /// With or without `sha256=` in front.
    Hex,
    Base64,
}

/// Where a body of JSON says what; JSON pointers (RFC 6901).
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    pub address: String,
    pub event: String,
    pub list: Option<String>,
    pub time: Option<String>,
    /// Values of `event`.
    pub subscribed: Vec<String>,
    pub unsubscribed: Vec<String>,
}

pub(super) fn hooks(root: &Section<'_, '_>, controllers: &[Arc<Controller>]) -> Vec<Hook> {
    let named = root.named("hook");
    named.iter().filter_map(|(id, section)| hook(id, section, controllers)).collect()
}

/// `None` where its controller is not known, which is a complaint.
fn hook(id: &Text, section: &Section<'_, '_>, controllers: &[Arc<Controller>]) -> Option<Hook> {
    check_id(id, "hook", section);
    let found = owner(section, controllers, "whose contacts it reports");
    let kind = section.choice_if_any("kind", &KINDS);
    if kind.is_none() && !section.has("kind") {
        section.complain_here(
            "a hook has no `kind`: write \"smartsupp\", \"ecomail\", \"mailchimp\", \"listmonk\" \
             or \"json\"",
        );
    }
    let (purpose, grants) = (section.text_if_any("purpose"), section.flag("grants", false));
    let mut lists = BTreeMap::new();
    for text in section.texts("lists") {
        match text.value.rsplit_once(':').map(|(list, purpose)| (list.trim(), purpose.trim())) {
            Some((list, purpose)) if !list.is_empty() && !purpose.is_empty() => {
                lists.insert(list.to_owned(), purpose.to_owned());
            }
            Some(_) | None => section.complain_at(
                text.at,
                format!(
                    "`{}` is not a list and its purpose: write it as in `a6b5da1054: news`",
                    text.value
                ),
            ),
        }
    }
    let unsubscribe = section.choice("unsubscribe", &SCOPES, UnsubscribeScope::Everything);
    if purpose.is_none() && lists.is_empty() && grants {
        section.complain("grants", "nothing says of what: write `purpose`, or `lists`");
    }
    let signature = signature(section, kind);
    let agreed = pointer(section, "agreed");
    if kind == Some(HookKind::Smartsupp) && agreed.is_none() && grants {
        section.complain(
            "grants",
            "a chat is no consent: write under `agreed` where the message says that the visitor \
             agreed, as in \"/data/contact/gdpr\"",
        );
    }
    let mapping = mapping(section, kind);
    let edition = section.number("edition", 1, 1..1_000_001);
    Some(Hook {
        id: id.value.clone(),
        controller: Arc::clone(found?),
        kind: kind?,
        purpose,
        lists,
        grants,
        unsubscribe,
        signature,
        agreed,
        mapping,
        edition,
    })
}

fn signature(section: &Section<'_, '_>, kind: Option<HookKind>) -> Option<Signature> {
    let file = section.text_if_any("secret-file");
    let header = section.text_if_any("signature-header");
    let form = section.choice("signature", &FORMS, SignatureForm::Hex);
    let is_chat = kind == Some(HookKind::Smartsupp);
    if is_chat && file.is_none() {
        section.complain_here(
            "Smartsupp signs what it sends: write under `secret-file` the file that holds the \
             app's secret",
        );
    }
    let header = match header {
        Some(header) => header.to_ascii_lowercase(),
        None if is_chat => "x-smartsupp-hmac".to_owned(),
        None => {
            if file.is_some() {
                section.complain(
                    "secret-file",
                    "nothing says where the signature is: write `signature-header`",
                );
            }
            return None;
        }
    };
    let Some(file) = file else {
        if !is_chat {
            section.complain("signature-header", "has no `secret-file`: write both or none");
        }
        return None;
    };
    let secret = secret::of_file(section, "secret-file", &file)?;
    Some(Signature { secret, header, form })
}

fn mapping(section: &Section<'_, '_>, kind: Option<HookKind>) -> Mapping {
    let words = |key| section.texts(key).into_iter().map(|text| text.value).collect();
    let mapping = Mapping {
        address: pointer(section, "address").unwrap_or_default(),
        event: pointer(section, "event").unwrap_or_default(),
        list: pointer(section, "list"),
        time: pointer(section, "time"),
        subscribed: words("subscribed"),
        unsubscribed: words("unsubscribed"),
    };
    if kind == Some(HookKind::Json) {
        for key in ["address", "event"] {
            if !section.has(key) {
                section.complain_here(format!(
                    "a hook of kind \"json\" has no `{key}`: write where it stands, as in \
                     \"/data/{key}\""
                ));
            }
        }
        if mapping.subscribed.is_empty() && mapping.unsubscribed.is_empty() {
            section.complain_here(
                "a hook of kind \"json\" says nothing: write the words of `event` that mean it \
                 under `unsubscribed` or `subscribed`",
            );
        }
    } else if let Some(key) = ["address", "event", "list", "time", "subscribed", "unsubscribed"]
        .into_iter()
        .find(|key| section.has(key))
    {
        section.complain(key, "only a hook of kind \"json\" has it: this kind is known");
    }
    mapping
}

fn pointer(section: &Section<'_, '_>, key: &'static str) -> Option<String> {
    let text = section.text_if_any(key)?;
    if !text.starts_with('/') {
        section.complain(key, format!("`{text}` is no JSON pointer: write it as in `/data/email`"));
    }
    Some(text)
}

const KINDS: [(&str, HookKind); 5] = [
    ("smartsupp", HookKind::Smartsupp),
    ("ecomail", HookKind::Ecomail),
    ("mailchimp", HookKind::Mailchimp),
    ("listmonk", HookKind::Listmonk),
    ("json", HookKind::Json),
];

const FORMS: [(&str, SignatureForm); 2] =
    [("hmac-sha256-hex", SignatureForm::Hex), ("hmac-sha256-base64", SignatureForm::Base64)];

#[cfg(test)]
mod tests {
    use crate::config::{Business, HookKind};

    const OWNER: &str = "[controller.kavarna]\nname = \"Kavárna s.r.o.\"\ncompany-id = \"99900017\"\n\
                         seat = \"Brno\"\ncountry = \"CZ\"\ndomains = [\"kavarna.example\"]\n";

    fn read(lines: &str) -> Result<Business, String> {
        let text = format!("{OWNER}[hook.a]\ncontroller = \"kavarna\"\n{lines}");
        Business::read("policy.toml", &text)
            .map_err(|all| all.iter().map(|one| format!("{one}\n")).collect())
    }

    #[test]
    fn a_known_kind_needs_little() {
        let business = read("kind = \"ecomail\"\nlists = [\"3: news\"]\ngrants = true").unwrap();
        let hook = business.hook("a").unwrap();
        assert_eq!(hook.kind, HookKind::Ecomail);
        assert_eq!(hook.lists["3"], "news");
        assert!(hook.grants && hook.signature.is_none());
    }

    #[test]
    fn what_could_not_work_is_told() {
        for (lines, told) in [
            ("", "has no `kind`"),
            ("kind = \"ecomail\"\ngrants = true", "nothing says of what"),
            ("kind = \"ecomail\"\naddress = \"/x\"", "this kind is known"),
            ("kind = \"ecomail\"\nlists = [\"x\"]", "not a list and its purpose"),
            ("kind = \"smartsupp\"", "write under `secret-file`"),
            ("kind = \"json\"\naddress = \"mail\"", "no JSON pointer"),
            ("kind = \"json\"\naddress = \"/a\"\nevent = \"/b\"", "says nothing"),
            ("kind = \"json\"\nsignature-header = \"X-Sig\"", "has no `secret-file`"),
            ("kind = \"ecomail\"\nsecret-file = \"/nowhere\"", "write `signature-header`"),
        ] {
            let fault = read(lines).unwrap_err();
            assert!(fault.contains(told), "{lines}: {fault}");
        }
    }
}
