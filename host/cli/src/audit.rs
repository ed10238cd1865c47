//! The record of what went where: one line of JSON for every request that was sent and every one that was refused, in
//! `requests.jsonl` in the state folder. SECURITY.md says what it is good for.
//!
//! A line holds no path, no query, no content and no key: see [`AuditEvent`]. A file that is full becomes `requests.1.jsonl`,
//! that one `requests.2.jsonl`, and so on. A call writes some hundred kilobytes at most, because it may send a limited number
//! of requests and egress tells its refusals in a few lines. So what is forgotten is older than some hundred of the worst calls, and no
//! component wipes out its own traces by making more.

use cap_std::fs::{Dir, File, OpenOptions};
use chela_egress::audit::{AuditEvent, AuditSink};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// The file that is written.
const FILE: &str = "requests.jsonl";
/// Held by the process that gives files their new names.
const LOCK: &str = "requests.lock";
/// How many full files are kept.
const KEPT: u32 = 8;
/// A file is full at so many bytes, some fifty thousand requests.
const FULL: u64 = 16 * 1024 * 1024;

/// Writes the record. The file is opened with the first event.
pub(crate) struct RequestLog {
    folder: Dir,
    file: Mutex<Option<File>>,
}

impl RequestLog {
    /// A record in a private folder.
    pub(crate) fn new(folder: Dir) -> Self {
        Self {
            folder,
            file: Mutex::new(None),
        }
    }

    fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match file.take() {
            Some(open) => open,
            None => self.open()?,
        };
        // Asked each time, because other processes write to the file as well.
        if is_full(open.metadata()?.len(), line) {
            match self.make_room(line) {
                Ok(()) => open = self.open()?,
                // A line in a file that is too large is worth more than none.
                Err(error) => {
                    tracing::warn!(%error, "the record of requests is full and cannot be renamed");
                }
            }
        }
        // One write, so that lines of processes that run side by side do not mix.
        open.write_all(line)?;
        *file = Some(open);
        Ok(())
    }

    fn open(&self) -> io::Result<File> {
        self.open_private(FILE)
    }

    fn open_private(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.folder.open_with(name, &options)
    }

    /// Gives each full file the next number, unless another process has just done it. The oldest goes.
    fn make_room(&self, line: &[u8]) -> io::Result<()> {
        let lock = self.open_private(LOCK)?.into_std();
        lock.lock()?;
        let size = match self.folder.metadata(FILE) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if !is_full(size, line) {
            return Ok(());
        }
        for number in (1..KEPT).rev() {
            match self
                .folder
                .rename(full(number), &self.folder, full(number + 1))
            {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.folder.rename(FILE, &self.folder, full(1))
    }
}

/// The name of a full file. The higher the number, the older.
fn full(number: u32) -> String {
    format!("requests.{number}.jsonl")
}

/// Whether a line does not fit behind so many bytes.
fn is_full(size: u64, line: &[u8]) -> bool {
    size > 0 && size + line.len() as u64 > FULL
}

impl AuditSink for RequestLog {
    fn record(&self, event: &AuditEvent) {
        let written = serde_json::to_vec(&Line::from(event))
            .map_err(io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                self.write(&line)
            });
        // A full disk must not end a call that goes well; whoever traces the program sees it, and the event itself too.
        if let Err(error) = written {
            tracing::warn!(%error, "the record of requests cannot be written");
        }
    }
}

/// One line of the record.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    time: String,
    provider: &'a str,
    component: Option<&'a str>,
    target: String,
    method: String,
    origin: Option<&'a str>,
    hop: u32,
    rule: String,
    credential: Option<&'a str>,
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<&'a str>,
    status: Option<u16>,
    bytes_sent: u64,
    bytes_received: u64,
    duration_ms: u64,
    outcome: String,
    /// How many refusals the line stands for, where it stands for several.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

