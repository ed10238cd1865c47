//! Blobs in plain memory, in the place of those the host holds.

use crate::Result;
use std::rc::Rc;

/// Bytes with a media type, in the memory of the test.
#[derive(Debug, Clone)]
pub struct Blob(Rc<Held>);

#[derive(Debug)]
struct Held {
    mime_type: String,
    file_name: Option<String>,
    bytes: Vec<u8>,
}

impl Blob {
    /// A blob of these bytes. Where the host would find an empty `mime_type` from the bytes, this says
    /// `application/octet-stream`.
    pub fn new(mime_type: &str, bytes: &[u8]) -> Self {
        Self::named(mime_type, None, bytes)
    }

    /// A blob that has a file name.
    pub(super) fn named(mime_type: &str, file_name: Option<&str>, bytes: &[u8]) -> Self {
        let mime_type = if mime_type.is_empty() {
            "application/octet-stream"
        } else {
            mime_type
        };
        Self(Rc::new(Held {
            mime_type: mime_type.to_owned(),
            file_name: file_name.map(str::to_owned),
            bytes: bytes.to_vec(),
        }))
    }

    /// The media type, never empty.
    pub fn mime_type(&self) -> String {
        self.0.mime_type.clone()
    }

    /// The length in bytes.
    pub fn size(&self) -> u64 {
        self.0.bytes.len() as u64
    }

    /// A file name without folders, where there is one.
    pub fn file_name(&self) -> Option<String> {
        self.0.file_name.clone()
    }

    /// Up to `length` bytes from `offset`; none past the end.
    ///
    /// # Errors
    ///
    /// None here; a real host can fail to read.
    pub fn read(&self, offset: u64, length: u32) -> Result<Vec<u8>> {
        let bytes = &self.0.bytes;
        let start = usize::try_from(offset).map_or(bytes.len(), |start| start.min(bytes.len()));
        let end = start.saturating_add(length as usize).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }

    // The generated code names these three; it runs in WebAssembly only.

    #[doc(hidden)]
    pub fn from_handle(_: u32) -> Self {
        unreachable!("handles exist in WebAssembly only")
    }

    #[doc(hidden)]
    pub fn take_handle(&self) -> u32 {
        unreachable!("handles exist in WebAssembly only")
    }

    #[doc(hidden)]
    pub fn handle(&self) -> u32 {
        unreachable!("handles exist in WebAssembly only")
    }
}

/// Where a piece of media is.
#[derive(Debug)]
pub enum Source {
    /// In memory.
    Blob(Blob),
    /// At a URL that the provider is asked to read.
    Url(String),
}
