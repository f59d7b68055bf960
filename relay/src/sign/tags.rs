//! Lists of `tag=value`, as signatures, key records and other people's policies have them
//! (RFC 6376 §3.2).

/// The tags of one list, in their order; white space round names and values is gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tags<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Tags<'t> {
    /// What is no tag is left out.
    pub fn parse(text: &'t str) -> Self {
        let tags = text.split(';').filter_map(|tag| tag.split_once('='));
        Self(tags.map(|(name, value)| (name.trim(), value.trim())).collect())
    }

    /// The first of that name; case counts.
    pub fn first(&self, name: &str) -> Option<&'t str> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    /// The same without the white space inside, as folded values need it.
    pub fn unfolded(&self, name: &str) -> Option<String> {
        let value = self.first(name)?;
        Some(value.chars().filter(|letter| !letter.is_ascii_whitespace()).collect())
    }

    /// Whether the list begins with that tag, as `v=` has to.
    pub fn begins_with(&self, name: &str, value: &str) -> bool {
        self.0.first() == Some(&(name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_between_semicolons_with_white_space_anywhere() {
        let tags = Tags::parse(" v=DKIM1 ; p = MII\r\n\t B=; x;n= a b ;p=no");
        assert!(tags.begins_with("v", "DKIM1") && !tags.begins_with("p", "MIIB="));
        assert_eq!(tags.unfolded("p").as_deref(), Some("MIIB="));
        assert_eq!(tags.first("n"), Some("a b"));
        assert_eq!(tags.first("x"), None);
        assert_eq!(Tags::parse("").first("v"), None);
    }
}
