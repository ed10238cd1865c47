//! Reading the configuration out of a document.

mod provider;
mod speech;
mod syntax;
mod tools;

use std::collections::BTreeMap;
use std::time::Duration;

use chela_manifest::ProviderId;
use chela_manifest::document::{Field, Problem, Table, Value};

use crate::{
    Agents, Choice, Config, ConfigError, Defaults, Mode, ModelDefaults, ModelRef, Models, Warning,
};

type Result<T> = std::result::Result<T, Problem>;

pub(crate) fn config(text: &str) -> Result<(Config, Vec<Warning>)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut warnings = Warnings::default();
    if text.trim().is_empty() {
        return Ok((Config::default(), warnings.0));
    }
    let node = syntax::parse(text)?;
    let root = Field::root(&node, None);
    let table = object(&root, "{ agents: {…}, models: {…} }")?;
    warnings.unknown(&table, &["agents", "messages", "models", "tools", "tts"]);
    let mut config = Config::default();
    if let Some(field) = given(&table, "agents") {
        config.agents = agents(&field, &mut warnings)?;
    }
    if let Some(field) = given(&table, "models") {
        config.models = models(&field, &mut warnings)?;
    }
    if let Some(field) = given(&table, "tools") {
        config.tools = tools::read(&field, &mut warnings)?;
    }
    let older = given(&table, "messages")
        .map(|field| speech::messages(&field, &mut warnings))
        .transpose()?
        .flatten();
    config.tts = match given(&table, "tts") {
        Some(field) => speech::read(&field, &mut warnings)?,
        None => older.unwrap_or_default(),
    };
    Ok((config, warnings.0))
}

/// What is passed over, in the order of the text.
#[derive(Default)]
struct Warnings(Vec<Warning>);

impl Warnings {
    fn add(&mut self, field: &Field<'_>, message: impl Into<String>) {
        self.0.push(Warning {
            path: field.path(),
            message: message.into(),
        });
    }

    fn unknown(&mut self, table: &Table<'_>, known: &[&str]) {
        for (key, field) in table.entries() {
            // `$schema` is for editors.
            if known.contains(&key) || key == "$schema" {
                continue;
            }
            let near = chela_manifest::document::nearest(key, known);
            let hint = near
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            self.add(
                &field,
                format!("is not a key that chela knows and is passed over{hint}"),
            );
        }
    }
}

/// JSON5 calls a table an object, and so do its complaints.
fn object<'p>(field: &Field<'p>, example: &str) -> Result<Table<'p>> {
    field.table(example).map_err(|problem| Problem {
        problem: problem.problem.replace("a table", "an object"),
        ..problem
    })
}

/// A key that is set to null is as good as not there.
fn given<'t>(table: &'t Table<'_>, key: &'static str) -> Option<Field<'t>> {
    table
        .get(key)
        .filter(|field| !matches!(field.node().value, Value::Null))
}

fn agents(field: &Field<'_>, warnings: &mut Warnings) -> Result<Agents> {
    let table = object(field, "{ defaults: {…} }")?;
    warnings.unknown(&table, &["defaults"]);
    let defaults = given(&table, "defaults")
        .map(|field| defaults(&field, warnings))
        .transpose()?;
    Ok(Agents {
        defaults: defaults.unwrap_or_default(),
    })
}

fn defaults(field: &Field<'_>, warnings: &mut Warnings) -> Result<Defaults> {
    let table = object(field, "{ model: {…} }")?;
    let known = [
        "model",
        "imageModel",
        "imageGenerationModel",
        "videoGenerationModel",
        "embeddingModel",
        "mediaModels",
        "models",
    ];
    warnings.unknown(&table, &known);
    // Aliases first: the choices may use them.
    let models = match given(&table, "models") {
        Some(field) => model_defaults(&field, warnings)?,
        None => BTreeMap::new(),
    };
    let media = given(&table, "mediaModels")
        .map(|field| {
            let table = object(&field, "{ image: {…}, video: {…} }")?;
            warnings.unknown(&table, &["image", "video"]);
            let image = choice_of(&table, "image", &models, warnings)?;
            let video = choice_of(&table, "video", &models, warnings)?;
            Ok((image, video))
        })
        .transpose()?
        .unwrap_or_default();
    let mut choose = |key| choice_of(&table, key, &models, warnings);
    let either = |first: Choice, second: Choice| if first.is_empty() { second } else { first };
    Ok(Defaults {
        model: choose("model")?,
        image_model: choose("imageModel")?,
        image_generation_model: either(media.0, choose("imageGenerationModel")?),
        video_generation_model: either(media.1, choose("videoGenerationModel")?),
        embedding_model: choose("embeddingModel")?,
        models,
    })
}

type Known = BTreeMap<ModelRef, ModelDefaults>;

fn choice_of(
    table: &Table<'_>,
    key: &'static str,
    known: &Known,
    warnings: &mut Warnings,
) -> Result<Choice> {
    given(table, key).map_or_else(
        || Ok(Choice::default()),
        |field| choice(&field, known, warnings),
    )
}

