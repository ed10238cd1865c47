//! The files that callers and keepers share.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use cap_std::fs::{Dir, OpenOptions};

/// The most bytes of a log, after which it begins anew.
const LOG: u64 = 256 << 10;

/// The most bytes of a log that go into an error.
const TAIL: u64 = 1 << 10;

/// Opens one of the files of a provider, for its user alone.
pub(crate) fn open(folder: &Dir, id: &str, kind: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).write(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = folder.open_with(format!("{id}.{kind}"), &options)?;
    Ok(file.into_std())
}

/// What a server says, kept in a file that never grows far.
#[derive(Debug)]
pub(crate) struct Log(Mutex<File>);

impl Log {
    /// An empty one.
    pub(crate) fn begin(folder: &Dir, id: &str) -> io::Result<Self> {
        let file = open(folder, id, "log")?;
        file.set_len(0)?;
        Ok(Self(Mutex::new(file)))
    }

    /// Adds to it what comes out of a pipe until that closes. A log that cannot be written is no reason to hold up the server.
    pub(crate) fn take(&self, mut pipe: impl Read) {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = add(&mut file, &buffer[..count]);
        }
    }
}

fn add(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    if file.stream_position()? + bytes.len() as u64 > LOG {
        file.set_len(0)?;
        file.rewind()?;
    }
    file.write_all(bytes)
}

/// The end of what a server said, as one line. Empty where it said nothing.
pub(crate) fn tail(folder: &Dir, id: &str) -> String {
    let read = || {
        let mut file = open(folder, id, "log")?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        io::Result::Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    // The first of many is cut somewhere.
    let whole = usize::from(bytes.len() as u64 == TAIL && lines.len() > 1);
    lines[whole..].join(" / ")
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]
    use super::*;
    use cap_std::ambient_authority;

    fn folder() -> (tempfile::TempDir, Dir) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let dir = Dir::open_ambient_dir(folder.path(), ambient_authority()).expect("it is there");
        (folder, dir)
    }

    #[test]
    fn the_end_of_a_log_is_one_line() {
        let (_kept, folder) = folder();
        assert_eq!(tail(&folder, "a"), "");
        let log = Log::begin(&folder, "a").expect("the folder is ours");
        log.take(&b"loading\n\n  the model is missing \n"[..]);
        assert_eq!(tail(&folder, "a"), "loading / the model is missing");
        log.take("x".repeat(500).as_bytes());
        log.take(&b"\nlast line\n"[..]);
        log.take("y\n".repeat(400).as_bytes());
        let tail = tail(&folder, "a");
        assert!(tail.ends_with("/ y / y"), "{tail}");
        assert!(!tail.contains("loading"));
    }

    #[test]
    fn a_log_does_not_grow_far() {
        let (_kept, folder) = folder();
        let log = Log::begin(&folder, "a").expect("the folder is ours");
        let noise = "z".repeat(1 << 20);
        log.take(noise.as_bytes());
        log.take(&b"\nthe end\n"[..]);
        let length = folder.metadata("a.log").expect("it is there").len();
        assert!(length <= LOG, "{length}");
        assert!(tail(&folder, "a").ends_with("the end"));
        // A new server has a new log.
        Log::begin(&folder, "a").expect("the folder is ours");
        assert_eq!(tail(&folder, "a"), "");
    }
}
