//! `chela image …`.

use super::{Target, values};
use chela_runtime::{AspectRatio, Size};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Commands of the family.
#[derive(Debug, Subcommand)]
pub(crate) enum Image {
    /// Make pictures from words
    Generate(ImageGenerate),
    /// Make pictures from pictures and words
    Edit(ImageEdit),
    /// Say what a picture shows
    Describe(ImageDescribe),
    /// Say what each of several pictures shows
    DescribeMany(ImageDescribeMany),
    /// List the providers of pictures and how each stands
    Providers,
}

/// Flags of `image generate`.
#[derive(Debug, Args)]
pub(crate) struct ImageGenerate {
    /// What to draw; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) prompt: String,
    #[command(flatten)]
    pub(crate) options: ImageOptions,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Flags of `image edit`.
#[derive(Debug, Args)]
pub(crate) struct ImageEdit {
    /// A picture to start from, as a path; may be repeated
    #[arg(long, value_name = "PATH", required = true, value_parser = values::path())]
    pub(crate) file: Vec<PathBuf>,
    /// What to change; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) prompt: String,
    #[command(flatten)]
    pub(crate) options: ImageOptions,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// How pictures are to come out.
#[derive(Debug, Args)]
pub(crate) struct ImageOptions {
    /// How many pictures
    #[arg(long, value_name = "N", value_parser = values::pictures, allow_negative_numbers = true)]
    pub(crate) count: Option<u32>,
    /// Size in pixels, such as 1024x1024
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = values::size)]
    pub(crate) size: Option<Size>,
    /// Width to height, such as 16:9
    #[arg(long, value_name = "WIDTH:HEIGHT", value_parser = values::aspect_ratio)]
    pub(crate) aspect_ratio: Option<AspectRatio>,
    /// Resolution class
    #[arg(long, value_name = "CLASS")]
    pub(crate) resolution: Option<Resolution>,
    /// File format
    #[arg(long, value_name = "FORMAT")]
    pub(crate) output_format: Option<Format>,
    /// What is behind the subject
    #[arg(long, value_name = "KIND")]
    pub(crate) background: Option<Background>,
    /// The same for OpenAI alone, where it goes before --background
    #[arg(long, value_name = "KIND")]
    pub(crate) openai_background: Option<Background>,
    /// Quality in the provider's own word, such as high
    #[arg(long, value_name = "WORD", value_parser = values::word)]
    pub(crate) quality: Option<String>,
    /// Strictness of OpenAI's content filter
    #[arg(long, value_name = "LEVEL")]
    pub(crate) openai_moderation: Option<Moderation>,
    /// Where to write; `-` writes a single picture to standard output. Several are numbered
    #[arg(long, value_name = "PATH", value_parser = values::path())]
    pub(crate) output: Option<PathBuf>,
    /// Draw the picture too, in a terminal that can: kitty, iTerm2, or any with 24 bits of colour (PNG alone)
    #[arg(long)]
    pub(crate) show: bool,
}

/// Flags of `image describe`.
#[derive(Debug, Args)]
pub(crate) struct ImageDescribe {
    /// The picture, as a path or an http(s) URL
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

/// Flags of `image describe-many`.
#[derive(Debug, Args)]
pub(crate) struct ImageDescribeMany {
    /// A picture, as a path or an http(s) URL; may be repeated
    #[arg(long, value_name = "PATH|URL", required = true, value_parser = values::path())]
    pub(crate) file: Vec<PathBuf>,
    /// What to ask about each; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) prompt: Option<String>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Resolution classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Resolution {
    #[value(name = "1K", alias = "1k")]
    OneK,
    #[value(name = "2K", alias = "2k")]
    TwoK,
    #[value(name = "4K", alias = "4k")]
    FourK,
}

/// File formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Png,
    #[value(alias = "jpg")]
    Jpeg,
    Webp,
}

/// What is behind the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Background {
    Transparent,
    Opaque,
    Auto,
}

/// Strictness of OpenAI's content filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Moderation {
    Low,
    Auto,
}
