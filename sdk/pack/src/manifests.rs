//! The manifests that lie beside a crate.

#![expect(
    clippy::disallowed_methods,
    reason = "a build tool reads the files of the folder it is pointed at"
)]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chela_manifest::Manifest;

use crate::PackError;

/// Reads and checks `provider.toml`, or every `providers/*.toml` in the order of their names, of a crate's folder.
///
/// # Errors
///
/// [`PackError::NoManifest`], [`PackError::TwoManifests`], [`PackError::File`], and [`PackError::Manifest`] with the place and what to
/// write instead.
pub fn read(folder: &Path) -> Result<Vec<Manifest>, PackError> {
    let single = folder.join("provider.toml");
    let many = list(&folder.join("providers"))?;
    if single.is_file() && !many.is_empty() {
        return Err(PackError::TwoManifests {
            folder: folder.to_owned(),
        });
    }
    let paths = if single.is_file() { vec![single] } else { many };
    if paths.is_empty() {
        return Err(PackError::NoManifest {
            folder: folder.to_owned(),
        });
    }
    paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
            Ok(Manifest::parse_toml(&text, &path.display().to_string())?)
        })
        .collect()
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, PackError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(unreadable(folder, source)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, source: std::io::Error) -> PackError {
    PackError::File {
        path: path.to_owned(),
        verb: "read",
        source,
    }
}
