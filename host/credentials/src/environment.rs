//! What the program hands down of the world.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use chela_manifest::ProviderId;

type ReadKept = dyn Fn(&ProviderId) -> io::Result<Option<Vec<u8>>> + Send + Sync;
type ReadFile = dyn Fn(&str) -> io::Result<Vec<u8>> + Send + Sync;

/// A snapshot of the environment's variables, and a way to read files that hold a key. Debug shows names alone.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    read_file: Option<Arc<ReadFile>>,
    read_kept: Option<Arc<ReadKept>>,
}

impl Environment {
    /// Takes a snapshot. Without [`Environment::with_files`], no key file can be read.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            variables: variables.into_iter().collect(),
            read_file: None,
            read_kept: None,
        }
    }

    /// Adds the way to read a file that holds a key, by absolute path. It is asked only for paths that the configuration names,
    /// and reads no more than [`crate::MAX_KEY_SIZE`] and one byte, so that more is noticed.
    #[must_use]
    pub fn with_files(
        mut self,
        read: impl Fn(&str) -> io::Result<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        self.read_file = Some(Arc::new(read));
        self
    }

    /// Adds the way to read the keys that are kept on disk, by provider: see [`crate::KeyStore`].
    #[must_use]
    pub fn with_kept_keys(
        mut self,
        read: impl Fn(&ProviderId) -> io::Result<Option<Vec<u8>>> + Send + Sync + 'static,
    ) -> Self {
        self.read_kept = Some(Arc::new(read));
        self
    }

    /// The value of a variable.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// What is kept for a provider; none where this program keeps no keys.
    pub(crate) fn kept(&self, provider: &ProviderId) -> Option<io::Result<Option<Vec<u8>>>> {
        self.read_kept.as_ref().map(|read| read(provider))
    }

    pub(crate) fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match &self.read_file {
            Some(read) => read(path),
            None => Err(io::Error::from(io::ErrorKind::Unsupported)),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .finish_non_exhaustive()
    }
}
