//! What can stand between a crate and its component.

use std::path::PathBuf;

use chela_manifest::ManifestError;

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The folder has no crate.
    #[error("there is no Cargo.toml in {}; name the folder of the provider's crate", folder.display())]
    NoCrate {
        /// The folder.
        folder: PathBuf,
    },

    /// The crate has no manifest.
    #[error(
        "there is neither provider.toml nor a folder providers/ with one in {}; \
         write one: id, name, version, contract, and a section for each family",
        folder.display()
    )]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },

    /// The crate says twice what it is.
    #[error("{} has provider.toml and providers/; keep one of them", folder.display())]
    TwoManifests {
        /// The folder.
        folder: PathBuf,
    },

    /// A manifest breaks the grammar, or the component is not what its manifests say.
    #[error(transparent)]
    Manifest(#[from] ManifestError),

    /// A file could not be read or written.
    #[error("{} cannot be {verb}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        verb: &'static str,
        /// What the system says.
        source: std::io::Error,
    },

    /// A program could not be started.
    #[error("`{program}` cannot be started: {source}; install Rust from https://rustup.rs")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: std::io::Error,
    },

    /// The compiler has no standard library for the target, and rustup could not add it.
    #[error(
        "the compiler cannot build for wasm32-unknown-unknown and {reason}; \
         run `rustup target add wasm32-unknown-unknown`, or install your distribution's package of it"
    )]
    NoTarget {
        /// Why it could not be added.
        reason: String,
    },

    /// Cargo could not say what is in the folder.
    #[error("cargo cannot read the crate in {}: {reason}", folder.display())]
    Metadata {
        /// The folder.
        folder: PathBuf,
        /// What cargo says.
        reason: String,
    },

    /// The crate builds no `cdylib`.
    #[error(
        "`{package}` builds no component; write crate-type = [\"cdylib\"] under [lib] in its Cargo.toml"
    )]
    NotACdylib {
        /// The package.
        package: String,
    },

    /// Cargo failed. It has said why on its stderr.
    #[error("cargo could not build {packages}; what it said stands above")]
    Build {
        /// The packages.
        packages: String,
    },

    /// The module is no provider.
    #[error(
        "`{package}` cannot be made a component: {reason}; a provider imports what chela-sdk imports and nothing else, so \
         look for a dependency that wants a browser, WASI or a C library"
    )]
    Encode {
        /// The package.
        package: String,
        /// What the encoder says.
        reason: String,
    },

    /// Nothing was registered.
    #[error("`{package}` exports no family; write chela_sdk::register!(…) in its src/lib.rs")]
    NothingRegistered {
        /// The package.
        package: String,
    },

    /// The component imports more than the contract.
    #[error(
        "`{package}` imports `{import}`; a component packed from Rust imports chela:provider/* and nothing else"
    )]
    ForeignImport {
        /// The package.
        package: String,
        /// The import.
        import: String,
    },
}
