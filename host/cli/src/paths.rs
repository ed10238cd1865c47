//! Where chela keeps things: its configuration file, its state, its cache.
//!
//! A path that a person typed, or that belongs to the user's home, becomes a directory handle here and nowhere else. Folders
//! that chela makes are for their user alone (mode 0700).
#![expect(
    clippy::disallowed_methods,
    reason = "this is where a path becomes a directory handle"
)]

use crate::environment;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use chela_credentials::{KeyStore, MAX_KEY_SIZE};
use chela_envelope::{ErrorBody, ErrorType};
use chela_runtime::{Destination, Folder};
use etcetera::BaseStrategy;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

/// The name of chela's folder in each of the user's folders.
const FOLDER: &str = "chela";
/// The name of the folder of kept keys in the state folder.
const KEYS: &str = "credentials";
/// The name of the configuration file in its folder.
const CONFIG_FILE: &str = "config.json5";

/// Where things are. Nothing is made or opened until it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paths {
    /// The configuration file.
    pub(crate) config: PathBuf,
    /// Whether a person named the file, so that it has to be there.
    pub(crate) config_named: bool,
    /// What is to be kept: media that was made, the record of requests.
    pub(crate) state: PathBuf,
    /// What can be made again: compiled components.
    pub(crate) cache: PathBuf,
}

impl Paths {
    /// The folder that those who share servers share.
    pub(crate) fn services(&self) -> PathBuf {
        self.state.join("services")
    }

    /// Finds them: `--config`, then `CHELA_CONFIG`, `CHELA_STATE_DIR`, `CHELA_CACHE_DIR`, then the system's folders.
    ///
    /// # Errors
    ///
    /// A `config` error where the system knows no home and a variable is needed in its place.
    pub(crate) fn find(config: Option<&Path>) -> Result<Self, ErrorBody> {
        let named = config
            .map(Path::to_owned)
            .or_else(|| environment::folder("CHELA_CONFIG"));
        let config_named = named.is_some();
        let home = |variable: &str| {
            etcetera::choose_base_strategy().map_err(|_| {
                ErrorBody::new(
                    ErrorType::Config,
                    "the system names no home folder for this user",
                )
                .hint(format!("set HOME, or {variable} to the path to use"))
            })
        };
        let config = match named {
            Some(path) => path,
            None => home("CHELA_CONFIG")?
                .config_dir()
                .join(FOLDER)
                .join(CONFIG_FILE),
        };
        let state = match environment::folder("CHELA_STATE_DIR") {
            Some(path) => path,
            None => {
                let home = home("CHELA_STATE_DIR")?;
                home.state_dir()
                    .unwrap_or_else(|| home.data_dir())
                    .join(FOLDER)
            }
        };
        let cache = match environment::folder("CHELA_CACHE_DIR") {
            Some(path) => path,
            None => home("CHELA_CACHE_DIR")?.cache_dir().join(FOLDER),
        };
        Ok(Self {
            config,
            config_named,
            state,
            cache,
        })
    }
}

/// Opens a folder for its user alone, making it and those above it where they are not there.
///
/// Whether a folder that was there is closed to others is judged by those who depend on it (the sandbox, for compiled code).
///
/// # Errors
///
/// A `config` error where it cannot be made or opened.
pub(crate) fn private(path: &Path) -> Result<Dir, ErrorBody> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .and_then(|()| Dir::open_ambient_dir(path, ambient_authority()))
        .map_err(|error| {
            ErrorBody::new(
                ErrorType::Config,
                format!("the folder {} cannot be used: {error}", path.display()),
            )
            .hint("CHELA_STATE_DIR and CHELA_CACHE_DIR name other folders")
        })
}

/// The same, for what others must not have put there: refused where the folder is another's, or open to others.
///
/// # Errors
///
/// As [`private`], and where it is not the user's alone.
pub(crate) fn own(path: &Path) -> Result<Dir, ErrorBody> {
    let folder = private(path)?;
    #[cfg(unix)]
    {
        use cap_std::fs::MetadataExt as _;
        let alone = folder.dir_metadata().is_ok_and(|metadata| {
            metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o077 == 0
        });
        if !alone {
            return Err(ErrorBody::new(
                ErrorType::Config,
                format!("the folder {} is not yours alone", path.display()),
            )
            .hint(format!(
                "see what is in it, then run: chmod 700 {}",
                path.display()
            )));
        }
    }
    Ok(folder)
}

