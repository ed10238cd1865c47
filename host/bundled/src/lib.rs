//! The provider components carried inside the program.

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
