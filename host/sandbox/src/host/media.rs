//! `chela:provider/media`: bytes the host holds, as handles.

use chela_egress::Blob;
use wasmtime::component::Resource;

use super::HostState;
use crate::bindings::imports::chela::provider::media::{Host, HostBlob};
use crate::bindings::imports::chela::provider::types::{Failure, FailureKind};

/// The most bytes handed to a component in one read, as `wit/media.wit` and `wit/http.wit` say.
pub(super) const READ_LIMIT: u32 = 1 << 20;

impl Host for HostState {}

impl HostBlob for HostState {
    async fn new(&mut self, mime_type: String, bytes: Vec<u8>) -> wasmtime::Result<Resource<Blob>> {
        self.count_media(bytes.len() as u64)?;
        let blob = Blob::from_bytes(&mime_type, bytes.into());
        self.lend(blob)
    }

    async fn mime_type(&mut self, blob: Resource<Blob>) -> wasmtime::Result<String> {
        Ok(self.table.get(&blob)?.mime_type().to_owned())
    }

    async fn size(&mut self, blob: Resource<Blob>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&blob)?.size())
    }

    async fn file_name(&mut self, blob: Resource<Blob>) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&blob)?.file_name().map(str::to_owned))
    }

    async fn read(
        &mut self,
        blob: Resource<Blob>,
        offset: u64,
        length: u32,
    ) -> wasmtime::Result<Result<Vec<u8>, Failure>> {
        let blob = self.table.get(&blob)?.clone();
        let length = length.min(READ_LIMIT) as usize;
        self.clock.pause();
        let bytes = blob.read(offset, length).await;
        self.clock.resume();
        Ok(bytes
            .map(|bytes| bytes.to_vec())
            .map_err(|error| unreadable(&error)))
    }

    async fn drop(&mut self, blob: Resource<Blob>) -> wasmtime::Result<()> {
        self.table.delete(blob)?;
        Ok(())
    }
}

/// The file behind a blob cannot be read any more.
fn unreadable(error: &std::io::Error) -> Failure {
    Failure {
        kind: FailureKind::Internal,
        message: format!("media held by the host cannot be read: {error}"),
        status: None,
        code: None,
        retry_after_ms: None,
        request_id: None,
    }
}
