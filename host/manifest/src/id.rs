//! The id of a provider.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ManifestError;

/// The id of a provider, such as `openai` or `acme-images`: the part of a model reference before the first slash.
///
/// It starts with a lower-case letter or a digit, goes on with those, `.`, `_` and `-`, and has at most
/// [`ProviderId::MAX_LEN`] characters. It is compared as it is; because capitals cannot occur, case never decides.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderId(Box<str>);

impl ProviderId {
    /// The most characters of an id.
    pub const MAX_LEN: usize = 64;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderId {
    type Err = ManifestError;

    /// Reads an id.
    ///
    /// # Errors
    ///
    /// [`ManifestError::ProviderId`] when a character stands where it may not, with the nearest id that is one.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let first = text.bytes().next().is_some_and(alphanumeric);
        let rest = text
            .bytes()
            .all(|byte| alphanumeric(byte) || matches!(byte, b'.' | b'_' | b'-'));
        if first && rest && text.len() <= Self::MAX_LEN {
            return Ok(Self(text.into()));
        }
        let problem = if text.is_empty() {
            "is empty"
        } else if text.len() > Self::MAX_LEN {
            "is longer than 64 characters"
        } else if text.contains('/') {
            "holds a slash"
        } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            "holds capital letters"
        } else if rest {
            "starts with a punctuation mark"
        } else {
            "holds a character that is not allowed"
        };
        Err(ManifestError::ProviderId {
            given: shown(text),
            problem,
            suggestion: nearest(text),
        })
    }
}

/// What of a refused id goes into a message: its beginning, without anything that could move a cursor.
fn shown(text: &str) -> String {
    text.chars()
        .take(ProviderId::MAX_LEN)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// The id that the writer of `text` may have meant.
fn nearest(text: &str) -> String {
    let mut id: String = text
        .split('/')
        .next()
        .unwrap_or_default()
        .trim()
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '.' | '_' | '-') => c,
            _ => '-',
        })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(ProviderId::MAX_LEN)
        .collect();
    id.truncate(id.trim_end_matches('-').len());
    if id.is_empty() {
        "acme-images".to_owned()
    } else {
        id
    }
}

impl TryFrom<String> for ProviderId {
    type Error = ManifestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ProviderId> for String {
    fn from(id: ProviderId) -> Self {
        id.0.into()
    }
}

impl Borrow<str> for ProviderId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for ProviderId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are() {
        for id in [
            "openai",
            "a",
            "0x",
            "openai-compatible",
            "z.ai",
            "a_b",
            &"a".repeat(64),
        ] {
            assert_eq!(id.parse::<ProviderId>().unwrap().as_str(), id);
        }
    }

    #[test]
    fn ids_that_are_not_get_the_nearest() {
        for (given, problem, suggestion) in [
            ("", "is empty", "acme-images"),
            ("OpenAI", "holds capital letters", "openai"),
            ("openai/gpt-5", "holds a slash", "openai"),
            ("-x", "starts with a punctuation mark", "x"),
            ("Acme Images", "holds capital letters", "acme-images"),
            ("bücher", "holds a character that is not allowed", "b-cher"),
        ] {
            let error = given.parse::<ProviderId>().unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
            assert!(error.contains(&format!("write `{suggestion}`")), "{error}");
            assert!(suggestion.parse::<ProviderId>().is_ok());
        }
        assert!("a".repeat(65).parse::<ProviderId>().is_err());
    }

    #[test]
    fn a_message_carries_no_control_character() {
        let error = "\u{1b}]52;x\u{7}"
            .parse::<ProviderId>()
            .unwrap_err()
            .to_string();
        assert!(!error.chars().any(char::is_control), "{error:?}");
    }
}
