//! Builds every provider under `plugins/`, packs each into a component, and writes the table that the library includes.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a build script reads the environment and writes files; that is its work"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    match bundle() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // cargo shows a failed build script's standard error whole; the hint is behind the semicolon.
            eprintln!("error: the bundled providers do not build: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bundle() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no folder")?).join("../..");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no folder for results")?);
    for source in ["plugins", "sdk/rust", "wit", "Cargo.lock", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", root.join(source).display());
    }
    let folders = providers(&root.join("plugins"))?;
    let options = chela_pack::Options::new(env::vars_os(), guests(&out)?).locked(root.join("Cargo.lock").is_file());
    let packed = chela_pack::build(&folders, &options)?;
    let mut table = String::from("&[\n");
    for (folder, packed) in folders.iter().zip(packed) {
        let id = folder.file_name().and_then(|name| name.to_str()).ok_or("a folder's name is not text")?;
        let file = out.join(format!("{id}.wasm"));
        fs::write(&file, &packed.component)?;
        table.push_str(&format!(
            "    BundledComponent {{ id: {id:?}, bytes: include_bytes!({:?}), digest: {:?} }},\n",
            file.display().to_string(),
            packed.digest
        ));
    }
    table.push_str("]\n");
    fs::write(out.join("components.rs"), table)?;
    Ok(())
}

/// Every folder of a provider, in the order of their names.
fn providers(plugins: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(plugins)? {
        let folder = entry?.path();
        if folder.join("Cargo.toml").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// A target folder beside the outer build's, which is locked while this runs. It survives, so that a provider is built again only
/// when it changed.
fn guests(out: &Path) -> Result<PathBuf, &'static str> {
    // <target>/<profile>/build/<package>-<hash>/out
    let target = out.ancestors().nth(4).ok_or("the folder for results is not where cargo puts it")?;
    Ok(target.join("guests"))
}
