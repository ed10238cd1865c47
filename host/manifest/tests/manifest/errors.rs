//! Every refusal, word for word: a change of one is a change that people see.

use chela_manifest::Manifest;

/// A manifest with something of everything. Each case below changes one thing in it.
pub(crate) const WHOLE: &str = r#"id = "acme-images"
name = "Acme Images"
version = "1.2.0"
contract = "0.1"
homepage = "https://acme.example"
rank = 50

[endpoints.api]
base = "https://api.acme.example/v1"
credential = "api-key"

[downloads]
origins = ["https://*.cdn.acme.example", "http://localhost:8188"]

[credentials.api-key]
env = ["ACME_API_KEY"]
inject = { header = "Authorization", format = "Bearer {}" }

[limits]
memory = "64MiB"
wall = "120s"
guest = "1500ms"
response = "32MiB"
requests = 20

[settings]
maxTokensField = "max_completion_tokens"
levels = { low = [1, 2.5, true] }

[model]
default-model = "acme-large"
describe-image = "acme-large"
models = ["acme-small", { id = "acme-large", input = ["text", "image"], context-window = 131072 }]

[image]
default-model = "acme-1"
generate = { max-count = 4, sizes = ["1024x1024"], aspect-ratios = ["16:9"], resolutions = ["2K"], output-formats = ["png"] }
edit = { max-input-images = 1, backgrounds = ["auto"], qualities = ["high"] }

[transcription]
default-model = "acme-ear"
timestamps = ["word"]
max-size = "25MiB"

[speech]
default-voice = "ann"
voices = ["ann", "bob"]
output-formats = ["mp3"]

[video]
references = ["first-frame"]
durations = [5, 10]
resolutions = ["1080P"]

[search]
max-results = 20
freshness = true

[fetch]
formats = ["markdown"]

[embedding]
default-model = "acme-embed"
models = [{ id = "acme-embed", dimensions = 1024 }]
dimensions = true
max-texts = 96
"#;

#[test]
fn the_whole_grammar_reads() {
    let manifest = Manifest::parse_toml(WHOLE, "provider.toml").unwrap();
    assert_eq!(manifest.families(), chela_manifest::Family::ALL);
    assert_eq!(manifest.limits.memory, Some(64 << 20));
    assert_eq!(
        manifest.limits.guest,
        Some(std::time::Duration::from_millis(1500))
    );
    assert_eq!(
        manifest.settings["levels"],
        serde_json::json!({ "low": [1, 2.5, true] })
    );
    assert_eq!(manifest.main_endpoint().unwrap().0, "api");
    assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest);
}

