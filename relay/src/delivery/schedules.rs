//! Which schedule holds for whom: what a stream says, then what its route says, then `[delivery]`.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{schedule::Schedule, settings::Settings};
use crate::{config::Business, smtp::envelope::Path, spool::domain};

/// Looks it up; cheap to clone.
#[derive(Clone, Debug)]
pub struct Schedules {
    settings: Arc<Settings>,
    business: Arc<ArcSwap<Business>>,
}

impl Schedules {
    pub fn new(settings: &Settings, business: &Arc<ArcSwap<Business>>) -> Self {
        Self { settings: Arc::new(settings.clone()), business: Arc::clone(business) }
    }

    /// Of a stream's message to this recipient; `ordered` as [`Settings::way`] has it.
    pub fn of(&self, stream: &str, ordered: Option<&str>, to: &Path) -> Schedule {
        let schedule = self.settings.way(ordered, stream, &domain(to)).schedule;
        let business = self.business.load();
        business.times(stream).map_or_else(|| schedule.clone(), |times| schedule.narrowed(times))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_stream_is_narrower_than_its_route_and_the_route_than_the_rest() {
        let relay = "[[listener]]\nname = \"a\"\nplaintext-auth = true\n[delivery]\n\
                     delayed-after = \"2h\"\n[[delivery.route]]\nname = \"slow\"\n\
                     domains = [\"slow.cz\"]\nretry = [\"1h\"]\nexpires-after = \"9d\"\n";
        let policy = "[controller.k]\nname = \"K s.r.o.\"\ncountry = \"CZ\"\n\
                      domains = [\"k.example\"]\n[stream.kody]\ncontroller = \"k\"\n\
                      class = \"transactional\"\nexpires-after = \"10m\"\n";
        let config = Config::read("relay.toml", relay).unwrap();
        let business = Business::read("policy.toml", policy).unwrap();
        let settings = Settings::of("relay.test", &config.delivery);
        let business = Arc::new(ArcSwap::from_pointee(business));
        let schedules = Schedules::new(&settings, &business);
        let minutes = SignedDuration::from_mins;
        for (stream, domain, ordered, first, life, commercial) in [
            ("", "fast.cz", None, 1, 5 * 24 * 60, 3 * 24 * 60),
            ("", "slow.cz", None, 60, 9 * 24 * 60, 3 * 24 * 60),
            ("kody", "slow.cz", None, 60, 10, 10),
            ("kody", "fast.cz", None, 1, 10, 10),
            ("", "fast.cz", Some("slow"), 60, 9 * 24 * 60, 3 * 24 * 60),
        ] {
            let to = Path { local: "a".into(), domain: domain.into() };
            let found = schedules.of(stream, ordered, &to);
            let lives = (found.life, found.life_commercial);
            assert_eq!(found.pauses.first(), Some(&minutes(first)), "{stream} {domain}");
            assert_eq!(lives, (minutes(life), minutes(commercial)), "{stream} {domain}");
            assert_eq!(found.delay_notice, minutes(120));
        }
    }
}
