//! What a manifest asks for: endpoints, downloads, credentials, limits, settings.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use super::{Result, Strictness, values};
use crate::document::{Field, Table, Value};
use crate::origin::is_loopback;
use crate::{
    Credential, Downloads, Endpoint, Inject, Limits, Manifest, OriginPattern, is_host_header,
};

/// The most endpoints, credentials, origins and settings, each.
const MAX_ENTRIES: usize = 64;

pub(super) fn read(
    table: &Table<'_>,
    strictness: Strictness,
    manifest: &mut Manifest,
) -> Result<()> {
    if let Some(field) = table.get("credentials") {
        manifest.credentials = named(&field, "[credentials.api-key]", |field| {
            credential(field, strictness)
        })?;
    }
    if let Some(field) = table.get("endpoints") {
        let known: Vec<&str> = manifest.credentials.keys().map(String::as_str).collect();
        manifest.endpoints = named(&field, "[endpoints.api]", |field| {
            endpoint(field, strictness, &known)
        })?;
    }
    if let Some(field) = table.get("endpoints") {
        // Which one `baseUrl` means must not depend on the order of names.
        if manifest.endpoints.len() > 1 && !manifest.endpoints.contains_key(Manifest::MAIN_ENDPOINT)
        {
            return Err(field.problem(
                "has several endpoints and none is named `api`",
                "name the one `api` that a configured `baseUrl` and `apiKey` are for",
            ));
        }
    }
    if let Some(field) = table.get("credentials") {
        refuse_unused(&field.table("")?, manifest)?;
    }
    if let Some(field) = table.get("downloads") {
        let table = field.table("[downloads]")?;
        strictness.check(&table, &["origins"])?;
        if let Some(field) = table.get("origins") {
            manifest.downloads = downloads(&field)?;
        }
    }
    if let Some(field) = table.get("limits") {
        manifest.limits = limits(&field.table("[limits]")?, strictness)?;
    }
    if let Some(field) = table.get("settings") {
        manifest.settings = settings(&field.table("[settings]")?)?;
    }
    Ok(())
}

/// A table of named things.
fn named<T>(
    field: &Field<'_>,
    example: &str,
    read: impl Fn(&Field<'_>) -> Result<T>,
) -> Result<BTreeMap<String, T>> {
    let table = field.table(example)?;
    let mut all = BTreeMap::new();
    for (name, field) in table.entries() {
        if !values::is_name(name) {
            return Err(field.problem(
                "is not a name",
                format!("write lower-case letters, digits and `-`, at most 32, such as {example}"),
            ));
        }
        all.insert(name.to_owned(), read(&field)?);
    }
    if all.len() > MAX_ENTRIES {
        return Err(field.problem(
            format!("has more than {MAX_ENTRIES} entries"),
            "write fewer",
        ));
    }
    Ok(all)
}

fn endpoint(field: &Field<'_>, strictness: Strictness, credentials: &[&str]) -> Result<Endpoint> {
    let table = field.table("base = \"https://api.acme.example/v1\" under [endpoints.api]")?;
    strictness.check(&table, &["base", "base-env", "credential"])?;
    let base = table.get("base").map(|field| base(&field)).transpose()?;
    let base_env = match table.get("base-env") {
        Some(field) => values::words(&field, "[\"ACME_BASE_URL\"]", env_name)?,
        None => Vec::new(),
    };
    let credential = match table.get("credential") {
        None => None,
        Some(field) => {
            let name = field.string("\"api-key\"")?;
            if !credentials.contains(&name) {
                let help = match crate::document::nearest(name, credentials) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => format!(
                        "declare it under [credentials.{}]",
                        if values::is_name(name) {
                            name
                        } else {
                            "api-key"
                        }
                    ),
                };
                return Err(field.problem(
                    format!("names the credential {name:?}, which is not declared"),
                    help,
                ));
            }
            Some(name.to_owned())
        }
    };
    Ok(Endpoint {
        base,
        base_env,
        credential,
    })
}

