//! What a domain says of its mail exchangers (RFC 8461 §3): the record that announces a policy, and
//! the policy. Pure.

/// A policy as it was fetched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    pub mode: Mode,
    /// How long it holds, from when it was fetched.
    pub max_age_seconds: u32,
    /// Lower-case host names, `*.` in front for one label.
    pub mx: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Only to hosts of the policy, with a valid certificate.
    Enforce,
    /// As if there were none, but told in reports.
    Testing,
    /// The domain takes its policy back.
    None,
}

/// A year, the longest that RFC 8461 §3.2 knows.
const MAX_AGE_MAX: u32 = 31_557_600;
/// Patterns of one policy.
const MX_MAX: usize = 256;
const ID_OCTETS_MAX: usize = 32;

/// The id in the one record that announces a policy; `None`: none is announced, or more than one.
pub fn announced(texts: &[String]) -> Option<String> {
    let mut records = texts.iter().filter(|text| {
        // The version comes first, and decides whether it is ours to read (RFC 8461 §3.1).
        text.strip_prefix("v=STSv1").is_some_and(|rest| rest.trim_start().starts_with(';'))
    });
    let record = records.next()?;
    if records.next().is_some() {
        return None;
    }
    let fields = record.split(';').filter_map(|field| field.split_once('='));
    let id = fields.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == "id");
    let (_, id) = id?;
    let fits = (1..=ID_OCTETS_MAX).contains(&id.len());
    (fits && id.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| id.to_owned())
}

impl Policy {
    /// # Errors
    ///
    /// What is wrong with it, in words for the log and for the domain's report.
    pub fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let text = std::str::from_utf8(text).map_err(|_| "the policy is no text")?;
        let (mut version, mut mode, mut max_age) = (None, None, None);
        let mut mx = Vec::new();
        for line in text.split('\n') {
            let line = line.trim_matches([' ', '\t', '\r']);
            if line.is_empty() {
                continue;
            }
            let (key, value) = line.split_once(':').ok_or("a line of the policy has no colon")?;
            let value = value.trim_matches([' ', '\t']);
            match key {
                // Of what may stand there once the first counts (RFC 8461 §3.2).
                "version" => _ = version.get_or_insert(value),
                "mode" => _ = mode.get_or_insert(value),
                "max_age" => _ = max_age.get_or_insert(value),
                "mx" if mx.len() == MX_MAX => return Err("the policy names too many hosts"),
                "mx" => {
                    mx.push(pattern(value).ok_or("the policy names something that is no host")?)
                }
                _ => {}
            }
        }
        if version != Some("STSv1") {
            return Err("the policy is of no known version");
        }
        let mode = match mode {
            Some("enforce") => Mode::Enforce,
            Some("testing") => Mode::Testing,
            Some("none") => Mode::None,
            Some(_) | None => return Err("the policy has no known mode"),
        };
        if mx.is_empty() && mode != Mode::None {
            return Err("the policy names no host");
        }
        let max_age_seconds =
            seconds(max_age.unwrap_or_default()).ok_or("the policy has no max_age")?;
        Ok(Self { mode, max_age_seconds, mx })
    }

    /// Whether a mail exchanger is one of the domain's (RFC 8461 §4.1). `host` is a lower-case A-label.
    pub fn names(&self, host: &str) -> bool {
        self.mx.iter().any(|own| match own.strip_prefix("*.") {
            None => own == host,
            Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        })
    }
}

