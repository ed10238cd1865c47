//! The record of what went where: one line of JSON for every request that was sent and every one that was refused, in
//! `requests.jsonl` in the state folder. SECURITY.md says what it is good for.
//!
//! A line holds no path, no query, no content and no key: see [`AuditEvent`].

use cap_std::fs::{Dir, File, OpenOptions};
use chela_egress::audit::{AuditEvent, AuditSink};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// The file that is written.
const FILE: &str = "requests.jsonl";
/// The file that it becomes when it is full. There is one; what was in it before is gone.
const OLDER: &str = "requests.older.jsonl";
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
            None => open_file(&self.folder)?,
        };
        // One write, so that lines of processes that run side by side do not mix.
        open.write_all(line)?;
        *file = Some(open);
        Ok(())
    }
}

fn open_file(folder: &Dir) -> io::Result<File> {
    if folder
        .metadata(FILE)
        .is_ok_and(|metadata| metadata.len() >= FULL)
    {
        folder.rename(FILE, folder, OLDER)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
    folder.open_with(FILE, &options)
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
    status: Option<u16>,
    bytes_sent: u64,
    bytes_received: u64,
    duration_ms: u64,
    outcome: String,
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
            status: event.status,
            bytes_sent: event.bytes_sent,
            bytes_received: event.bytes_received,
            duration_ms: u64::try_from(event.duration.as_millis()).unwrap_or(u64::MAX),
            outcome: event.outcome.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use super::{FILE, FULL, OLDER, RequestLog};

    #[test]
    fn lines_are_appended_and_a_full_file_makes_room() {
        let folder =
            cap_tempfile::tempdir(cap_std::ambient_authority()).expect("there is a place for it");
        RequestLog::new(folder.try_clone().expect("it is open"))
            .write(b"one\n")
            .expect("it is written");
        let log = RequestLog::new(folder.try_clone().expect("it is open"));
        log.write(b"two\n").expect("it is written");
        log.write(b"three\n").expect("it is written");
        assert_eq!(
            folder.read_to_string(FILE).expect("it is there"),
            "one\ntwo\nthree\n"
        );
        folder
            .open_with(FILE, cap_std::fs::OpenOptions::new().write(true))
            .expect("it opens")
            .set_len(FULL)
            .expect("it grows");
        RequestLog::new(folder.try_clone().expect("it is open"))
            .write(b"four\n")
            .expect("it is written");
        assert_eq!(folder.read_to_string(FILE).expect("it is there"), "four\n");
        assert_eq!(folder.metadata(OLDER).expect("it is kept").len(), FULL);
    }
}
