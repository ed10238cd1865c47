//! Bytes that the host holds: in memory when they are few, else in a private file that has no name.

use std::fmt;
use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use cap_std::fs::Dir;
use cap_tempfile::TempFile;

use crate::limits::MAX_READ;
use crate::mime::{self, media_type};

/// Up to this many bytes are kept in memory, more in a file, where there is a folder for that.
pub const IN_MEMORY: usize = 256 * 1024;

/// Bytes with a media type. Immutable, and cheap to clone; what holds the bytes goes when the last clone goes.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chela_egress::Blob;
///
/// let blob = Blob::from_bytes("", "{\"a\": 1}".into());
/// assert_eq!(blob.mime_type(), "application/json");
/// assert_eq!(blob.read(1, 3).await.unwrap(), "\"a\"");
/// assert_eq!(blob.read(100, 3).await.unwrap(), "");
/// # });
/// ```
#[derive(Clone)]
pub struct Blob(Arc<Inner>);

struct Inner {
    store: Store,
    size: u64,
    mime_type: String,
    file_name: Option<String>,
}

enum Store {
    Memory(Bytes),
    File(Arc<File>),
}

impl Blob {
    /// A blob in memory. An empty `mime_type` is found from the bytes; another one is held against them (see
    /// [`crate::mime::media_type`]).
    pub fn from_bytes(mime_type: &str, bytes: Bytes) -> Self {
        let declared = (!mime_type.is_empty()).then_some(mime_type);
        Self(Arc::new(Inner {
            mime_type: media_type(&bytes[..bytes.len().min(mime::HEAD)], declared),
            size: bytes.len() as u64,
            store: Store::Memory(bytes),
            file_name: None,
        }))
    }

    /// A blob of a file that was opened for reading. Its media type is found from the bytes. `file_name` is a label, of
    /// which the part behind the last slash is kept. This reads the beginning of the file, and blocks for it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is not a regular file: a directory, a pipe or a device has no size that can be
    /// promised to a server.
    pub fn from_file(file: File, file_name: Option<&str>) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        let size = metadata.len();
        let head = read_file(&file, 0, size.min(mime::HEAD as u64) as usize)?;
        Ok(Self(Arc::new(Inner {
            store: Store::File(Arc::new(file)),
            size,
            mime_type: media_type(&head, None),
            file_name: file_name.and_then(label),
        })))
    }

    /// The same bytes under another name.
    #[must_use]
    pub fn with_file_name(&self, file_name: &str) -> Self {
        let store = match &self.0.store {
            Store::Memory(bytes) => Store::Memory(bytes.clone()),
            Store::File(file) => Store::File(Arc::clone(file)),
        };
        Self(Arc::new(Inner {
            store,
            size: self.0.size,
            mime_type: self.0.mime_type.clone(),
            file_name: label(file_name),
        }))
    }

    /// The media type, without parameters, never empty.
    pub fn mime_type(&self) -> &str {
        &self.0.mime_type
    }

    /// The length in bytes.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// A file name without folders and without control characters, where there is one.
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name.as_deref()
    }

    /// Up to `length` bytes from `offset`, at most [`MAX_READ`]: fewer at the end, none past it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or has become shorter since the blob was made of it.
    pub async fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        match &self.0.store {
            Store::Memory(_) => self.read_blocking(offset, length),
            Store::File(_) => {
                let blob = self.clone();
                tokio::task::spawn_blocking(move || blob.read_blocking(offset, length))
                    .await
                    .map_err(io::Error::other)?
            }
        }
    }

    /// As [`Blob::read`], on this thread.
    ///
    /// # Errors
    ///
    /// As [`Blob::read`].
    pub fn read_blocking(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        let left = self.0.size.saturating_sub(offset);
        let length = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(length)
            .min(MAX_READ);
        if length == 0 {
            return Ok(Bytes::new());
        }
        match &self.0.store {
            Store::Memory(bytes) => {
                let from =
                    usize::try_from(offset).expect("an offset inside a slice fits its index");
                Ok(bytes.slice(from..from + length))
            }
            Store::File(file) => read_file(file, offset, length),
        }
    }

    /// Whether the bytes are in a file, which is open for as long as there is the blob.
    pub fn is_in_file(&self) -> bool {
        self.in_memory().is_none()
    }

    /// All bytes, when they are in memory.
    pub(crate) fn in_memory(&self) -> Option<&Bytes> {
        match &self.0.store {
            Store::Memory(bytes) => Some(bytes),
            Store::File(_) => None,
        }
    }

    /// Reads the blob from its beginning, on the thread of whoever reads: to copy it to disk.
    pub fn reader(&self) -> BlobReader {
        BlobReader {
            blob: self.clone(),
            at: 0,
        }
    }
}

