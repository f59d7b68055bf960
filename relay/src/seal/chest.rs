//! Bytes at rest that open only with what somebody else holds: the installation's secret and an
//! opener together make the key. Each opener is used for one piece.

use super::{Secret, aead::SharedKey};

/// Seals and opens under one opener.
pub struct Chest(SharedKey);

impl Secret {
    /// For a purpose (`pending`) and an opener that is not kept beside what it opens.
    pub fn chest(&self, label: &str, opener: &[u8; 32]) -> Chest {
        let parts = [b"chest ", label.as_bytes(), b" ", &opener[..], &[1]];
        let key = self.keys.derive.sign_parts(&parts);
        Chest(SharedKey::new(&key))
    }
}

impl Chest {
    /// `about` is not kept, and has to be the same when it is opened: the row that it belongs to.
    pub fn seal(&self, about: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        self.0.seal(about, plain, &mut sealed);
        sealed
    }

    /// `None` for anything that was not sealed under this opener, and about this.
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(about, sealed.to_vec(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_secret_opener_and_subject_together_open_it() {
        let (ours, theirs) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let sealed = ours.chest("pending", &[7; 32]).seal(b"row", b"jana@posta.example");
        assert!(!sealed.windows(4).any(|four| four == b"jana"));
        let open = |secret: &Secret, label: &str, opener: u8, about: &[u8]| {
            secret.chest(label, &[opener; 32]).open(about, &sealed)
        };
        assert_eq!(open(&ours, "pending", 7, b"row").as_deref(), Some(&b"jana@posta.example"[..]));
        for (secret, label, opener, about) in [
            (&theirs, "pending", 7, &b"row"[..]),
            (&ours, "other", 7, b"row"),
            (&ours, "pending", 8, b"row"),
            (&ours, "pending", 7, b"another"),
        ] {
            assert_eq!(open(secret, label, opener, about), None);
        }
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        assert_eq!(ours.chest("pending", &[7; 32]).open(b"row", &changed), None);
        assert_eq!(ours.chest("pending", &[7; 32]).open(b"row", b"short"), None);
    }
}
