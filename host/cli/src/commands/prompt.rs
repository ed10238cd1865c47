//! Where a prompt comes from: the flag, or standard input.

use crate::{environment, work};
use chela_envelope::{ErrorBody, ErrorType};

/// What stands for standard input.
const STDIN: &str = "-";

/// The prompt of a flag: its text, or standard input where it says `-`. Whether it is blank is for the runtime to see.
///
/// # Errors
///
/// A `usage` error where standard input cannot be read as text.
pub(super) fn of_flag(flag: String) -> Result<String, ErrorBody> {
    if flag == STDIN { of_stdin() } else { Ok(flag) }
}

/// The texts of a flag that can be given several times. One of them can be standard input.
///
/// # Errors
///
/// A `usage` error where standard input cannot be read as text, or is asked for twice.
pub(super) fn of_flags(flags: Vec<String>) -> Result<Vec<String>, ErrorBody> {
    if flags.iter().filter(|flag| *flag == STDIN).count() > 1 {
        return Err(
            ErrorBody::new(ErrorType::Usage, "standard input can be read only once")
                .hint("write `-` for one of the texts"),
        );
    }
    flags.into_iter().map(of_flag).collect()
}

/// The prompt of a command that takes it from standard input when no flag has it. Where there is none, `what` it is and the
/// command's `form` up to its value are told.
///
/// # Errors
///
/// A `usage` error where nothing is piped in, or it cannot be read as text.
pub(super) fn of_flag_or_stdin(
    flag: Option<String>,
    asked_for_stdin: bool,
    [what, form]: [&str; 2],
) -> Result<String, ErrorBody> {
    match flag {
        Some(flag) => of_flag(flag),
        None if !asked_for_stdin && environment::stdin_is_terminal() => Err(ErrorBody::new(
            ErrorType::Usage,
            format!("there is no {what}"),
        )
        .hint(format!("write: {form} <TEXT>, or pipe it in"))),
        None => of_stdin(),
    }
}

fn of_stdin() -> Result<String, ErrorBody> {
    work::until_read(environment::stdin_text)?.map_err(|error| {
        ErrorBody::new(ErrorType::Usage, error.to_string())
            .hint("pipe in UTF-8 text, or give the text itself in place of `-`")
    })
}
