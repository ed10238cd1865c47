//! The provider components carried inside the `chela` program.
//!
//! The build script builds and packs every folder under `plugins/`. This crate holds the bytes and nothing else: it starts, compiles
//! and reads nothing. What a component is stands in its first few KB.
//!
//! ```
//! for component in chela_bundled::components() {
//!     assert!(component.bytes.starts_with(b"\0asm"));
//!     assert!(component.digest.starts_with("sha256:"));
//! }
//! ```

#![forbid(unsafe_code)]

/// A component in the program.
#[derive(Clone, Copy)]
pub struct BundledComponent {
    /// The package it was built from, such as `openai-compatible`. One component can serve several providers; their ids stand in
    /// its manifests.
    pub id: &'static str,
    /// The component, its manifests in it.
    pub bytes: &'static [u8],
    /// `sha256:` and the digest of `bytes` in lower-case hexadecimal, computed when it was built.
    pub digest: &'static str,
    /// The families that its manifests serve, so that who asks for one need not read the manifests of the others.
    pub families: &'static [&'static str],
    /// The ids of the providers that its manifests are of, templates apart.
    pub providers: &'static [&'static str],
}

impl std::fmt::Debug for BundledComponent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("BundledComponent")
            .field("id", &self.id)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

const COMPONENTS: &[BundledComponent] = include!(concat!(env!("OUT_DIR"), "/components.rs"));

/// The components, by id.
pub fn components() -> &'static [BundledComponent] {
    COMPONENTS
}
