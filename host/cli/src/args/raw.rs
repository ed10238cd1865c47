//! The command line as it was typed, for what has to be known even when it cannot be parsed.

use std::ffi::{OsStr, OsString};

/// The arguments, the program's name first.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    arguments: Vec<OsString>,
}

/// How far a command line leads down the tree.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'tree> {
    /// The names of the commands on the way, without the program's, as the tree spells them.
    pub(crate) words: Vec<&'tree str>,
    /// The command at the end.
    pub(crate) command: &'tree clap::Command,
}

impl Walk<'_> {
    /// The id of the capability, such as `image.generate`, or of as much of it as was reached; `chela` where nothing was.
    pub(crate) fn capability(&self) -> String {
        let words: Vec<_> = self
            .words
            .iter()
            .copied()
            .filter(|word| *word != "infer")
            .collect();
        if words.is_empty() {
            "chela".to_owned()
        } else {
            words.join(".")
        }
    }
}

impl Raw {
    /// Wraps the arguments.
    pub(crate) fn new(arguments: Vec<OsString>) -> Self {
        Self { arguments }
    }

    /// All of them, the program's name included.
    pub(crate) fn all(&self) -> &[OsString] {
        &self.arguments
    }

    /// Whether JSON was asked for, anywhere, however wrong the rest is.
    pub(crate) fn json(&self) -> bool {
        self.flags().any(|argument| {
            argument == "--json" || argument.as_encoded_bytes().starts_with(b"--json=")
        })
    }

    /// Whether colours were refused, anywhere.
    pub(crate) fn no_color(&self) -> bool {
        self.flags().any(|argument| argument == "--no-color")
    }

    /// The arguments that can be flags: those before a lone `--`.
    fn flags(&self) -> impl Iterator<Item = &OsStr> {
        self.arguments
            .iter()
            .skip(1)
            .map(OsString::as_os_str)
            .take_while(|argument| *argument != "--")
    }

    /// The words before the first flag of a command, that is, what names the command. Flags that every command takes may
    /// stand between them.
    pub(crate) fn words(&self) -> Vec<&str> {
        let mut words = Vec::new();
        let mut arguments = self.flags();
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some(
                    "--json" | "--local" | "--verbose" | "-v" | "-vv" | "--quiet" | "-q"
                    | "--no-color",
                ) => {}
                Some("--config") => {
                    arguments.next();
                }
                Some(flag) if flag.starts_with("--config=") => {}
                Some(word) if !word.starts_with('-') => words.push(word),
                _ => break,
            }
        }
        words
    }

    /// Follows the words down the tree, as far as they lead.
    pub(crate) fn walk<'tree>(&self, tree: &'tree clap::Command) -> Walk<'tree> {
        let mut walk = Walk {
            words: Vec::new(),
            command: tree,
        };
        for word in self.words() {
            let Some(next) = walk.command.find_subcommand(word) else {
                break;
            };
            walk.words.push(next.get_name());
            walk.command = next;
        }
        walk
    }

    /// The command that was probably meant: follows the words down the tree in any order, leaving out those that are not
    /// in it. None unless that ends at a command that does something.
    pub(crate) fn meant<'tree>(&self, tree: &'tree clap::Command) -> Option<Walk<'tree>> {
        let mut left = self.words();
        let mut walk = Walk {
            words: Vec::new(),
            command: tree,
        };
        while walk.command.has_subcommands() {
            let (at, next) = left
                .iter()
                .enumerate()
                .find_map(|(at, word)| Some((at, walk.command.find_subcommand(word)?)))?;
            left.remove(at);
            walk.words.push(next.get_name());
            walk.command = next;
        }
        Some(walk)
    }
}
