//! Sets up the log: technical, ids only, never an address or a message's content.
//!
//! It is not the journal: nothing in it is evidence, and losing it loses nothing.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// The variable that replaces the configured filter, for one start.
const VARIABLE: &str = "SOUHLAS_LOG";

/// How a line looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// For people; coloured where standard error is a terminal.
    Text,
    /// One object a line, for collectors.
    Json,
}

/// Starts logging to standard error. Call once.
///
/// `filter` is what the configuration says: `info`, or per module `info,relay::delivery=debug`.
/// The environment's `SOUHLAS_LOG` comes before it.
pub fn start(filter: &str, form: Form) -> anyhow::Result<()> {
    let filter = std::env::var(VARIABLE).unwrap_or_else(|_| filter.to_owned());
    tracing_subscriber::registry()
        .with(layer(form, io::stderr, io::stderr().is_terminal()))
        .with(parse(&filter)?)
        .with(filter_fn(|about| is_ours_to_say(about.target())))
        .try_init()
        .context("the log was started twice")
}

/// Whether a filter can be read; the error says which part cannot.
pub fn parse(filter: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::builder().parse(filter).with_context(|| {
        format!(
            "the log filter `{filter}` is not one: write `info` or `info,relay::delivery=debug`"
        )
    })
}

/// The DNS library says which names it asks for, and those are people's domains. Whatever the filter
/// says, it says nothing.
fn is_ours_to_say(target: &str) -> bool {
    !target.starts_with("hickory_")
}

fn layer<S, W>(form: Form, to: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    match form {
        Form::Text => fmt::layer().with_writer(to).with_ansi(colours).with_target(false).boxed(),
        Form::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(to)
            .boxed(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(form: Form, filter: &str) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::registry()
            .with(layer(form, move || writer.clone(), false))
            .with(parse(filter).unwrap())
            .with(filter_fn(|about| is_ours_to_say(about.target())));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(connection = 7, "opened");
            tracing::debug!("details");
            tracing::error!(target: "hickory_net::dnssec", "asked for novak.example");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn text_and_json_say_the_same() {
        let text = logged(Form::Text, "info");
        assert!(text.contains("INFO opened connection=7"), "{text}");
        assert!(!text.contains("details"));
        let json: serde_json::Value =
            serde_json::from_str(&logged(Form::Json, "relay=info")).unwrap();
        assert_eq!(json["message"], "opened");
        assert_eq!(json["connection"], 7);
        assert!(logged(Form::Text, "debug").contains("details"));
    }

    #[test]
    fn no_name_that_dns_is_asked_for_is_logged() {
        let all = logged(Form::Text, "trace");
        assert!(all.contains("details") && !all.contains("novak.example"), "{all}");
    }

    #[test]
    fn a_filter_that_is_none_is_refused() {
        assert!(parse("info,relay::delivery=debug").is_ok());
        assert!(format!("{}", parse("relay=loudly").unwrap_err()).contains("`relay=loudly`"));
    }
}
