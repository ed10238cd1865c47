//! Wrong command lines in chela's words: one sentence that says what is wrong, and a hint that shows the right form.
//!
//! clap finds the mistake; this is the one place that words it, for people and, as `error` of an envelope, for scripts.

use super::raw::{Raw, Walk};
use super::values::ValueError;
use chela_envelope::{ErrorBody, ErrorType};
use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error as _;

/// Words a mistake that clap found.
pub(crate) fn explain(error: &clap::Error, raw: &Raw, tree: &Command) -> ErrorBody {
    let here = raw.walk(tree);
    let mistake = Mistake {
        error,
        raw,
        tree,
        here,
    };
    let (message, hint) = mistake.words();
    ErrorBody::new(ErrorType::Usage, message).hint(hint)
}

/// The right form of the command that a command line names, as a hint.
pub(crate) fn right_form(raw: &Raw, tree: &Command) -> String {
    format!("write: {}", form(&raw.walk(tree)))
}

/// A mistake and where it was made.
struct Mistake<'a> {
    error: &'a clap::Error,
    raw: &'a Raw,
    tree: &'a Command,
    here: Walk<'a>,
}

impl Mistake<'_> {
    /// The sentence and the hint.
    fn words(&self) -> (String, String) {
        match self.error.kind() {
            ErrorKind::InvalidSubcommand => {
                self.no_such_command(&self.text(ContextKind::InvalidSubcommand))
            }
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => (
                format!("`{}` needs a command after it", line(&self.here)),
                commands(&self.here),
            ),
            ErrorKind::UnknownArgument => {
                self.unknown_argument(&self.text(ContextKind::InvalidArg))
            }
            ErrorKind::MissingRequiredArgument => self.missing(),
            ErrorKind::InvalidValue => self.not_among(),
            ErrorKind::ValueValidation => self.not_valid(),
            ErrorKind::ArgumentConflict => self.conflict(),
            ErrorKind::TooManyValues if self.flag() == "--json" => (
                "`--json` takes no value".to_owned(),
                "write --json alone".to_owned(),
            ),
            ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues => (
                format!("`{}` does not take this many values", self.flag()),
                self.form(),
            ),
            ErrorKind::InvalidUtf8 => ("an argument is not UTF-8 text".to_owned(), self.form()),
            _ => {
                // clap has no other kinds today; its own first line is better than none.
                let text = self.error.render().to_string();
                let first = text.lines().next().unwrap_or_default();
                (first.trim_start_matches("error: ").to_owned(), self.form())
            }
        }
    }

    fn no_such_command(&self, name: &str) -> (String, String) {
        let message = format!("there is no command `{name}` under `{}`", line(&self.here));
        let hint = match (
            self.raw.meant(self.tree),
            self.list(ContextKind::SuggestedSubcommand).first(),
        ) {
            _ if name == "help" => format!("write: {} --help", line(&self.here)),
            (Some(meant), _) => format!("write: {}", form(&meant)),
            (None, Some(similar)) => format!("write: {} {similar}", line(&self.here)),
            (None, None) => commands(&self.here),
        };
        (message, hint)
    }

    fn unknown_argument(&self, argument: &str) -> (String, String) {
        // What stands there is most likely the key itself: it is not said again.
        if self.here.words.ends_with(&["auth", "login"])
            && (!argument.starts_with('-') || is_named_like_a_key(argument))
        {
            return (
                "a key is not taken from the command line, where others can read it".to_owned(),
                "write: chela model auth login --provider <ID> < key.txt; without a file behind it, the key is asked for. \
                 A key that was typed there is in the shell's history now: replace it"
                    .to_owned(),
            );
        }
        if argument == "--gateway" {
            return (
                "there is no gateway yet".to_owned(),
                "leave out --gateway: the work is done in this process".to_owned(),
            );
        }
        // A positional word in a command that takes none: most likely the prompt without its flag.
        if !argument.starts_with('-') {
            return if self.here.command.has_subcommands() {
                self.no_such_command(argument)
            } else {
                (
                    format!(
                        "`{}` takes no `{argument}` without a flag",
                        line(&self.here)
                    ),
                    self.form(),
                )
            };
        }
        let flag = argument.split('=').next().unwrap_or(argument);
        let message = format!("`{}` has no flag `{flag}`", line(&self.here));
        let hint = match self.list(ContextKind::SuggestedArg).first() {
            Some(similar) => format!("there is `{}`", first_word(similar)),
            None if self.here.command.has_subcommands() => commands(&self.here),
            None => format!("its flags are {}", flags(self.here.command).join(", ")),
        };
        (message, hint)
    }

    fn missing(&self) -> (String, String) {
        // clap writes alternatives as `<--name <NAME>|--model <PROVIDER/MODEL>>`.
        let names: Vec<String> = self
            .list(ContextKind::InvalidArg)
            .iter()
            .map(|argument| match argument.strip_prefix("<--") {
                Some(group) => {
                    let flags = group
                        .split("|--")
                        .map(|flag| format!("`--{}`", first_word(flag).trim_end_matches('>')));
                    flags.collect::<Vec<_>>().join(" or ")
                }
                None => format!("`{}`", short(argument)),
            })
            .collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        (
            format!("{} {verb} missing", names.join(" and ")),
            self.form(),
        )
    }

    /// A value that is not one of those that are listed, or none at all.
    fn not_among(&self) -> (String, String) {
        let (flag, value) = (self.flag(), self.text(ContextKind::InvalidValue));
        let accepted = self.list(ContextKind::ValidValue);
        if flag == "[-]" {
            let flag = text_flag(&self.here).unwrap_or("prompt");
            let form = format!("write: {} --{flag} {}", line(&self.here), quoted(&value));
            return (format!("`{value}` stands without a flag"), form);
        }
        let accepted = if accepted.is_empty() {
            self.form()
        } else {
            format!("{flag} takes {}", any_of(&accepted))
        };
        if value.is_empty() {
            (format!("`{flag}` needs a value"), accepted)
        } else {
            (format!("`{flag} {value}` is not accepted"), accepted)
        }
    }

    /// A value that its parser refused.
    fn not_valid(&self) -> (String, String) {
        let (flag, value) = (self.flag(), self.text(ContextKind::InvalidValue));
        let shown = if value.is_empty() {
            flag
        } else {
            format!("{flag} {value}")
        };
        match self
            .error
            .source()
            .and_then(|source| source.downcast_ref::<ValueError>())
        {
            Some(ValueError { problem, hint }) => (
                format!("`{shown}` {problem}"),
                hint.clone().unwrap_or_else(|| self.form()),
            ),
            None => (format!("`{shown}` is not accepted"), self.form()),
        }
    }

    fn conflict(&self) -> (String, String) {
        let flag = self.flag();
        let others: Vec<String> = self
            .list(ContextKind::PriorArg)
            .iter()
            .map(|other| short(other))
            .collect();
        if others.is_empty() || others.contains(&flag) {
            (
                format!("`{flag}` was given more than once"),
                format!("give {flag} once"),
            )
        } else {
            let others = others.join("` and `");
            (
                format!("`{flag}` and `{others}` exclude each other"),
                format!("leave out {flag} or {others}"),
            )
        }
    }

    /// The flag the mistake is about, without the name of its value.
    fn flag(&self) -> String {
        self.list(ContextKind::InvalidArg)
            .first()
            .map_or_else(String::new, |argument| short(argument))
    }

    /// The right form of the command that was reached.
    fn form(&self) -> String {
        format!("write: {}", form(&self.here))
    }

    fn text(&self, kind: ContextKind) -> String {
        self.list(kind).join(", ")
    }

    fn list(&self, kind: ContextKind) -> Vec<String> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => vec![text.clone()],
            Some(ContextValue::Strings(texts)) => texts.clone(),
            Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
            Some(ContextValue::StyledStrs(texts)) => {
                texts.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether a flag's name is one under which a person would give a key.
fn is_named_like_a_key(flag: &str) -> bool {
    let name = flag.split('=').next().unwrap_or(flag);
    ["key", "token", "secret", "password"]
        .iter()
        .any(|word| name.contains(word))
}

/// The commands below one.
fn commands(here: &Walk<'_>) -> String {
    let names: Vec<String> = here
        .command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| command.get_name().to_owned())
        .collect();
    format!("`{}` is followed by {}", line(here), any_of(&names))
}

