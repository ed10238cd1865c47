//! One cargo for all crates of a workspace.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a build tool starts cargo and reads what it made"
)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::environment::{clean, get};
use crate::{PackError, TARGET};

/// What a workspace gets that has no profile `guest` of its own: small before fast.
const PROFILE: &[&str] = &[
    "profile.guest.inherits=\"release\"",
    "profile.guest.opt-level=\"s\"",
    "profile.guest.lto=true",
    "profile.guest.codegen-units=1",
    "profile.guest.panic=\"abort\"",
];

/// The folder that guests are built in, inside a target folder, so that a cargo that holds the lock of that one is not waited for.
const GUESTS: &str = "guests";

/// How crates are built.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) environment: Vec<(OsString, OsString)>,
    target_dir: Option<PathBuf>,
    locked: bool,
    offline: bool,
}

impl Options {
    /// Builds in the folder `guests` of the workspace's target folder. Of the environment, cargo gets what a person would have
    /// set; what an outer cargo set stays outside.
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let environment: Vec<_> = environment.into_iter().collect();
        let target_dir = get(&environment, "CARGO_TARGET_DIR");
        Self {
            target_dir: target_dir.map(|folder| Path::new(folder).join(GUESTS)),
            environment: clean(environment),
            locked: false,
            offline: false,
        }
    }

    /// Builds in that folder, which must not be the target folder of a cargo that waits for this one.
    #[must_use]
    pub fn target_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.target_dir = Some(folder.into());
        self
    }

    /// `Cargo.lock` has to be there and stays as it is.
    #[must_use]
    pub fn locked(mut self, locked: bool) -> Self {
        self.locked = locked;
        self
    }

    /// Nothing is fetched.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment.iter().cloned());
        command.stdin(Stdio::null());
        command
    }

    fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command("cargo");
        command.arg(subcommand);
        if self.locked {
            command.arg("--locked");
        }
        if self.offline {
            command.arg("--offline");
        }
        command
    }
}

/// What cargo made of a crate.
pub(crate) struct Built {
    pub(crate) package: String,
    pub(crate) module: Vec<u8>,
}

/// A workspace with crates to build.
struct Workspace {
    target_dir: PathBuf,
    crates: Vec<Crate>,
}

/// A crate to build.
struct Crate {
    /// Its place among the folders asked for.
    index: usize,
    /// Cargo's own identifier, which is one within a workspace.
    id: String,
    name: String,
}

/// Builds the crates in these folders, in their order.
pub(crate) fn build(folders: &[&Path], options: &Options) -> Result<Vec<Built>, PackError> {
    let mut workspaces: BTreeMap<PathBuf, Workspace> = BTreeMap::new();
    for (index, folder) in folders.iter().enumerate() {
        locate(index, folder, options, &mut workspaces)?;
    }
    let mut modules = BTreeMap::new();
    for (root, workspace) in &workspaces {
        compile(root, workspace, options, &mut modules)?;
    }
    Ok(modules.into_values().collect())
}

