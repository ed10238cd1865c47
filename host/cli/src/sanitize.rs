//! What a provider says is text, never an instruction to the terminal.
//!
//! Everything that was not written by chela itself passes through here on its way to a terminal or to a pipe: answers,
//! errors, names, file names. Removed are the C0 and C1 control characters except line feed and tab, whole escape sequences
//! (so that no `[31m` is left behind), and the characters that reorder text on a screen. JSON documents are not
//! filtered but escaped, in [`crate::render::json`], so that they lose nothing.
//!
//! The filter works on a stream: text that is cut into pieces at any point comes out as the whole would have.

use std::borrow::Cow;

/// How many characters of an escape sequence are waited through for its end. A sequence that is longer was no sequence:
/// what follows is shown again, so that a stray escape cannot swallow an answer.
const LONGEST_SEQUENCE: usize = 4096;

/// Whether a character is invisible and changes how a terminal shows others: a C0 or C1 control character, delete, or
/// one of Unicode's explicit directional formatting characters.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control() || is_directional(character)
}

/// Embeddings, overrides, isolates, marks and the deprecated shaping switches: what makes `gnp.exe` read as `exe.png`.
fn is_directional(character: char) -> bool {
    matches!(
        character,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}'
    )
}

/// Where in an escape sequence the filter is.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// In plain text.
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence (`ESC [`), until its final character.
    Sequence { left: usize },
    /// In a command string (`ESC ]`, `ESC P`, `ESC X`, `ESC ^`, `ESC _`), until BEL, ST or the end of the line.
    String { left: usize },
    /// After ESC in a command string: a backslash ends the string.
    StringEscape,
}

/// Takes what steers a terminal out of a text that arrives in pieces.
#[derive(Debug, Default)]
pub(crate) struct Sanitizer {
    state: State,
}

impl Sanitizer {
    /// The part of `piece` that may be shown, given the pieces that came before.
    pub(crate) fn clean<'a>(&mut self, piece: &'a str) -> Cow<'a, str> {
        if matches!(self.state, State::Text) && !piece.contains(|c| is_hidden(c) && !is_kept(c)) {
            return Cow::Borrowed(piece);
        }
        let mut shown = String::with_capacity(piece.len());
        for character in piece.chars() {
            self.feed(character, &mut shown);
        }
        Cow::Owned(shown)
    }

    fn feed(&mut self, character: char, shown: &mut String) {
        self.state = match self.state {
            State::Text => plain(character, shown),
            State::Escape => match character {
                '[' => State::Sequence {
                    left: LONGEST_SEQUENCE,
                },
                ']' | 'P' | 'X' | '^' | '_' => State::String {
                    left: LONGEST_SEQUENCE,
                },
                // Intermediates of a longer escape, such as the designation of a character set.
                ' '..='/' => State::Escape,
                '0'..='~' => State::Text,
                other => plain(other, shown),
            },
            State::Sequence { left } => match character {
                ' '..='?' if left > 0 => State::Sequence { left: left - 1 },
                '@'..='~' => State::Text,
                other => plain(other, shown),
            },
            State::String { left } => match character {
                '\u{07}' | '\u{9C}' => State::Text,
                '\u{1B}' => State::StringEscape,
                '\n' => plain(character, shown),
                _ if left > 0 => State::String { left: left - 1 },
                other => plain(other, shown),
            },
            State::StringEscape => match character {
                '\\' => State::Text,
                '[' => State::Sequence {
                    left: LONGEST_SEQUENCE,
                },
                ']' | 'P' | 'X' | '^' | '_' => State::String {
                    left: LONGEST_SEQUENCE,
                },
                other => plain(other, shown),
            },
        };
    }
}

/// Shows a character of plain text, or begins a sequence.
///
/// The 8-bit introducers (C1) are only dropped, not followed: unlike ESC they occur in honest text that was decoded wrongly
/// once, and what they would introduce is harmless without them.
fn plain(character: char, shown: &mut String) -> State {
    if character == '\u{1B}' {
        return State::Escape;
    }
    if is_kept(character) || !is_hidden(character) {
        shown.push(character);
    }
    State::Text
}

/// The control characters that lay out text and do nothing else.
fn is_kept(character: char) -> bool {
    matches!(character, '\n' | '\t')
}