fn base(field: &Field<'_>) -> Result<Url> {
    let example = "\"https://api.acme.example/v1\"";
    let text = field.string(example)?;
    if text == "*" || text.contains("://*") {
        return Err(field.problem(
            "holds a `*`: an endpoint is one place",
            format!("write its URL, such as {example}; other origins to download from go under [downloads]"),
        ));
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Err(field.problem(
                "has no scheme",
                format!("write it in full, such as {example}"),
            ));
        }
        Err(error) => {
            return Err(field.problem(
                format!("is not a URL: {error}"),
                format!("write it in full, such as {example}"),
            ));
        }
    };
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err(field.problem(
            "is neither an https nor an http URL",
            format!("write {example}"),
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(field.problem(
            "holds user information",
            "take out what stands before the `@`; a key goes under [credentials], where it stays out of the component",
        ));
    }
    if url.query().is_some() {
        return Err(field.problem(
            "has a query",
            "take out what stands from the `?` on; a component adds a query to each request",
        ));
    }
    if url.fragment().is_some() {
        return Err(field.problem("has a fragment", "take out what stands from the `#` on"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(field.problem(
            "is plain http to another machine",
            "write https; an operator who has such a server names it as `baseUrl` in the configuration",
        ));
    }
    Ok(url)
}

/// Header fields that describe a body: a component sets them, and no credential goes into them.
const BODY_HEADERS: &[&str] = &["content-encoding", "content-type"];

fn credential(field: &Field<'_>, strictness: Strictness) -> Result<Credential> {
    let table = field.table("env = [\"ACME_API_KEY\"] under [credentials.api-key]")?;
    strictness.check(&table, &["env", "required", "inject"])?;
    let env = match table.get("env") {
        Some(field) => values::words(&field, "[\"ACME_API_KEY\"]", env_name)?,
        None => Vec::new(),
    };
    let required = table
        .get("required")
        .map_or(Ok(true), |field| field.boolean())?;
    let inject = table.required(
        "inject",
        "write inject = { header = \"Authorization\", format = \"Bearer {}\" }",
    )?;
    Ok(Credential {
        env,
        required,
        inject: self::inject(&inject, strictness)?,
    })
}

fn env_name(field: &Field<'_>) -> Result<String> {
    let text = field.string("\"ACME_API_KEY\"")?;
    let fits = text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && text.len() <= 128;
    if fits {
        return Ok(text.to_owned());
    }
    let upper: String = text
        .trim_start_matches('$')
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .take(128)
        .collect();
    let example = if upper.starts_with(|c: char| c.is_ascii_uppercase()) {
        &upper
    } else {
        "ACME_API_KEY"
    };
    Err(field.problem(
        format!("is {text:?}, not the name of an environment variable"),
        format!("write the name alone, in capitals, digits and `_`, such as {example:?}"),
    ))
}

fn inject(field: &Field<'_>, strictness: Strictness) -> Result<Inject> {
    let table = field.table("{ header = \"Authorization\", format = \"Bearer {}\" }")?;
    strictness.check(&table, &["header", "format", "query"])?;
    match (table.get("header"), table.get("query")) {
        (Some(_), Some(query)) => Err(query.problem(
            "stands beside `header`",
            "write one of the two: a credential goes into one place",
        )),
        (None, None) => Err(field.problem(
            "says neither `header` nor `query`",
            "write { header = \"Authorization\", format = \"Bearer {}\" }, or { query = \"key\" }",
        )),
        (None, Some(query)) => {
            if let Some(format) = table.get("format") {
                return Err(format.problem(
                    "stands beside `query`",
                    "take it out: a query parameter holds the credential alone",
                ));
            }
            let name = values::line(&query, "\"key\"")?;
            if !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            {
                return Err(query.problem(
                    format!("is {name:?}, not the name of a parameter"),
                    "write letters, digits, `-`, `_` and `.`",
                ));
            }
            Ok(Inject::Query { name })
        }
        (Some(header), None) => {
            let name = header_name(&header)?;
            let format = match table.get("format") {
                Some(field) => header_format(&field)?,
                None => "{}".to_owned(),
            };
            Ok(Inject::Header { name, format })
        }
    }
}

fn header_name(field: &Field<'_>) -> Result<String> {
    let name = field.string("\"Authorization\"")?;
    // A token of RFC 9110 section 5.6.2.
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > 128 || !name.bytes().all(token) {
        return Err(field.problem(
            format!("is {name:?}, not the name of a header field"),
            "write a name without blanks or colon, such as \"Authorization\" or \"X-Api-Key\"",
        ));
    }
    let lower = name.to_ascii_lowercase();
    if is_host_header(&lower) || BODY_HEADERS.contains(&&*lower) {
        return Err(field.problem(
            format!("is {name:?}, a header field that the host alone sets"),
            "write the field the provider's documentation names for keys, such as \"Authorization\" or \"X-Api-Key\"",
        ));
    }
    Ok(name.to_owned())
}

fn header_format(field: &Field<'_>) -> Result<String> {
    let format = field.string("\"Bearer {}\"")?;
    let help = "write {} exactly once, where the credential goes, such as \"Bearer {}\"";
    match format.matches("{}").count() {
        1 => {}
        0 => return Err(field.problem("has no {} for the credential", help)),
        _ => return Err(field.problem("has {} more than once", help)),
    }
    if !format.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || format.len() > 256 {
        return Err(field.problem(
            "is not a header field's value",
            "write at most 256 visible ASCII characters and blanks",
        ));
    }
    Ok(format.to_owned())
}

/// A credential that goes nowhere is either misspelled or asks for more than is used.
fn refuse_unused(table: &Table<'_>, manifest: &Manifest) -> Result<()> {
    let used: BTreeSet<&str> = manifest
        .endpoints
        .values()
        .filter_map(|endpoint| endpoint.credential.as_deref())
        .collect();
    for (name, field) in table.entries() {
        if !used.contains(name) {
            let help =
                format!("write credential = {name:?} under the endpoint it is for, or take it out");
            return Err(field.problem("is attached to no endpoint", help));
        }
    }
    Ok(())
}

fn downloads(field: &Field<'_>) -> Result<Downloads> {
    let example = "[\"https://cdn.acme.example\"]";
    let items: Vec<Field<'_>> = field.items(example)?.collect();
    if items.len() > MAX_ENTRIES {
        return Err(field.problem(
            format!("has more than {MAX_ENTRIES} entries"),
            "write fewer",
        ));
    }
    if let [item] = &items[..]
        && matches!(&item.node().value, Value::String(text) if text == "public")
    {
        return Ok(Downloads::Public);
    }
    let mut origins = Vec::with_capacity(items.len());
    for item in &items {
        let text = item.string(&format!("strings: {example}"))?;
        let pattern = OriginPattern::read(text)
            .map_err(|(problem, help)| item.problem(format!("({text:?}) {problem}"), help))?;
        if origins.contains(&pattern) {
            return Err(item.problem(format!("repeats {text:?}"), "take it out"));
        }
        origins.push(pattern);
    }
    Ok(if origins.is_empty() {
        Downloads::None
    } else {
        Downloads::Origins(origins)
    })
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn limits(table: &Table<'_>, strictness: Strictness) -> Result<Limits> {
    strictness.check(
        table,
        &["memory", "wall", "idle", "guest", "response", "requests"],
    )?;
    let duration =
        |field: Option<Field<'_>>| field.map(|field| values::duration(&field, DAY)).transpose();
    let size =
        |field: Option<Field<'_>>, most| field.map(|field| values::size(&field, most)).transpose();
    Ok(Limits {
        memory: size(table.get("memory"), 4 << 30)?,
        wall: duration(table.get("wall"))?,
        idle: duration(table.get("idle"))?,
        guest: duration(table.get("guest"))?,
        response: size(table.get("response"), 64 << 30)?,
        requests: table
            .get("requests")
            .map(|field| values::count(&field, 100_000))
            .transpose()?,
    })
}

fn settings(table: &Table<'_>) -> Result<BTreeMap<String, serde_json::Value>> {
    let mut settings = BTreeMap::new();
    for (name, field) in table.entries() {
        let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && name.len() <= 64;
        if !fits {
            return Err(field.problem(
                "is not the name of a setting",
                format!("write it in camelCase: `{}`", camel_case(name)),
            ));
        }
        let value = field.node().to_json().ok_or_else(|| {
            field.problem(
                "holds a value that JSON has no form for",
                "write a date as a string, and no infinity",
            )
        })?;
        settings.insert(name.to_owned(), value);
    }
    if settings.len() > MAX_ENTRIES {
        return Err(table.field().problem(
            format!("has more than {MAX_ENTRIES} entries"),
            "write fewer",
        ));
    }
    Ok(settings)
}

fn camel_case(name: &str) -> String {
    let mut words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next().map(str::to_owned).unwrap_or_default();
    let mut text: String = first
        .chars()
        .take(1)
        .map(|c| c.to_ascii_lowercase())
        .chain(first.chars().skip(1))
        .collect();
    for word in words {
        text.extend(word.chars().take(1).map(|c| c.to_ascii_uppercase()));
        text.extend(word.chars().skip(1));
    }
    let text: String = text
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .chars()
        .take(64)
        .collect();
    if text.is_empty() {
        "maxTokensField".to_owned()
    } else {
        text
    }
}
