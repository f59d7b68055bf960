//! Measuring a relay from outside: load by smtp-source, the far end by smtp-sink, latency by a
//! client of our own, CPU and memory by the kernel's accounting. No relay is special here.

pub mod decisions;
pub mod domains;
pub mod idle;
pub mod latency;
pub mod ledger;
pub mod load;
pub mod message;
pub mod pages;
pub mod process;
pub mod queue;
pub mod relay;
pub mod table;

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Run {
    pub relay: &'static str,
    pub size_bytes: usize,
    pub sessions: usize,
    pub messages: usize,
    pub messages_per_second: f64,
    pub cpu_seconds_per_1000: f64,
    pub peak_memory_bytes: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}