fn pattern(value: &str) -> Option<String> {
    let name = value.trim_end_matches('.').to_ascii_lowercase();
    let bare = name.strip_prefix("*.").unwrap_or(&name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    (bare.len() <= 253 && bare.split('.').all(label)).then_some(name)
}

fn seconds(value: &str) -> Option<u32> {
    let digits = (1..=10).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = value.parse().ok().filter(|_| digits)?;
    u32::try_from(seconds).map_or(Some(MAX_AGE_MAX), |seconds| Some(seconds.min(MAX_AGE_MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.Example.cz\r\nmx: *.example.net\r\nmax_age: 604800\r\n";

    #[test]
    fn a_policy_is_read_with_either_line_end_and_unknown_fields_mean_nothing() {
        let policy = Policy::parse(WHOLE.as_bytes()).unwrap();
        let expected = Policy {
            mode: Mode::Enforce,
            max_age_seconds: 604_800,
            mx: vec!["mail.example.cz".into(), "*.example.net".into()],
        };
        assert_eq!(policy, expected);
        assert_eq!(Policy::parse(WHOLE.replace("\r\n", "\n").as_bytes()), Ok(expected.clone()));
        let more = format!("{WHOLE}new_field: x: y\nmode: none\n\n");
        assert_eq!(Policy::parse(more.as_bytes()), Ok(expected));
        let none = "version:STSv1\nmode:none\nmax_age:0";
        assert_eq!(Policy::parse(none.as_bytes()).unwrap().mode, Mode::None);
    }

    #[test]
    fn a_policy_that_is_not_whole_is_none() {
        let many = "mx: a.cz\n".repeat(257);
        for (text, why) in [
            ("", "the policy is of no known version"),
            ("version: STSv2\nmode: none\nmax_age: 1", "the policy is of no known version"),
            ("version: STSv1\nmode: strict\nmx: a.cz\nmax_age: 1", "the policy has no known mode"),
            ("version: STSv1\nmode: enforce\nmax_age: 1", "the policy names no host"),
            ("version: STSv1\nmode: none\n", "the policy has no max_age"),
            ("version: STSv1\nmode: none\nmax_age: -1", "the policy has no max_age"),
            ("version: STSv1\nmode: none\nmax_age: 99999999999", "the policy has no max_age"),
            ("version: STSv1\nmx: a b\n", "the policy names something that is no host"),
            ("version: STSv1\nmx: *.*.cz\n", "the policy names something that is no host"),
            ("<html>", "a line of the policy has no colon"),
            (&many, "the policy names too many hosts"),
        ] {
            assert_eq!(Policy::parse(text.as_bytes()), Err(why), "{text}");
        }
        assert_eq!(Policy::parse(b"version: STSv1\xff"), Err("the policy is no text"));
        let long = WHOLE.replace("604800", "4294967296");
        assert_eq!(Policy::parse(long.as_bytes()).unwrap().max_age_seconds, MAX_AGE_MAX);
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let policy = Policy::parse(WHOLE.as_bytes()).unwrap();
        for (host, named) in [
            ("mail.example.cz", true),
            ("mx.example.cz", false),
            ("a.example.net", true),
            ("a.b.example.net", false),
            ("example.net", false),
            ("a.xexample.net", false),
            ("", false),
        ] {
            assert_eq!(policy.names(host), named, "{host}");
        }
    }

    #[test]
    fn one_record_announces_a_policy() {
        for (texts, id) in [
            (&["v=STSv1; id=20160831085700Z;"][..], Some("20160831085700Z")),
            (&["v=STSv1;id=1", "v=spf1 -all"], Some("1")),
            (&["v=STSv1 ; id = 7 ; new=x"], Some("7")),
            (&["v=STSv1;id=1", "v=STSv1;id=2"], None),
            (&["v=STSv10; id=1"], None),
            (&["v=STSv1"], None),
            (&["v=STSv1; id=;"], None),
            (&["v=STSv1; id=a b"], None),
            (&["v=STSv1; id=123456789012345678901234567890123"], None),
            (&[], None),
        ] {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            assert_eq!(announced(&texts).as_deref(), id, "{texts:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_a_server_sends_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = Policy::parse(&bytes);
            let _ = announced(&[String::from_utf8_lossy(&bytes).into_owned()]);
        }

        #[test]
        fn lines_in_any_order_and_number(lines in prop::collection::vec(
            "(version|mode|mx|max_age|x): ?(STSv1|enforce|none|\\*\\.a\\.cz|[a-z.]{0,9}|[0-9]{0,12})", 0..20)
        ) {
            if let Ok(policy) = Policy::parse(lines.join("\n").as_bytes()) {
                prop_assert!(policy.mode == Mode::None || !policy.mx.is_empty());
                prop_assert!(policy.max_age_seconds <= MAX_AGE_MAX);
            }
        }
    }
}
