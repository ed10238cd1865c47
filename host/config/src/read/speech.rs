//! Reading `tts`, or `messages.tts`.

use std::collections::BTreeMap;

use chela_manifest::ProviderId;
use chela_manifest::document::{Field, Problem, Table, Value};
use serde_json::{Map, Value as Json};

use super::{Result, Warnings, given, named_provider, object, provider_id};
use crate::{Fallback, Manner, Persona, Tts};

/// What a persona's prompt is made of, in the order in which it is told, each with what stands before it.
const PROMPT: [(&str, &str); 7] = [
    ("profile", "Who speaks: "),
    ("scene", "The scene: "),
    ("sampleContext", "What went before: "),
    ("style", "Style: "),
    ("accent", "Accent: "),
    ("pacing", "Pacing: "),
    ("constraints", "Keep to this: "),
];

/// The names that a voice has in documented files, the first one found counting.
const VOICE: [&str; 5] = [
    "speakerVoiceId",
    "speakerVoice",
    "voiceId",
    "voiceName",
    "voice",
];

/// What is handed on as it is, under the name that APIs have for it.
const EXTRA: [(&str, &str); 3] = [
    ("seed", "seed"),
    ("voiceSettings", "voice_settings"),
    ("applyTextNormalization", "apply_text_normalization"),
];

/// Fastest and slowest speech; beyond them lies a mistake in the unit.
const SPEED: std::ops::RangeInclusive<f64> = 0.1..=10.0;

pub(super) fn messages(field: &Field<'_>, warnings: &mut Warnings) -> Result<Option<Tts>> {
    let table = object(field, "{ tts: {…} }")?;
    warnings.unknown(&table, &["tts"]);
    given(&table, "tts")
        .map(|field| read(&field, warnings))
        .transpose()
}

pub(super) fn read(field: &Field<'_>, warnings: &mut Warnings) -> Result<Tts> {
    let table = object(field, "{ personas: {…} }")?;
    warnings.unknown(&table, &["provider", "persona", "personas", "providers"]);
    let mut personas = BTreeMap::new();
    if let Some(field) = given(&table, "personas") {
        for (id, field) in object(&field, "{ narrator: { label: \"Narrator\" } }")?.entries() {
            if id.trim().is_empty() || id.chars().any(char::is_control) {
                return Err(field.problem(
                    "has a blank name or one with a control character",
                    "give the persona a name that can be typed",
                ));
            }
            personas.insert(id.to_owned(), persona(&field, warnings)?);
        }
    }
    let chosen = text(&table, "persona")?;
    if let (Some(chosen), Some(field)) = (&chosen, given(&table, "persona"))
        && !personas.contains_key(chosen)
    {
        let known: Vec<&str> = personas.keys().map(String::as_str).collect();
        let help = match chela_manifest::document::nearest(chosen, &known) {
            Some(near) => format!("did you mean {near:?}?"),
            None => "write the name of one of `personas`".to_owned(),
        };
        return Err(field.problem(format!("is {chosen:?}, and there is no such persona"), help));
    }
    Ok(Tts {
        provider: named_provider(&table, warnings)?,
        persona: chosen,
        personas,
        providers: manners(&table, warnings)?,
    })
}

fn persona(field: &Field<'_>, warnings: &mut Warnings) -> Result<Persona> {
    let table = object(field, "{ label: \"Narrator\", providers: {…} }")?;
    let known = [
        "label",
        "description",
        "provider",
        "fallbackPolicy",
        "prompt",
        "providers",
    ];
    warnings.unknown(&table, &known);
    let fallback = match given(&table, "fallbackPolicy") {
        None => Fallback::default(),
        Some(field) => {
            let example = "\"preserve-persona\", \"provider-defaults\" or \"fail\"";
            match field.string(example)? {
                "preserve-persona" => Fallback::PreservePersona,
                "provider-defaults" => Fallback::ProviderDefaults,
                "fail" => Fallback::Fail,
                other => {
                    return Err(field.problem(format!("is {other:?}"), format!("write {example}")));
                }
            }
        }
    };
    Ok(Persona {
        label: text(&table, "label")?,
        description: text(&table, "description")?,
        provider: named_provider(&table, warnings)?,
        fallback,
        prompt: given(&table, "prompt")
            .map(|field| prompt(&field, warnings))
            .transpose()?
            .filter(|prompt| !prompt.is_empty()),
        providers: manners(&table, warnings)?,
    })
}