/// Finds a folder's crate and its workspace.
fn locate(
    index: usize,
    folder: &Path,
    options: &Options,
    workspaces: &mut BTreeMap<PathBuf, Workspace>,
) -> Result<(), PackError> {
    let manifest = folder.join("Cargo.toml");
    let manifest = manifest.canonicalize().map_err(|_| PackError::NoCrate {
        folder: folder.to_owned(),
    })?;
    let unclear = |reason: &str| PackError::Metadata {
        folder: folder.to_owned(),
        reason: reason.trim().to_owned(),
    };
    let output = options
        .cargo("metadata")
        .args(["--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .output()
        .map_err(start)?;
    if !output.status.success() {
        return Err(unclear(&String::from_utf8_lossy(&output.stderr)));
    }
    let metadata: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| unclear(&error.to_string()))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let package = packages
        .into_iter()
        .find(|package| package["manifest_path"].as_str().map(Path::new) == Some(&manifest))
        .ok_or_else(|| unclear("its Cargo.toml has no [package]"))?;
    let (Some(root), Some(target), Some(id), Some(name)) = (
        metadata["workspace_root"].as_str(),
        metadata["target_directory"].as_str(),
        package["id"].as_str(),
        package["name"].as_str(),
    ) else {
        return Err(unclear("its description is in a form that is not known"));
    };
    let targets = package["targets"].as_array().into_iter().flatten();
    if !targets.into_iter().any(is_cdylib) {
        return Err(PackError::NotACdylib {
            package: name.to_owned(),
        });
    }
    let workspace = workspaces
        .entry(PathBuf::from(root))
        .or_insert_with(|| Workspace {
            target_dir: Path::new(target).join(GUESTS),
            crates: Vec::new(),
        });
    workspace.crates.push(Crate {
        index,
        id: id.to_owned(),
        name: name.to_owned(),
    });
    Ok(())
}

/// Builds crates of one workspace and reads the modules.
fn compile(
    root: &Path,
    workspace: &Workspace,
    options: &Options,
    modules: &mut BTreeMap<usize, Built>,
) -> Result<(), PackError> {
    let Workspace { target_dir, crates } = workspace;
    let target_dir = options.target_dir.as_ref().unwrap_or(target_dir);
    let target_dir = std::path::absolute(target_dir).map_err(|source| PackError::File {
        path: target_dir.clone(),
        verb: "read",
        source,
    })?;
    let mut command = options.cargo("build");
    command
        .current_dir(root)
        .args(["--lib", "--profile", "guest", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target_dir)
        .args(["--message-format", "json-render-diagnostics"])
        .env("CARGO_ENCODED_RUSTFLAGS", flags(root, &target_dir, options))
        .stderr(Stdio::inherit());
    if !has_profile(root)? {
        for setting in PROFILE {
            command.args(["--config", setting]);
        }
    }
    for one in crates {
        command.args(["--package", &one.id]);
    }
    let output = command.output().map_err(start)?;
    let names: Vec<_> = crates.iter().map(|one| format!("`{}`", one.name)).collect();
    let failed = || PackError::Build {
        packages: names.join(", "),
    };
    if !output.status.success() {
        return Err(failed());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let artifacts: Vec<Value> = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|message: &Value| message["reason"] == "compiler-artifact")
        .collect();
    for one in crates {
        let path = module_path(&artifacts, &one.id).ok_or_else(failed)?;
        let module = fs::read(&path).map_err(|source| PackError::File {
            path,
            verb: "read",
            source,
        })?;
        let package = one.name.clone();
        modules.insert(one.index, Built { package, module });
    }
    Ok(())
}

fn is_cdylib(target: &Value) -> bool {
    let mut kinds = target["crate_types"].as_array().into_iter().flatten();
    kinds.any(|kind| kind == "cdylib")
}

fn module_path(artifacts: &[Value], id: &str) -> Option<PathBuf> {
    let artifact = artifacts
        .iter()
        .find(|artifact| artifact["package_id"] == id && is_cdylib(&artifact["target"]))?;
    let mut files = artifact["filenames"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str);
    files
        .find(|file| file.ends_with(".wasm"))
        .map(PathBuf::from)
}

/// Compiler flags that leave no path of this machine in a panic's location, so that the same sources give the same bytes in any
/// folder. The most specific folder comes last, as the compiler wants it.
fn flags(root: &Path, target_dir: &Path, options: &Options) -> OsString {
    let home = get(&options.environment, "HOME").map(PathBuf::from);
    let cargo_home = get(&options.environment, "CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(home.as_ref()?.join(".cargo")));
    let mut flags = OsString::new();
    let mut remap = |from: &OsStr, to: &str| {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    };
    if let Some(home) = &home {
        remap(home.as_os_str(), "home");
    }
    remap(root.as_os_str(), "crate");
    remap(target_dir.as_os_str(), "target");
    if let Some(cargo_home) = &cargo_home {
        remap(cargo_home.as_os_str(), "cargo");
    }
    flags
}

fn has_profile(root: &Path) -> Result<bool, PackError> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|source| PackError::File {
        path,
        verb: "read",
        source,
    })?;
    Ok(text.lines().any(|line| line.trim() == "[profile.guest]"))
}

fn start(source: std::io::Error) -> PackError {
    PackError::Start {
        program: "cargo".to_owned(),
        source,
    }
}
