//! `chela model …`.

use super::{Target, values};
use chela_manifest::ProviderId;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Commands of the family.
#[derive(Debug, Subcommand)]
pub(crate) enum Model {
    /// Ask a language model and print its answer
    Run(ModelRun),
    /// List the models that are known, bundled and configured
    List(ModelList),
    /// Show what is known of one model
    Inspect(ModelInspect),
    /// List the providers of language models and how each stands
    Providers,
    /// Keep a key for a provider, forget it, or see where keys are found
    #[command(subcommand)]
    Auth(Auth),
}

/// Commands about keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Auth {
    /// Keep a key for a provider; it is read from a hidden prompt or from standard input, never from the command line
    Login(AuthLogin),
    /// Forget the key that is kept for a provider
    Logout(AuthLogout),
    /// Show where the key of each provider was looked for and found, never any part of it
    Status(AuthStatus),
}

/// Flags of `model auth login`.
#[derive(Debug, Args)]
pub(crate) struct AuthLogin {
    /// The provider whose key it is
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: ProviderId,
    /// How to sign in
    #[arg(long, value_name = "METHOD", default_value = "api-key")]
    pub(crate) method: AuthMethod,
}

/// How one signs in at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuthMethod {
    /// With a key that the provider gave out.
    ApiKey,
}

/// Flags of `model auth logout`.
#[derive(Debug, Args)]
pub(crate) struct AuthLogout {
    /// The provider whose key is to be forgotten
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: ProviderId,
}

/// Flags of `model auth status`.
#[derive(Debug, Args)]
pub(crate) struct AuthStatus {
    /// Only this provider
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: Option<ProviderId>,
}

/// Flags of `model run`.
#[derive(Debug, Args)]
pub(crate) struct ModelRun {
    /// What to ask; `-` or nothing reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) prompt: Option<String>,
    /// Read the prompt from standard input
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true, conflicts_with = "prompt")]
    pub(crate) stdin: Option<String>,
    /// A picture to ask about, as a path; may be repeated
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) file: Vec<PathBuf>,
    /// Instructions that stand before the prompt
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) system: Option<String>,
    /// How much the model is to reason before it answers
    #[arg(long, value_name = "LEVEL")]
    pub(crate) thinking: Option<Thinking>,
    /// Sampling temperature, 0 or more, in the provider's own scale
    #[arg(long, value_name = "NUMBER", value_parser = values::temperature, allow_hyphen_values = true)]
    pub(crate) temperature: Option<f64>,
    /// The most tokens to generate
    #[arg(long, value_name = "N", value_parser = values::positive, allow_negative_numbers = true)]
    pub(crate) max_tokens: Option<u32>,
    /// A file with the JSON Schema that the answer has to fit
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) schema: Option<PathBuf>,
    /// With --json: show the answer on standard error while it comes (without --json it always streams)
    #[arg(long)]
    pub(crate) stream: bool,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Flags of `model list`.
#[derive(Debug, Args)]
pub(crate) struct ModelList {
    /// Only the models of this provider
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: Option<ProviderId>,
}

/// Flags of `model inspect`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ModelInspect {
    /// The model's id or name, at whichever provider has it
    #[arg(long, value_name = "NAME", value_parser = values::word)]
    pub(crate) name: Option<String>,
    /// The model at one provider
    #[arg(long, value_name = "PROVIDER/MODEL", value_parser = values::word)]
    pub(crate) model: Option<String>,
}

/// How much a model is asked to reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Thinking {
    Off,
    Minimal,
    Low,
    Medium,
    High,
    Adaptive,
    Xhigh,
    Max,
}
