//! `chela-pack`: from a crate to a component, on a command line.
#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a build tool for a person at a terminal"
)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use chela_pack::{Options, PackError, Packed, build, pack, read_manifests};

const USAGE: &str = "\
Turn a crate and its provider.toml into a provider component for chela.

Usage: chela-pack [options] <folder>

The folder holds Cargo.toml and provider.toml, or providers/*.toml for several providers in one component.

Options:
  -o, --output <file>        where to write; <package>.wasm here when not given
      --component <file>     pack this component in place of building one; the folder then needs no Cargo.toml
      --target-dir <folder>  where to build; guests below cargo's own when not given
      --locked               Cargo.lock has to be there and stays as it is
      --offline              fetch nothing
  -h, --help                 this text
";

/// The command line.
#[derive(Default)]
struct Arguments {
    folder: PathBuf,
    output: Option<PathBuf>,
    component: Option<PathBuf>,
    target_dir: Option<PathBuf>,
    locked: bool,
    offline: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    if arguments.iter().any(|one| one == "-h" || one == "--help") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let arguments = match parse(arguments) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("error: {message}\nhint: chela-pack --help shows how it is called");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok((packed, output)) => {
            report(&packed, &output);
            ExitCode::SUCCESS
        }
        Err(error) => {
            let text = error.to_string();
            match text.split_once("; ") {
                Some((problem, hint)) => eprintln!("error: {problem}\nhint: {hint}"),
                None => eprintln!("error: {text}"),
            }
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: Vec<OsString>) -> Result<Arguments, String> {
    let mut parsed = Arguments::default();
    let mut folder = None;
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let mut path = |name: &str| {
            rest.next()
                .map(PathBuf::from)
                .ok_or_else(|| format!("{name} needs a value"))
        };
        match argument.to_str() {
            Some("-o" | "--output") => parsed.output = Some(path("--output")?),
            Some("--component") => parsed.component = Some(path("--component")?),
            Some("--target-dir") => parsed.target_dir = Some(path("--target-dir")?),
            Some("--locked") => parsed.locked = true,
            Some("--offline") => parsed.offline = true,
            Some(option) if option.starts_with('-') => {
                return Err(format!("there is no option {option}"));
            }
            _ if folder.is_none() => folder = Some(PathBuf::from(argument)),
            _ => return Err("more than one folder is named".to_owned()),
        }
    }
    parsed.folder = folder.ok_or("no folder is named")?;
    Ok(parsed)
}

fn run(arguments: &Arguments) -> Result<(Packed, PathBuf), PackError> {
    let packed = match &arguments.component {
        Some(file) => {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let bytes = fs::read(file).map_err(|source| PackError::File {
                path: file.clone(),
                verb: "read",
                source,
            })?;
            pack(&bytes, read_manifests(&arguments.folder)?, &name)?
        }
        None => {
            let mut options = Options::new(env::vars_os())
                .locked(arguments.locked)
                .offline(arguments.offline);
            if let Some(folder) = &arguments.target_dir {
                options = options.target_dir(folder);
            }
            let mut built = build(&[&arguments.folder], &options)?;
            built.pop().expect("one folder gives one component")
        }
    };
    let output = arguments.output.clone();
    let output = output.unwrap_or_else(|| PathBuf::from(format!("{}.wasm", packed.package)));
    fs::write(&output, &packed.component).map_err(|source| PackError::File {
        path: output.clone(),
        verb: "written",
        source,
    })?;
    Ok((packed, output))
}

fn report(packed: &Packed, output: &Path) {
    println!("{} ({} bytes)", output.display(), packed.component.len());
    println!("{}", packed.digest);
    for manifest in &packed.manifests {
        let families: Vec<_> = manifest
            .families()
            .into_iter()
            .map(chela_manifest::Family::as_str)
            .collect();
        println!(
            "{} {}: {}",
            manifest.id,
            manifest.version,
            families.join(", ")
        );
    }
}
