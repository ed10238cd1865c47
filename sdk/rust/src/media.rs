//! Media that the host holds.
//!
//! A [`Blob`] stands for bytes outside the component. Hand it on in a request
//! ([`Form::blob`](crate::http::Form::blob), [`Blobs`](crate::http::Blobs)) and the host streams it; read it only where the
//! bytes themselves matter.

#[cfg(target_arch = "wasm32")]
pub use crate::bindings::base::chela::provider::media::{Blob, Source};
#[cfg(not(target_arch = "wasm32"))]
pub use crate::testing::media::{Blob, Source};

use crate::{Failure, FailureKind, Result};

/// How much is asked of the host at once: its own limit for one call.
const CHUNK: u32 = 1 << 20;

impl Blob {
    /// Reads all of the blob into the component's memory.
    ///
    /// # Errors
    ///
    /// [`FailureKind::InvalidRequest`] when the blob is longer than `limit` bytes, and what [`Blob::read`] fails with.
    pub fn read_all(&self, limit: u64) -> Result<Vec<u8>> {
        let size = self.size();
        if size > limit {
            return Err(Failure::new(
                FailureKind::InvalidRequest,
                format!("the file is {size} bytes long and at most {limit} can be read"),
            ));
        }
        let mut bytes = Vec::with_capacity(size as usize);
        loop {
            let chunk = self.read(bytes.len() as u64, CHUNK)?;
            if chunk.is_empty() {
                return Ok(bytes);
            }
            bytes.extend_from_slice(&chunk);
        }
    }
}
