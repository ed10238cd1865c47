//! Reading `models.providers.<id>`.

use std::collections::BTreeMap;
use std::time::Duration;

use chela_manifest::document::{Field, Problem, Table, Value};
use serde_json::Map;
use url::Url;

use super::{Result, Warnings, given, milliseconds, object};
use crate::{Cost, KeySource, LiteralKey, LocalService, ModelConfig, ProviderConfig};

const KEYS: &[&str] = &[
    "baseUrl",
    "apiKey",
    "api",
    "timeoutSeconds",
    "idleTimeoutSeconds",
    "models",
    "compat",
    "allowPlainHttp",
    "localService",
];

pub(super) fn read(field: &Field<'_>, warnings: &mut Warnings) -> Result<ProviderConfig> {
    let table = object(field, "{ baseUrl: \"https://api.acme.example/v1\" }")?;
    warnings.unknown(&table, KEYS);
    let config = ProviderConfig {
        base_url: given(&table, "baseUrl")
            .map(|field| url(&field))
            .transpose()?,
        api_key: given(&table, "apiKey")
            .map(|field| key(&field, warnings))
            .transpose()?,
        api: given(&table, "api")
            .map(|field| word(&field, "\"openai-completions\""))
            .transpose()?,
        timeout: given(&table, "timeoutSeconds")
            .map(|field| seconds(&field))
            .transpose()?,
        idle_timeout: given(&table, "idleTimeoutSeconds")
            .map(|field| seconds(&field))
            .transpose()?,
        models: given(&table, "models").map_or(Ok(Vec::new()), |field| models(&field, warnings))?,
        compat: compat(&table)?,
        allow_plain_http: given(&table, "allowPlainHttp")
            .map_or(Ok(false), |field| field.boolean())?,
        local_service: given(&table, "localService")
            .map(|field| local_service(&field, warnings))
            .transpose()?,
    };
    Ok(config)
}

fn url(field: &Field<'_>) -> Result<Url> {
    let example = "\"https://api.acme.example/v1\"";
    let text = field.string(example)?.trim();
    let refuse = |problem: String, help: &str| Err(field.problem(problem, help));
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return refuse(
                "has no scheme".to_owned(),
                &format!("write it in full, such as {example} or \"http://127.0.0.1:8080/v1\""),
            );
        }
        Err(error) => {
            return refuse(
                format!("is not a URL: {error}"),
                &format!("write {example}"),
            );
        }
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        // `localhost:8080` reads as a URL with the scheme `localhost`.
        return refuse(
            "is neither an http nor an https URL".to_owned(),
            &format!("write it in full, such as {example} or \"http://127.0.0.1:8080/v1\""),
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "holds user information".to_owned(),
            "take out what stands before the `@`, and write a key as `apiKey`",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse(
            "has a query or a fragment".to_owned(),
            "take out what stands from the `?` or `#` on",
        );
    }
    Ok(url)
}

