//! Loading: from bytes to a component that can be called, compiling at most once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use cap_std::fs::Dir;
use wasmtime::Engine;

use crate::compiled::{CompiledStore, SealingKey};
use crate::compiler::CompilerCommand;
use crate::component::{Component, Imports};
use crate::engine::{Ticker, engine};
use crate::error::SandboxError;

/// What a sandbox needs from the program around it.
pub struct SandboxOptions {
    /// The folder for compiled code. Must be this user's and closed to others (mode 0700).
    pub compiled: Dir,
    /// The key compiled code is sealed with, kept in another folder.
    pub key: SealingKey,
    /// The program that compiles.
    pub compiler: CompilerCommand,
}

/// A component as it is stored.
#[derive(Clone, Debug)]
pub struct ComponentBytes {
    /// The digest that was pinned for it, such as `sha256:…`. The caller has checked that it fits the bytes.
    pub digest: String,
    /// The component. Read only when no compiled code is kept for the digest.
    pub bytes: Cow<'static, [u8]>,
}

/// Loads components and keeps those that were loaded.
pub struct Sandbox {
    engine: Engine,
    ticker: Arc<Ticker>,
    store: Arc<CompiledStore>,
    compiler: CompilerCommand,
    loaded: Mutex<HashMap<(String, Imports), Component>>,
}

impl Sandbox {
    /// Makes a sandbox. Loads and compiles nothing.
    ///
    /// # Errors
    ///
    /// When the engine does not start here, or the folder for compiled code is not private.
    pub fn new(options: SandboxOptions) -> Result<Self, SandboxError> {
        let engine = engine()?;
        let mut fingerprint = DefaultHasher::new();
        engine
            .precompile_compatibility_hash()
            .hash(&mut fingerprint);
        let fingerprint = format!("{:016x}", fingerprint.finish());
        Ok(Self {
            ticker: Arc::new(Ticker::new(&engine)),
            store: Arc::new(CompiledStore::new(
                options.compiled,
                options.key,
                fingerprint,
            )?),
            compiler: options.compiler,
            loaded: Mutex::default(),
            engine,
        })
    }

    /// Loads a component: from memory, else from compiled code on disk, else by compiling it in a child process.
    ///
    /// # Errors
    ///
    /// When it does not compile within its limits, imports what it may not, or does not fit the contract.
    pub async fn load(
        &self,
        component: &ComponentBytes,
        imports: Imports,
    ) -> Result<Component, SandboxError> {
        let key = (component.digest.clone(), imports);
        if let Some(loaded) = self.loaded().get(&key) {
            return Ok(loaded.clone());
        }
        let compiled = match self.kept(&component.digest)? {
            Some(compiled) => compiled,
            None => self.compile(component).await?,
        };
        let loaded = Component::new(
            component.digest.clone(),
            &self.engine,
            Arc::clone(&self.ticker),
            &compiled,
            imports,
        )?;
        self.loaded().insert(key, loaded.clone());
        Ok(loaded)
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Imports), Component>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, digest: &str) -> Result<Option<wasmtime::component::Component>, SandboxError> {
        let Some(code) = self.store.get(digest)? else {
            return Ok(None);
        };
        match self.deserialize(&code) {
            Ok(component) => Ok(Some(component)),
            Err(error) => {
                // Code of a machine with another processor, in a home folder that both use, comes here.
                tracing::warn!(digest, %error, "compiled code on disk does not load here; it is compiled again");
                Ok(None)
            }
        }
    }

    async fn compile(
        &self,
        component: &ComponentBytes,
    ) -> Result<wasmtime::component::Component, SandboxError> {
        let store = Arc::clone(&self.store);
        let digest = component.digest.clone();
        // Waiting for another process to finish compiling the same blocks; so it happens aside.
        let _lock = tokio::task::spawn_blocking(move || store.lock(&digest))
            .await
            .map_err(|error| SandboxError::Engine(error.to_string()))??;
        if let Some(compiled) = self.kept(&component.digest)? {
            return Ok(compiled);
        }
        let staged = self.store.stage()?;
        self.compiler
            .compile(&component.bytes, staged.writer()?)
            .await?;
        let code = staged.keep(&component.digest)?;
        self.deserialize(&code)
            .map_err(|error| SandboxError::Engine(format!("{error:#}")))
    }

    #[expect(
        unsafe_code,
        reason = "loading native code is what this crate is for; see SAFETY"
    )]
    fn deserialize(&self, code: &[u8]) -> wasmtime::Result<wasmtime::component::Component> {
        // SAFETY: `deserialize` needs bytes that `precompile_component` made, unchanged. `code` comes from two places. One is
        // `CompiledStore::get`, which checked a MAC over these very bytes in memory, made with a key that only this user
        // can read, by `Staged::keep`. The other is `Staged::keep` itself, which gives what this program's own compiler
        // process wrote to a file that was created exclusively, for the owner alone, in a folder closed to others.
        unsafe { wasmtime::component::Component::deserialize(&self.engine, code) }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sandbox").finish_non_exhaustive()
    }
}
