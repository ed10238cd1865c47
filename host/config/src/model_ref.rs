//! References to models.

use std::fmt;
use std::str::FromStr;

use chela_manifest::ProviderId;
use serde::{Serialize, Serializer};

use crate::ConfigError;

/// `<provider>/<model>`. Only the first slash separates: `openrouter/google/gemini-2.5-flash` is the model
/// `google/gemini-2.5-flash` of the provider `openrouter`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelRef {
    /// The provider.
    pub provider: ProviderId,
    /// The provider's id of the model, as the provider spells it.
    pub model: String,
}

impl ModelRef {
    /// The most characters of a model's id.
    pub const MAX_MODEL_LEN: usize = 256;
}

impl FromStr for ModelRef {
    type Err = ConfigError;

    /// Reads a reference. Blanks around it do not matter. Capitals in the provider's id are read as small letters, as ids have
    /// none; the model stays as it is.
    ///
    /// # Errors
    ///
    /// [`ConfigError::BareModel`] when there is no slash, [`ConfigError::ModelRef`] when a half is empty or malformed.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let refuse = |problem, suggestion: String| {
            Err(ConfigError::ModelRef {
                given: shown(text),
                problem,
                suggestion,
            })
        };
        let Some((provider, model)) = text.split_once('/') else {
            return if text.is_empty() {
                refuse("it is empty", "openai/gpt-5.4".to_owned())
            } else {
                Err(ConfigError::BareModel { given: shown(text) })
            };
        };
        let (provider, model) = (provider.trim(), model.trim());
        if model.is_empty() {
            return refuse(
                "no model stands after the slash",
                format!("{}/gpt-5.4", shown(provider)),
            );
        }
        if model.chars().any(char::is_control) {
            return refuse(
                "the model holds a control character",
                "openai/gpt-5.4".to_owned(),
            );
        }
        if model.chars().count() > Self::MAX_MODEL_LEN {
            return refuse(
                "the model is longer than 256 characters",
                "openai/gpt-5.4".to_owned(),
            );
        }
        if provider.is_empty() {
            return refuse(
                "no provider stands before the slash",
                format!("openai/{}", shown(model)),
            );
        }
        match provider.to_ascii_lowercase().parse() {
            Ok(provider) => Ok(Self {
                provider,
                model: model.to_owned(),
            }),
            Err(_) => refuse(
                "what stands before the slash is not a provider id ([a-z0-9][a-z0-9._-]*)",
                format!("openai/{}", shown(model)),
            ),
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

impl Serialize for ModelRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_first_slash_separates() {
        let reference: ModelRef = "inferrs/google/gemma-4-E2B-it".parse().unwrap();
        assert_eq!(reference.provider.as_str(), "inferrs");
        assert_eq!(reference.model, "google/gemma-4-E2B-it");
        assert_eq!(reference.to_string(), "inferrs/google/gemma-4-E2B-it");
        let tagged: ModelRef = " Ollama/qwen2.5vl:7b ".parse().unwrap();
        assert_eq!(tagged.to_string(), "ollama/qwen2.5vl:7b");
    }

    #[test]
    fn errors_show_the_right_form() {
        for (given, problem, hint) in [
            (
                "whisper-1",
                "names no provider",
                "write `<provider>/whisper-1`, such as `openai/whisper-1`",
            ),
            ("", "it is empty", "such as `openai/gpt-5.4`"),
            (
                "openai/",
                "no model stands after",
                "such as `openai/gpt-5.4`",
            ),
            (
                "/gpt-5",
                "no provider stands before",
                "such as `openai/gpt-5`",
            ),
            (
                "open ai/gpt-5",
                "is not a provider id",
                "such as `openai/gpt-5`",
            ),
            ("openai/a\u{1b}[2J", "control character", "openai/gpt-5.4"),
        ] {
            let error = given.parse::<ModelRef>().unwrap_err();
            assert!(error.problem().contains(problem), "{error}");
            assert!(error.hint().unwrap().contains(hint), "{error}");
            assert!(
                !error.to_string().chars().any(char::is_control),
                "{error:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(provider in "[a-z0-9][a-z0-9._-]{0,63}", model in "[^\\s\\p{C}]([^\\p{C}]{0,40}[^\\s\\p{C}])?") {
            let text = format!("{provider}/{model}");
            let reference: ModelRef = text.parse().unwrap();
            prop_assert_eq!(reference.provider.as_str(), &provider);
            prop_assert_eq!(&reference.model, &model);
            prop_assert_eq!(reference.to_string().parse::<ModelRef>().unwrap(), reference);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            if let Ok(reference) = text.parse::<ModelRef>() {
                prop_assert_eq!(reference.to_string().parse::<ModelRef>().unwrap(), reference);
            }
        }
    }
}