pub(super) fn word(field: &Field<'_>, example: &str) -> Result<String> {
    let text = field.string(example)?.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(field.problem(
            "is blank or holds a control character",
            format!("write {example}"),
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn seconds(field: &Field<'_>) -> Result<Duration> {
    Ok(Duration::from_secs(
        field.integer(1, 24 * 60 * 60)?.unsigned_abs(),
    ))
}

fn key(field: &Field<'_>, warnings: &mut Warnings) -> Result<KeySource> {
    let example = "\"${ACME_API_KEY}\"";
    if let Value::String(text) = &field.node().value {
        return literal_or_variable(field, text.trim());
    }
    let table = field.table("").map_err(|_| {
        let example = format!("{example}, or {{ source: \"env\", id: \"ACME_API_KEY\" }}");
        field.wrong_kind("a string or an object", &example)
    })?;
    let source = table.required(
        "source",
        "write source: \"env\" with the variable's name as id",
    )?;
    match source.string("\"env\"")? {
        "env" => {
            warnings.unknown(&table, &["source", "id", "provider"]);
            let id = table.required("id", "write the variable's name, such as id: \"ACME_API_KEY\"")?;
            variable(&id, id.string("\"ACME_API_KEY\"")?.trim())
        }
        "file" => {
            warnings.unknown(&table, &["source", "path", "id", "provider"]);
            let Some(path) = given(&table, "path") else {
                return Ok(KeySource::Unsupported {
                    source: "file".to_owned(),
                    help: "write { source: \"file\", path: \"/absolute/path\" } for a file that holds the key alone".to_owned(),
                });
            };
            let text = word(&path, "\"/run/secrets/acme\"")?;
            // What counts as absolute is the platform's business; a path that is relative on all of them is caught here.
            if !(text.starts_with('/') || text.starts_with('\\') || text.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/")) {
                return Err(path.problem("is a relative path", "write it from the root, such as \"/run/secrets/acme\""));
            }
            Ok(KeySource::File(text))
        }
        "exec" => Ok(KeySource::Unsupported {
            source: "exec".to_owned(),
            help: "put the key into an environment variable and write { source: \"env\", id: \"ACME_API_KEY\" }".to_owned(),
        }),
        other => Err(source.problem(format!("is {other:?}"), "write \"env\", \"file\" or \"exec\"")),
    }
}

/// `${NAME}` or the key itself. The value never goes into a complaint: it may be one.
fn literal_or_variable(field: &Field<'_>, text: &str) -> Result<KeySource> {
    if text.is_empty() {
        return Err(field.problem(
            "is blank",
            "write \"${ACME_API_KEY}\", or take the key out to have the usual variables looked up",
        ));
    }
    if let Some(name) = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
    {
        return variable(field, name);
    }
    if text.contains("${") {
        return Err(field.problem("holds `${` beside other text", "write \"${ACME_API_KEY}\" alone; what goes around a key is the provider's manifest's business"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(field.problem(
            "holds a blank or a control character",
            "write the key alone",
        ));
    }
    Ok(KeySource::Literal(LiteralKey::new(text.to_owned())))
}

fn variable(field: &Field<'_>, name: &str) -> Result<KeySource> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.len() <= 128;
    if fits {
        return Ok(KeySource::Env(name.to_owned()));
    }
    Err(field.problem(
        "does not name an environment variable",
        "write letters, digits and `_`, such as \"${ACME_API_KEY}\"",
    ))
}

fn compat(table: &Table<'_>) -> Result<Map<String, serde_json::Value>> {
    let Some(field) = given(table, "compat") else {
        return Ok(Map::new());
    };
    let table = object(&field, "{ requiresStringContent: true }")?;
    table
        .entries()
        .map(|(key, field)| Ok((key.to_owned(), json(&field)?)))
        .collect()
}

pub(super) fn json(field: &Field<'_>) -> Result<serde_json::Value> {
    field.node().to_json().ok_or_else(|| {
        field.problem(
            "holds a number that JSON has no form for",
            "write a finite number",
        )
    })
}

const MODEL_KEYS: &[&str] = &[
    "id",
    "name",
    "reasoning",
    "input",
    "cost",
    "contextWindow",
    "maxTokens",
    "compat",
];
const INPUTS: &[&str] = &["text", "image", "audio", "video", "file"];

fn models(field: &Field<'_>, warnings: &mut Warnings) -> Result<Vec<ModelConfig>> {
    let mut models: Vec<ModelConfig> = Vec::new();
    for item in field.items("[{ id: \"acme-1\" }]")? {
        let model = model(&item, warnings)?;
        if models.iter().any(|earlier| earlier.id == model.id) {
            return Err(item.problem(
                format!("repeats the model {:?}", model.id),
                "take one of the two out",
            ));
        }
        models.push(model);
    }
    Ok(models)
}

fn model(field: &Field<'_>, warnings: &mut Warnings) -> Result<ModelConfig> {
    if let Value::String(_) = field.node().value {
        return Ok(ModelConfig {
            id: word(field, "the provider's id of the model")?,
            ..ModelConfig::default()
        });
    }
    let table = object(field, "{ id: \"acme-1\" }")?;
    warnings.unknown(&table, MODEL_KEYS);
    let tokens = |key: &'static str| -> Result<Option<u64>> {
        let number = given(&table, key)
            .map(|field| field.integer(1, 1 << 40))
            .transpose()?;
        Ok(number.map(i64::unsigned_abs))
    };
    let mut input: Vec<String> = Vec::new();
    if let Some(field) = given(&table, "input") {
        for item in field.items("[\"text\", \"image\"]")? {
            let kind = item.string("\"text\"")?;
            if !INPUTS.contains(&kind) {
                warnings.add(
                    &item,
                    format!(
                        "is {kind:?}, none of {}, and is passed over",
                        INPUTS.join(", ")
                    ),
                );
            } else if !input.iter().any(|earlier| earlier == kind) {
                input.push(kind.to_owned());
            }
        }
    }
    Ok(ModelConfig {
        id: word(
            &table.required("id", "write the provider's id of the model")?,
            "the provider's id of the model",
        )?,
        name: given(&table, "name")
            .map(|field| word(&field, "a name for people"))
            .transpose()?,
        reasoning: given(&table, "reasoning").map_or(Ok(false), |field| field.boolean())?,
        input,
        cost: given(&table, "cost")
            .map(|field| cost(&field, warnings))
            .transpose()?,
        context_window: tokens("contextWindow")?,
        max_tokens: tokens("maxTokens")?,
        compat: compat(&table)?,
    })
}

fn cost(field: &Field<'_>, warnings: &mut Warnings) -> Result<Cost> {
    let table = object(
        field,
        "{ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }",
    )?;
    warnings.unknown(&table, &["input", "output", "cacheRead", "cacheWrite"]);
    let price = |key: &'static str| -> Result<Option<f64>> {
        let Some(field) = given(&table, key) else {
            return Ok(None);
        };
        let price = match field.node().value {
            // Prices are far below the 53 bits that a float holds exactly.
            Value::Integer(price) => price as f64,
            Value::Float(price) => price,
            _ => {
                return Err(
                    field.wrong_kind("a number", "dollars per million tokens, such as 0.15")
                );
            }
        };
        if price.is_finite() && price >= 0.0 {
            Ok(Some(price))
        } else {
            Err(field.problem("is no price", "write dollars per million tokens, 0 or more"))
        }
    };
    Ok(Cost {
        input: price("input")?,
        output: price("output")?,
        cache_read: price("cacheRead")?,
        cache_write: price("cacheWrite")?,
    })
}

fn local_service(field: &Field<'_>, warnings: &mut Warnings) -> Result<LocalService> {
    let table = object(field, "{ command: \"/absolute/path/server\", args: [] }")?;
    warnings.unknown(
        &table,
        &[
            "command",
            "args",
            "cwd",
            "env",
            "healthUrl",
            "readyTimeoutMs",
            "idleStopMs",
        ],
    );
    let command = table.required("command", "write the program's absolute path")?;
    let program = word(&command, "\"/absolute/path/server\"")?;
    if !std::path::Path::new(&program).is_absolute() {
        return Err(command.problem(
            "is not an absolute path",
            "write the program from the root, such as \"/usr/local/bin/server\"",
        ));
    }
    let mut args = Vec::new();
    if let Some(field) = given(&table, "args") {
        for item in field.items("[\"serve\"]")? {
            args.push(item.string("a string")?.to_owned());
        }
    }
    let mut env = BTreeMap::new();
    if let Some(field) = given(&table, "env") {
        for (name, field) in object(&field, "{ NAME: \"value\" }")?.entries() {
            env.insert(name.to_owned(), field.string("a string")?.to_owned());
        }
    }
    let idle_stop = |field: Field<'_>| -> std::result::Result<Duration, Problem> {
        Ok(Duration::from_millis(
            field.integer(0, super::DAY_MS)?.unsigned_abs(),
        ))
    };
    Ok(LocalService {
        command: program,
        args,
        cwd: given(&table, "cwd")
            .map(|field| word(&field, "a folder"))
            .transpose()?,
        env,
        health_url: given(&table, "healthUrl")
            .map(|field| url(&field))
            .transpose()?,
        ready_timeout: given(&table, "readyTimeoutMs")
            .map(|field| milliseconds(&field))
            .transpose()?,
        idle_stop: given(&table, "idleStopMs").map(idle_stop).transpose()?,
    })
}
