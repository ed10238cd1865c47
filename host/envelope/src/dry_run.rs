//! What a dry run ends with: the requests that would have been sent.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What would have been sent. Nothing was: no name was resolved, no file written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct DryRun {
    /// The first request of the call; of `image.describe-many`, the first for each picture. Empty where the provider asks no server. What
    /// follows a first request depends on its answer.
    pub requests: Vec<PlannedRequest>,
}

/// A request that would have been sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PlannedRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// The URL. A credential in the query stands in it as its name between angle brackets.
    pub url: String,
    /// The header fields that are about the request, by name in lower case; those that frame the message are left out. A credential stands in
    /// them as its name between angle brackets.
    pub headers: BTreeMap<String, String>,
    /// The body, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<PlannedBody>,
    /// The credential that would go along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<PlannedCredential>,
    /// The proxy it would go through: scheme, host and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

/// A body. Exactly one of `json`, `text` and `form` is there. Media stands in it as `<N bytes of image/png>`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PlannedBody {
    /// Its length in bytes as it would be sent, media included.
    pub size: u64,
    /// A body that is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// Any other body but a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The fields of a multipart form, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Vec<PlannedField>>,
}

/// A field of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PlannedField {
    /// Its name.
    pub name: String,
    /// The name of the file in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The media type of what is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// What is in it.
    pub value: String,
}

/// A credential, by its name. Its value is never here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PlannedCredential {
    /// Its name in the provider's manifest.
    pub name: String,
    /// Whether it was not found. The request would not have been sent without.
    pub missing: bool,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where it was looked for.
    pub looked_for: Vec<String>,
}
