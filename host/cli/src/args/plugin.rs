//! `chela plugin …`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The commands of `plugin`.
#[derive(Debug, Subcommand)]
pub(crate) enum Plugin {
    /// Show what a component asks for, and whether it fits the contract, without running a line of it
    Inspect(PluginInspect),
}

/// What `plugin inspect` takes.
#[derive(Debug, Args)]
pub(crate) struct PluginInspect {
    /// The component: a .wasm file that chela-pack made
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
