//! Groups of fields as reports for machines have them (RFC 3464 §2.1.1, RFC 5965 §3): `Name: value`
//! lines, folded ones joined, empty lines between groups.

/// One group; names as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Group(Vec<(String, String)>);

/// Groups looked at: more recipients than any message of ours has.
const GROUPS_MAX: usize = 1_001;
/// Of one group.
const FIELDS_MAX: usize = 64;
/// Letters of one value that are kept.
const VALUE_MAX: usize = 2_000;

impl Group {
    /// The first of that name, without white space at its ends.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// `rfc822; a@b.cz`: what stands behind the type.
    pub(super) fn typed(&self, name: &str) -> Option<&str> {
        let value = self.get(name)?;
        Some(value.split_once(';').map_or(value, |(_, rest)| rest).trim())
    }

    fn push(&mut self, line: &str) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.0.last_mut().filter(|(_, old)| old.len() < VALUE_MAX) {
                value.push(' ');
                value.extend(line.trim().chars().take(VALUE_MAX));
            }
            return;
        }
        let Some((name, value)) = line.split_once(':') else { return };
        if self.0.len() < FIELDS_MAX {
            let value = value.trim().chars().take(VALUE_MAX).collect();
            self.0.push((name.trim().to_owned(), value));
        }
    }
}

/// What is no field is left out, and so is what is no text.
pub(super) fn groups(bytes: &[u8]) -> Vec<Group> {
    let text = String::from_utf8_lossy(bytes);
    let mut all = Vec::new();
    let mut group = Group::default();
    for line in text.lines() {
        if all.len() >= GROUPS_MAX {
            break;
        }
        if line.trim().is_empty() {
            all.push(std::mem::take(&mut group));
        } else {
            group.push(line);
        }
    }
    all.push(group);
    all.retain(|group| !group.0.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_they_are_meant() {
        let text = b"\r\nReporting-MTA: dns; mx.test\r\n\r\nfinal-recipient : rfc822;a@b.cz \r\n\
            Diagnostic-Code: smtp; 550\r\n\t5.1.1 no\r\n nobody\r\njunk\r\n\r\n\r\n: x\r\n";
        let found = groups(text);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].typed("reporting-mta"), Some("mx.test"));
        assert_eq!(found[1].typed("Final-Recipient"), Some("a@b.cz"));
        assert_eq!(found[1].get("Diagnostic-Code"), Some("smtp; 550 5.1.1 no nobody"));
        assert_eq!(found[1].get("Status"), None);
    }

    #[test]
    fn hostile_ones_cost_little() {
        for text in ["x:".repeat(1 << 20), "a: b\n\n".repeat(1 << 18), " x\n".repeat(1 << 18)] {
            let found = groups(text.as_bytes());
            assert!(found.len() <= GROUPS_MAX + 1);
            let letters: usize = found.iter().flat_map(|one| &one.0).map(|(_, v)| v.len()).sum();
            assert!(letters <= GROUPS_MAX * FIELDS_MAX * VALUE_MAX);
        }
        let folded = format!("a: b\n{}", format!(" {}\n", "x".repeat(500)).repeat(5_000));
        let found = groups(folded.as_bytes());
        assert!(found[0].get("a").unwrap().len() <= 2 * VALUE_MAX + 1);
        assert!(groups(&[0xff; 1000]).is_empty());
    }
}
