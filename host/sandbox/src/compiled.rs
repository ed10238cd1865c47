//! Compiled code on disk.
//!
//! A file here is native code that will run with this program's rights, so it is loaded only when all of these hold: the folder
//! belongs to this user and nobody else may touch it; the file ends in a MAC over its content, the component's digest and the
//! engine's fingerprint, made with a key that is kept elsewhere. The bytes that were checked are the bytes that are
//! loaded. A file that does not check is compiled again.

use std::io::{self, Read, Write};
use std::time::Duration;

use cap_std::fs::{Dir, MetadataExt, OpenOptions, OpenOptionsExt};

use crate::error::SandboxError;

/// Length of the MAC at the end of a file.
const MAC_BYTES: usize = blake3::OUT_LEN;

/// The key that compiled code is sealed with.
pub struct SealingKey([u8; blake3::KEY_LEN]);

impl SealingKey {
    /// The file's name in its folder.
    const FILE: &str = "compiled-code.key";

    /// Reads the key from a private folder, or makes one there.
    ///
    /// # Errors
    ///
    /// When the folder cannot be used or is open to others.
    pub fn load_or_create(folder: &Dir) -> Result<Self, SandboxError> {
        private(folder)?;
        match Self::load(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // Cut off by a full disk or a crash of the machine. What it sealed is compiled again.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                folder.remove_file(Self::FILE)?;
            }
            loaded => return Ok(loaded?),
        }
        let mut key = [0; blake3::KEY_LEN];
        getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
        // Linked under its name only when whole: another process sees no key or this one, never half of it.
        let staged = format!("{}.{}", Self::FILE, hex(&key[..8]));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = folder.open_with(&staged, &options)?;
        let linked = file
            .write_all(&key)
            .and_then(|()| file.sync_all())
            .and_then(|()| folder.hard_link(&staged, folder, Self::FILE));
        folder.remove_file(&staged)?;
        match linked {
            // Another process was first; its key is the one.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
            _ => Ok(Self::load(folder)?),
        }
    }

    fn load(folder: &Dir) -> io::Result<Self> {
        let mut key = [0; blake3::KEY_LEN];
        folder.open(Self::FILE)?.read_exact(&mut key)?;
        Ok(Self(key))
    }

    fn mac(&self, engine: &str, digest: &str, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for name in [engine, digest] {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
        }
        hasher.update(code);
        hasher.finalize()
    }
}

/// What names of files begin with while they are written.
const STAGED: &str = "staged-";

/// The age from which a file that is being written is nobody's any more.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The store of compiled code for one engine.
pub(crate) struct CompiledStore {
    folder: Dir,
    key: SealingKey,
    engine: String,
}

impl CompiledStore {
    /// Opens the store in a folder that must be private to this user.
    pub(crate) fn new(folder: Dir, key: SealingKey, engine: String) -> Result<Self, SandboxError> {
        private(&folder)?;
        Ok(Self {
            folder,
            key,
            engine,
        })
    }

    /// The compiled code of a component, checked; none when there is none that checks.
    pub(crate) fn get(&self, digest: &str) -> Result<Option<Vec<u8>>, SandboxError> {
        let mut sealed = Vec::new();
        match self.folder.open(self.name(digest)) {
            Ok(mut file) => file.read_to_end(&mut sealed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(length) = sealed.len().checked_sub(MAC_BYTES) else {
            return Ok(None);
        };
        let mac: [u8; MAC_BYTES] = sealed[length..]
            .try_into()
            .expect("the tail has this length");
        // blake3's comparison takes the same time wherever the difference is.
        if self.key.mac(&self.engine, digest, &sealed[..length]) != mac {
            tracing::warn!(
                digest,
                "compiled code on disk was changed or damaged; it is compiled again"
            );
            return Ok(None);
        }
        sealed.truncate(length);
        Ok(Some(sealed))
    }

    /// Keeps other processes, and other calls of this one, from compiling the same component, until the lock is dropped.
    /// Blocks.
    pub(crate) fn lock(&self, digest: &str) -> Result<std::fs::File, SandboxError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).mode(0o600);
        let file = self
            .folder
            .open_with(format!("{}.lock", file_stem(digest)), &options)?
            .into_std();
        file.lock()?;
        Ok(file)
    }

    /// A new file for the compiler to write to. Gone when dropped, unless it is kept.
    pub(crate) fn stage(&self) -> Result<Staged<'_>, SandboxError> {
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(|error| io::Error::other(error.to_string()))?;
        self.remove_abandoned();
        let name = format!("{STAGED}{}", hex(&name));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = self.folder.open_with(&name, &options)?;
        Ok(Staged {
            store: self,
            name,
            file,
        })
    }

    /// Removes what compilers left behind that were killed. One that is still at work is long done within the time given.
    fn remove_abandoned(&self) {
        for entry in self.folder.entries().into_iter().flatten().flatten() {
            let old = |entry: &cap_std::fs::DirEntry| {
                let modified = entry.metadata().ok()?.modified().ok()?;
                modified.into_std().elapsed().ok()
            };
            if entry.file_name().to_string_lossy().starts_with(STAGED)
                && old(&entry).is_some_and(|age| age > ABANDONED)
            {
                // Another process may have been faster.
                let _ = entry.remove_file();
            }
        }
    }

    fn name(&self, digest: &str) -> String {
        format!("{}-{}.bin", file_stem(digest), self.engine)
    }
}

/// A file that is being written.
pub(crate) struct Staged<'a> {
    store: &'a CompiledStore,
    name: String,
    file: cap_std::fs::File,
}

