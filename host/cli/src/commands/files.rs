//! Files and URLs that a command line names.

use crate::{environment, paths};
use chela_envelope::{ErrorBody, ErrorType};
use chela_runtime::InputFile;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most bytes of a JSON Schema.
const LARGEST_SCHEMA: u64 = 1024 * 1024;

/// Opens files to be sent. What they are is for the runtime to see.
///
/// # Errors
///
/// A `usage` error for the first that cannot be opened.
pub(super) fn open_all(files: &[PathBuf]) -> Result<Vec<InputFile>, ErrorBody> {
    files.iter().map(|path| open(path)).collect()
}

/// Opens a file to be sent. An http or https URL is not opened: the provider is asked to read it, where it can.
pub(super) fn open(path: &Path) -> Result<InputFile, ErrorBody> {
    if let Some(text) = path.to_str().filter(|text| is_url(text)) {
        return Ok(InputFile::url(text));
    }
    let file = paths::open_to_send(path)
        .map_err(|error| unreadable("--file", path, &environment::problem(&error)))?;
    Ok(InputFile::file(path.display().to_string(), file))
}

fn is_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    })
}

/// Reads the JSON Schema of `--schema`. Whether it is one is for the runtime to see.
///
/// # Errors
///
/// A `usage` error for a file that cannot be read as text.
pub(super) fn schema(path: &Path) -> Result<String, ErrorBody> {
    let refuse = |problem: &str| unreadable("--schema", path, problem);
    let mut bytes = Vec::new();
    paths::open(path)
        .and_then(|file| file.take(LARGEST_SCHEMA + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(&environment::problem(&error)))?;
    if bytes.len() as u64 > LARGEST_SCHEMA {
        return Err(refuse("it is larger than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8 text"))
}

fn unreadable(flag: &str, path: &Path, problem: &str) -> ErrorBody {
    ErrorBody::new(
        ErrorType::Usage,
        format!("`{flag} {}` cannot be read: {problem}", path.display()),
    )
    .hint("name a file that is there and that you may read")
}

#[cfg(test)]
mod tests {
    use super::{is_url, open};
    use std::path::Path;

    #[test]
    fn a_url_is_told_from_a_path() {
        for url in ["http://a/b.png", "HTTPS://a"] {
            assert!(is_url(url), "{url}");
            assert!(open(Path::new(url)).is_ok());
        }
        for path in ["http.png", "ftp://a/b", "./http://x", "ü", "https:/a"] {
            assert!(!is_url(path), "{path}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = open(Path::new("no/such/picture.png")).expect_err("it is not there");
        assert_eq!(
            error.message,
            "`--file no/such/picture.png` cannot be read: No such file or directory"
        );
    }
}
