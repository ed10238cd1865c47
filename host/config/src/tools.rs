//! What stands behind the web, and what understands media: `tools`.

use std::time::Duration;

use chela_manifest::ProviderId;

/// The most results of a search that can be asked for.
pub const MOST_RESULTS: u32 = 50;

/// `tools`, as far as chela reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    /// `web.search`.
    pub search: WebTool,
    /// `web.fetch`.
    pub fetch: WebTool,
    /// `media.image.models`: who describes pictures, in order. `agents.defaults.imageModel` goes before it.
    pub image: Vec<MediaModel>,
    /// `media.audio.models`: who writes down what is said, in order.
    pub audio: Vec<MediaModel>,
    /// `media.video.models`: who describes films, in order.
    pub video: Vec<MediaModel>,
}

/// `tools.web.search` or `tools.web.fetch`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebTool {
    /// `provider`: who is asked, and nobody besides. Whoever is configured, when there is none.
    pub provider: Option<ProviderId>,
    /// `maxResults`: the most results when the caller does not say. Of searches alone.
    pub max_results: Option<u32>,
    /// `timeoutSeconds`: how long one call may take.
    pub timeout: Option<Duration>,
}

/// An entry of `tools.media.<kind>.models`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaModel {
    /// `provider`.
    pub provider: ProviderId,
    /// `model`: the provider's default one when there is none.
    pub model: Option<String>,
    /// `timeoutSeconds`: how long one call may take.
    pub timeout: Option<Duration>,
}
