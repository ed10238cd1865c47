//! Builds and packs every folder under `plugins/`, and writes the list of what came out.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a build script reads cargo's environment, lists the workspace and writes into OUT_DIR"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use chela_pack::{Options, Packed};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Cargo shows this when the script fails.
            eprintln!("the bundled providers could not be built: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let manifest_dir = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    let root = Path::new(&manifest_dir)
        .ancestors()
        .nth(2)
        .ok_or("the crate is two folders below the workspace")?;
    for path in [
        "Cargo.toml",
        "Cargo.lock",
        "plugins",
        "sdk/dialect",
        "sdk/openai-dialect",
        "sdk/rust",
        "wit",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }

    let folders = plugins(&root.join("plugins"))?;
    // The outer cargo's lock file is this workspace's too: it is up to date by now, and nothing here changes it.
    let options = Options::new(env::vars_os())
        .target_dir(guests(&out)?)
        .locked(root.join("Cargo.lock").is_file());
    let packed = chela_pack::build(&folders, &options)?;
    write(&out, &packed)
}

/// The folders with a crate in them, by name.
fn plugins(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join("Cargo.toml").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// A target folder beside those of the profiles: the outer cargo holds the lock of its own while this script runs, and what was built
/// here serves every profile.
fn guests(out: &Path) -> Result<PathBuf> {
    // <target>/<profile>/build/<package>/out
    let target = out
        .ancestors()
        .nth(4)
        .ok_or("OUT_DIR is below the target folder")?;
    Ok(target.join("guests"))
}

fn write(out: &Path, packed: &[Packed]) -> Result<()> {
    let mut code = String::from("&[\n");
    for one in packed {
        let file = out.join(format!("{}.wasm", one.package));
        fs::write(&file, &one.component)?;
        let mut families: Vec<&str> = one
            .manifests
            .iter()
            .flat_map(chela_manifest::Manifest::families)
            .map(chela_manifest::Family::as_str)
            .collect();
        families.sort_unstable();
        families.dedup();
        let providers: Vec<&str> = one
            .manifests
            .iter()
            .filter(|manifest| !manifest.is_template())
            .map(|manifest| manifest.id.as_str())
            .collect();
        writeln!(
            code,
            "    BundledComponent {{ id: {:?}, bytes: include_bytes!({:?}), digest: {:?}, families: &{families:?}, providers: &{providers:?} }},",
            one.package, file, one.digest
        )?;
    }
    code.push_str("]\n");
    fs::write(out.join("components.rs"), code)?;
    Ok(())
}
