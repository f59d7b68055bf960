//! Lists of people who get nothing, of whom only digests are known: an industry's, another system's.
//!
//! A digest is made of the address or of its domain, trimmed and in lower case, by MD5, SHA-256 or
//! SHA-512; what is kept is a keyed hash of it, which nobody can try addresses against who has the
//! database alone. Contacts on record are refused when a list comes in, and others when they come on
//! record (`listed`). Everybody else is looked for when something is to be granted or sent, and only for
//! controllers that have a list.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{Address, Refusal, Scope};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{KnownBy, Who, page};
use crate::{
    db::{Conn, Error, Keys, text},
    seal::{self, MacKey, Secret},
};

/// Where an address stands on a list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub import: Uuid,
    pub line: i64,
    /// When the list came in, and what it was called.
    pub at: Timestamp,
    pub file: String,
    /// Where it comes from, and who says so.
    pub source: String,
    pub attested_by: String,
}

impl Entry {
    /// What it means for who is not on record.
    pub(super) fn refusal(&self) -> Refusal {
        let event = format!("suppression {} line {}", self.import, self.line);
        Refusal { scope: Scope::Everything, except: Vec::new(), since: self.at, event }
    }

    /// What proves the refusal of who comes on record.
    pub(super) fn evidence(&self) -> Value {
        json!({ "suppression": {
            "file": self.file,
            "line": self.line,
            "import": self.import,
            "source": self.source,
            "attested_by": self.attested_by,
            "at": self.at.to_string(),
        } })
    }

    /// The same without what may be personal data.
    pub(super) fn detail(&self) -> Value {
        let list = json!({ "import": self.import, "line": self.line });
        json!({ "scope": Scope::Everything, "imported": true, "list": list })
    }
}

/// Whether nothing may be granted to the address.
pub(super) async fn applies(
    conn: &mut Conn<'_>,
    secret: &Secret,
    who: &Who,
    contact: Uuid,
) -> Result<bool, Error> {
    if !has_lists(conn, &who.controller).await? {
        return Ok(false);
    }
    let address = match &who.known {
        KnownBy::Address(address) => Some(address.clone()),
        // By what is on record: who was erased has none, and nothing to lift.
        KnownBy::Key(_) => {
            let brief = page::by_id(conn, secret, vec![contact]).await?.pop();
            brief.and_then(|brief| Address::parse(brief.address.as_deref()?).ok())
        }
    };
    Ok(!found(conn, secret, &who.controller, address.as_slice()).await?.is_empty())
}

pub(super) async fn has_lists(conn: &mut Conn<'_>, controller: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM suppressor WHERE controller = $1";
    Ok(!conn.rows(sql, vec![text(controller.to_owned())]).await?.is_empty())
}

/// Those who stand on a list, by their places among the addresses.
pub(super) async fn found(
    conn: &mut Conn<'_>,
    secret: &Secret,
    controller: &str,
    addresses: &[Address],
) -> Result<BTreeMap<usize, Entry>, Error> {
    let own = secret.foreign_key(controller);
    let mut asked: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
    for (at, address) in addresses.iter().enumerate() {
        for name in names(&own, address) {
            asked.entry(name).or_default().push(at);
        }
    }
    let keys = Keys::Bytes(asked.keys().map(<[u8; 32]>::as_slice).collect());
    let sql = "SELECT s.digest, s.import, s.line, i.at, i.file, i.source, i.attested_by \
               FROM suppression s JOIN import i ON i.id = s.import \
               WHERE s.controller = $1 AND s.digest {in}";
    let mut found = BTreeMap::new();
    for row in conn.rows_in(sql, &[text(controller.to_owned())], keys).await? {
        let entry = Entry {
            import: row.uuid(1)?,
            line: row.int(2)?,
            at: row.time(3)?,
            file: row.text(4)?,
            source: row.text(5)?,
            attested_by: row.text(6)?,
        };
        for at in asked.get(&row.key(0)?).into_iter().flatten() {
            found.insert(*at, entry.clone());
        }
    }
    Ok(found)
}

/// What the entries are called that would mean the address; `own` is the controller's key.
pub(super) fn names(own: &MacKey, address: &Address) -> impl Iterator<Item = [u8; 32]> {
    digests(address).into_iter().map(|digest| own.sign(&digest))
}

/// In every way in which a list may have it.
fn digests(address: &Address) -> Vec<Vec<u8>> {
    let mut texts = vec![
        address.as_str().to_owned(),
        address.domain().to_owned(),
        format!("@{}", address.domain()),
    ];
    // An international domain is digested as it was typed.
    if let Some(domain) = address.domain_typed() {
        texts.push(format!("{}@{domain}", address.local()));
        texts.push(format!("@{domain}"));
        texts.push(domain);
    }
    let each = |text: &String| {
        let bytes = text.as_bytes();
        [seal::md5(bytes).to_vec(), seal::digest(bytes).to_vec(), seal::sha512(bytes)]
    };
    texts.iter().flat_map(each).collect()
}

/// The digest that a line of a list stands for: a digest itself, or the SHA-256 of an address or a
/// domain. `None`: it is none of them.
pub(super) fn read(line: &str) -> Option<Vec<u8>> {
    let cell = line.split([',', ';', '\t']).next().unwrap_or_default();
    let text = cell.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\u{feff}');
    let text = text.to_lowercase();
    if matches!(text.len(), 32 | 64 | 128)
        && let Some(digest) = seal::from_hex(&text)
    {
        return Some(digest);
    }
    let domain = text.strip_prefix("*@").or_else(|| text.strip_prefix('@'));
    let plain = match domain {
        Some(domain) => domain_of(domain)?,
        None if text.contains('@') => Address::parse(&text).ok()?.as_str().to_owned(),
        None if text.contains('.') => domain_of(&text)?,
        None => return None,
    };
    Some(seal::digest(plain.as_bytes()).to_vec())
}

/// In the form in which domains are compared.
fn domain_of(text: &str) -> Option<String> {
    Some(Address::parse(&format!("x@{text}")).ok()?.domain().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_digest_an_address_or_a_domain() {
        let own = |text: &str| digests(&Address::parse(text).unwrap());
        let md5 = "f52213bd0c5db1b5d7d5a3fef0b44f0a";
        assert_eq!(read(md5), seal::from_hex(md5));
        assert_eq!(read(&md5.to_uppercase()), seal::from_hex(md5));
        for (line, address) in [
            ("Jana@Posta.example", "jana@posta.example"),
            (" \"jana@posta.example\";Jana", "jana@posta.example"),
            ("posta.example", "kdokoli@posta.example"),
            ("@posta.example", "kdokoli@posta.example"),
            ("*@příklad.cz", "jana@příklad.cz"),
        ] {
            assert!(own(address).contains(&read(line).unwrap()), "{line}");
        }
        assert!(!own("jana@jinde.example").contains(&read("posta.example").unwrap()));
        for line in ["", "md5", "email", "abc123", "x@", "zz2213bd0c5db1b5d7d5a3fef0b44f0a"] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn an_international_domain_is_found_as_it_was_typed() {
        let own = digests(&Address::parse("jana@příklad.cz").unwrap());
        for text in ["jana@příklad.cz", "příklad.cz", "@příklad.cz", "jana@xn--pklad-zsa96e.cz"]
        {
            assert!(own.contains(&seal::md5(text.as_bytes()).to_vec()), "{text}");
        }
    }
}
