//! `chela audio …`.

use super::{Target, values};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Commands of the family.
#[derive(Debug, Subcommand)]
pub(crate) enum Audio {
    /// Write down what is said in a recording
    Transcribe(AudioTranscribe),
    /// List the providers of transcripts and how each stands
    Providers,
}

/// Flags of `audio transcribe`.
#[derive(Debug, Args)]
pub(crate) struct AudioTranscribe {
    /// The recording, or a film with sound, as a path
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) file: PathBuf,
    /// The language spoken, such as en; found by the model when left out
    #[arg(long, value_name = "TAG", value_parser = values::word)]
    pub(crate) language: Option<String>,
    /// Words, names or a style to expect; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) prompt: Option<String>,
    /// Say when each part is said
    #[arg(long, value_name = "PART")]
    pub(crate) timestamps: Option<Granularity>,
    /// Tell speakers apart
    #[arg(long)]
    pub(crate) diarize: bool,
    /// How many speakers to expect, with --diarize
    #[arg(long, value_name = "N", value_parser = values::positive, allow_negative_numbers = true)]
    pub(crate) speaker_count: Option<u32>,
    /// Print the text, or subtitles as SubRip (srt) or WebVTT (vtt), for which times are asked of the provider
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<TranscriptFormat>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// How finely a text is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Granularity {
    None,
    Segment,
    Word,
}

/// How a transcript is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TranscriptFormat {
    Text,
    Srt,
    Vtt,
}
