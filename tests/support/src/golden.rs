//! Expected output that lies beside the test.

use std::path::Path;

/// Whether expected output is to be written anew: `BLESS=1`.
#[must_use]
pub fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// Holds `actual` against the file, or writes the file when [`blessing`].
///
/// # Errors
/// With the first difference and how to accept it.
pub fn compare(path: &Path, actual: &str) -> Result<(), String> {
    if blessing() {
        let unchanged = std::fs::read_to_string(path).is_ok_and(|expected| expected == actual);
        if unchanged {
            return Ok(());
        }
        return std::fs::write(path, actual)
            .map_err(|error| format!("cannot write {}: {error}", path.display()));
    }
    let expected = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    match difference(&expected, actual) {
        None => Ok(()),
        Some(difference) => Err(format!(
            "{} is not what came out (BLESS=1 accepts it):\n{difference}",
            path.display()
        )),
    }
}

/// The lines around the first difference of two texts.
#[must_use]
pub fn difference(expected: &str, actual: &str) -> Option<String> {
    if expected == actual {
        return None;
    }
    let old: Vec<&str> = expected.split('\n').collect();
    let new: Vec<&str> = actual.split('\n').collect();
    let same_head = old
        .iter()
        .zip(&new)
        .take_while(|(old, new)| old == new)
        .count();
    let same_tail = old[same_head..]
        .iter()
        .rev()
        .zip(new[same_head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut report = format!("  at line {}:\n", same_head + 1);
    for line in &old[same_head.saturating_sub(2)..same_head] {
        report.push_str(&format!("    {line}\n"));
    }
    for line in &old[same_head..old.len() - same_tail] {
        report.push_str(&format!("  - {line}\n"));
    }
    for line in &new[same_head..new.len() - same_tail] {
        report.push_str(&format!("  + {line}\n"));
    }
    Some(report)
}

/// Replaces each run of characters that follows `mark` and satisfies `part` by `name`, if it is at least `least` long.
///
/// `mask(text, "sha256:", hex, 64, "[digest]")` turns digests into a word.
///
/// # Panics
/// When the mark is empty.
#[must_use]
pub fn mask(
    text: &str,
    mark: &str,
    part: impl Fn(char) -> bool,
    least: usize,
    name: &str,
) -> String {
    assert!(!mark.is_empty(), "a mark is needed to look for");
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let after = at + mark.len();
        masked.push_str(&rest[..after]);
        rest = &rest[after..];
        let end = rest
            .find(|character| !part(character))
            .unwrap_or(rest.len());
        masked.push_str(if end >= least { name } else { &rest[..end] });
        rest = &rest[end..];
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::{difference, mask};

    #[test]
    fn a_difference_shows_what_left_and_what_came() {
        assert_eq!(difference("a\nb\nc\n", "a\nb\nc\n"), None);
        let report = difference("a\nb\nc\nd\n", "a\nb\nX\nY\nd\n").unwrap();
        assert_eq!(report, "  at line 3:\n    a\n    b\n  - c\n  + X\n  + Y\n");
    }

    #[test]
    fn a_mask_takes_only_what_is_long_enough() {
        let hex = |character: char| character.is_ascii_hexdigit();
        assert_eq!(
            mask("sha256:00ff, sha256:0", "sha256:", hex, 4, "[digest]"),
            "sha256:[digest], sha256:0"
        );
    }
}
