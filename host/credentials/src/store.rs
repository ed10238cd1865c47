//! Keys that a person handed over, kept on disk.
//!
//! One file a provider, `<id>.key`, readable by its user alone, in a folder that is too. A file holds the key and nothing else, so
//! that what is there can be seen, copied and removed with the tools of the system. It is not encrypted: whoever can read the
//! files of this user can read it, as they could read an environment variable or a configuration file.

use std::io::{self, Read as _, Write as _};

use cap_std::fs::Dir;
use cap_tempfile::TempFile;
use chela_manifest::ProviderId;

use crate::{MAX_KEY_SIZE, Secret};

/// The keys in a folder.
#[derive(Debug)]
pub struct KeyStore {
    folder: Dir,
}

impl KeyStore {
    /// The keys in that folder.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` where the folder belongs to another user or is open to others.
    pub fn new(folder: Dir) -> io::Result<Self> {
        private(&folder.dir_metadata()?)?;
        Ok(Self { folder })
    }

    /// What is kept for a provider, at most [`MAX_KEY_SIZE`] bytes and one more, so that more is noticed.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` where the file is open to others; else what the system says. A file that is not there is none.
    pub fn read(&self, provider: &ProviderId) -> io::Result<Option<Vec<u8>>> {
        let file = match self.folder.open(name(provider)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        private(&file.metadata()?)?;
        let mut bytes = Vec::new();
        file.take(MAX_KEY_SIZE as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Keeps a key for a provider, in place of the one before. There is always one of the two, also after a crash.
    ///
    /// # Errors
    ///
    /// What the system says. The key from before is still there.
    pub fn keep(&self, provider: &ProviderId, key: &Secret) -> io::Result<()> {
        let mut staged = TempFile::new(&self.folder)?;
        #[cfg(unix)]
        {
            use cap_std::fs::PermissionsExt as _;
            let own = cap_std::fs::Permissions::from_mode(0o600);
            staged.as_file().set_permissions(own)?;
        }
        staged.write_all(key.expose().as_bytes())?;
        staged.write_all(b"\n")?;
        staged.as_file().sync_all()?;
        staged.replace(name(provider))?;
        // The handle of the folder is for paths alone; one that can be flushed is opened for it.
        self.folder.open(".")?.sync_all()
    }

    /// Removes what is kept for a provider. Whether there was something.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn remove(&self, provider: &ProviderId) -> io::Result<bool> {
        match self.folder.remove_file(name(provider)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn name(provider: &ProviderId) -> String {
    format!("{provider}.key")
}

/// Refuses what others can read, or could have put there.
#[cfg(unix)]
fn private(metadata: &cap_std::fs::Metadata) -> io::Result<()> {
    use cap_std::fs::MetadataExt as _;
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    if own && metadata.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        "it is open to others; make it readable for its user alone (chmod go=)",
    ))
}

#[cfg(not(unix))]
fn private(_: &cap_std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use super::*;
    use cap_std::fs::{Permissions, PermissionsExt as _};
    use cap_tempfile::TempDir;

    fn store() -> (TempDir, KeyStore) {
        let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
        folder
            .set_permissions(".", Permissions::from_mode(0o700))
            .unwrap();
        let store = KeyStore::new(folder.try_clone().unwrap()).unwrap();
        (folder, store)
    }

    fn id(id: &str) -> ProviderId {
        id.parse().unwrap()
    }

    fn secret(text: &str) -> Secret {
        Secret::read(text.to_owned()).unwrap()
    }

    #[test]
    fn a_key_comes_back_until_it_is_removed() {
        let (folder, store) = store();
        assert_eq!(store.read(&id("acme")).unwrap(), None);
        store.keep(&id("acme"), &secret("one")).unwrap();
        store.keep(&id("acme"), &secret("two")).unwrap();
        assert_eq!(store.read(&id("acme")).unwrap().unwrap(), b"two\n");
        assert_eq!(
            folder.metadata("acme.key").unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(folder.entries().unwrap().count(), 1);
        assert!(store.remove(&id("acme")).unwrap());
        assert!(!store.remove(&id("acme")).unwrap());
        assert_eq!(store.read(&id("acme")).unwrap(), None);
    }

    #[test]
    fn what_others_can_read_is_refused() {
        let (folder, store) = store();
        store.keep(&id("acme"), &secret("one")).unwrap();
        folder
            .set_permissions("acme.key", Permissions::from_mode(0o640))
            .unwrap();
        let error = store.read(&id("acme")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        folder
            .set_permissions(".", Permissions::from_mode(0o755))
            .unwrap();
        assert!(KeyStore::new(folder.try_clone().unwrap()).is_err());
    }
}
