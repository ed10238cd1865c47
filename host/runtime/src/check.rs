//! What is wrong with a request is said before any component is called.

use std::time::Duration;

use chela_config::ModelRef;
use chela_manifest::ProviderId;

use crate::fault::Fault;

/// Who is to be asked, and for how long.
///
/// A model or a provider that is named is asked and no other. Without a name the configuration chooses, and goes on to the
/// next when one fails.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// This model of this provider and no other.
    pub model: Option<ModelRef>,
    /// This provider and no other.
    pub provider: Option<ProviderId>,
    /// How long everything together may take, from the request on; the capability's usual time when there is none.
    pub timeout: Option<Duration>,
}

impl Selection {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if let (Some(model), Some(provider)) = (&self.model, &self.provider)
            && model.provider != *provider
        {
            return Err(Fault::usage(format!(
                "the model {model} is not of the provider {provider}"
            ))
            .hint("leave out --provider, or name a model of that provider"));
        }
        if self.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(
                Fault::usage("a deadline of 0 ms leaves no time for an answer")
                    .hint("give --timeout-ms more"),
            );
        }
        Ok(())
    }

    /// Whether no other than the named one may be asked.
    pub(crate) fn is_strict(&self) -> bool {
        self.model.is_some() || self.provider.is_some()
    }
}

/// Refuses a text with nothing in it. `what` is its name with an article, such as `the prompt`.
pub(crate) fn not_blank(text: &str, what: &str) -> Result<(), Fault> {
    if is_blank(text) {
        return Err(Fault::usage(format!(
            "{what} is {}",
            if text.is_empty() { "empty" } else { "blank" }
        )));
    }
    Ok(())
}

/// Characters that are nothing to a reader and are not white space in Unicode's terms.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Whether nothing in a text shows: it is empty, or of blanks, controls and characters without a width.
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// The longest language tag that is taken. RFC 5646 section 4.4.1 asks for 35 characters at least.
const LONGEST_TAG: usize = 35;

/// The longest domain name, in bytes (RFC 1035 section 2.3.4).
const LONGEST_DOMAIN: usize = 253;

/// Refuses what has not the form of a BCP 47 tag.
pub(crate) fn language_tag(text: &str) -> Result<(), Fault> {
    let is_tag = (1..=LONGEST_TAG).contains(&text.len())
        && text
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_tag {
        return Ok(());
    }
    Err(Fault::usage(format!("`{text}` is not a language tag"))
        .hint("write a tag such as en, de or pt-BR"))
}

/// Refuses what has not the form of an ISO 3166-1 alpha-2 code.
pub(crate) fn region(text: &str) -> Result<(), Fault> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(());
    }
    Err(
        Fault::usage(format!("`{text}` is not the code of a country"))
            .hint("write two letters (ISO 3166-1), such as us, de or is"),
    )
}

/// Refuses what is not a domain name: a URL, a path, a pattern.
pub(crate) fn domain(text: &str) -> Result<(), Fault> {
    let is_domain = text.len() <= LONGEST_DOMAIN
        && text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && label.chars().all(|c| c == '-' || c.is_alphanumeric())
        });
    if is_domain {
        return Ok(());
    }
    Err(Fault::usage(format!("`{text}` is not a domain"))
        .hint("write the name alone, such as example.com"))
}

/// Refuses a number of things that is zero.
pub(crate) fn not_zero(number: Option<u32>, what: &str) -> Result<(), Fault> {
    match number {
        Some(0) => {
            Err(Fault::usage(format!("{what} is 0")).hint("give 1 or more, or leave it out"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_envelope::ErrorType;

    #[test]
    fn blank_is_what_a_reader_sees_nothing_in() {
        for text in ["", " ", "\n\t", "\u{200b}\u{feff}", "\u{a0}", "\0"] {
            assert_eq!(
                not_blank(text, "the prompt").unwrap_err().kind,
                ErrorType::Usage,
                "{text:?}"
            );
        }
        for text in ["a", " a ", "。", "👍"] {
            assert!(not_blank(text, "the prompt").is_ok(), "{text:?}");
        }
    }

    #[test]
    fn model_and_provider_agree() {
        let selection = |model: &str, provider: &str| Selection {
            model: Some(model.parse().unwrap()),
            provider: Some(provider.parse().unwrap()),
            timeout: None,
        };
        assert!(selection("groq/llama", "groq").check().is_ok());
        let fault = selection("groq/llama", "openai").check().unwrap_err();
        assert!(fault.message.contains("groq/llama") && fault.message.contains("openai"));
        let timeless = Selection {
            timeout: Some(Duration::ZERO),
            ..Selection::default()
        };
        assert!(timeless.check().is_err());
        assert!(!timeless.is_strict());
    }
}
