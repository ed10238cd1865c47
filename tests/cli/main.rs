//! What a person types and what comes back: one file under `cases/`, one test.
//!
//! A case says how the world is (files, configuration, variables, what the provider's server answers), then has commands, each
//! followed by what came of it: exit code, standard output, standard error, the requests that the server got, the files that
//! were made. `BLESS=1 cargo test -p chela --test cli` writes what came of it anew; read the diff before you commit it. The
//! grammar stands in `case.rs`, the vocabulary of answers in `answers.rs`.
//!
//! What has to hold on every run (one JSON document, the envelope's schema, the exit code that goes with it, no key and no control
//! character anywhere) is checked on every run by `chela_test_support::program`.
#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads and writes the cases beside it"
)]

mod answers;
mod case;
mod outcome;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chela_test_support::golden;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli/cases");
    let mut cases = Vec::new();
    find(&top, &mut cases);
    cases.sort();
    let trials = cases.into_iter().map(|path| {
        let name = path
            .strip_prefix(&top)
            .expect("it was found there")
            .with_extension("");
        Trial::test(name.to_string_lossy().replace('\\', "/"), move || {
            run(&path)
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn find(folder: &Path, cases: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the cases are there") {
        let path = entry.expect("the cases can be listed").path();
        if path.is_dir() {
            find(&path, cases);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "case")
        {
            cases.push(path);
        }
    }
}

fn run(path: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)?;
    let case = case::Case::parse(&text).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let outcome = case.run(Path::new(env!("CARGO_BIN_EXE_chela")))?;
    golden::compare(path, &outcome)?;
    Ok(())
}
