//! The provider components carried inside the program.
//!
//! The build script packs every folder under `plugins/`; nothing here reads a file or runs a component.
//!
//! ```
//! let demo = chela_bundled::components().iter().find(|component| component.id == "demo").expect("it is bundled");
//! assert!(demo.bytes.starts_with(b"\0asm"));
//! assert!(demo.digest.starts_with("sha256:"));
//! ```

#![forbid(unsafe_code)]

/// A component carried inside the program.
#[derive(Debug, Clone, Copy)]
pub struct BundledComponent {
    /// Its id: the name of its folder under `plugins/`.
    pub id: &'static str,
    /// Its bytes, with the manifests of its providers at the head.
    pub bytes: &'static [u8],
    /// The digest of its bytes: `sha256:` and 64 hexadecimal digits.
    pub digest: &'static str,
}

/// The components, in the order of their ids.
pub fn components() -> &'static [BundledComponent] {
    COMPONENTS
}

static COMPONENTS: &[BundledComponent] = include!(concat!(env!("OUT_DIR"), "/components.rs"));
