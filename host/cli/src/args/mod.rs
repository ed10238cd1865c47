//! The clap tree: which commands there are, which flags they take and in which form. It decides nothing else.
//!
//! `chela infer …` and `chela capability …` are the same tree as `chela …`. What each command does with its flags stands
//! in [`crate::commands`], in a file of the same name.

mod audio;
mod common;
mod embedding;
mod image;
mod inspect;
mod model;
mod plugin;
mod raw;
mod shell;
mod tts;
mod usage;
pub(crate) mod values;
mod video;
mod web;

pub(crate) use audio::{Audio, AudioTranscribe, Granularity, TranscriptFormat};
pub(crate) use common::{Service, Shared, Target};
pub(crate) use embedding::{Embedding, EmbeddingCreate, InputType};
pub(crate) use image::{
    Background, Format, Image, ImageDescribe, ImageDescribeMany, ImageEdit, ImageGenerate,
    ImageOptions, Moderation, Resolution,
};
pub(crate) use inspect::Inspect;
pub(crate) use model::{
    Auth, AuthLogin, AuthLogout, AuthMethod, AuthStatus, Model, ModelInspect, ModelList, ModelRun,
    Thinking,
};
pub(crate) use plugin::{Plugin, PluginInspect};
pub(crate) use raw::Raw;
pub(crate) use shell::{Completions, Man, Shell};
pub(crate) use tts::{SoundFormat, Tts, TtsConvert, TtsSetPersona, TtsSetProvider, TtsVoices};
pub(crate) use usage::right_form;
pub(crate) use video::{
    FilmResolution, Video, VideoCancel, VideoDescribe, VideoGenerate, VideoResume,
};
pub(crate) use web::{Age, PageFormat, Web, WebFetch, WebSearch};

use usage::explain;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

/// The name of the hidden command that compiles a component.
pub(crate) const COMPILE: &str = "__compile";

/// The name of the hidden command that keeps a server.
pub(crate) const KEEP: &str = "__keep";

/// The variables that say how the network is reached, for the help of the whole program.
const SURROUNDINGS: &str = "Network:
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY  Go through this proxy: http, https, socks5 or socks5h
  NO_PROXY                            Names, addresses and networks that are reached without
  SSL_CERT_FILE, SSL_CERT_DIR         Trust these certificates in place of the system's
Behind a proxy it is the proxy that connects: what a name leads to can be judged only by what it
resolves to here. This machine is always reached without one.";

/// AI inference from the command line, with every provider in a sandbox.
#[derive(Debug, Parser)]
#[command(
    name = "chela",
    version,
    disable_help_subcommand = true,
    infer_subcommands = false,
    after_help = SURROUNDINGS
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) command: Root,
}

/// The top of the tree.
#[derive(Debug, Subcommand)]
pub(crate) enum Root {
    #[command(flatten)]
    Direct(Command),
    /// The same commands under another name
    #[command(visible_alias = "capability")]
    Infer {
        #[command(subcommand)]
        command: Command,
    },
    /// Look at provider components
    #[command(subcommand)]
    Plugin(Plugin),
    /// Print what makes a shell complete commands, providers and models
    Completions(Completions),
    /// Print the manual page of a command, or write all of them
    Man(Man),
    /// Compile a component from standard input to standard output, within limits; chela calls this itself
    #[command(name = COMPILE, hide = true)]
    Compile,
    /// Keep a server that standard input describes for as long as it is needed; chela calls this itself
    #[command(name = KEEP, hide = true)]
    Keep,
}

/// A command, or a family of them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List every capability
    List,
    /// Show one capability: its transports, its flags and the shape of its result
    Inspect(Inspect),
    /// Ask language models
    #[command(subcommand)]
    Model(Model),
    /// Make, change and describe pictures
    #[command(subcommand)]
    Image(Image),
    /// Write down what is said
    #[command(subcommand)]
    Audio(Audio),
    /// Say texts aloud, and choose who says them
    #[command(subcommand)]
    Tts(Tts),
    /// Make and describe films
    #[command(subcommand)]
    Video(Video),
    /// Search the web and read its pages
    #[command(subcommand)]
    Web(Web),
    /// Turn texts into vectors
    #[command(subcommand)]
    Embedding(Embedding),
}

/// Why there are no arguments to work with.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The help was asked for: its text, and the words that name the command.
    Help { text: String, words: Vec<String> },
    /// The version was asked for.
    Version,
    /// The command line is wrong.
    Usage(Box<chela_envelope::ErrorBody>),
}

/// Reads a command line.
///
/// # Errors
///
/// [`Stop`] says what to print in place of doing the work.
pub(crate) fn parse(raw: &Raw) -> Result<Arguments, Stop> {
    Arguments::try_parse_from(raw.all()).map_err(|error| match error.kind() {
        ErrorKind::DisplayVersion => Stop::Version,
        ErrorKind::DisplayHelp => {
            let words = raw
                .walk(&tree())
                .words
                .into_iter()
                .map(str::to_owned)
                .collect();
            Stop::Help {
                text: error.render().to_string(),
                words,
            }
        }
        _ => Stop::Usage(Box::new(explain(&error, raw, &tree()))),
    })
}

/// The tree as clap's own data, for those who read it: `list`, `inspect` and the wording of errors.
pub(crate) fn tree() -> clap::Command {
    let mut tree = Arguments::command();
    tree.build();
    tree
}

#[cfg(test)]
mod tests;