/// The command as one types it.
fn line(here: &Walk<'_>) -> String {
    [&["chela"], here.words.as_slice()].concat().join(" ")
}

/// The command as one types it, with what it cannot do without.
fn form(here: &Walk<'_>) -> String {
    let mut form = line(here);
    let alternatives = here
        .command
        .get_groups()
        .filter(|group| group.is_required_set())
        .flat_map(clap::ArgGroup::get_args);
    let first_of_group: Vec<_> = alternatives.take(1).collect();
    for argument in here.command.get_arguments() {
        if argument.is_required_set()
            || first_of_group.contains(&argument.get_id())
            || (argument.get_long().is_some() && argument.get_long() == text_flag(here))
        {
            let value = argument
                .get_value_names()
                .and_then(|names| names.first())
                .map_or("VALUE", |name| name.as_str());
            match argument.get_long() {
                Some(long) => form.push_str(&format!(" --{long} <{value}>")),
                None => form.push_str(&format!(" <{value}>")),
            }
        }
    }
    if here.command.has_subcommands() {
        form.push_str(" <COMMAND>");
    }
    form
}

/// The flag of the text that a command can also take from standard input. `model run` can do without `--prompt` then; its form
/// shows the flag all the same.
fn text_flag(here: &Walk<'_>) -> Option<&'static str> {
    match here.words.as_slice() {
        [.., "model", "run"] => Some("prompt"),
        [.., "tts", "convert"] => Some("text"),
        _ => None,
    }
}

/// The long flags of a command, without those for help.
fn flags(command: &Command) -> Vec<String> {
    command
        .get_arguments()
        .filter_map(|argument| argument.get_long())
        .filter(|long| !matches!(*long, "help" | "version"))
        .map(|long| format!("--{long}"))
        .collect()
}

/// `a, b or c`.
fn any_of(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// `--prompt` of `--prompt <TEXT>`.
fn short(argument: &str) -> String {
    first_word(argument).trim_end_matches("...").to_owned()
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or(text)
}

/// A word as one types it to a shell.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace(['"', '\\', '$', '`'], ""))
}
