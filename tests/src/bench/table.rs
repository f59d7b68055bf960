//! The results as a table for people and as JSON for programs.

use serde_json::{Value, json};

use super::Run;

/// One line per run, with the ratio to Postfix's run of the same size and sessions.
pub fn text(runs: &[Run]) -> String {
    let mut out = format!(
        "{:<17} {:>7} {:>8} {:>9} {:>9} {:>10} {:>9} {:>8} {:>8}\n",
        "relay",
        "KiB",
        "sessions",
        "msg/s",
        "x Postfix",
        "CPU s/1000",
        "peak MiB",
        "p50 ms",
        "p99 ms"
    );
    for run in runs {
        let postfix = runs.iter().find(|other| {
            other.relay == "postfix"
                && other.size_bytes == run.size_bytes
                && other.sessions == run.sessions
        });
        let ratio = postfix.map_or_else(String::new, |other| {
            format!("{:.1}", run.messages_per_second / other.messages_per_second)
        });
        out += &format!(
            "{:<17} {:>7} {:>8} {:>9.0} {:>9} {:>10.3} {:>9.0} {:>8.2} {:>8.2}\n",
            run.relay,
            run.size_bytes / 1024,
            run.sessions,
            run.messages_per_second,
            ratio,
            run.cpu_seconds_per_1000,
            run.peak_memory_bytes as f64 / 1_048_576.0,
            run.p50_ms,
            run.p99_ms
        );
    }
    out
}

pub fn json(runs: &[Run]) -> Value {
    let runs: Vec<Value> = runs
        .iter()
        .map(|run| {
            json!({
                "relay": run.relay,
                "size_bytes": run.size_bytes,
                "sessions": run.sessions,
                "messages_per_second": run.messages_per_second,
                "cpu_seconds_per_1000": run.cpu_seconds_per_1000,
                "peak_memory_bytes": run.peak_memory_bytes,
                "p50_ms": run.p50_ms,
                "p99_ms": run.p99_ms,
            })
        })
        .collect();
    json!({ "runs": runs })
}
