//! Providers as the operator configures them: `models.providers.<id>`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use crate::KeySource;

/// What the configuration says of one provider: of a bundled one, what it changes; of any other, what it is.
#[derive(Debug, Clone, Default)]
pub struct ProviderConfig {
    /// `baseUrl`: where requests go in place of the manifest's base. http or https, without user information, query or fragment.
    pub base_url: Option<Url>,
    /// `apiKey`: where the key is. When it is set, the key is looked for nowhere else.
    pub api_key: Option<KeySource>,
    /// `api`: the dialect of a provider of the operator's own; [`ProviderConfig::DEFAULT_API`] when it is not set.
    pub api: Option<String>,
    /// `timeoutSeconds`: how long one call may take.
    pub timeout: Option<Duration>,
    /// `idleTimeoutSeconds`: how long its server may be silent, before its answer and within it. Chela's own key.
    pub idle_timeout: Option<Duration>,
    /// `models`: the provider's models. For a bundled provider they are added to, and win over, those of its manifest.
    pub models: Vec<ModelConfig>,
    /// `compat`: settings of the component, by camelCase name, over those of the manifest.
    pub compat: Map<String, Value>,
    /// `allowPlainHttp`: whether the key may go over plain http to a public address too. Chela's own key; false unless it is set.
    pub allow_plain_http: bool,
    /// `localService`: a server to start when it does not run.
    pub local_service: Option<LocalService>,
}

impl ProviderConfig {
    /// The dialect of a provider that names none.
    pub const DEFAULT_API: &str = "openai-completions";

    /// The dialect of a provider of the operator's own.
    pub fn api(&self) -> &str {
        self.api.as_deref().unwrap_or(Self::DEFAULT_API)
    }
}

/// A model of `models.providers.<id>.models`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelConfig {
    /// `id`: the provider's id of the model.
    pub id: String,
    /// `name`: a name for people.
    pub name: Option<String>,
    /// `reasoning`: whether it can reason before it answers.
    pub reasoning: bool,
    /// `input`: what it takes, of `text`, `image`, `audio`, `video`, `file`. Empty when the configuration does not say.
    pub input: Vec<String>,
    /// `cost`: what it costs.
    pub cost: Option<Cost>,
    /// `contextWindow`: tokens it can attend to.
    pub context_window: Option<u64>,
    /// `maxTokens`: tokens it can generate.
    pub max_tokens: Option<u64>,
    /// `compat`: settings of the component for this model, over those of the provider.
    pub compat: Map<String, Value>,
}

/// What a model costs, in US dollars per million tokens. A price that is 0 is a price: of a model that runs on the operator's own machine.
/// One that the configuration leaves out is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Tokens of the request, those of the cache apart.
    pub input: Option<f64>,
    /// Tokens generated.
    pub output: Option<f64>,
    /// Tokens read from the provider's cache.
    pub cache_read: Option<f64>,
    /// Tokens written to the provider's cache.
    pub cache_write: Option<f64>,
}

/// A server on this machine that is started when it is needed: `localService`.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalService {
    /// The program, by absolute path.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its working directory.
    pub cwd: Option<String>,
    /// Variables added to its environment.
    pub env: BTreeMap<String, String>,
    /// A URL that answers once it serves.
    pub health_url: Option<Url>,
    /// How long it may take to come up.
    pub ready_timeout: Option<Duration>,
    /// How long it is kept without a request; zero: until chela ends.
    pub idle_stop: Option<Duration>,
}