/// The manner in words: a line for each thing that is said of it.
fn prompt(field: &Field<'_>, warnings: &mut Warnings) -> Result<String> {
    let table = object(field, "{ style: \"dry\", constraints: [] }")?;
    let known = PROMPT.map(|(key, _)| key);
    warnings.unknown(&table, &known);
    let mut lines = Vec::new();
    for (key, before) in PROMPT {
        let Some(field) = given(&table, key) else {
            continue;
        };
        let said = match field.node().value {
            Value::String(_) => vec![field.string("a text")?.trim().to_owned()],
            _ if key == "constraints" => field
                .items("[\"no shouting\"]")?
                .map(|item| Ok(item.string("a text")?.trim().to_owned()))
                .collect::<Result<_>>()?,
            _ => return Err(field.wrong_kind("a string", "a text")),
        };
        let said: Vec<String> = said.into_iter().filter(|one| !one.is_empty()).collect();
        if !said.is_empty() {
            lines.push(format!("{before}{}", said.join("; ")));
        }
    }
    Ok(lines.join("\n"))
}

fn manners(table: &Table<'_>, warnings: &mut Warnings) -> Result<BTreeMap<ProviderId, Manner>> {
    let mut manners = BTreeMap::new();
    if let Some(field) = given(table, "providers") {
        for (key, field) in object(&field, "{ openai: { voice: \"cedar\" } }")?.entries() {
            let id = provider_id(key, &field, warnings)?;
            let manner = manner(&field, &id, warnings)?;
            if manners.insert(id.clone(), manner).is_some() {
                return Err(field.problem(
                    format!("names the provider `{id}` a second time"),
                    "put both into one",
                ));
            }
        }
    }
    Ok(manners)
}

fn manner(field: &Field<'_>, id: &ProviderId, warnings: &mut Warnings) -> Result<Manner> {
    let table = object(field, "{ model: \"gpt-4o-mini-tts\", voice: \"cedar\" }")?;
    let mut known = vec![
        "model",
        "modelId",
        "instructions",
        "speed",
        "language",
        "languageCode",
    ];
    known.extend(VOICE);
    known.extend(EXTRA.map(|(key, _)| key));
    // A key and a base URL are for the whole provider: they are said here, and never passed over without a word.
    for key in ["apiKey", "baseUrl"] {
        known.push(key);
        if let Some(field) = given(&table, key) {
            warnings.add(
                &field,
                format!("is passed over here; write it as models.providers.{id}.{key}"),
            );
        }
    }
    warnings.unknown(&table, &known);
    let either = |keys: &[&'static str]| -> Result<Option<String>> {
        for key in keys {
            if let Some(text) = text(&table, key)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    };
    let mut extra = Map::new();
    for (key, name) in EXTRA {
        if let Some(field) = given(&table, key) {
            extra.insert(name.to_owned(), snake(super::provider::json(&field)?));
        }
    }
    Ok(Manner {
        model: either(&["model", "modelId"])?,
        voice: either(&VOICE)?,
        instructions: text(&table, "instructions")?,
        speed: given(&table, "speed")
            .map(|field| speed(&field))
            .transpose()?,
        language: either(&["language", "languageCode"])?,
        extra,
    })
}

fn speed(field: &Field<'_>) -> Result<f64> {
    let speed = match field.node().value {
        // A speed that a float does not hold exactly is refused below.
        Value::Integer(speed) => speed as f64,
        Value::Float(speed) => speed,
        _ => return Err(field.wrong_kind("a number", "1 for normal speech")),
    };
    if SPEED.contains(&speed) {
        Ok(speed)
    } else {
        Err(field.problem(
            format!("is {speed}, and no speech is that fast or slow"),
            "write a number from 0.1 to 10; 1 is normal",
        ))
    }
}

/// A text that says something; none where the key is not there.
fn text(table: &Table<'_>, key: &'static str) -> std::result::Result<Option<String>, Problem> {
    let Some(field) = given(table, key) else {
        return Ok(None);
    };
    let text = field.string("a text")?.trim();
    if text.is_empty() {
        return Err(field.problem("is blank", "write something, or take the key out"));
    }
    Ok(Some(text.to_owned()))
}

/// The same value with the keys of its objects as APIs write them: `similarity_boost` of `similarityBoost`.
fn snake(value: Json) -> Json {
    let Json::Object(fields) = value else {
        return value;
    };
    let fields = fields.into_iter().map(|(key, value)| {
        let mut name = String::with_capacity(key.len() + 4);
        for character in key.chars() {
            if character.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(character.to_ascii_lowercase());
        }
        (name, snake(value))
    });
    Json::Object(fields.collect())
}
