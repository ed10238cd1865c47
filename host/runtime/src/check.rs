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
    if text
        .chars()
        .all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
    {
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
