//! The compiler's standard library for WebAssembly, fetched where it is missing.

#![expect(
    clippy::disallowed_types,
    reason = "a build tool starts the compiler and rustup"
)]

use std::path::Path;
use std::process::Stdio;

use crate::cargo::Options;
use crate::environment::get;
use crate::{PackError, TARGET};

/// Sees to it that the compiler can build for [`TARGET`]: asks rustup for it when it cannot.
pub(crate) fn ensure_target(options: &Options) -> Result<(), PackError> {
    if has_target(options)? {
        return Ok(());
    }
    let toolchain = toolchain(options)?;
    let status = options
        .command("rustup")
        .args(["target", "add", "--toolchain", &toolchain, TARGET])
        .stdout(Stdio::null())
        .status();
    let reason = match status {
        Ok(status) if status.success() && has_target(options)? => return Ok(()),
        Ok(_) => format!("rustup could not add it to the toolchain {toolchain}"),
        Err(error) => format!("rustup is not there to add it ({error})"),
    };
    Err(PackError::NoTarget { reason })
}

fn has_target(options: &Options) -> Result<bool, PackError> {
    let output = options
        .command("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .stderr(Stdio::null())
        .output()
        .map_err(|source| PackError::Start {
            program: "rustc".to_owned(),
            source,
        })?;
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(folder.trim()).is_dir())
}

/// The toolchain in use, as rustup names it.
fn toolchain(options: &Options) -> Result<String, PackError> {
    if let Some(name) = get(&options.environment, "RUSTUP_TOOLCHAIN") {
        return Ok(name.to_string_lossy().into_owned());
    }
    let absent = |reason: String| PackError::NoTarget { reason };
    let output = options
        .command("rustup")
        .args(["show", "active-toolchain"])
        .output()
        .map_err(|error| absent(format!("rustup is not there to add it ({error})")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let name = text.split_whitespace().next();
    name.map(str::to_owned)
        .ok_or_else(|| absent("rustup has no toolchain in use".to_owned()))
}