impl<'a> From<&'a AuditEvent> for Line<'a> {
    fn from(event: &'a AuditEvent) -> Self {
        Self {
            time: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
                .to_string(),
            provider: event.provider.as_str(),
            component: event.component.as_deref(),
            target: event.target.to_string(),
            method: event.method.to_string(),
            origin: event.origin.as_deref(),
            hop: event.hop,
            rule: event.rule.to_string(),
            credential: event.credential.as_deref(),
            address: event.address.map(|address| address.to_string()),
            proxy: event.proxy.as_deref(),
            status: event.status,
            bytes_sent: event.bytes_sent,
            bytes_received: event.bytes_received,
            duration_ms: u64::try_from(event.duration.as_millis()).unwrap_or(u64::MAX),
            outcome: event.outcome.to_string(),
            count: (event.count > 1).then_some(event.count),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use super::{FILE, FULL, KEPT, RequestLog, full};
    use cap_std::fs::Dir;

    fn folder() -> cap_tempfile::TempDir {
        cap_tempfile::tempdir(cap_std::ambient_authority()).expect("there is a place for it")
    }

    fn log(folder: &Dir) -> RequestLog {
        RequestLog::new(folder.try_clone().expect("it is open"))
    }

    fn write(log: &RequestLog, line: &str) {
        log.write(line.as_bytes()).expect("it is written");
    }

    /// Makes the file as large as it may be, with nothing in it.
    fn fill(folder: &Dir) {
        let mut options = cap_std::fs::OpenOptions::new();
        options.write(true);
        let file = folder.open_with(FILE, &options).expect("it opens");
        file.set_len(FULL).expect("it grows");
    }

    fn text(folder: &Dir, name: &str) -> String {
        let text = folder.read_to_string(name).expect("it is there");
        text.trim_end_matches('\0').to_owned()
    }

    #[test]
    fn lines_are_appended() {
        let folder = folder();
        write(&log(&folder), "one\n");
        let log = log(&folder);
        write(&log, "two\n");
        write(&log, "three\n");
        assert_eq!(text(&folder, FILE), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_file_that_becomes_full_while_it_is_written_makes_room_and_nothing_is_lost() {
        let folder = folder();
        let log = log(&folder);
        for number in 0..KEPT + 2 {
            write(&log, &format!("{number}\n"));
            fill(&folder);
        }
        // The line that made the last file full is the last one; before it as many files as are kept.
        let newest = KEPT + 1;
        assert_eq!(text(&folder, FILE), format!("{newest}\n"));
        for number in 1..=KEPT {
            assert_eq!(
                text(&folder, &full(number)),
                format!("{}\n", newest - number)
            );
        }
        assert!(!folder.exists(full(KEPT + 1)), "the oldest is gone");
    }

    #[test]
    fn of_two_that_write_one_makes_room_and_both_go_on_in_the_new_file() {
        let folder = folder();
        let (first, second) = (log(&folder), log(&folder));
        write(&first, "one\n");
        write(&second, "two\n");
        fill(&folder);
        write(&first, "three\n");
        write(&second, "four\n");
        assert_eq!(text(&folder, FILE), "three\nfour\n");
        assert_eq!(text(&folder, &full(1)), "one\ntwo\n");
        assert!(!folder.exists(full(2)), "room was made once");
    }

    #[test]
    fn what_cannot_be_renamed_is_written_to_all_the_same() {
        let folder = folder();
        let log = log(&folder);
        write(&log, "one\n");
        fill(&folder);
        let (before, last) = (full(KEPT - 1), full(KEPT));
        folder.create_dir(before).expect("it is made");
        folder.create_dir(&last).expect("it is made");
        folder
            .write(format!("{last}/file"), "")
            .expect("it is made");
        write(&log, "two\n");
        let text = folder.read_to_string(FILE).expect("it is there");
        assert!(text.starts_with("one\n") && text.ends_with("two\n"));
    }
}