/// The keys that are kept in the state folder; none where no key was ever kept.
///
/// # Errors
///
/// What the operating system says, and `PermissionDenied` where the folder is open to others.
pub(crate) fn kept_keys(state: &Path) -> io::Result<Option<KeyStore>> {
    match Dir::open_ambient_dir(state.join(KEYS), ambient_authority()) {
        Ok(folder) => KeyStore::new(folder).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The folder of kept keys, made where it is not there.
///
/// # Errors
///
/// A `config` error where it cannot be used, or is open to others.
pub(crate) fn make_kept_keys(state: &Path) -> Result<KeyStore, ErrorBody> {
    let path = state.join(KEYS);
    KeyStore::new(private(&path)?).map_err(|error| {
        ErrorBody::new(
            ErrorType::Config,
            format!("the folder {} cannot be used: {error}", path.display()),
        )
        .hint(format!("run: chmod 700 {}", path.display()))
    })
}

/// A path that a person typed, as a later process in another folder finds it: absolute, but for `-`. None where it is not UTF-8.
pub(crate) fn for_later(path: &Path) -> Option<String> {
    if path == Path::new("-") {
        return Some("-".to_owned());
    }
    std::path::absolute(path)
        .ok()?
        .into_os_string()
        .into_string()
        .ok()
}

/// Writes files into a folder that a person named, making it where it is not there. Each is whole or as it was.
///
/// # Errors
///
/// A `usage` error where the folder or a file cannot be written.
pub(crate) fn write_all(folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<(), ErrorBody> {
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let dir = Dir::open_ambient_dir(folder, ambient_authority())?;
        for (name, bytes) in files {
            let mut staged = cap_tempfile::TempFile::new(&dir)?;
            staged.write_all(&bytes)?;
            staged.replace(name)?;
        }
        Ok(())
    };
    write().map_err(|error| {
        ErrorBody::new(
            ErrorType::Usage,
            format!(
                "{} cannot be written: {}",
                folder.display(),
                environment::problem(&error)
            ),
        )
        .hint("name a folder that you may write to")
    })
}

/// Opens a file that a person named, for reading.
///
/// # Errors
///
/// What the operating system says.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Opens a file that a person named, to be sent. A pipe without a writer does not block: it is refused later, as is
/// everything that is no regular file.
///
/// # Errors
///
/// What the operating system says.
pub(crate) fn open_to_send(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
    options.open(path)
}

/// `O_NONBLOCK`.
#[cfg(unix)]
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// Reads a file that holds a key; one byte more than a key may have at most, so that more is noticed.
pub(crate) fn key_file(path: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(Path::new(path))?
        .take(MAX_KEY_SIZE as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The file that `--output` names, in a folder that may have to be made.
///
/// # Errors
///
/// A `usage` error where the path names no file or its folder cannot be opened.
pub(crate) fn destination(path: &Path) -> Result<Destination, ErrorBody> {
    let refuse = |what: String| {
        ErrorBody::new(
            ErrorType::Usage,
            format!("`--output {}` {what}", path.display()),
        )
        .hint("name a file in a folder that you may write to")
    };
    let ends_in_separator = path
        .as_os_str()
        .as_encoded_bytes()
        .last()
        .is_some_and(|last| std::path::is_separator(char::from(*last)));
    let (Some(name), false) = (path.file_name(), ends_in_separator) else {
        return Err(refuse("names a folder and no file".to_owned()));
    };
    let parent = path.parent().unwrap_or(Path::new(""));
    // The part that is there is opened as the person named it, links included; the rest is made below it, where nothing
    // can lead elsewhere.
    let there = parent
        .ancestors()
        .find(|ancestor| !ancestor.as_os_str().is_empty() && ancestor.exists())
        .unwrap_or(Path::new(""));
    let opened = if there.as_os_str().is_empty() {
        Path::new(".")
    } else {
        there
    };
    let base = Dir::open_ambient_dir(opened, ambient_authority()).map_err(|error| {
        refuse(format!(
            "needs a folder that cannot be used: {}: {error}",
            opened.display()
        ))
    })?;
    let below = parent.strip_prefix(there).unwrap_or(parent);
    Folder::new(base, below, parent)
        .and_then(|folder| Destination::file(folder, name))
        .map_err(|error| refuse(format!("cannot be written: {error}")))
}
