//! Flags that many commands take.

use super::values;
use chela_manifest::ProviderId;
use clap::Args;
use std::path::PathBuf;

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Shared {
    /// Print exactly one JSON document on standard output, whatever happens
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Read this configuration file in place of the usual one
    #[arg(long, global = true, value_name = "PATH", value_parser = values::path())]
    pub(crate) config: Option<PathBuf>,
    /// Say on standard error what is tried and sent, a line each; given twice, say more. Keys are never in it
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing on standard error but why there is no result
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print without colours; NO_COLOR and TERM=dumb do the same
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Do the work in this process (the default; there is no other transport yet)
    #[arg(long, global = true)]
    pub(crate) local: bool,
}

/// What every command takes that asks a provider without models.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Which provider")]
pub(crate) struct Service {
    /// Ask this provider and no other
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: Option<ProviderId>,
    /// Give up after so many milliseconds
    #[arg(long, value_name = "MS", value_parser = values::milliseconds, allow_negative_numbers = true)]
    pub(crate) timeout_ms: Option<u64>,
    /// Show the first request that would go out, and send nothing: keys by name, media by size
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What every command takes that asks a provider's model.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Which provider")]
pub(crate) struct Target {
    /// Ask this model and no other
    #[arg(long, value_name = "PROVIDER/MODEL", value_parser = values::word)]
    pub(crate) model: Option<String>,
    /// Ask this provider and no other
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: Option<ProviderId>,
    /// Give up after so many milliseconds
    #[arg(long, value_name = "MS", value_parser = values::milliseconds, allow_negative_numbers = true)]
    pub(crate) timeout_ms: Option<u64>,
    /// Show the first request that would go out, and send nothing: keys by name, media by size
    #[arg(long)]
    pub(crate) dry_run: bool,
}
