//! The binary `souhlas`.

/// A message is allocated on one thread and freed on another, which this one takes lightly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Each connection is an open file, and the system allows few of them until it is asked for more.
#[cfg(unix)]
fn allow_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}

fn main() -> std::process::ExitCode {
    // A thousand connections hold a little memory each, all over the heap: in pages of 2 MiB that
    // was half as much again. Where the kernel knows no such wish, nothing is lost but that.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    #[cfg(unix)]
    allow_open_files();
    relay::cli::main()
}