impl fmt::Debug for Blob {
    /// Without the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob")
            .field("mime_type", &self.mime_type())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// Reads a [`Blob`] from its beginning to its end.
#[derive(Debug)]
pub struct BlobReader {
    blob: Blob,
    at: u64,
}

impl io::Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.blob.read_blocking(self.at, buffer.len())?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}

/// Reads exactly `length` bytes, without moving a cursor that others share.
fn read_file(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut buffer = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match read_at(file, &mut buffer[filled..], offset + filled as u64) {
            Ok(0) => {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the file became shorter while it was in use",
                ));
            }
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.into())
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// The last part of a path, without control characters and what reorders text on a screen; none when nothing is left.
fn label(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let label: String = last.chars().filter(|&c| !hidden(c)).take(255).collect();
    (!matches!(label.trim(), "" | "." | "..")).then_some(label)
}

/// Where large blobs are kept: a folder that is private to the user, or nowhere, and then everything is kept in memory.
#[derive(Clone, Default)]
pub struct Spool(Option<Arc<Dir>>);

impl Spool {
    /// A spool in this folder.
    pub fn new(folder: Option<Dir>) -> Self {
        Self(folder.map(Arc::new))
    }

    /// A blob of these bytes, in memory or in a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub async fn keep(&self, mime_type: &str, bytes: Bytes) -> io::Result<Blob> {
        if bytes.len() <= IN_MEMORY || self.0.is_none() {
            return Ok(Blob::from_bytes(mime_type, bytes));
        }
        let spool = self.clone();
        let write = move || {
            let mut file = spool.file()?.expect("it was asked for a folder");
            io::Write::write_all(&mut file, &bytes)?;
            Ok::<_, io::Error>((file, bytes))
        };
        let (file, bytes) = tokio::task::spawn_blocking(write)
            .await
            .map_err(io::Error::other)??;
        let declared = (!mime_type.is_empty()).then_some(mime_type);
        Ok(Blob(Arc::new(Inner {
            store: Store::File(Arc::new(file)),
            size: bytes.len() as u64,
            mime_type: media_type(&bytes[..mime::HEAD], declared),
            file_name: None,
        })))
    }

    /// Takes bytes as they come.
    pub(crate) fn writer(&self) -> BlobWriter {
        BlobWriter {
            spool: self.clone(),
            buffer: Vec::new(),
            head: Vec::new(),
            file: None,
            size: 0,
        }
    }

    /// A file without a name, which no other process can open.
    fn file(&self) -> io::Result<Option<File>> {
        self.0
            .as_ref()
            .map(|folder| TempFile::new_anonymous(folder).map(cap_std::fs::File::into_std))
            .transpose()
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spool").field(&self.0.is_some()).finish()
    }
}

/// Makes a blob of bytes as they come, in constant memory where there is a folder.
pub(crate) struct BlobWriter {
    spool: Spool,
    /// What is not in the file yet.
    buffer: Vec<u8>,
    /// The beginning, once it is in the file.
    head: Vec<u8>,
    file: Option<File>,
    size: u64,
}

