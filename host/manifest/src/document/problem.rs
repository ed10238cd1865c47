//! Complaints about a document.

use std::fmt;

/// A place in a text. Both numbers count from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The place of a byte of `text`; the end of the text for an offset beyond it.
    pub fn of(text: &str, offset: usize) -> Self {
        let offset = (0..=offset.min(text.len()))
            .rev()
            .find(|&at| text.is_char_boundary(at))
            .unwrap_or_default();
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// What is wrong at one place of a document. Shown as `3:8: `endpoints.api.base` is …; write …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, when the format tells.
    pub position: Option<Position>,
    /// The path of the key, such as `endpoints.api.base` or `model.models[2].id`; empty for the document as a whole.
    pub path: String,
    /// What is wrong, to be read after the path: `is not a URL`.
    pub problem: String,
    /// What to write instead: a fragment in the imperative.
    pub help: Option<String>,
}

impl Problem {
    /// Place, path and problem, without the help.
    pub fn what(&self) -> String {
        let mut text = String::new();
        if let Some(Position { line, column }) = self.position {
            text.push_str(&format!("{line}:{column}: "));
        }
        if !self.path.is_empty() {
            text.push_str(&format!("`{}` ", self.path));
        }
        text + &self.problem
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// The one of `known` that the writer of `given` most likely meant; none when nothing is near.
pub fn nearest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    // Long keys cannot be near a known one, and the distance costs the product of both lengths.
    if given.len() > 64 {
        return None;
    }
    let folded = |text: &str| -> String {
        text.chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .flat_map(char::to_lowercase)
            .collect()
    };
    let given = folded(given);
    known
        .iter()
        .map(|candidate| (distance(&given, &folded(candidate)), *candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .map(|(_, candidate)| candidate)
}

/// Edits between two words: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key() {
        let known = ["default-model", "models", "max-count", "sizes"];
        assert_eq!(nearest("default_model", &known), Some("default-model"));
        assert_eq!(nearest("defaultModel", &known), Some("default-model"));
        assert_eq!(nearest("modles", &known), Some("models"));
        assert_eq!(nearest("size", &known), Some("sizes"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest(&"x".repeat(10_000), &known), None);
    }

    #[test]
    fn places_count_characters() {
        let text = "a\nbü = 1\r\n";
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, 5), Position { line: 2, column: 3 });
        // Inside a character: its start.
        assert_eq!(Position::of(text, 4), Position { line: 2, column: 2 });
        assert_eq!(Position::of(text, 999).line, 3);
    }
}
