//! What every crate and every source file has.

use std::path::Path;

use crate::source::{files, top};

/// The longest a source file may be, in lines.
const LONGEST: usize = 700;

/// The crates whose code may hold `unsafe`: where compiled components are loaded, and where bindings are generated.
const MAY_BE_UNSAFE: &[&str] = &["host/sandbox", "sdk/rust"];

/// The folders of all crates of the workspace, the top's own table apart.
fn crates() -> Vec<(String, String)> {
    let manifests = files("toml")
        .into_iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests
        .filter(|file| file.text.contains("[package]"))
        .map(|file| {
            (
                file.path.trim_end_matches("/Cargo.toml").to_owned(),
                file.text,
            )
        })
        .collect()
}

#[test]
fn every_crate_says_that_it_has_no_unsafe_code() {
    let mut faults = Vec::new();
    for (folder, _) in crates()
        .iter()
        .filter(|(folder, _)| !MAY_BE_UNSAFE.contains(&folder.as_str()))
    {
        for root in ["src/lib.rs", "src/main.rs"] {
            let path = top().join(folder).join(root);
            if let Ok(text) = std::fs::read_to_string(&path)
                && !text.contains("#![forbid(unsafe_code)]")
            {
                faults.push(format!("{folder}/{root} does not forbid unsafe code"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_crate_takes_lints_and_versions_from_the_root() {
    let mut faults = Vec::new();
    for (folder, manifest) in crates() {
        if !manifest.contains("[lints]\nworkspace = true") {
            faults.push(format!("{folder} does not take the workspace's lints"));
        }
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            if !manifest.contains(&format!("{key}.workspace = true")) {
                faults.push(format!("{folder} says its own {key}"));
            }
        }
        faults.extend(
            own_versions(&manifest)
                .map(|line| format!("{folder}: `{line}` belongs into the table of versions")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Lines of a manifest's dependency tables that do not defer to the workspace.
fn own_versions(manifest: &str) -> impl Iterator<Item = &str> {
    let mut in_table = false;
    manifest.lines().filter(move |line| {
        if line.starts_with('[') {
            in_table = line.contains("dependencies");
            // `[dependencies.name]` would hold its keys on lines of their own.
            return in_table && line.contains("dependencies.");
        }
        let entry = !line.trim().is_empty() && !line.starts_with('#');
        in_table && entry && !line.contains("workspace = true")
    })
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = files("rs")
        .iter()
        .map(|file| (file.text.lines().count(), &file.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{path} has {lines} lines; {LONGEST} is the most"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_crate_opens_with_what_it_does() {
    let mut faults = Vec::new();
    for (folder, manifest) in crates() {
        if !manifest.contains("\ndescription = \"") {
            faults.push(format!("{folder} has no description"));
        }
        for root in ["src/lib.rs", "src/main.rs"] {
            let path = Path::new(&folder).join(root);
            if let Ok(text) = std::fs::read_to_string(top().join(&path))
                && !text.starts_with("//! ")
            {
                faults.push(format!(
                    "{} does not open with what it does",
                    path.display()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn versions_of_a_crate_are_found() {
    let manifest = "[dependencies]\na.workspace = true\nb = { workspace = true }\nc = \"1\"\n\n[lints]\nd = 1\n";
    assert_eq!(own_versions(manifest).collect::<Vec<_>>(), ["c = \"1\""]);
}
