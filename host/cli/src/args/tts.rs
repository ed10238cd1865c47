//! `chela tts …`.

use super::{Target, values};
use chela_manifest::ProviderId;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Commands of the family.
#[derive(Debug, Subcommand)]
pub(crate) enum Tts {
    /// Say a text and write the sound to a file
    Convert(TtsConvert),
    /// List the voices of a provider
    Voices(TtsVoices),
    /// List the providers of speech, how each stands, and which one speaks
    Providers,
    /// List the personas that can be chosen
    Personas,
    /// Show what is preferred, and who would speak
    Status,
    /// Let what speaks unasked speak; `tts convert` always does
    Enable,
    /// Keep what speaks unasked quiet; `tts convert` speaks all the same
    Disable,
    /// Prefer a provider: it speaks where none is named
    SetProvider(TtsSetProvider),
    /// Prefer a persona, or none
    SetPersona(TtsSetPersona),
}

/// Flags of `tts convert`.
#[derive(Debug, Args)]
pub(crate) struct TtsConvert {
    /// What to say; `-` or nothing reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) text: Option<String>,
    /// Read the text from standard input
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true, conflicts_with = "text")]
    pub(crate) stdin: Option<String>,
    /// Who says it, by the provider's id of the voice
    #[arg(long, value_name = "ID", value_parser = values::word)]
    pub(crate) voice: Option<String>,
    /// How fast it is said; 1 is normal
    #[arg(long, value_name = "NUMBER", value_parser = values::speed, allow_hyphen_values = true)]
    pub(crate) speed: Option<f64>,
    /// How to say it, for models that take instructions; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) instructions: Option<String>,
    /// The messenger it is for, such as telegram: picks the file format that its voice messages have
    #[arg(long, value_name = "NAME", value_parser = values::word)]
    pub(crate) channel: Option<String>,
    /// Where to write; `-` writes to standard output
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) output: Option<PathBuf>,
    /// File format; that of the name after --output when left out
    #[arg(long, value_name = "FORMAT")]
    pub(crate) output_format: Option<SoundFormat>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Flags of `tts voices`.
#[derive(Debug, Args)]
pub(crate) struct TtsVoices {
    /// The voices of this provider; of the one that would speak when left out
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: Option<ProviderId>,
    /// Show the first request that would go out, and send nothing: keys by name, media by size
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Flags of `tts set-provider`.
#[derive(Debug, Args)]
pub(crate) struct TtsSetProvider {
    /// The provider to prefer
    #[arg(long, value_name = "ID", value_parser = values::provider)]
    pub(crate) provider: ProviderId,
}

/// Flags of `tts set-persona`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("choice").required(true).args(["persona", "off"]))]
pub(crate) struct TtsSetPersona {
    /// The persona to prefer
    #[arg(long, value_name = "ID", value_parser = values::word)]
    pub(crate) persona: Option<String>,
    /// Prefer none
    #[arg(long)]
    pub(crate) off: bool,
}

/// File formats of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SoundFormat {
    Mp3,
    Wav,
    #[value(alias = "ogg")]
    Opus,
    Aac,
    Flac,
    Pcm,
}
