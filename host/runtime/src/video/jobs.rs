//! Jobs that outlive the process that handed them in: one small file each, in a folder that is its user's alone.
//!
//! What the file holds is what finding the job again and delivering its film takes. The prompt is not in it: no question after a job
//! needs it, and what somebody had in mind is nobody's business who comes upon the folder.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use cap_std::fs::Dir;
use cap_tempfile::TempFile;
use chela_envelope::{ErrorType, Input};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::fitting::Changes;

/// The most bytes of a job's file. A token has 4 KiB, and the rest is short.
const LARGEST: u64 = 1 << 20;

/// How a file of the folder is called behind the job's id.
const EXTENSION: &str = ".json";

/// How often, and how long apart, a job is looked at before it counts as another process's.
const LOOKS: u32 = 10;
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

/// The folder of jobs that are not done.
#[derive(Clone, Debug)]
pub struct JobStore {
    folder: Arc<Dir>,
    shown: PathBuf,
}

/// A job that is not done, as `video resume` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoJob {
    /// By what it is picked up.
    pub id: String,
    /// Who works on it.
    pub provider: String,
    /// The provider's id of the model.
    pub model: String,
    /// When it was handed in, in UTC (RFC 3339).
    pub submitted_at: String,
    /// Whether a process is waiting for it now.
    pub active: bool,
    /// Where its film goes: a path, `-` for standard output; none for the media folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// A job as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) component: KeptComponent,
    /// The origin that it was handed in at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) server: Option<String>,
    pub(super) token: String,
    pub(super) submitted_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inputs: Vec<Input>,
    /// What became of the caller's hints, for the envelope.
    #[serde(flatten)]
    pub(super) changes: Changes,
}

/// The component that a token is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptComponent {
    pub(super) version: String,
    pub(super) digest: String,
}

