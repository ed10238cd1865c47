//! One sentence out of what a server said.

/// The most characters of a server's words that go into a message.
const LONGEST: usize = 300;

/// The first sentence of a server's message, on one line, without control characters and the final full stop, and in
/// lower case where its first word is an ordinary one.
pub fn first(message: &str) -> String {
    let line = message.trim().lines().next().unwrap_or_default();
    let mut words = String::new();
    for word in line.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
    }
    let end = end_of_sentence(&words).unwrap_or(words.len());
    words.truncate(end);
    let words = clip(words.trim_end_matches(['.', ' ', ':']), LONGEST);
    lower_first(&words)
}

/// At most `longest` characters, with an ellipsis in place of what was cut.
fn clip(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A text with another one behind it.
pub fn joined(mut text: String, between: &str, more: &str) -> String {
    if !text.is_empty() {
        text.push_str(between);
    }
    text.push_str(more);
    text
}

/// A word of a server's own, such as a code: one line, no control characters, not too long.
pub fn word(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    clip(&clean, 80)
}

/// Where the first sentence ends: at a full stop, exclamation or question mark before a space and a capital.
fn end_of_sentence(text: &str) -> Option<usize> {
    text.match_indices(['.', '!', '?']).find_map(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let mut next = rest.chars();
        (next.next() == Some(' ') && next.next().is_some_and(|c| c.is_ascii_uppercase()))
            .then_some(at)
    })
}

/// Lower case for a first letter that only starts a sentence: `Invalid` but not `API`, `GPT-5` or `I`.
fn lower_first(text: &str) -> String {
    let mut text = text.to_owned();
    let only_starts = match text.as_bytes() {
        [b'A', b' ', ..] => true,
        [first, second, ..] => first.is_ascii_uppercase() && second.is_ascii_lowercase(),
        _ => false,
    };
    if only_starts && let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_sentence_is_left() {
        for (said, kept) in [
            (
                "Rate limit reached. Please try again in 20s.",
                "rate limit reached",
            ),
            ("I cannot. Sorry.", "I cannot"),
            ("A field is missing", "a field is missing"),
            (
                "API key not valid. Please pass a valid one.",
                "API key not valid",
            ),
            (
                "The model `gpt-5.9` does not exist.",
                "the model `gpt-5.9` does not exist",
            ),
            ("  No\tsuch  thing:\nsecond line", "no such thing"),
            ("Sorry about that! Retry.", "sorry about that"),
            ("\u{1b}[31mred", "[31mred"),
            ("", ""),
        ] {
            assert_eq!(first(said), kept, "{said:?}");
        }
    }

    #[test]
    fn long_words_are_cut() {
        let cut = first(&"ä".repeat(1000));
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('…'));
    }

    proptest! {
        #[test]
        fn a_sentence_is_one_short_clean_line(said in "\\PC*|.*") {
            let kept = first(&said);
            prop_assert!(kept.chars().count() <= LONGEST + 1);
            prop_assert!(!kept.chars().any(char::is_control));
        }
    }
}
