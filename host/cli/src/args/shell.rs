//! `chela completions` and `chela man`: what a shell and a manual make of the tree.

use super::values;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What `completions` takes.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell that is to complete commands
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// A shell that can complete commands.
#[expect(clippy::enum_variant_names, reason = "PowerShell is called like that")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

impl Shell {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::PowerShell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

/// What `man` takes.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command, such as `image generate`; chela as a whole when none is named
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// Write a page for each command into this folder in place of standard output
    #[arg(long, value_name = "FOLDER", value_parser = values::path(), conflicts_with = "command")]
    pub(crate) output: Option<PathBuf>,
}
