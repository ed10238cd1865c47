//! `chela video …`.

use super::{Target, values};
use chela_runtime::{AspectRatio, Size};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Commands of the family.
#[derive(Debug, Subcommand)]
pub(crate) enum Video {
    /// Make a film from words, and from pictures or a film besides
    Generate(VideoGenerate),
    /// Pick up a film that an earlier command began; without an id, list those that are not done
    Resume(VideoResume),
    /// Stop a film that is being made
    Cancel(VideoCancel),
    /// Say what a film shows
    Describe(VideoDescribe),
    /// List the providers that make films and that describe them, and how each stands
    Providers,
}

/// Flags of `video generate`.
#[derive(Debug, Args)]
pub(crate) struct VideoGenerate {
    /// What to film; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) prompt: String,
    /// A picture or a film to start from, as a path; may be repeated where the provider takes several
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) file: Vec<PathBuf>,
    /// Size in pixels, such as 1280x720
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = values::size)]
    pub(crate) size: Option<Size>,
    /// Width to height, such as 16:9
    #[arg(long, value_name = "WIDTH:HEIGHT", value_parser = values::aspect_ratio)]
    pub(crate) aspect_ratio: Option<AspectRatio>,
    /// Resolution class
    #[arg(long, value_name = "CLASS")]
    pub(crate) resolution: Option<FilmResolution>,
    /// Length in seconds
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, allow_hyphen_values = true)]
    pub(crate) duration: Option<f64>,
    /// With sound; --audio=false without
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) audio: Option<bool>,
    /// With the provider's watermark; --watermark=false without
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) watermark: Option<bool>,
    /// Where to write; `-` writes a single film to standard output. Several are numbered
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Flags of `video resume`.
#[derive(Debug, Args)]
pub(crate) struct VideoResume {
    /// The job, by the id that the list shows
    #[arg(value_name = "ID", value_parser = values::word)]
    pub(crate) id: Option<String>,
    /// Where to write in place of where it was to go; `-` writes a single film to standard output
    #[arg(long, value_name = "PATH", requires = "id", value_parser = values::path())]
    pub(crate) output: Option<PathBuf>,
    /// Stop waiting after so many milliseconds; the job stays
    #[arg(long, value_name = "MS", value_parser = values::milliseconds, allow_negative_numbers = true)]
    pub(crate) timeout_ms: Option<u64>,
}

/// Flags of `video cancel`.
#[derive(Debug, Args)]
pub(crate) struct VideoCancel {
    /// The job, by the id that `video resume` shows
    #[arg(value_name = "ID", value_parser = values::word)]
    pub(crate) id: String,
    /// Ask nobody: only stop knowing of the job, which goes on and is billed
    #[arg(long)]
    pub(crate) forget: bool,
    /// Give up after so many milliseconds
    #[arg(long, value_name = "MS", value_parser = values::milliseconds, allow_negative_numbers = true)]
    pub(crate) timeout_ms: Option<u64>,
}

/// Flags of `video describe`.
#[derive(Debug, Args)]
pub(crate) struct VideoDescribe {
    /// The film, as a path or an http(s) URL
    #[arg(long, value_name = "PATH|URL", value_parser = values::path())]
    pub(crate) file: PathBuf,
    /// What to ask about it; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) prompt: Option<String>,
    /// Write the description to this file, and its path to standard output
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Resolution classes of films.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilmResolution {
    #[value(name = "360P", alias = "360p")]
    P360,
    #[value(name = "480P", alias = "480p")]
    P480,
    #[value(name = "540P", alias = "540p")]
    P540,
    #[value(name = "720P", alias = "720p")]
    P720,
    #[value(name = "768P", alias = "768p")]
    P768,
    #[value(name = "1080P", alias = "1080p")]
    P1080,
}
