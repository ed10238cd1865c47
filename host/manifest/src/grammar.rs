//! The grammar of `provider.toml`, key by key.
//!
//! A manifest is TOML; embedded in a component it is JSON with the same keys and the same rules. A key that is not described here
//! is an error. Names of keys are written with `-`; names of settings, which a component reads and an operator can set, in camelCase.
//! What is left out asks for nothing.
//!
//! # What every manifest starts with
//!
//! | key | what it is |
//! |---|---|
//! | `id` | the provider's id: `[a-z0-9][a-z0-9._-]{0,63}` |
//! | `name` | a name for people, one line |
//! | `version` | the version of the component, as its author counts |
//! | `contract` | the version of `chela:provider` it was built for: `"0.1"` |
//! | `description` | one sentence for people |
//! | `homepage` | an https URL for people |
//! | `demonstration` | `true` for a provider that only shows that things work: labelled so, and chosen last |
//! | `rank` | 0 to 65535, lower first; counts for bundled providers alone; 100 when it is not there |
//! | `template-for` | the `api` values of operators' own providers that are made from this manifest: `["openai-completions"]`. Such a manifest is no provider itself |
//! | `apis` | where models can be asked in several dialects: the `api` values that stand for them, the usual one first. The operator's `api` chooses; the component reads the choice as its setting `api` |
//!
//! # What it asks for
//!
//! ```toml
//! [endpoints.api]                               # a request names the endpoint and a path under it
//! base = "https://api.acme.example/v1"
//! credential = "api-key"                        # attached here and only here
//!
//! [downloads]
//! origins = ["https://*.cdn.acme.example"]      # GET alone, no credential
//!
//! [credentials.api-key]
//! env = ["ACME_API_KEY"]                        # where the host may look, in order
//! required = true                               # the default
//! inject = { header = "Authorization", format = "Bearer {}" }   # or { query = "key" }
//!
//! [limits]                                      # asks; the operator's ceiling wins
//! memory = "64MiB"
//! wall = "120s"
//! idle = "60s"
//! guest = "30s"
//! response = "32MiB"
//! requests = 20
//!
//! [settings]                                    # what the component reads through context.setting
//! maxTokensField = "max_completion_tokens"
//! ```
//!
//! - Endpoints and credentials are named `[a-z][a-z0-9-]{0,31}`. Of several endpoints one is named `api`: a configured `baseUrl` and
//!   `apiKey` are for that one. A provider without endpoints is local: it needs no key and no grant.
//! - `base` is an http or https URL without user information, query or fragment; plain http only to `localhost`, 127.0.0.0/8 or
//!   `[::1]`. Any other server without TLS is for the operator to name. It may be left out where there is no usual place.
//! - `origins` are `scheme://host[:port]`, described at [`OriginPattern`](crate::OriginPattern); `["public"]` alone stands for every public
//!   address and never for a private one. `*` alone is refused.
//! - Every credential is attached to an endpoint. `env` names fit `[A-Z_][A-Z0-9_]*`. `format` holds `{}` exactly once and is `"{}"` when it is not
//!   there. The header is not one that frames, routes or describes the message (`Host`, `Content-Length`, `Proxy-*`, …).
//! - Sizes are whole numbers with `B`, `KiB`, `MiB` or `GiB`; durations with `ms`, `s`, `m` or `h`.
//! - Settings are any JSON: strings, numbers, booleans, lists, tables.
//!
//! # What it serves
//!
//! One section per family, with at least one there: `[model]`, `[image]`, `[transcription]`, `[speech]`, `[video]`, `[search]`, `[fetch]`,
//! `[embedding]`. Their keys are the fields of [`ModelSpec`](crate::ModelSpec), [`ImageSpec`](crate::ImageSpec) and so on, with `-` for `_`.
//!
//! ```toml
//! [model]
//! default-model = "acme-large"
//! describe-image = "acme-large"
//! models = [
//!   "acme-small",
//!   { id = "acme-large", input = ["text", "image"], context-window = 131072, max-output-tokens = 8192, reasoning = true },
//! ]
//!
//! [image]
//! default-model = "acme-1"
//! generate = { max-count = 4, sizes = ["1024x1024"], output-formats = ["png", "webp"] }
//! edit = { max-input-images = 1 }
//!
//! [embedding]
//! default-model = "acme-embed"
//! models = [{ id = "acme-embed", dimensions = 1024 }]
//! dimensions = true
//! max-texts = 96
//! ```
//!
//! A default model is one of the models listed, when any are. Lists name what is worth showing: a caller may ask for other models.
//!
//! # Bounds
//!
//! A manifest has at most 64 KiB, 64 endpoints, credentials, origins and settings each, and 1000 models or voices.
