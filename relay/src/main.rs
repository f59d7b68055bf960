//! The binary `souhlas`.

/// A message is allocated on one thread and freed on another, which this one takes lightly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // A thousand connections hold a little memory each, all over the heap: in pages of 2 MiB that
    // was half as much again. Where the kernel knows no such wish, nothing is lost but that.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    relay::cli::main()
}
