//! The compiler's standard library for WebAssembly, fetched where it is missing.

#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests write programs to start")
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

#[cfg(all(test, unix))]
mod tests {
    use super::ensure_target;
    use crate::{Options, PackError};
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    /// A folder of programs that are shell scripts, and options that know no others.
    fn programs(scripts: &[(&str, &str)]) -> (tempfile::TempDir, Options) {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        for (name, script) in scripts {
            let path = folder.path().join(name);
            fs::write(
                &path,
                format!("#!/bin/sh\nhere={}\n{script}\n", folder.path().display()),
            )
            .expect("the folder is writable");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
                .expect("the file is there");
        }
        let path: OsString = folder.path().into();
        let options = Options::new([
            ("PATH".into(), path),
            ("RUSTUP_TOOLCHAIN".into(), "1.95-x".into()),
        ]);
        (folder, options)
    }

    const RUSTC: (&str, &str) = ("rustc", "echo $here/lib");

    fn asked(folder: &Path) -> String {
        fs::read_to_string(folder.join("asked")).unwrap_or_default()
    }

    #[test]
    fn a_missing_target_is_added_to_the_toolchain_in_use() {
        let (folder, options) = programs(&[
            RUSTC,
            ("rustup", "echo $@ > $here/asked; /bin/mkdir $here/lib"),
        ]);
        ensure_target(&options).unwrap();
        assert_eq!(
            asked(folder.path()),
            "target add --toolchain 1.95-x wasm32-unknown-unknown\n"
        );
    }

    #[test]
    fn a_target_that_is_there_asks_for_nothing() {
        let (folder, options) = programs(&[RUSTC, ("rustup", "echo $@ > $here/asked")]);
        fs::create_dir(folder.path().join("lib")).unwrap();
        ensure_target(&options).unwrap();
        assert_eq!(asked(folder.path()), "");
    }

    #[test]
    fn without_rustup_and_without_luck_the_error_says_what_to_do() {
        let (_folder, options) = programs(&[RUSTC]);
        let error = ensure_target(&options).unwrap_err();
        assert!(matches!(error, PackError::NoTarget { .. }));
        assert!(error.to_string().contains("rustup is not there"), "{error}");
        let (_folder, options) = programs(&[RUSTC, ("rustup", "exit 1")]);
        let error = ensure_target(&options).unwrap_err().to_string();
        assert!(
            error.contains("could not add it to the toolchain 1.95-x; run `rustup target add"),
            "{error}"
        );
    }

    #[test]
    fn without_a_compiler_the_error_names_it() {
        let (_folder, options) = programs(&[]);
        assert!(
            matches!(ensure_target(&options), Err(PackError::Start { program, .. }) if program == "rustc")
        );
    }
}