/// An id that no other job has, and the time.
pub(super) fn identity() -> (String, String) {
    let now = jiff::Timestamp::now();
    // Without randomness the clock's smallest part keeps ids apart.
    let id = getrandom::u32().unwrap_or_else(|_| now.subsec_nanosecond().unsigned_abs());
    (
        format!("{id:08x}"),
        now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// A job in the hands of this process, and of no other as long as this is there.
#[derive(Debug)]
pub(super) struct Held {
    store: JobStore,
    name: String,
    /// Locked. The lock goes with it, also when its holder dies.
    _lock: File,
}

impl Held {
    /// Takes it out of the store.
    pub(super) fn forget(self) {
        if let Err(error) = self.store.folder.remove_file(&self.name) {
            tracing::warn!(job = self.name, %error, "the job could not be taken out of the store");
        }
    }
}

impl JobStore {
    /// The jobs in an open folder, which is called `shown` in messages.
    pub fn new(folder: Dir, shown: impl Into<PathBuf>) -> Self {
        Self {
            folder: Arc::new(folder),
            shown: shown.into(),
        }
    }

    /// The jobs that are there, oldest first, and what is wrong with files that hold none.
    pub fn list(&self) -> (Vec<VideoJob>, Vec<String>) {
        let mut jobs = Vec::new();
        let mut problems = Vec::new();
        let names = match self.names() {
            Ok(names) => names,
            Err(error) => {
                return (
                    jobs,
                    vec![format!("{} cannot be read: {error}", self.shown.display())],
                );
            }
        };
        for name in names {
            let read = self.folder.open(&name).and_then(|file| {
                let file = file.into_std();
                let active = file.try_lock_shared().is_err();
                Ok((read(&file)?, active))
            });
            match read {
                Ok((kept, active)) if format!("{}{EXTENSION}", kept.id) == name => {
                    jobs.push(VideoJob {
                        id: kept.id,
                        provider: kept.provider,
                        model: kept.model,
                        submitted_at: kept.submitted_at,
                        active,
                        output: kept.output,
                    });
                }
                // Its process was done with it just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Ok(_) => problems.push(self.broken(&name, "its name is not that of its job")),
                Err(error) => problems.push(self.broken(&name, &error.to_string())),
            }
        }
        jobs.sort_by(|a, b| (&a.submitted_at, &a.id).cmp(&(&b.submitted_at, &b.id)));
        (jobs, problems)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in self.folder.entries()? {
            let name = entry?.file_name();
            if let Some(name) = name.to_str()
                && name.strip_suffix(EXTENSION).is_some_and(is_id)
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn broken(&self, name: &str, problem: &str) -> String {
        format!("{} is no job: {problem}", self.shown.join(name).display())
    }

    /// Finds out before anything is paid for whether a job could be kept.
    pub(super) fn check(&self) -> Result<(), Fault> {
        TempFile::new(&self.folder)
            .map(drop)
            .map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &io::Error) -> Fault {
        let message = format!("jobs cannot be kept in {}: {error}", self.shown.display());
        Fault::new(ErrorType::Config, message).hint("CHELA_STATE_DIR names another state folder")
    }

    /// Keeps a job. It is on the disk, whole and locked, when this is done.
    pub(super) fn keep(&self, job: &Kept) -> Result<Held, Fault> {
        let name = format!("{}{EXTENSION}", job.id);
        let keep = || -> io::Result<File> {
            let mut text = serde_json::to_vec_pretty(job).map_err(io::Error::from)?;
            text.push(b'\n');
            replace_private(&self.folder, &name, &text)
        };
        match keep() {
            Ok(lock) => Ok(Held {
                store: self.clone(),
                name,
                _lock: lock,
            }),
            Err(error) => Err(self.unwritable(&error)),
        }
    }

    /// The job of an id, without taking it in hand.
    pub(super) fn find(&self, id: &str) -> Result<Kept, Fault> {
        self.open(id).map(|(kept, _)| kept)
    }

    /// Where the film of a job is to go: a path, `-` for standard output; none for the media folder.
    ///
    /// # Errors
    ///
    /// The error of an id that no job has, or of a file that cannot be read.
    pub fn output_of(&self, id: &str) -> Result<Option<String>, chela_envelope::ErrorBody> {
        match self.find(id) {
            Ok(kept) => Ok(kept.output),
            Err(fault) => Err(fault.body(None)),
        }
    }

    /// Takes a job in hand.
    pub(super) fn take(&self, id: &str) -> Result<(Kept, Held), Fault> {
        let (kept, file) = self.open(id)?;
        let mut free = file.try_lock().is_ok();
        // Who lists the jobs looks at each for a moment, and waits for none.
        for _ in 0..LOOKS {
            if free {
                break;
            }
            std::thread::sleep(LOOK);
            free = file.try_lock().is_ok();
        }
        if !free {
            let message = format!("another process is waiting for the job {id}");
            return Err(Fault::usage(message).hint("let it finish, or interrupt it first"));
        }
        let name = format!("{id}{EXTENSION}");
        // Whoever had it in hand may have finished it between the two.
        if self.folder.symlink_metadata(&name).is_err() {
            return Err(unknown(id));
        }
        let held = Held {
            store: self.clone(),
            name,
            _lock: file,
        };
        Ok((kept, held))
    }

    fn open(&self, id: &str) -> Result<(Kept, File), Fault> {
        if !is_id(id) {
            return Err(unknown(id));
        }
        let name = format!("{id}{EXTENSION}");
        let opened = self.folder.open(&name).and_then(|file| {
            let file = file.into_std();
            Ok((read(&file)?, file))
        });
        opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => unknown(id),
            _ => Fault::new(ErrorType::Config, self.broken(&name, &error.to_string()))
                .hint("remove the file to be rid of the job"),
        })
    }
}

fn unknown(id: &str) -> Fault {
    Fault::usage(format!("there is no unfinished job `{id}`"))
        .hint("`chela video resume` without an id lists those there are")
}

/// Whether a text can be an id: eight hexadecimal digits, and so no path.
fn is_id(text: &str) -> bool {
    text.len() == 8
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn read(file: &File) -> io::Result<Kept> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is too large"));
    }
    Ok(serde_json::from_slice(&bytes)?)
}

/// Puts a file in the place of what was there, for its user alone (mode 0600), and gives it locked: staged, flushed, renamed. A reader finds what
/// was there before or what is there after, whenever the writer dies.
///
/// # Errors
///
/// What the operating system says. What was there is still there.
pub fn replace_private(folder: &Dir, name: &str, bytes: &[u8]) -> io::Result<File> {
    let mut staged = TempFile::new(folder)?;
    #[cfg(unix)]
    {
        use cap_std::fs::PermissionsExt as _;
        let private = cap_std::fs::Permissions::from_mode(0o600);
        staged.as_file().set_permissions(private)?;
    }
    let file = staged.as_file().try_clone()?.into_std();
    file.lock()?;
    staged.write_all(bytes)?;
    // The name must not become visible before the bytes are safe.
    staged.as_file().sync_all()?;
    staged.replace(name)?;
    // The handle of the folder is for paths alone; one that can be flushed is opened for it.
    if let Err(error) = folder.open(".").and_then(|folder| folder.sync_all()) {
        // Some file systems cannot; the file is whole either way.
        tracing::debug!(%error, "the folder was not flushed");
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use super::*;
    use cap_tempfile::TempDir;
    use proptest::prelude::*;

    fn store() -> (TempDir, JobStore) {
        let folder = TempDir::new(cap_std::ambient_authority()).expect("a folder");
        let store = JobStore::new(folder.try_clone().expect("a handle"), "jobs");
        (folder, store)
    }

    fn job(id: &str) -> Kept {
        Kept {
            server: None,
            id: id.into(),
            provider: "openai".into(),
            model: "sora-2".into(),
            component: KeptComponent {
                version: "0.1.0".into(),
                digest: "sha256:00".into(),
            },
            token: "video_1".into(),
            submitted_at: "2026-01-02T03:04:05Z".into(),
            output: Some("/tmp/a.mp4".into()),
            request_id: None,
            inputs: Vec::new(),
            changes: Changes::default(),
        }
    }

    #[test]
    fn a_job_is_in_one_hand_at_a_time_and_gone_when_it_is_done() {
        let (_folder, store) = store();
        let held = store.keep(&job("0123abcd")).expect("kept");
        assert!(store.list().0[0].active);
        assert!(store.take("0123abcd").is_err());
        drop(held);
        assert!(!store.list().0[0].active);
        let (kept, held) = store.take("0123abcd").expect("nobody has it");
        assert_eq!(
            (kept.token.as_str(), kept.output.as_deref()),
            ("video_1", Some("/tmp/a.mp4"))
        );
        held.forget();
        assert_eq!(store.list(), (Vec::new(), Vec::new()));
        assert_eq!(
            store.take("0123abcd").expect_err("gone").kind,
            ErrorType::Usage
        );
    }

    #[test]
    fn what_is_no_job_is_told_and_passed_over() {
        let (folder, store) = store();
        for (name, text) in [
            ("00000001.json", "{"),
            ("00000002.json", "[]"),
            ("notes.json", "{}"),
            ("00000003.json.part", "{}"),
        ] {
            folder.write(name, text).expect("written");
        }
        let stranger = serde_json::to_vec(&job("0000000a")).expect("JSON");
        folder.write("00000004.json", stranger).expect("written");
        drop(store.keep(&job("0123abcd")).expect("kept"));
        let (jobs, problems) = store.list();
        assert_eq!(jobs.len(), 1);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(
            store.find("00000001").expect_err("broken").kind,
            ErrorType::Config
        );
        for id in ["", "..", "0123ABCD", "0123abcd.json", "../0123abc"] {
            assert_eq!(store.find(id).expect_err(id).kind, ErrorType::Usage);
        }
    }

    proptest! {
        #[test]
        fn a_file_of_any_bytes_is_read_or_told(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..400) {
            let (folder, store) = store();
            let whole = serde_json::to_vec(&job("0123abcd")).expect("JSON");
            let cut = &whole[..at.min(whole.len())];
            for bytes in [&bytes[..], cut, &[cut, &bytes].concat()] {
                folder.write("0123abcd.json", bytes).expect("written");
                let (jobs, problems) = store.list();
                prop_assert_eq!(jobs.len() + problems.len(), 1);
                let _ = store.find("0123abcd");
            }
        }
    }
}
