//! What a tree of processes used, as the kernel counts it (proc(5)).

use std::{collections::BTreeMap, fs};

/// CPU seconds of a process, its children that ended, and its living descendants.
pub fn cpu_seconds(root: u32) -> f64 {
    let processes = all();
    let mut ticks = 0;
    for pid in tree(&processes, root) {
        if let Some(process) = processes.get(&pid) {
            ticks += process.ticks;
        }
    }
    // USER_HZ is 100 on every Linux that Rust runs on.
    f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / 100.0
}

/// Resident memory of the tree right now; shared pages count once per process, as in `ps`.
pub fn memory_bytes(root: u32) -> u64 {
    let processes = all();
    tree(&processes, root).into_iter().filter_map(resident).sum()
}

struct Process {
    parent: u32,
    ticks: u64,
}

fn all() -> BTreeMap<u32, Process> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(process) =
            fs::read_to_string(entry.path().join("stat")).ok().as_deref().and_then(parse)
        {
            found.insert(pid, process);
        }
    }
    found
}

/// Fields 4 (ppid) and 14 to 17 (utime, stime, cutime, cstime), counted after the name's bracket.
fn parse(stat: &str) -> Option<Process> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let ticks = (11..=14).map(|at| number(at).unwrap_or(0)).sum();
    Some(Process { parent: u32::try_from(number(1)?).ok()?, ticks })
}

fn tree(processes: &BTreeMap<u32, Process>, root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(processes.iter().filter(|(_, p)| p.parent == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found
}

fn resident(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}
