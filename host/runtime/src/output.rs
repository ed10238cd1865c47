//! Files that come out: staged beside their destination, renamed over it when they are complete.
//!
//! What is staged has no name, or one that is removed when the call is given up, so that an interrupt leaves nothing
//! behind and a failure leaves what was there. Writing happens on the thread of the call: dropping the call is then all
//! it takes to end it, and there is no moment at which a file is still being written by somebody else.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::{Dir, FileType};
use cap_tempfile::TempFile;
use chela_egress::Blob;
use chela_envelope::{ErrorType, MediaOutput};

use crate::fault::Fault;
use crate::media;

/// Bytes copied at a time.
const PIECE: usize = 256 * 1024;

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The name is no name of a file.
    #[error("`{0}` does not name a file")]
    NoName(String),
    /// A folder's path leads outside of the handle it is given with.
    #[error("`{0}` is not a path below its folder")]
    NotBelow(String),
    /// Something else than a file is there.
    #[error("`{path}` is {what}, not a file")]
    NotAFile {
        /// The path.
        path: String,
        /// What is there.
        what: &'static str,
    },
    /// The folder cannot be made or opened.
    #[error("the folder `{path}` cannot be used: {source}")]
    Folder {
        /// The folder.
        path: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file cannot be written. What was there is still there.
    #[error("`{path}` cannot be written: {source}")]
    Write {
        /// The file.
        path: String,
        /// What the operating system says.
        source: io::Error,
    },
}

impl From<OutputError> for Fault {
    fn from(error: OutputError) -> Self {
        let full = |source: &io::Error| {
            matches!(
                source.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            )
        };
        match &error {
            OutputError::Write { source, .. } | OutputError::Folder { source, .. }
                if full(source) =>
            {
                Self::new(ErrorType::Internal, error.to_string())
                    .hint("make room on the disk, or write elsewhere with --output")
            }
            OutputError::Write { .. } => Self::new(ErrorType::Internal, error.to_string())
                .hint("what was there is still there; write elsewhere with --output"),
            OutputError::NotAFile {
                what: "a device", ..
            } => Self::usage(error.to_string())
                .hint("write to standard output with --output -, or name a file"),
            _ => {
                Self::usage(error.to_string()).hint("name a file in a folder that you may write to")
            }
        }
    }
}

/// A folder, made when the first file is put into it.
#[derive(Clone, Debug)]
pub struct Folder {
    base: Arc<Dir>,
    below: PathBuf,
    shown: PathBuf,
}