fn choice(field: &Field<'_>, known: &Known, warnings: &mut Warnings) -> Result<Choice> {
    if let Value::String(_) = field.node().value {
        return Ok(Choice {
            primary: Some(reference(field, known)?),
            ..Choice::default()
        });
    }
    let table = field.table("").map_err(|_| {
        field.wrong_kind(
            "a string or an object",
            "\"openai/gpt-5.4\", or { primary: \"openai/gpt-5.4\", fallbacks: [] }",
        )
    })?;
    warnings.unknown(&table, &["primary", "fallbacks", "timeoutMs"]);
    let mut choice = Choice {
        primary: given(&table, "primary")
            .map(|field| reference(&field, known))
            .transpose()?,
        timeout: given(&table, "timeoutMs")
            .map(|field| milliseconds(&field))
            .transpose()?,
        ..Choice::default()
    };
    if let Some(field) = given(&table, "fallbacks") {
        for item in field.items("[\"groq/llama-3.1-8b-instant\"]")? {
            let reference = reference(&item, known)?;
            if choice.iter().any(|earlier| *earlier == reference) {
                warnings.add(&item, "repeats an earlier one and is passed over");
            } else {
                choice.fallbacks.push(reference);
            }
        }
    }
    Ok(choice)
}

fn reference(field: &Field<'_>, known: &Known) -> Result<ModelRef> {
    let text = field.string("\"openai/gpt-5.4\"")?;
    let aliased = known.iter().find(|(_, defaults)| {
        defaults
            .alias
            .as_deref()
            .is_some_and(|alias| alias.eq_ignore_ascii_case(text.trim()))
    });
    match aliased {
        Some((reference, _)) => Ok(reference.clone()),
        None => text.parse().map_err(|error: ConfigError| {
            field.problem(said(&error), error.hint().unwrap_or_default())
        }),
    }
}

/// The complaint about a reference, to be read after a path.
fn said(error: &ConfigError) -> String {
    match error {
        ConfigError::BareModel { given } => {
            format!("is {given:?}, which names no provider and is no alias")
        }
        ConfigError::ModelRef { given, problem, .. } => {
            format!("is {given:?}, not a model reference: {problem}")
        }
        other => other.problem(),
    }
}

fn model_defaults(field: &Field<'_>, warnings: &mut Warnings) -> Result<Known> {
    let table = object(field, "{ \"openai/gpt-5.4\": { alias: \"gpt\" } }")?;
    let mut known = Known::new();
    for (key, field) in table.entries() {
        let reference: ModelRef = match key.parse() {
            Ok(reference) => reference,
            // Documented files hold patterns such as "openai/*" and bare names here; none of them is used to choose.
            Err(error) => {
                warnings.add(
                    &field,
                    format!(
                        "is not a model reference and is passed over; {}",
                        error.hint().unwrap_or_default()
                    ),
                );
                continue;
            }
        };
        let entry = object(&field, "{ alias: \"gpt\" }")?;
        warnings.unknown(&entry, &["alias"]);
        let mut alias = None;
        if let Some(field) = given(&entry, "alias") {
            let text = field.string("\"gpt\"")?.trim();
            let taken = known
                .iter()
                .find(|(_, other): &(&ModelRef, &ModelDefaults)| {
                    other
                        .alias
                        .as_deref()
                        .is_some_and(|other| other.eq_ignore_ascii_case(text))
                });
            if let Some((other, _)) = taken {
                return Err(field.problem(
                    format!("is {text:?}, which is the alias of `{other}` already"),
                    "give each model an alias of its own",
                ));
            }
            if text.is_empty() {
                return Err(field.problem("is blank", "write a name, or take the key out"));
            }
            alias = Some(text.to_owned());
        }
        known.insert(reference, ModelDefaults { alias });
    }
    Ok(known)
}

fn models(field: &Field<'_>, warnings: &mut Warnings) -> Result<Models> {
    let table = object(field, "{ providers: {…} }")?;
    warnings.unknown(&table, &["mode", "providers"]);
    let mut models = Models::default();
    if let Some(field) = given(&table, "mode") {
        models.mode = match field.string("\"merge\" or \"replace\"")? {
            "merge" => Mode::Merge,
            "replace" => Mode::Replace,
            other => {
                return Err(
                    field.problem(format!("is {other:?}"), "write \"merge\" or \"replace\"")
                );
            }
        };
    }
    let Some(field) = given(&table, "providers") else {
        return Ok(models);
    };
    let table = object(
        &field,
        "{ acme: { baseUrl: \"https://api.acme.example/v1\" } }",
    )?;
    for (key, field) in table.entries() {
        let id = provider_id(key, &field, warnings)?;
        if models.providers.contains_key(&id) {
            return Err(field.problem(
                format!("names the provider `{id}` a second time: ids differ by more than case"),
                "put both into one, or give one of them another id",
            ));
        }
        let config = provider::read(&field, warnings)?;
        models.providers.insert(id, config);
    }
    Ok(models)
}

/// `provider`: the one that is asked where nobody is named.
fn named_provider(table: &Table<'_>, warnings: &mut Warnings) -> Result<Option<ProviderId>> {
    given(table, "provider")
        .map(|field| provider_id(field.string("\"openai\"")?, &field, warnings))
        .transpose()
}

fn provider_id(key: &str, field: &Field<'_>, warnings: &mut Warnings) -> Result<ProviderId> {
    let lower = key.trim().to_ascii_lowercase();
    let id: ProviderId = lower
        .parse()
        .map_err(|error: chela_manifest::ManifestError| {
            field.problem(
                "is not a provider id: ids fit [a-z0-9][a-z0-9._-]*",
                error.hint().unwrap_or_default(),
            )
        })?;
    if id.as_str() != key {
        warnings.add(
            field,
            format!("is read as `{id}`: provider ids have no capitals and no blanks"),
        );
    }
    Ok(id)
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn milliseconds(field: &Field<'_>) -> Result<Duration> {
    Ok(Duration::from_millis(
        field.integer(1, DAY_MS)?.unsigned_abs(),
    ))
}
