//! `chela:provider/media`: bytes the host holds, as handles.

use chela_egress::Blob;
use wasmtime::component::Resource;

use super::HostState;
use crate::bindings::imports::chela::provider::media::{Host, HostBlob};
use crate::bindings::imports::chela::provider::types::{Failure, FailureKind};
use crate::error::HostFault;

/// The most bytes handed to a component in one read, as `wit/media.wit` and `wit/http.wit` say.
pub(super) const READ_LIMIT: u32 = 1 << 20;

impl Host for HostState {}

impl HostBlob for HostState {
    async fn new(&mut self, mime_type: String, bytes: Vec<u8>) -> wasmtime::Result<Resource<Blob>> {
        self.count_media(bytes.len() as u64)?;
        self.clock.pause();
        let spool = self.provider.egress.spool();
        let kept = spool.keep(&mime_type, bytes.into()).await;
        self.clock.resume();
        // The contract has no failure here, so the call ends.
        let blob = kept.map_err(|error| wasmtime::Error::new(HostFault(unkept(&error))))?;
        self.lend_made(blob)
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
        self.files.held.remove(&blob.rep());
        self.table.delete(blob)?;
        Ok(())
    }
}

/// The file behind a blob cannot be read any more.
fn unreadable(error: &std::io::Error) -> Failure {
    internal(format!("media held by the host cannot be read: {error}"))
}

/// Media cannot be written to a file.
fn unkept(error: &std::io::Error) -> Failure {
    internal(format!("media cannot be kept: {error}"))
}

fn internal(message: String) -> Failure {
    Failure {
        kind: FailureKind::Internal,
        message,
        status: None,
        code: None,
        retry_after_ms: None,
        request_id: None,
        extra: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder and to look at what this process has open"
    )]

    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use cap_std::ambient_authority;
    use cap_std::fs::Dir;
    use chela_egress::{Call, CallLimits, Egress, EgressOptions, Grant};
    use chela_manifest::{Downloads, ProviderId};

    use super::*;
    use crate::error::{LimitHit, LimitKind};
    use crate::host::{LEAST_MEDIA, MEDIA_FILES};
    use crate::instance::Provider;
    use crate::limits::Limits;

    /// More than is kept in memory.
    const LARGE: usize = chela_egress::blob::IN_MEMORY + 1;

    /// What the host keeps for a call whose large media goes to this folder.
    fn state(spool: &Path, limits: Limits) -> HostState {
        let id: ProviderId = "guest".parse().expect("an id");
        let spool = Dir::open_ambient_dir(spool, ambient_authority()).expect("it opens");
        let egress = Egress::new(EgressOptions {
            spool: Some(spool),
            ..EgressOptions::default()
        });
        let provider = Provider {
            egress: egress.connect(Grant {
                provider: id.clone(),
                endpoints: BTreeMap::new(),
                downloads: Downloads::None,
            }),
            id,
            settings: Arc::default(),
            replaced_endpoints: Arc::default(),
            credentials_present: Arc::default(),
            limits,
        };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        let call = Call::new(deadline, CallLimits::default());
        HostState::new(provider, call, false)
    }

    async fn made(state: &mut HostState, size: usize) -> Result<Resource<Blob>, LimitKind> {
        let made = HostBlob::new(state, String::new(), vec![1; size]).await;
        made.map_err(|error| error.downcast_ref::<LimitHit>().expect("a limit").0)
    }

    /// How many files of that folder this process has open.
    #[cfg(target_os = "linux")]
    fn open_in(folder: &Path) -> usize {
        let open = std::fs::read_dir("/proc/self/fd").expect("there are some");
        let paths = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        paths
            .filter(|path| path.starts_with(folder) && path != folder)
            .count()
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_a_component_makes_is_in_a_file_when_it_is_large_and_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().canonicalize().expect("it is there");
        let mut state = state(&path, Limits::default());
        let small = made(&mut state, LARGE - 1).await.expect("it is kept");
        assert_eq!(open_in(&path), 0);
        let large = made(&mut state, LARGE).await.expect("it is kept");
        assert_eq!(open_in(&path), 1);
        let again = Resource::new_borrow(large.rep());
        let read = HostBlob::read(&mut state, again, LARGE as u64 - 2, 10).await;
        assert_eq!(read.expect("it is there").expect("it is read"), [1, 1]);
        for blob in [small, large] {
            HostBlob::drop(&mut state, blob).await.expect("it is there");
        }
        assert_eq!(open_in(&path), 0);
    }

    #[tokio::test]
    async fn media_that_cannot_be_kept_is_a_fault_of_the_host() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut state = state(folder.path(), Limits::default());
        folder.close().expect("it goes");
        let error = HostBlob::new(&mut state, String::new(), vec![1; LARGE])
            .await
            .expect_err("there is no folder");
        let HostFault(failure) = error.downcast_ref().expect("a fault");
        assert_eq!(failure.kind, FailureKind::Internal);
    }

    #[tokio::test]
    async fn a_call_holds_so_many_files_open_and_no_more() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut state = state(folder.path(), Limits::default());
        let mut held = Vec::new();
        for _ in 0..MEDIA_FILES {
            held.push(made(&mut state, LARGE).await.expect("it is kept"));
        }
        let over = made(&mut state, LARGE).await;
        assert_eq!(over.expect_err("one more"), LimitKind::Handles);
        made(&mut state, 1).await.expect("it needs no file");
        // What is given away is held by the host.
        let given = held.pop().expect("there is one");
        let given = state.take(given).expect("it is there");
        assert!(given.is_in_file());
        let over = made(&mut state, LARGE).await;
        assert_eq!(over.expect_err("one more"), LimitKind::Handles);
        let dropped = held.pop().expect("there is one");
        HostBlob::drop(&mut state, dropped)
            .await
            .expect("it is there");
        made(&mut state, LARGE).await.expect("there is room");
    }

    #[tokio::test]
    async fn media_of_no_bytes_counts_as_some() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let limits = Limits {
            media_bytes: 3 * LEAST_MEDIA,
            ..Limits::default()
        };
        let mut state = state(folder.path(), limits);
        for _ in 0..3 {
            let blob = made(&mut state, 0).await.expect("it is kept");
            HostBlob::drop(&mut state, blob).await.expect("it is there");
        }
        let over = made(&mut state, 0).await;
        assert_eq!(over.expect_err("one more"), LimitKind::Media);
    }
}
