//! The binary under test: where it is, and one run of it.

use std::{
    collections::BTreeSet,
    env,
    path::PathBuf,
    process::{Command, Output},
};

/// The `souhlas` that was built beside the running test; `SOUHLAS_BIN` names another.
pub fn path() -> PathBuf {
    if let Some(named) = env::var_os("SOUHLAS_BIN") {
        return named.into();
    }
    let test = env::current_exe().expect("a test knows its own path");
    // A test lies in `deps/`, the benchmark beside the binary.
    let folders = test.ancestors().skip(1).take(2);
    let path = folders
        .map(|folder| folder.join("souhlas"))
        .find(|path| path.exists())
        .unwrap_or_else(|| test.with_file_name("souhlas"));
    assert!(path.exists(), "{} is missing: run `cargo build -p souhlas` first", path.display());
    path
}

/// Runs it to its end.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Output {
    Command::new(path()).args(arguments).output().expect("the binary starts")
}

/// The sub-commands that `--help` lists.
pub fn commands() -> BTreeSet<String> {
    let help = run(&["--help"]);
    let text = String::from_utf8(help.stdout).expect("help is UTF-8");
    text.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}
