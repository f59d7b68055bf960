//! How often and how long messages are tried, where a route or a stream says it for its own.

use std::{fmt, time::Duration};

use super::document::Section;

/// What is not said is as the next wider place has it: a stream's before its route's, that before
/// `[delivery]`'s.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Times {
    /// Waits between attempts; the last one repeats.
    pub retry: Option<Vec<Duration>>,
    /// After this long without success a message bounces.
    pub expires_after: Option<Duration>,
    /// The same for commercial messages.
    pub commercial_expires_after: Option<Duration>,
    /// After this long a DSN tells a sender who asked for it (NOTIFY=DELAY).
    pub delayed_after: Option<Duration>,
}

impl Times {
    /// Of a route.
    pub(super) fn of_route(section: &Section<'_, '_>) -> Self {
        let commercial_expires_after = life(section, "commercial-expires-after");
        Self { commercial_expires_after, ..Self::read(section) }
    }

    /// Of a stream, whose class is its own business: one life for all of its messages.
    pub(super) fn of_stream(section: &Section<'_, '_>) -> Self {
        let times = Self::read(section);
        Self { commercial_expires_after: times.expires_after, ..times }
    }

    fn read(section: &Section<'_, '_>) -> Self {
        let retry = section.times_if_any("retry");
        check_waits(section, retry.iter().flatten());
        Self {
            retry,
            expires_after: life(section, "expires-after"),
            commercial_expires_after: None,
            delayed_after: section.time_if_any("delayed-after"),
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Times {
    /// `tried again after 10s, 30s; expires after 10m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = Vec::new();
        if let Some(retry) = &self.retry {
            let waits: Vec<String> = retry.iter().map(|wait| shown(*wait)).collect();
            said.push(format!("tried again after {}", waits.join(", ")));
        }
        let lives = (self.expires_after, self.commercial_expires_after);
        let (all, commercial) = if lives.0 == lives.1 { (lives.0, None) } else { lives };
        for (what, time) in [
            ("expires after", all),
            ("commercial ones expire after", commercial),
            ("delays are told after", self.delayed_after),
        ] {
            said.extend(time.map(|time| format!("{what} {}", shown(time))));
        }
        f.write_str(&said.join("; "))
    }
}

/// Each wait is some time.
pub(super) fn check_waits<'w>(
    section: &Section<'_, '_>,
    mut waits: impl Iterator<Item = &'w Duration>,
) {
    if waits.any(Duration::is_zero) {
        let why = "a wait of no time would try without end: write at least \"1s\"";
        section.complain("retry", why);
    }
}

fn life(section: &Section<'_, '_>, key: &'static str) -> Option<Duration> {
    let life = section.time_if_any(key);
    if life.is_some_and(|life| life.is_zero()) {
        section
            .complain(key, "a message that expires at once is never sent: write at least \"1m\"");
    }
    life
}

/// As the file would write it.
fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let whole = units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{seconds}s"), |(unit, word)| format!("{}{word}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use crate::config::{Business, Config};

    const LISTENER: &str = "[[listener]]\nname = \"a\"\nplaintext-auth = true\n";
    const CONTROLLER: &str = "[controller.k]\nname = \"K s.r.o.\"\ncountry = \"CZ\"\n\
                              domains = [\"k.example\"]\n[stream.kody]\ncontroller = \"k\"\n\
                              class = \"transactional\"\n";

    #[test]
    fn a_route_and_a_stream_say_what_is_their_own() {
        let route = "[[delivery.route]]\nname = \"r\"\nretry = [\"90s\", \"2h\"]\n\
                     commercial-expires-after = \"1d\"\n";
        let config = Config::read("relay.toml", &format!("{LISTENER}{route}")).unwrap();
        let times = &config.delivery.routes[0].times;
        assert_eq!(times.to_string(), "tried again after 90s, 2h; commercial ones expire after 1d");
        let stream = "retry = [\"10s\"]\nexpires-after = \"10m\"\n";
        let text = format!("{CONTROLLER}{stream}");
        let business = Business::read("policy.toml", &text).unwrap();
        let times = business.times("kody").unwrap();
        assert_eq!(times.commercial_expires_after, times.expires_after);
        assert_eq!(times.to_string(), "tried again after 10s; expires after 10m");
        assert!(Business::read("policy.toml", CONTROLLER).unwrap().times("kody").is_none());
    }

    #[test]
    fn what_would_never_be_sent_or_never_rest_is_a_fault() {
        let stream = "retry = [\"0s\"]\nexpires-after = \"0m\"\ndelayed-after = \"soon\"\n";
        let faults = Business::read("policy.toml", &format!("{CONTROLLER}{stream}")).unwrap_err();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        for part in ["`retry`: a wait of no time", "`expires-after`: a message", "`soon` is not"] {
            assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:?}");
        }
    }
}
