//! Single values: strings of one line, words of a grammar, sizes, durations.

use std::time::Duration;

use url::Url;

use super::Result;
use crate::document::Field;
use crate::limits::{parse_duration, parse_size};

/// The most items of a list of models, voices or hints.
const MAX_ITEMS: usize = 1000;

/// The most characters of a text in a manifest.
const MAX_TEXT: usize = 512;

/// A text of one line: not blank, at most [`MAX_TEXT`] characters, nothing in it that could move a cursor.
pub(super) fn line(field: &Field<'_>, example: &str) -> Result<String> {
    let text = field.string(example)?;
    if text.trim().is_empty() {
        return Err(field.problem("is blank", format!("write {example}")));
    }
    if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
        return Err(field.problem(
            format!("is longer than {MAX_TEXT} characters"),
            "write less",
        ));
    }
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(text.to_owned());
    }
    // Direction marks can make a name read as another one.
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    if text.chars().any(|c| c.is_control() || turns(c)) {
        return Err(field.problem(
            "holds a control character",
            "write it in one line of plain text",
        ));
    }
    Ok(text.to_owned())
}

/// A list of strings, each read by `read`; none twice.
pub(super) fn words(
    field: &Field<'_>,
    example: &str,
    read: impl Fn(&Field<'_>) -> Result<String>,
) -> Result<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    for item in field.items(example)? {
        let word = read(&item)?;
        // The bound keeps the comparison of each with each short.
        check_length(field, words.len())?;
        if words.contains(&word) {
            return Err(item.problem(format!("repeats {word:?}"), "take it out"));
        }
        words.push(word);
    }
    Ok(words)
}

/// Refuses one item more than a list may have, given how many there are.
pub(super) fn check_length(field: &Field<'_>, length: usize) -> Result<()> {
    if length < MAX_ITEMS {
        return Ok(());
    }
    let problem = format!("has more than {MAX_ITEMS} items");
    Err(field.problem(problem, "list only those worth showing"))
}

/// One of `allowed`.
pub(super) fn one_of(field: &Field<'_>, allowed: &[&str]) -> Result<String> {
    let text = field.string("one of the words the grammar has here, in quotes")?;
    if allowed.contains(&text) {
        return Ok(text.to_owned());
    }
    let help = match crate::document::nearest(text, allowed) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("write one of {}", allowed.join(", ")),
    };
    Err(field.problem(format!("is {text:?}, which is not known here"), help))
}

/// A model id: whatever the provider uses, but no blanks at its ends.
pub(super) fn model_id(field: &Field<'_>) -> Result<String> {
    let text = line(field, "the provider's id of a model")?;
    if text.trim() != text {
        return Err(field.problem("has blanks around it", format!("write {:?}", text.trim())));
    }
    Ok(text)
}

/// A word in the provider's own spelling: `high`.
pub(super) fn word(field: &Field<'_>) -> Result<String> {
    let text = line(field, "a word in the provider's spelling")?;
    if text.contains(char::is_whitespace) {
        return Err(field.problem("holds a blank", "write one word an item"));
    }
    Ok(text)
}

/// The name of an API dialect: `openai-completions`.
pub(super) fn api(field: &Field<'_>) -> Result<String> {
    let text = field.string("\"openai-completions\"")?;
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err(field.problem(
        format!("is {text:?}, not the name of an api"),
        "write \"openai-completions\"",
    ))
}

/// The name of an endpoint or a credential: a lower-case letter, then letters, digits and `-`; at most 32 characters.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// `1024x1024`.
pub(super) fn dimensions(field: &Field<'_>) -> Result<String> {
    pair(field, 'x', 65_536, "a size in pixels", "\"1024x1024\"")
}

/// `16:9`.
pub(super) fn aspect_ratio(field: &Field<'_>) -> Result<String> {
    pair(field, ':', 1000, "an aspect ratio", "\"16:9\"")
}

fn pair(
    field: &Field<'_>,
    separator: char,
    most: u32,
    what: &str,
    example: &str,
) -> Result<String> {
    let text = field.string(example)?;
    let number = |part: &str| {
        let plain = !part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
        plain
            && part
                .parse()
                .is_ok_and(|number: u32| (1..=most).contains(&number))
    };
    match text.split_once(separator) {
        Some((left, right)) if number(left) && number(right) => Ok(text.to_owned()),
        _ => Err(field.problem(
            format!("is {text:?}, not {what}"),
            format!("write {example}"),
        )),
    }
}

/// `2K`, `1080P`.
pub(super) fn resolution(field: &Field<'_>) -> Result<String> {
    let text = field.string("\"2K\"")?;
    let digits = text.strip_suffix(['K', 'P']).unwrap_or_default();
    let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain && !digits.starts_with('0') {
        return Ok(text.to_owned());
    }
    Err(field.problem(
        format!("is {text:?}, not a resolution"),
        "write \"1K\", \"2K\", \"4K\", or \"720P\", \"1080P\"",
    ))
}

/// A size in bytes, more than none and at most `most`.
pub(super) fn size(field: &Field<'_>, most: u64) -> Result<u64> {
    let help = || {
        format!(
            "write a whole number and a unit, up to {:?}, such as \"64MiB\"",
            crate::format_size(most)
        )
    };
    let text = field.string("a size with its unit, such as \"64MiB\"")?;
    match parse_size(text) {
        None => Err(field.problem(format!("is {text:?}, not a size"), help())),
        Some(0) => Err(field.problem("is nothing", help())),
        Some(size) if size > most => Err(field.problem(format!("is {text:?}, too much"), help())),
        Some(size) => Ok(size),
    }
}

/// A duration, more than none and at most `most`.
pub(super) fn duration(field: &Field<'_>, most: Duration) -> Result<Duration> {
    let help = || {
        format!(
            "write a whole number and a unit, up to {:?}, such as \"120s\"",
            crate::format_duration(most)
        )
    };
    let text = field.string("a duration with its unit, such as \"120s\"")?;
    match parse_duration(text) {
        None => Err(field.problem(format!("is {text:?}, not a duration"), help())),
        Some(Duration::ZERO) => Err(field.problem("is no time", help())),
        Some(duration) if duration > most => {
            Err(field.problem(format!("is {text:?}, too long"), help()))
        }
        Some(duration) => Ok(duration),
    }
}

/// A whole number from 1.
pub(super) fn count(field: &Field<'_>, most: u32) -> Result<u32> {
    Ok(u32::try_from(field.integer(1, most.into())?).expect("the range was checked"))
}

/// A page for people.
pub(super) fn homepage(field: &Field<'_>) -> Result<String> {
    let text = line(field, "\"https://acme.example\"")?;
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(text),
        _ => Err(field.problem(
            "is not an https URL",
            "write it in full, such as \"https://acme.example\"",
        )),
    }
}