/// What is replaced, by what, and what is said.
const CASES: &[(&str, &str, &str)] = &[
    (
        "id = \"acme-images\"",
        "id = \"Acme Images\"",
        "provider.toml:1:6: `id` is not a provider id: \"Acme Images\" does not fit [a-z0-9][a-z0-9._-]*; write `acme-images`",
    ),
    (
        "id = \"acme-images\"\n",
        "",
        "provider.toml:1:1: `id` is missing; write the provider's id, such as id = \"acme-images\"",
    ),
    (
        "id = \"acme-images\"",
        "id = 3",
        "provider.toml:1:6: `id` is a number, not a string; write id = \"acme-images\"",
    ),
    (
        "id = \"acme-images\"",
        "nmae = \"x\"\nid = \"acme-images\"",
        "provider.toml:1:1: `nmae` is not a key that is known here; did you mean `name`?",
    ),
    (
        "id = \"acme-images\"",
        "id = \"acme-images",
        "provider.toml:1:18: is not TOML: invalid basic string, expected `\"`",
    ),
    (
        "id = \"acme-images\"",
        "id = \"acme-images\"\nid = \"b\"",
        "provider.toml:2:1: is not TOML: duplicate key",
    ),
    (
        "\"Acme Images\"",
        "\" \"",
        "provider.toml:2:8: `name` is blank; write \"Acme Images\"",
    ),
    (
        "\"Acme Images\"",
        "\"Acme \\u001b[2J\"",
        "provider.toml:2:8: `name` holds a control character; write it in one line of plain text",
    ),
    (
        "\"Acme Images\"",
        "\"Acme \\u202egnp\"",
        "provider.toml:2:8: `name` holds a control character; write it in one line of plain text",
    ),
    (
        "contract = \"0.1\"\n",
        "",
        "provider.toml:1:1: `contract` is missing; write contract = \"0.1\"",
    ),
    (
        "contract = \"0.1\"",
        "contract = \"one\"",
        "provider.toml:4:12: `contract` is \"one\", not a version of the contract; write contract = \"0.1\"",
    ),
    (
        "contract = \"0.1\"",
        "contract = 0.1",
        "provider.toml:4:12: `contract` is a number, not a string; write contract = \"0.1\"",
    ),
    (
        "\"https://acme.example\"",
        "\"http://acme.example\"",
        "provider.toml:5:12: `homepage` is not an https URL; write it in full, such as \"https://acme.example\"",
    ),
    (
        "rank = 50",
        "rank = 70000",
        "provider.toml:6:8: `rank` is 70000, more than 65535; write a whole number from 0 to 65535",
    ),
    (
        "rank = 50",
        "rank = \"50\"",
        "provider.toml:6:8: `rank` is a string, not a number; write a whole number from 0 to 65535",
    ),
    (
        "rank = 50",
        "template-for = []",
        "provider.toml:6:16: `template-for` is empty; name an api, such as [\"openai-completions\"], or take the key out",
    ),
    (
        "rank = 50",
        "apis = []",
        "provider.toml:6:8: `apis` is empty; name an api, such as [\"openai-completions\"], or take the key out",
    ),
    (
        "rank = 50",
        "template-for = [\"OpenAI\"]",
        "provider.toml:6:17: `template-for[0]` is \"OpenAI\", not the name of an api; write \"openai-completions\"",
    ),
    (
        "rank = 50",
        "demonstration = \"yes\"",
        "provider.toml:6:17: `demonstration` is a string, not a boolean; write true or false, without quotes",
    ),
    (
        "[endpoints.api]",
        "[endpoints.API]",
        "provider.toml:8:12: `endpoints.API` is not a name; write lower-case letters, digits and `-`, at most 32, such as [endpoints.api]",
    ),
    (
        "[endpoints.api]",
        "[endpoints.upload]\nbase = \"https://up.acme.example\"\n[endpoints.main]",
        "provider.toml:8:2: `endpoints` has several endpoints and none is named `api`; name the one `api` that a configured `baseUrl` and `apiKey` are for",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "url = \"https://api.acme.example/v1\"",
        "provider.toml:9:1: `endpoints.api.url` is not a key that is known here; take it out, or write one of base, base-env, credential",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "base = \"*\"",
        "provider.toml:9:8: `endpoints.api.base` holds a `*`: an endpoint is one place; write its URL, such as \"https://api.acme.example/v1\"; other origins to download from go under [downloads]",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "base = \"api.acme.example\"",
        "provider.toml:9:8: `endpoints.api.base` has no scheme; write it in full, such as \"https://api.acme.example/v1\"",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "base = \"ftp://api.acme.example\"",
        "provider.toml:9:8: `endpoints.api.base` is neither an https nor an http URL; write \"https://api.acme.example/v1\"",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "base = \"https://key@api.acme.example\"",
        "provider.toml:9:8: `endpoints.api.base` holds user information; take out what stands before the `@`; a key goes under [credentials], where it stays out of the component",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "base = \"https://api.acme.example?key=1\"",
        "provider.toml:9:8: `endpoints.api.base` has a query; take out what stands from the `?` on; a component adds a query to each request",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "base = \"https://api.acme.example#x\"",
        "provider.toml:9:8: `endpoints.api.base` has a fragment; take out what stands from the `#` on",
    ),
    (
        "base = \"https://api.acme.example/v1\"",
        "base = \"http://api.acme.example\"",
        "provider.toml:9:8: `endpoints.api.base` is plain http to another machine; write https; an operator who has such a server names it as `baseUrl` in the configuration",
    ),
    (
        "credential = \"api-key\"",
        "credential = \"api_key\"",
        "provider.toml:10:14: `endpoints.api.credential` names the credential \"api_key\", which is not declared; did you mean \"api-key\"?",
    ),
    (
        "credential = \"api-key\"",
        "",
        "provider.toml:15:14: `credentials.api-key` is attached to no endpoint; write credential = \"api-key\" under the endpoint it is for, or take it out",
    ),
    (
        "origins = [\"https://*.cdn.acme.example\", \"http://localhost:8188\"]",
        "origins = [\"*\"]",
        "provider.toml:13:12: `downloads.origins[0]` (\"*\") would allow every host there is; name the hosts, such as \"https://cdn.acme.example\" or \"https://*.cdn.acme.example\"; a provider whose job is to fetch any public page writes origins = [\"public\"]",
    ),
    (
        "origins = [\"https://*.cdn.acme.example\", \"http://localhost:8188\"]",
        "origins = \"*\"",
        "provider.toml:13:11: `downloads.origins` is a string, not a list; write [\"https://cdn.acme.example\"]",
    ),
    (
        "origins = [\"https://*.cdn.acme.example\", \"http://localhost:8188\"]",
        "origins = [\"https://*.com\"]",
        "provider.toml:13:12: `downloads.origins[0]` (\"https://*.com\") would allow every host under `.com`; name the host itself, or put `*.` before a name that is the provider's own, such as \"https://*.cdn.acme.example\"",
    ),
    (
        "origins = [\"https://*.cdn.acme.example\", \"http://localhost:8188\"]",
        "origins = [\"public\", \"https://a.example\"]",
        "provider.toml:13:12: `downloads.origins[0]` (\"public\") stands beside other origins; write origins = [\"public\"], and nothing beside it",
    ),
    (
        "origins = [\"https://*.cdn.acme.example\", \"http://localhost:8188\"]",
        "origins = [\"https://a.example/x\"]",
        "provider.toml:13:12: `downloads.origins[0]` (\"https://a.example/x\") holds a path, a query or a fragment, and an origin has none; write \"https://a.example\"; it allows every path of that host",
    ),
    (
        "origins = [\"https://*.cdn.acme.example\", \"http://localhost:8188\"]",
        "origins = [\"https://a.example\", \"https://a.example:443\"]",
        "provider.toml:13:33: `downloads.origins[1]` repeats \"https://a.example:443\"; take it out",
    ),
    (
        "origins = [\"https://*.cdn.acme.example\", \"http://localhost:8188\"]",
        "hosts = [\"a.example\"]",
        "provider.toml:13:1: `downloads.hosts` is not a key that is known here; take it out, or write one of origins",
    ),
    (
        "env = [\"ACME_API_KEY\"]",
        "env = [\"$acme-key\"]",
        "provider.toml:16:8: `credentials.api-key.env[0]` is \"$acme-key\", not the name of an environment variable; write the name alone, in capitals, digits and `_`, such as \"ACME_KEY\"",
    ),
    (
        "env = [\"ACME_API_KEY\"]",
        "env = \"ACME_API_KEY\"",
        "provider.toml:16:7: `credentials.api-key.env` is a string, not a list; write [\"ACME_API_KEY\"]",
    ),
    (
        "env = [\"ACME_API_KEY\"]",
        "env = [\"A\", \"A\"]",
        "provider.toml:16:13: `credentials.api-key.env[1]` repeats \"A\"; take it out",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "\"Bearer\"",
        "provider.toml:17:10: `credentials.api-key.inject` is a string, not a table; write { header = \"Authorization\", format = \"Bearer {}\" }",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"Authorization\", format = \"Bearer\" }",
        "provider.toml:17:47: `credentials.api-key.inject.format` has no {} for the credential; write {} exactly once, where the credential goes, such as \"Bearer {}\"",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"Authorization\", format = \"{} {}\" }",
        "provider.toml:17:47: `credentials.api-key.inject.format` has {} more than once; write {} exactly once, where the credential goes, such as \"Bearer {}\"",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"Authorization\", format = \"{}\\r\\nX: y\" }",
        "provider.toml:17:47: `credentials.api-key.inject.format` is not a header field's value; write at most 256 visible ASCII characters and blanks",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"Host\" }",
        "provider.toml:17:21: `credentials.api-key.inject.header` is \"Host\", a header field that the host alone sets; write the field the provider's documentation names for keys, such as \"Authorization\" or \"X-Api-Key\"",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"proxy-authorization\" }",
        "provider.toml:17:21: `credentials.api-key.inject.header` is \"proxy-authorization\", a header field that the host alone sets; write the field the provider's documentation names for keys, such as \"Authorization\" or \"X-Api-Key\"",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"HTTP2-Settings\" }",
        "provider.toml:17:21: `credentials.api-key.inject.header` is \"HTTP2-Settings\", a header field that the host alone sets; write the field the provider's documentation names for keys, such as \"Authorization\" or \"X-Api-Key\"",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"Cookie2\" }",
        "provider.toml:17:21: `credentials.api-key.inject.header` is \"Cookie2\", a header field that the host alone sets; write the field the provider's documentation names for keys, such as \"Authorization\" or \"X-Api-Key\"",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"X Key\" }",
        "provider.toml:17:21: `credentials.api-key.inject.header` is \"X Key\", not the name of a header field; write a name without blanks or colon, such as \"Authorization\" or \"X-Api-Key\"",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ header = \"X-Key\", query = \"key\" }",
        "provider.toml:17:38: `credentials.api-key.inject.query` stands beside `header`; write one of the two: a credential goes into one place",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ query = \"key\", format = \"{}\" }",
        "provider.toml:17:36: `credentials.api-key.inject.format` stands beside `query`; take it out: a query parameter holds the credential alone",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{ query = \"k&y\" }",
        "provider.toml:17:20: `credentials.api-key.inject.query` is \"k&y\", not the name of a parameter; write letters, digits, `-`, `_` and `.`",
    ),
    (
        "{ header = \"Authorization\", format = \"Bearer {}\" }",
        "{}",
        "provider.toml:17:1: `credentials.api-key.inject` says neither `header` nor `query`; write { header = \"Authorization\", format = \"Bearer {}\" }, or { query = \"key\" }",
    ),
    (
        "inject = { header = \"Authorization\", format = \"Bearer {}\" }",
        "",
        "provider.toml:15:14: `credentials.api-key.inject` is missing; write inject = { header = \"Authorization\", format = \"Bearer {}\" }",
    ),
    (
        "memory = \"64MiB\"",
        "memory = 64",
        "provider.toml:20:10: `limits.memory` is a number, not a string; write a size with its unit, such as \"64MiB\"",
    ),
    (
        "memory = \"64MiB\"",
        "memory = \"64MB\"",
        "provider.toml:20:10: `limits.memory` is \"64MB\", not a size; write a whole number and a unit, up to \"4GiB\", such as \"64MiB\"",
    ),
    (
        "memory = \"64MiB\"",
        "memory = \"8GiB\"",
        "provider.toml:20:10: `limits.memory` is \"8GiB\", too much; write a whole number and a unit, up to \"4GiB\", such as \"64MiB\"",
    ),
    (
        "memory = \"64MiB\"",
        "memory = \"0B\"",
        "provider.toml:20:10: `limits.memory` is nothing; write a whole number and a unit, up to \"4GiB\", such as \"64MiB\"",
    ),
    (
        "wall = \"120s\"",
        "wall = \"2 minutes\"",
        "provider.toml:21:8: `limits.wall` is \"2 minutes\", not a duration; write a whole number and a unit, up to \"24h\", such as \"120s\"",
    ),
    (
        "wall = \"120s\"",
        "wall = \"48h\"",
        "provider.toml:21:8: `limits.wall` is \"48h\", too long; write a whole number and a unit, up to \"24h\", such as \"120s\"",
    ),
    (
        "requests = 20",
        "requests = 0",
        "provider.toml:24:12: `limits.requests` is 0, less than 1; write a whole number from 1 to 100000",
    ),
    (
        "requests = 20",
        "fuel = 3",
        "provider.toml:24:1: `limits.fuel` is not a key that is known here; take it out, or write one of memory, wall, idle, guest, response, requests",
    ),
    (
        "maxTokensField = ",
        "max-tokens-field = ",
        "provider.toml:27:20: `settings.max-tokens-field` is not the name of a setting; write it in camelCase: `maxTokensField`",
    ),
    (
        "\"max_completion_tokens\"",
        "2026-01-01",
        "provider.toml:27:18: `settings.maxTokensField` holds a value that JSON has no form for; write a date as a string, and no infinity",
    ),
    (
        "default-model = \"acme-large\"",
        "default-model = \"acme-lrage\"",
        "provider.toml:31:17: `model.default-model` is \"acme-lrage\", which is not among `models`; write one of the models listed, such as \"acme-large\", or add \"acme-lrage\" to `models`",
    ),
    (
        "default-model = \"acme-large\"",
        "default_model = \"acme-large\"",
        "provider.toml:31:1: `model.default_model` is not a key that is known here; did you mean `default-model`?",
    ),
    (
        "describe-image = \"acme-large\"",
        "describe-image = \"acme-small\"",
        "provider.toml:32:18: `model.describe-image` is \"acme-small\", whose `input` does not hold \"image\"; write input = [\"text\", \"image\"] for that model, or name one that takes it",
    ),
    (
        "\"acme-small\", {",
        "\"acme-large\", {",
        "provider.toml:33:25: `model.models[1]` repeats \"acme-large\"; take it out",
    ),
    (
        "\"acme-small\", {",
        "\" acme-small\", {",
        "provider.toml:33:11: `model.models[0]` has blanks around it; write \"acme-small\"",
    ),
    (
        "context-window = 131072",
        "context-window = -1",
        "provider.toml:33:90: `model.models[1].context-window` is -1, less than 1; write a whole number from 1 to 1099511627776",
    ),
    (
        "context-window = 131072",
        "tokens = 1",
        "provider.toml:33:73: `model.models[1].tokens` is not a key that is known here; take it out, or write one of id, name, input, context-window, max-output-tokens, reasoning",
    ),
    (
        "[\"text\", \"image\"]",
        "[\"text\", \"picture\"]",
        "provider.toml:33:63: `model.models[1].input[1]` is \"picture\", which is not known here; write one of text, image, audio, video, file",
    ),
    (
        "id = \"acme-large\", input",
        "input",
        "provider.toml:33:25: `model.models[1].id` is missing; write the provider's id of the model",
    ),
    (
        "sizes = [\"1024x1024\"]",
        "sizes = [\"1024*1024\"]",
        "provider.toml:37:38: `image.generate.sizes[0]` is \"1024*1024\", not a size in pixels; write \"1024x1024\"",
    ),
    (
        "sizes = [\"1024x1024\"]",
        "sizes = [\"0x1024\"]",
        "provider.toml:37:38: `image.generate.sizes[0]` is \"0x1024\", not a size in pixels; write \"1024x1024\"",
    ),
    (
        "sizes = [\"1024x1024\"]",
        "size = [\"1024x1024\"]",
        "provider.toml:37:29: `image.generate.size` is not a key that is known here; did you mean `sizes`?",
    ),
    (
        "sizes = [\"1024x1024\"]",
        "max-input-images = 2",
        "provider.toml:37:48: `image.generate.max-input-images` stands under `generate`, which takes no pictures; write it under `edit`",
    ),
    (
        "aspect-ratios = [\"16:9\"]",
        "aspect-ratios = [\"16/9\"]",
        "provider.toml:37:69: `image.generate.aspect-ratios[0]` is \"16/9\", not an aspect ratio; write \"16:9\"",
    ),
    (
        "resolutions = [\"2K\"]",
        "resolutions = [\"big\"]",
        "provider.toml:37:93: `image.generate.resolutions[0]` is \"big\", not a resolution; write \"1K\", \"2K\", \"4K\", or \"720P\", \"1080P\"",
    ),
    (
        "output-formats = [\"png\"]",
        "output-formats = [\"jpg\"]",
        "provider.toml:37:118: `image.generate.output-formats[0]` is \"jpg\", which is not known here; did you mean \"jpeg\"?",
    ),
    (
        "max-count = 4",
        "max-count = 0",
        "provider.toml:37:26: `image.generate.max-count` is 0, less than 1; write a whole number from 1 to 100",
    ),
    (
        "timestamps = [\"word\"]",
        "timestamps = [\"words\"]",
        "provider.toml:42:15: `transcription.timestamps[0]` is \"words\", which is not known here; did you mean \"word\"?",
    ),
    (
        "default-voice = \"ann\"",
        "default-voice = \"eve\"",
        "provider.toml:46:17: `speech.default-voice` is \"eve\", which is not among `voices`; add \"eve\" to `voices`, or write one that is listed",
    ),
    (
        "references = [\"first-frame\"]",
        "references = [\"start\"]",
        "provider.toml:51:15: `video.references[0]` is \"start\", which is not known here; write one of first-frame, last-frame, reference, source-video",
    ),
    (
        "durations = [5, 10]",
        "durations = [5.5]",
        "provider.toml:52:14: `video.durations[0]` is not a whole number; write a whole number from 1 to 86400",
    ),
    (
        "formats = [\"markdown\"]",
        "",
        "provider.toml:59:2: `fetch` names no `formats`; write formats = [\"markdown\", \"text\", \"html\"]",
    ),
    (
        "dimensions = 1024",
        "dimensions = 0",
        "provider.toml:64:45: `embedding.models[0].dimensions` is 0, less than 1; write a whole number from 1 to 65536",
    ),
    (
        "[fetch]",
        "[fetsh]",
        "provider.toml:59:2: `fetsh` is not a key that is known here; did you mean `fetch`?",
    ),
];

#[test]
fn refusals_name_the_place_the_fault_and_the_remedy() {
    let mut wrong = String::new();
    for (find, replace, expected) in CASES {
        assert!(WHOLE.contains(find), "{find}");
        let text = WHOLE.replacen(find, replace, 1);
        let said = match Manifest::parse_toml(&text, "provider.toml") {
            Ok(_) => "nothing: it reads".to_owned(),
            Err(error) => error.to_string(),
        };
        if said != *expected {
            wrong += &format!(
                "    (\n        {find:?},\n        {replace:?},\n        {said:?},\n    ),\n"
            );
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{wrong}");
}
