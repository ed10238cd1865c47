//! `chela embedding …`.

use super::{Target, values};
use clap::{Args, Subcommand, ValueEnum};

/// Commands of the family.
#[derive(Debug, Subcommand)]
pub(crate) enum Embedding {
    /// Turn each text into a vector
    Create(EmbeddingCreate),
    /// List the providers of embeddings and how each stands
    Providers,
}

/// Flags of `embedding create`.
#[derive(Debug, Args)]
pub(crate) struct EmbeddingCreate {
    /// A text; may be repeated
    #[arg(long, value_name = "TEXT", required = true, value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) text: Vec<String>,
    /// How many numbers each vector is to have, for models that let one choose
    #[arg(long, value_name = "N", value_parser = values::positive, allow_negative_numbers = true)]
    pub(crate) dimensions: Option<u32>,
    /// What the texts are for, for models that place them differently for each
    #[arg(long, value_name = "USE")]
    pub(crate) input_type: Option<InputType>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// What texts are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputType {
    Query,
    Document,
    Similarity,
    Classification,
    Clustering,
}
