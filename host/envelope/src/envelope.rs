//! The envelope itself and the small records in it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Attempt, DryRun, ErrorBody, Output};

/// How a call was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// In the process that was started.
    #[default]
    Local,
    /// In a gateway that was running already.
    Gateway,
}

/// What a call consumed, as far as the provider says. Nothing here is estimated: what was not said is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Usage {
    /// Tokens of the request, those read from a cache and those written to one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Tokens generated, reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// The part of the input that was read from the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input_tokens: Option<u64>,
    /// The part of the input that was written to the provider's cache, where writing is billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_input_tokens: Option<u64>,
    /// The part of the output that was reasoning and is not in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Characters billed, where the provider counts those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub characters: Option<u64>,
    /// Seconds of media billed, where the provider counts those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Pictures billed, where the provider counts those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<u64>,
    /// Requests billed, where the provider counts those: searches, pages, calls of a tool of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
}

impl Usage {
    /// The sum of two, for a call that took several requests. What only one of them says stands as it is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let add = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        Self {
            input_tokens: add(self.input_tokens, other.input_tokens),
            output_tokens: add(self.output_tokens, other.output_tokens),
            cached_input_tokens: add(self.cached_input_tokens, other.cached_input_tokens),
            cache_write_input_tokens: add(
                self.cache_write_input_tokens,
                other.cache_write_input_tokens,
            ),
            reasoning_tokens: add(self.reasoning_tokens, other.reasoning_tokens),
            characters: add(self.characters, other.characters),
            seconds: match (self.seconds, other.seconds) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            },
            images: add(self.images, other.images),
            requests: add(self.requests, other.requests),
        }
    }
}

/// A file that went in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Input {
    /// The file's path or URL as the caller gave it.
    pub path: String,
    /// Its media type, found from the bytes; left out for a URL, which the provider reads and chela does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Its length in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// An option that the provider does not support and that was left out of the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct IgnoredOverride {
    /// The option's name, in camelCase.
    pub key: String,
    /// What the caller asked for.
    pub value: Value,
}

/// An option that the provider supports in other values: what was asked for and what was sent in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Normalized {
    /// What the caller asked for.
    pub requested: String,
    /// What was sent.
    pub applied: String,
    /// The name, in camelCase, of the other option it was derived from, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived_from: Option<String>,
}

/// The answer of one call of chela. With `--json` it is all that stands on stdout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Envelope {
    /// Whether there is a result, and all of it.
    pub ok: bool,
    /// The capability, such as `image.generate`; see [`capability`](crate::capability).
    pub capability: String,
    /// How the call was made.
    pub transport: Transport,
    /// The provider that answered, or the last that was asked; null when none was.
    pub provider: Option<String>,
    /// The model that answered, or the last that was asked; null when none was.
    pub model: Option<String>,
    /// What was tried and did not give the result, in order.
    pub attempts: Vec<Attempt>,
    /// The results. What there was before a failure stays here.
    pub outputs: Vec<Output>,
    /// Why there is no result; there exactly when `ok` is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
    /// Files that went in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// Options that were left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_overrides: Vec<IgnoredOverride>,
    /// Options that were mapped, by name in camelCase.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub normalization: BTreeMap<String, Normalized>,
    /// What was consumed, summed over the requests that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What the usage costs in US dollars, where the prices of the model are known and the usage has every number they are for. 0 is said only
    /// of a model whose prices are 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// Why generation ended: `stop`, `length`, `tool_calls`, `content_filter` or the provider's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// How long the call took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The provider's id for the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What would have been sent; there exactly after a dry run that came that far. `ok` is true then and `outputs` empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<DryRun>,
}

impl Envelope {
    /// A good envelope with nothing in it yet.
    pub fn succeeded(capability: impl Into<String>, outputs: Vec<Output>) -> Self {
        Self {
            ok: true,
            error: None,
            outputs,
            ..Self::empty(capability.into())
        }
    }

    /// A failed envelope with nothing but its error.
    pub fn failed(capability: impl Into<String>, error: ErrorBody) -> Self {
        Self {
            error: Some(error),
            ..Self::empty(capability.into())
        }
    }

    fn empty(capability: String) -> Self {
        Self {
            ok: false,
            capability,
            transport: Transport::Local,
            provider: None,
            model: None,
            attempts: Vec::new(),
            outputs: Vec::new(),
            error: None,
            inputs: Vec::new(),
            ignored_overrides: Vec::new(),
            normalization: BTreeMap::new(),
            usage: None,
            cost_usd: None,
            finish_reason: None,
            duration_ms: None,
            request_id: None,
            dry_run: None,
        }
    }
}