impl BlobWriter {
    pub(crate) async fn push(&mut self, bytes: Bytes) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.buffer.extend_from_slice(&bytes);
        if self.buffer.len() > IN_MEMORY && self.spool.0.is_some() {
            self.flush().await?;
        }
        Ok(())
    }

    /// Moves the buffer into the file.
    async fn flush(&mut self) -> io::Result<()> {
        if self.head.is_empty() {
            self.head
                .extend_from_slice(&self.buffer[..self.buffer.len().min(mime::HEAD)]);
        }
        let (spool, file, buffer) = (
            self.spool.clone(),
            self.file.take(),
            std::mem::take(&mut self.buffer),
        );
        let write = move || {
            let mut file = match file {
                Some(file) => file,
                None => spool
                    .file()?
                    .expect("only a spool with a folder is flushed to"),
            };
            io::Write::write_all(&mut file, &buffer)?;
            Ok::<_, io::Error>((file, buffer))
        };
        let (file, mut buffer) = tokio::task::spawn_blocking(write)
            .await
            .map_err(io::Error::other)??;
        buffer.clear();
        self.buffer = buffer;
        self.file = Some(file);
        Ok(())
    }

    pub(crate) async fn finish(mut self, declared: Option<&str>) -> io::Result<Blob> {
        if self.file.is_none() {
            return Ok(Blob::from_bytes(
                declared.unwrap_or_default(),
                self.buffer.into(),
            ));
        }
        if !self.buffer.is_empty() {
            self.flush().await?;
        }
        let file = self.file.take().expect("a flush leaves a file");
        Ok(Blob(Arc::new(Inner {
            store: Store::File(Arc::new(file)),
            size: self.size,
            mime_type: media_type(&self.head, declared),
            file_name: None,
        })))
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use std::io::{Read as _, Write as _};

    use super::*;

    fn folder() -> cap_tempfile::TempDir {
        cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap()
    }

    #[tokio::test]
    async fn large_blobs_go_to_a_file_without_a_name_and_read_back() {
        let folder = folder();
        let spool = Spool::new(Some(folder.try_clone().unwrap()));
        let bytes: Vec<u8> = (0..1_000_003_u32).map(|i| (i % 251) as u8).collect();
        let mut writer = spool.writer();
        for piece in bytes.chunks(70_001) {
            writer.push(Bytes::copy_from_slice(piece)).await.unwrap();
            assert!(writer.buffer.len() <= IN_MEMORY + 70_001);
        }
        let blob = writer.finish(Some("audio/pcm")).await.unwrap();
        assert!(blob.in_memory().is_none(), "it is in a file");
        assert_eq!(folder.entries().unwrap().count(), 0, "the file has no name");
        assert_eq!((blob.size(), blob.mime_type()), (1_000_003, "audio/pcm"));
        assert_eq!(blob.read(999_999, 100).await.unwrap(), bytes[999_999..]);
        assert_eq!(blob.read(1_000_003, 100).await.unwrap(), "");
        assert_eq!(blob.read(u64::MAX, 100).await.unwrap(), "");
        let mut read = Vec::new();
        blob.reader().read_to_end(&mut read).unwrap();
        assert!(read == bytes);
    }

    #[tokio::test]
    async fn what_is_kept_whole_goes_to_a_file_too_when_it_is_large() {
        let folder = folder();
        let spool = Spool::new(Some(folder.try_clone().unwrap()));
        let bytes: Vec<u8> = (0..=IN_MEMORY).map(|i| (i % 251) as u8).collect();
        let small = spool.keep("", bytes[1..].to_vec().into()).await.unwrap();
        assert!(!small.is_in_file());
        let large = spool.keep("audio/pcm", bytes.clone().into()).await.unwrap();
        assert!(large.is_in_file());
        assert_eq!(folder.entries().unwrap().count(), 0, "the file has no name");
        assert_eq!(large.mime_type(), "audio/pcm");
        let mut read = Vec::new();
        large.reader().read_to_end(&mut read).unwrap();
        assert!(read == bytes);
    }

    #[tokio::test]
    async fn without_a_folder_everything_stays_in_memory() {
        let blob = Spool::default()
            .keep("", vec![1; IN_MEMORY * 2].into())
            .await
            .unwrap();
        assert!(blob.in_memory().is_some());
        assert_eq!(blob.read(0, usize::MAX).await.unwrap().len(), IN_MEMORY * 2);
    }

    #[tokio::test]
    async fn one_read_hands_out_a_megabyte_at_most() {
        let blob = Blob::from_bytes("", vec![1; MAX_READ + 1].into());
        assert_eq!(blob.read(0, usize::MAX).await.unwrap().len(), MAX_READ);
    }

    #[test]
    fn a_file_that_shrinks_is_an_error_and_a_directory_is_no_file() {
        let folder = folder();
        let mut file = folder.create("a").unwrap();
        file.write_all(b"0123456789").unwrap();
        let blob = Blob::from_file(
            folder.open("a").unwrap().into_std(),
            Some("../dir/a\u{202e}.png"),
        )
        .unwrap();
        assert_eq!(
            (blob.size(), blob.mime_type(), blob.file_name()),
            (10, "text/plain", Some("a.png"))
        );
        file.set_len(4).unwrap();
        assert_eq!(
            blob.read_blocking(0, 10).unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof
        );
        let directory = folder.open_dir(".").unwrap().into_std_file();
        assert!(Blob::from_file(directory, None).is_err());
    }

    #[test]
    fn labels() {
        for (given, kept) in [
            ("a.png", Some("a.png")),
            ("/etc/passwd", Some("passwd")),
            ("..\\..\\a", Some("a")),
            ("a\r\n\"b", Some("a\"b")),
            ("..", None),
            ("a/", None),
            ("", None),
        ] {
            assert_eq!(label(given).as_deref(), kept, "{given:?}");
        }
    }
}
