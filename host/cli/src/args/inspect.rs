//! `chela inspect`.

use clap::Args;

/// Flags of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The capability, such as image.generate
    #[arg(long, value_name = "CAPABILITY")]
    pub(crate) name: String,
}