impl Staged<'_> {
    /// A handle for the compiler.
    pub(crate) fn writer(&self) -> io::Result<std::fs::File> {
        Ok(self.file.try_clone()?.into_std())
    }

    /// Seals what was written, gives it its place, and hands it back.
    pub(crate) fn keep(mut self, digest: &str) -> Result<Vec<u8>, SandboxError> {
        use std::io::{Seek, SeekFrom};
        let mut code = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut code)?;
        let mac = self.store.key.mac(&self.store.engine, digest, &code);
        self.file.write_all(mac.as_bytes())?;
        self.store
            .folder
            .rename(&self.name, &self.store.folder, self.store.name(digest))?;
        Ok(code)
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // After `keep` the name is gone, and there is nothing to remove.
        let _ = self.store.folder.remove_file(&self.name);
    }
}

/// Refuses a folder that is not this user's or that others may read or write.
fn private(folder: &Dir) -> Result<(), SandboxError> {
    let metadata = folder.dir_metadata()?;
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    if own && metadata.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(SandboxError::NotPrivate)
    }
}

/// A digest as a file name: letters and digits alone, whatever it holds.
fn file_stem(digest: &str) -> String {
    digest
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use super::*;
    use cap_std::fs::PermissionsExt as _;
    use std::os::unix::fs::PermissionsExt as _;

    fn folder() -> (tempfile::TempDir, Dir) {
        let own = std::fs::Permissions::from_mode(0o700);
        let path = tempfile::Builder::new()
            .permissions(own)
            .tempdir()
            .expect("a temporary folder");
        let folder =
            Dir::open_ambient_dir(path.path(), cap_std::ambient_authority()).expect("it opens");
        (path, folder)
    }

    fn store(folder: &Dir, engine: &str) -> CompiledStore {
        let key = SealingKey::load_or_create(folder).expect("a key");
        CompiledStore::new(folder.try_clone().expect("a handle"), key, engine.into())
            .expect("a store")
    }

    fn keep(store: &CompiledStore, digest: &str, code: &[u8]) {
        let staged = store.stage().expect("a file");
        staged
            .writer()
            .expect("a handle")
            .write_all(code)
            .expect("it is written");
        assert_eq!(staged.keep(digest).expect("it is kept"), code);
    }

    #[test]
    fn a_key_that_was_cut_off_is_made_anew() {
        let (_path, folder) = folder();
        folder
            .write(SealingKey::FILE, "half")
            .expect("it is written");
        SealingKey::load_or_create(&folder).expect("a new key");
        let kept = folder.read(SealingKey::FILE).expect("it is there");
        assert_eq!(kept.len(), blake3::KEY_LEN);
    }

    #[test]
    fn what_a_killed_compiler_left_is_removed_and_what_one_writes_now_is_not() {
        let (_path, folder) = folder();
        let store = store(&folder, "engine");
        for (name, age) in [
            ("staged-old", 2 * ABANDONED),
            ("staged-new", Duration::ZERO),
        ] {
            let file = folder.create(name).expect("a file").into_std();
            let then = std::time::SystemTime::now() - age;
            file.set_modified(then).expect("its time is set");
        }
        drop(store.stage().expect("a file"));
        assert!(folder.exists("staged-new") && !folder.exists("staged-old"));
    }

    #[test]
    fn what_was_kept_comes_back() {
        let (_path, folder) = folder();
        let store = store(&folder, "engine");
        assert!(store.get("sha256:aa").expect("readable").is_none());
        keep(&store, "sha256:aa", b"code");
        assert_eq!(
            store.get("sha256:aa").expect("readable").expect("there"),
            b"code"
        );
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let (_path, folder) = folder();
        let store = store(&folder, "engine");
        keep(&store, "sha256:aa", b"code");
        let name = store.name("sha256:aa");
        let sealed = folder.read(&name).expect("readable");
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            folder.write(&name, &changed).expect("writable");
            assert!(
                store.get("sha256:aa").expect("readable").is_none(),
                "byte {position}"
            );
        }
        folder.write(&name, b"short").expect("writable");
        assert!(store.get("sha256:aa").expect("readable").is_none());
    }

    #[test]
    fn code_of_one_component_does_not_pass_for_another_or_for_another_engine() {
        let (_path, folder) = folder();
        let first = store(&folder, "engine");
        keep(&first, "sha256:aa", b"code");
        folder
            .copy(first.name("sha256:aa"), &folder, first.name("sha256:bb"))
            .expect("copied");
        assert!(first.get("sha256:bb").expect("readable").is_none());
        let second = store(&folder, "other");
        folder
            .copy(first.name("sha256:aa"), &folder, second.name("sha256:aa"))
            .expect("copied");
        assert!(second.get("sha256:aa").expect("readable").is_none());
    }

    #[test]
    fn a_folder_that_others_may_touch_is_refused() {
        let (_path, folder) = folder();
        let key = SealingKey::load_or_create(&folder).expect("a key");
        folder
            .set_permissions(".", cap_std::fs::Permissions::from_mode(0o750))
            .expect("changed");
        let refused =
            CompiledStore::new(folder.try_clone().expect("a handle"), key, "engine".into());
        assert!(matches!(refused, Err(SandboxError::NotPrivate)));
        assert!(matches!(
            SealingKey::load_or_create(&folder),
            Err(SandboxError::NotPrivate)
        ));
    }

    #[test]
    fn a_file_that_was_not_kept_leaves_nothing() {
        let (_path, folder) = folder();
        let store = store(&folder, "engine");
        drop(store.stage().expect("a file"));
        let staged = folder.entries().expect("readable").filter_map(Result::ok);
        assert_eq!(
            staged
                .filter(|entry| entry.file_name().to_string_lossy().starts_with("staged"))
                .count(),
            0
        );
    }
}
