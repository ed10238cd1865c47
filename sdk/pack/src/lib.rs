//! Turns a crate and its `provider.toml` into a provider component: one file that chela reads, judges and runs.
//!
//! [`build`] runs cargo for `wasm32-unknown-unknown`, makes a component of what came out, checks that it imports the contract and
//! nothing else and exports the families that its manifests declare, and embeds the manifests. The same sources give the same bytes,
//! whichever folder they are in.
//!
//! The program `chela-pack` is this library with a command line.
//!
//! ```no_run
//! use chela_pack::{Options, build};
//!
//! let options = Options::new(std::env::vars_os());
//! for packed in build(&["plugins/acme"], &options)? {
//!     println!("{} {}", packed.package, packed.digest);
//! }
//! # Ok::<(), chela_pack::PackError>(())
//! ```

#![forbid(unsafe_code)]

mod cargo;
mod component;
mod environment;
mod error;
mod manifests;
mod sections;
mod toolchain;

pub use cargo::Options;
pub use component::{Packed, encode, pack};
pub use error::PackError;
pub use manifests::read as read_manifests;

use std::path::Path;

/// The target that providers are compiled for. Its standard library has nothing behind it, so that a component imports no more
/// than it asks for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the crates in these folders and packs each, in the order given. Crates of one workspace are built by one cargo.
///
/// # Errors
///
/// The first of [`PackError`] that stands in the way; nothing is half-written.
pub fn build(folders: &[impl AsRef<Path>], options: &Options) -> Result<Vec<Packed>, PackError> {
    let folders: Vec<&Path> = folders.iter().map(AsRef::as_ref).collect();
    // Before the long part, so that a wrong manifest is told at once.
    let manifests: Vec<_> = folders
        .iter()
        .map(|folder| manifests::read(folder))
        .collect::<Result<_, _>>()?;
    toolchain::ensure_target(options)?;
    let built = cargo::build(&folders, options)?;
    built
        .into_iter()
        .zip(manifests)
        .map(|(crate_built, manifests)| {
            let component = encode(&crate_built.module, &crate_built.package)?;
            pack(&component, manifests, &crate_built.package)
        })
        .collect()
}
