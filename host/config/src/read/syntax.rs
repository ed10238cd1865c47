//! JSON5 as text: into a document, or a complaint with its place.

use chela_manifest::document::{Node, Position, Problem};
use json5::ErrorCode;

/// Reads JSON5.
pub(super) fn parse(text: &str) -> Result<Node<'_>, Problem> {
    json5::from_str(text).map_err(|error| {
        let position = match error.position() {
            Some(position) => Position {
                line: position.line + 1,
                column: position.column + 1,
            },
            // What has no place is an end that came too soon, or a complaint about the whole.
            None => Position::of(text, text.len()),
        };
        let (problem, help) = match error.code() {
            Some(code) => explain(code),
            None => {
                let message = error.to_string();
                let message = message
                    .rsplit_once(" at line ")
                    .map_or(&*message, |(message, _)| message);
                (message.to_owned(), None)
            }
        };
        Problem {
            position: Some(position),
            path: String::new(),
            problem: format!("is not JSON5: {problem}"),
            help: help.map(str::to_owned),
        }
    })
}

fn explain(code: ErrorCode) -> (String, Option<&'static str>) {
    use ErrorCode as E;
    let (problem, help) = match code {
        E::EofParsingObject | E::ExpectedClosingBrace => (
            "an object is not closed",
            "write the missing `}` or a comma",
        ),
        E::EofParsingArray | E::ExpectedClosingBracket => {
            ("a list is not closed", "write the missing `]` or a comma")
        }
        E::EofParsingString => ("a string is not closed", "write the missing quote"),
        E::EofParsingComment => ("a comment is not closed", "write the missing `*/`"),
        E::EofParsingValue => (
            "it ends where a value is expected",
            "write the value; a file without settings holds {}",
        ),
        E::ExpectedComma => ("a comma is missing", "write a comma between entries"),
        E::ExpectedColon => ("a colon is missing", "write a colon between key and value"),
        E::ExpectedValue => ("this is no value", "put strings into quotes"),
        E::InvalidKey | E::ExpectedIdentifier | E::ExpectedStringOrObject => (
            "this is no key",
            "put keys with other than letters, digits, `_` and `$` into quotes",
        ),
        E::LineTerminatorInString => (
            "a string runs over the end of its line",
            "write the missing quote, or `\\` before the line break",
        ),
        E::LeadingZero => ("a number starts with a zero", "take the zero out"),
        E::TrailingCharacters => (
            "something follows after the end",
            "take out what follows the last `}`",
        ),
        E::InvalidEscapeSequence | E::EofParsingEscapeSequence => (
            "an escape in a string is not one",
            "write `\\\\` for a backslash",
        ),
        other => return (other.to_string(), None),
    };
    (problem.to_owned(), Some(help))
}
