//! How the providers of this dialect differ, as their manifests say it.
//!
//! Each field below is a setting of the same name in camelCase, under `[settings]` of a manifest or `compat` of a
//! provider in the configuration. A setting of the wrong shape counts as absent.

use std::borrow::Cow;

use chela_sdk::{Failure, Result, context};
use serde_json::{Map, Value};

use crate::loose::{self, text};

/// What a provider's server expects of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Whether message content made of text parts alone is sent as one string.
    pub requires_string_content: bool,
    /// Whether a stream may be asked to end with its usage (`stream_options`).
    pub supports_usage_in_streaming: bool,
    /// Whether tools may be sent.
    pub supports_tools: bool,
    /// Whether a schema may be marked `strict`.
    pub supports_strict_mode: bool,
    /// Whether reasoning fields are sent: as the rules say, always (`true`), or never (`false`).
    pub supports_reasoning_effort: Option<bool>,
    /// The field that limits the tokens of an answer.
    pub max_tokens_field: String,
    /// Which models reason, and how they are asked to.
    pub reasoning: Vec<ReasoningRule>,
    /// How sound is sent.
    pub audio_input: AudioInput,
    /// How documents are sent.
    pub file_input: FileInput,
    /// Whether film may be sent, as a `video_url` part.
    pub video_input: bool,
    /// The field that sets the length of embedding vectors.
    pub dimensions_field: String,
    /// `response_format` of image requests, for models that take one.
    pub image_response_format: Option<String>,
}

/// How sound stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioInput {
    /// `{"data": …, "format": …}`, the shape of OpenAI.
    Object,
    /// The data or URL alone, the shape of Mistral.
    Bare,
}

/// How a document stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileInput {
    /// A `file` part, the shape of OpenAI.
    File,
    /// A `document_url` part, the shape of Mistral.
    DocumentUrl,
}

/// How some models of a provider are asked to reason.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReasoningRule {
    /// Starts of the ids of these models; empty for all.
    pub models: Vec<String>,
    /// The field that takes the effort.
    pub field: String,
    /// Effort by level. A level that is not here sends nothing; models without any do not reason.
    pub levels: Map<String, Value>,
    /// Fields that chat requests for these models always carry.
    pub also: Map<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self::read(&|_| None)
    }
}

impl Settings {
    /// The settings of the provider that this instance runs as.
    pub fn of_provider() -> Self {
        Self::read(&|name| loose::read(context::setting_text(name)?.as_bytes()))
    }

    /// Reads the settings; `value` gives one by name.
    pub fn read(value: &dyn Fn(&str) -> Option<Value>) -> Self {
        let truth = |name: &str| value(name).and_then(|value| value.as_bool());
        let word = |name: &str| value(name).as_ref().and_then(text);
        Self {
            requires_string_content: truth("requiresStringContent").unwrap_or(false),
            supports_usage_in_streaming: truth("supportsUsageInStreaming").unwrap_or(true),
            supports_tools: truth("supportsTools").unwrap_or(true),
            supports_strict_mode: truth("supportsStrictMode").unwrap_or(true),
            supports_reasoning_effort: truth("supportsReasoningEffort"),
            max_tokens_field: word("maxTokensField").unwrap_or_else(|| "max_tokens".into()),
            reasoning: value("reasoning").map(rules).unwrap_or_default(),
            audio_input: match word("audioInput").as_deref() {
                Some("bare") => AudioInput::Bare,
                _ => AudioInput::Object,
            },
            file_input: match word("fileInput").as_deref() {
                Some("document_url") => FileInput::DocumentUrl,
                _ => FileInput::File,
            },
            video_input: word("videoInput").as_deref() == Some("video_url"),
            dimensions_field: word("dimensionsField").unwrap_or_else(|| "dimensions".into()),
            image_response_format: word("imageResponseFormat"),
        }
    }

    /// The fields that ask this model to reason that much, in a chat.
    ///
    /// A server that the operator put in the provider's place gets none of them, unless the operator says with
    /// `supportsReasoningEffort` that it knows them.
    pub fn reasoning_fields(
        &self,
        model: &str,
        level: Option<&str>,
        replaced: bool,
    ) -> Map<String, Value> {
        let Some(rule) = self.rule(model, replaced) else {
            return Map::new();
        };
        let mut fields = rule.also.clone();
        if let Some(effort) = level.and_then(|level| rule.effort(level)) {
            fields.insert(rule.field.clone(), effort.clone());
        }
        fields
    }

    /// Whether this model can be told to reason that much.
    pub fn takes_level(&self, model: &str, level: &str, replaced: bool) -> bool {
        self.rule(model, replaced)
            .is_some_and(|rule| rule.effort(level).is_some())
    }

    /// That tools may be sent.
    ///
    /// # Errors
    ///
    /// `unsupported` where they may not.
    pub fn takes_tools(&self) -> Result<()> {
        if self.supports_tools {
            return Ok(());
        }
        Err(Failure::unsupported("this server takes no tools"))
    }

    /// How this model is asked to reason; none where it is not.
    pub fn rule(&self, model: &str, replaced: bool) -> Option<Cow<'_, ReasoningRule>> {
        let asked = self.supports_reasoning_effort;
        if asked == Some(false) || (replaced && asked.is_none()) {
            return None;
        }
        match self.reasoning.iter().find(|rule| rule.covers(model)) {
            Some(rule) => Some(Cow::Borrowed(rule)),
            None => (asked == Some(true)).then(|| Cow::Owned(ReasoningRule::plain())),
        }
    }
}

impl ReasoningRule {
    /// What OpenAI documents, for a server of which nothing but its support is known.
    fn plain() -> Self {
        let levels = [
            ("off", "none"),
            ("minimal", "minimal"),
            ("low", "low"),
            ("medium", "medium"),
            ("high", "high"),
            ("xhigh", "xhigh"),
            ("max", "max"),
        ];
        Self {
            field: "reasoning_effort".into(),
            levels: levels
                .into_iter()
                .map(|(level, effort)| (level.to_owned(), effort.into()))
                .collect(),
            ..Self::default()
        }
    }

    /// What stands for that level.
    pub fn effort(&self, level: &str) -> Option<&Value> {
        self.levels.get(level).filter(|effort| !effort.is_null())
    }

    fn covers(&self, model: &str) -> bool {
        self.models.is_empty()
            || self
                .models
                .iter()
                .any(|start| model.starts_with(start.as_str()))
    }
}

fn rules(value: Value) -> Vec<ReasoningRule> {
    let Value::Array(list) = value else {
        return Vec::new();
    };
    list.iter()
        .map(|rule| {
            let map = |name: &str| {
                rule.get(name)
                    .and_then(Value::as_object)
                    .cloned()
                    .unwrap_or_default()
            };
            ReasoningRule {
                models: rule
                    .get("models")
                    .and_then(Value::as_array)
                    .map(|models| models.iter().filter_map(text).collect())
                    .unwrap_or_default(),
                field: rule
                    .get("field")
                    .and_then(text)
                    .unwrap_or_else(|| "reasoning_effort".into()),
                levels: map("levels"),
                also: map("also"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
