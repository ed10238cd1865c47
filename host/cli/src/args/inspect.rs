//! `chela inspect`.

use super::values;
use clap::Args;

/// Flags of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The capability, such as image.generate
    #[arg(long, value_name = "CAPABILITY", value_parser = values::word)]
    pub(crate) name: String,
}