impl Folder {
    /// The folder at `below` under an open one, both together called `shown` in answers. `below` may be empty and need not
    /// exist yet.
    ///
    /// # Errors
    ///
    /// [`OutputError::NotBelow`] for an absolute path or one with `..`.
    pub fn new(
        base: Dir,
        below: impl Into<PathBuf>,
        shown: impl Into<PathBuf>,
    ) -> Result<Self, OutputError> {
        let below = below.into();
        if !below
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return Err(OutputError::NotBelow(below.display().to_string()));
        }
        Ok(Self {
            base: Arc::new(base),
            below,
            shown: shown.into(),
        })
    }

    fn error(&self, source: io::Error) -> OutputError {
        OutputError::Folder {
            path: self.shown.display().to_string(),
            source,
        }
    }

    /// Whether a file could be put into it, without leaving anything behind.
    fn check(&self) -> Result<(), OutputError> {
        let nearest = self.nearest().map_err(|source| self.error(source))?;
        let nearest = nearest.as_ref().unwrap_or(&self.base);
        TempFile::new(nearest)
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// The deepest folder on the way that is there already; none when that is the base itself.
    fn nearest(&self) -> io::Result<Option<Dir>> {
        for path in self
            .below
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty())
        {
            match self.base.open_dir(path) {
                Ok(dir) => return Ok(Some(dir)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn open(&self) -> Result<Dir, OutputError> {
        let open = || {
            if self.below.as_os_str().is_empty() {
                return self.base.try_clone();
            }
            self.base.create_dir_all(&self.below)?;
            self.base.open_dir(&self.below)
        };
        open().map_err(|source| self.error(source))
    }
}

/// Where results go.
#[derive(Clone, Debug)]
pub enum Destination {
    /// Into the runtime's media folder, under a name of its own.
    MediaFolder,
    /// To the caller, who writes it to its standard output.
    Stdout,
    /// To a file in that folder.
    File {
        /// The folder.
        folder: Folder,
        /// The file's name. Its extension gives way to that of what comes out.
        name: OsString,
    },
}

impl Destination {
    /// A file in a folder. `name` is a single part of a path.
    ///
    /// # Errors
    ///
    /// [`OutputError::NoName`] for anything else.
    pub fn file(folder: Folder, name: impl Into<OsString>) -> Result<Self, OutputError> {
        let name = name.into();
        let mut parts = Path::new(&name).components();
        let single = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
        if !single || name.as_encoded_bytes().contains(&0) {
            return Err(OutputError::NoName(name.display().to_string()));
        }
        Ok(Self::File { folder, name })
    }

    /// Finds out before anything is paid for whether results could be written.
    pub(crate) fn check(&self, media: &Folder, count: u32) -> Result<(), Fault> {
        match self {
            Self::Stdout if count > 1 => Err(Fault::usage(
                "only a single result can go to standard output",
            )
            .hint("leave out --count, or name a file")),
            Self::Stdout => Ok(()),
            Self::MediaFolder => Ok(media.check()?),
            Self::File { folder, name } => {
                folder.check()?;
                let Ok(dir) = folder
                    .base
                    .open_dir(if folder.below.as_os_str().is_empty() {
                        Path::new(".")
                    } else {
                        &folder.below
                    })
                else {
                    return Ok(());
                };
                if count == 1 {
                    check_leaf(&dir, name, &folder.shown.join(name))?;
                }
                let extension = Path::new(name).extension().and_then(OsStr::to_str);
                if let (true, Some(mime_type)) = (count > 1, extension.and_then(media::type_of)) {
                    for number in 1..=count as usize {
                        let name = file_name(name, Some(number), mime_type).name;
                        check_leaf(&dir, &name, &folder.shown.join(&name))?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// A result to be written.
pub(crate) struct Finished<'a> {
    pub(crate) blob: &'a Blob,
    pub(crate) seen: &'a media::Seen,
    pub(crate) revised_prompt: Option<String>,
}

/// What was written, and what the caller is to write itself.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) outputs: Vec<MediaOutput>,
    pub(crate) stdout: Option<Blob>,
    /// Files whose extension said something else than their bytes: the path that was asked for, and where they are.
    pub(crate) renamed: Vec<(PathBuf, PathBuf)>,
}

/// Writes results in order, numbered where several were `asked` for. Those before a failure stay written.
pub(crate) async fn write_all(
    destination: &Destination,
    media_folder: &Folder,
    capability: &str,
    asked: usize,
    results: &[Finished<'_>],
) -> (Written, Option<Fault>) {
    let mut written = Written::default();
    let stem = unique_stem(capability);
    for (index, result) in results.iter().enumerate() {
        let number = (asked.max(results.len()) > 1).then_some(index + 1);
        let mime_type = result.seen.mime_type;
        let path = match destination {
            Destination::Stdout => {
                written.stdout = Some(result.blob.clone());
                PathBuf::from("-")
            }
            Destination::MediaFolder => {
                let name = file_name(OsStr::new(&stem), number, mime_type).name;
                match write(media_folder, &name, result.blob).await {
                    Ok(path) => path,
                    Err(error) => return (written, Some(error.into())),
                }
            }
            Destination::File { folder, name } => {
                let named = file_name(name, number, mime_type);
                // More than were asked for have names that nobody named.
                let path = if named.differs || results.len() > asked {
                    write_beside(folder, &named.name, result.blob).await
                } else {
                    write(folder, &named.name, result.blob).await
                };
                match path {
                    Ok(path) => {
                        if named.differs {
                            written
                                .renamed
                                .push((folder.shown.join(name), path.clone()));
                        }
                        path
                    }
                    Err(error) => return (written, Some(error.into())),
                }
            }
        };
        written.outputs.push(MediaOutput {
            path: path.display().to_string(),
            mime_type: mime_type.to_owned(),
            size: result.blob.size(),
            width: result.seen.dimensions.map(|(width, _)| width),
            height: result.seen.dimensions.map(|(_, height)| height),
            duration_ms: result.seen.duration_ms,
            sample_rate: result.seen.sample_rate,
            revised_prompt: result.revised_prompt.clone(),
        });
    }
    (written, None)
}

/// Writes one file, and gives the path it has now.
pub(crate) async fn write(
    folder: &Folder,
    name: &OsStr,
    blob: &Blob,
) -> Result<PathBuf, OutputError> {
    let path = folder.shown.join(name);
    let dir = folder.open()?;
    check_leaf(&dir, name, &path)?;
    stage(&dir, name, blob)
        .await
        .map_err(|source| OutputError::Write {
            path: path.display().to_string(),
            source,
        })?;
    Ok(path)
}

/// Writes one file under a name that nobody asked for in these letters: under the name itself where nothing is there, else under
/// the first of `name-1.ext`, `name-2.ext`, … that is free. What is there is never replaced, also when it comes meanwhile.
async fn write_beside(folder: &Folder, name: &OsStr, blob: &Blob) -> Result<PathBuf, OutputError> {
    let dir = folder.open()?;
    let error = |source| OutputError::Write {
        path: folder.shown.join(name).display().to_string(),
        source,
    };
    // Written under a name of chance first: a link, other than a rename, replaces nothing.
    let id = getrandom::u64().map_err(|unlucky| error(io::Error::other(unlucky.to_string())))?;
    let staged = OsString::from(format!(".chela-{id:016x}"));
    stage(&dir, &staged, blob).await.map_err(error)?;
    let linked = (0..).find_map(|number| {
        let candidate = numbered(name, number);
        match dir.hard_link(&staged, &dir, &candidate) {
            Ok(()) => Some(Ok(candidate)),
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => None,
            // Some file systems have no links; there the free name is taken a moment after it was found free.
            Err(_) if dir.symlink_metadata(&candidate).is_ok() => None,
            Err(_) => Some(dir.rename(&staged, &dir, &candidate).map(|()| candidate)),
        }
    });
    // Gone already where it was renamed.
    let _ = dir.remove_file(&staged);
    match linked {
        Some(Ok(name)) => Ok(folder.shown.join(name)),
        Some(Err(source)) => Err(error(source)),
        None => Err(error(io::ErrorKind::AlreadyExists.into())),
    }
}

/// `name-2.ext` of `name.ext`; the name itself for 0.
fn numbered(name: &OsStr, number: u64) -> OsString {
    if number == 0 {
        return name.to_owned();
    }
    let path = Path::new(name);
    let mut numbered = path.file_stem().unwrap_or(name).to_owned();
    numbered.push(format!("-{number}."));
    numbered.push(path.extension().unwrap_or_default());
    numbered
}

async fn stage(dir: &Dir, name: &OsStr, blob: &Blob) -> io::Result<()> {
    let mut staged = TempFile::new(dir)?;
    let mut at = 0;
    while at < blob.size() {
        let bytes = blob.read(at, PIECE).await?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        staged.write_all(&bytes)?;
        at += bytes.len() as u64;
    }
    // The name must not become visible before the bytes are safe.
    staged.as_file().sync_all()?;
    staged.replace(name)?;
    // The handle of the folder is for paths alone; one that can be flushed is opened for it.
    if let Err(error) = dir.open(".").and_then(|folder| folder.sync_all()) {
        // Some file systems cannot; the file is whole either way.
        tracing::debug!(%error, "the folder was not flushed");
    }
    Ok(())
}

/// Refuses to take the place of anything but a file. A link is replaced itself: what it points to is not touched.
fn check_leaf(dir: &Dir, name: &OsStr, path: &Path) -> Result<(), OutputError> {
    let metadata = match dir.symlink_metadata(name) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(OutputError::Write {
                path: path.display().to_string(),
                source,
            });
        }
    };
    let leads_to_device = || {
        let target = dir.read_link_contents(name).unwrap_or_default();
        target.starts_with("/proc") || target.starts_with("/dev")
    };
    let what = match kind(metadata.file_type()) {
        None if metadata.is_symlink() && leads_to_device() => Some("a device"),
        what => what,
    };
    match what {
        None => Ok(()),
        Some(what) => Err(OutputError::NotAFile {
            path: path.display().to_string(),
            what,
        }),
    }
}

fn kind(file_type: FileType) -> Option<&'static str> {
    if file_type.is_file() || file_type.is_symlink() {
        return None;
    }
    if file_type.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use cap_std::fs::FileTypeExt as _;
        if file_type.is_fifo() {
            return Some("a pipe");
        }
        if file_type.is_block_device() || file_type.is_char_device() {
            return Some("a device");
        }
        if file_type.is_socket() {
            return Some("a socket");
        }
    }
    Some("something special")
}

/// The name that a result gets.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    name: OsString,
    /// Whether it is another one than was asked for: the extension was missing, or that of another kind of file.
    differs: bool,
}

/// The name that a result gets: numbered where there are several, with the extension of what it is.
fn file_name(name: &OsStr, number: Option<usize>, mime_type: &str) -> Named {
    let path = Path::new(name);
    let given = path.extension().and_then(OsStr::to_str);
    let (stem, extension, differs) = match given {
        Some(extension) if media::is_extension_of(extension, mime_type) => {
            (path.file_stem(), extension, false)
        }
        Some(extension) if media::type_of(extension).is_some() => {
            (path.file_stem(), media::extension(mime_type), true)
        }
        // `photo.v2` has no extension that says what it is.
        _ => (Some(name), media::extension(mime_type), true),
    };
    let mut result = stem.unwrap_or(name).to_owned();
    if let Some(number) = number {
        result.push(format!("-{number}"));
    }
    result.push(".");
    result.push(extension);
    Named {
        name: result,
        differs,
    }
}

/// A name made of capability, time (UTC) and a short id, such as `image-generate-20260102-030405-9f3a61c2`.
fn unique_stem(capability: &str) -> String {
    let time = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    // Without randomness the clock's smallest part keeps names apart.
    let id = getrandom::u32()
        .unwrap_or_else(|_| jiff::Timestamp::now().subsec_nanosecond().unsigned_abs());
    format!("{}-{time}-{id:08x}", capability.replace('.', "-"))
}

#[cfg(test)]
mod tests;