/// A text that stands on lines of its own.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    Sanitizer::default().clean(text)
}

/// A text that stays on one line, such as a name or an error: line breaks and tabs become spaces, so that a message cannot
/// add a line that looks like one of chela's own.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    let clean = block(text);
    if clean.contains(['\n', '\t', '\u{2028}', '\u{2029}']) {
        Cow::Owned(clean.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::{Sanitizer, block, is_hidden, line};
    use proptest::prelude::*;

    #[test]
    fn ordinary_text_is_left_as_it_is() {
        for text in [
            "",
            "plain\n\ttext",
            "Grüße, 世界 👩\u{200D}🚀",
            "C:\\dir [31m] 50%",
        ] {
            assert_eq!(block(text), text);
        }
    }

    #[test]
    fn escape_sequences_go_whole() {
        for (hostile, shown) in [
            ("\u{1B}[31mred\u{1B}[0m", "red"),
            ("\u{1B}[2J\u{1B}[1;1Hhome", "home"),
            ("a\u{1B}]52;c;ZXZpbA==\u{07}b", "ab"),
            (
                "a\u{1B}]8;;https://evil.example\u{1B}\\link\u{1B}]8;;\u{1B}\\b",
                "alinkb",
            ),
            ("a\u{1B}P+q544e\u{1B}\\b", "ab"),
            ("a\u{1B}(0b", "ab"),
            ("a\u{1B}cb", "ab"),
            ("a\u{9B}31mb", "a31mb"),
            ("a\rb\u{8}c\u{7}d\u{7F}e", "abcde"),
            ("line\r\nline", "line\nline"),
            ("a\u{1B}\u{1B}[31mb", "ab"),
            ("a\u{1B}]0;title\u{1B}[31mb", "ab"),
        ] {
            assert_eq!(block(hostile), shown, "{hostile:?}");
        }
    }

    #[test]
    fn reordering_characters_go() {
        assert_eq!(block("photo\u{202E}gnp.exe"), "photognp.exe");
        assert_eq!(block("\u{2066}a\u{2069}\u{200E}b\u{200F}\u{061C}"), "ab");
    }

    #[test]
    fn an_unfinished_sequence_cannot_swallow_an_answer() {
        assert_eq!(block("a\u{1B}]0;title\nb"), "a\nb");
        let long = format!("\u{1B}]52;c;{}END", "A".repeat(5000));
        assert!(block(&long).ends_with("END"));
        let digits = format!("\u{1B}[{}END", "1".repeat(5000));
        assert!(block(&digits).ends_with("END"));
    }

    #[test]
    fn a_message_stays_on_its_line() {
        assert_eq!(line("bad\nhint: run \trm -rf"), "bad hint: run rm -rf");
        assert_eq!(line("two  spaces"), "two  spaces");
    }

    /// Text in which everything that matters here is frequent.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-z ]{0,5}",
            Just("\u{1B}".to_owned()),
            Just("\u{1B}[".to_owned()),
            Just("\u{1B}]52;".to_owned()),
            Just("\u{1B}\\".to_owned()),
            Just("\u{07}".to_owned()),
            Just("\u{9B}".to_owned()),
            Just("\u{202E}".to_owned()),
            Just("\r\n".to_owned()),
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_is_left(text in hostile()) {
            let shown = block(&text);
            prop_assert!(!shown.contains(|c| is_hidden(c) && c != '\n' && c != '\t'), "{shown:?}");
            prop_assert!(!line(&text).contains(is_hidden));
        }

        #[test]
        fn pieces_come_out_as_the_whole(text in hostile(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
            let characters: Vec<char> = text.chars().collect();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(characters.len() + 1)).collect();
            places.extend([0, characters.len()]);
            places.sort_unstable();
            let mut sanitizer = Sanitizer::default();
            let mut shown = String::new();
            for pair in places.windows(2) {
                let piece: String = characters[pair[0]..pair[1]].iter().collect();
                shown.push_str(&sanitizer.clean(&piece));
            }
            prop_assert_eq!(shown, block(&text));
        }

        #[test]
        fn cleaning_twice_changes_nothing(text in hostile()) {
            let once = block(&text).into_owned();
            prop_assert_eq!(block(&once), once.as_str());
        }
    }
}
