//! The tree as data: what `list` and `inspect` show. Ids, descriptions and flags are read out of the clap tree and the shape
//! of results out of the types, so that neither can drift.

use chela_envelope::capability;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One thing that chela can do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Capability {
    /// Its id, such as `image.generate`: the words of its command, joined by dots.
    pub(crate) id: String,
    /// How a call can be made.
    pub(crate) transports: [&'static str; 1],
    /// What it does.
    pub(crate) description: String,
    /// What stands behind its command without a flag.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) arguments: Vec<Flag>,
    /// The flags of its command.
    pub(crate) flags: Vec<Flag>,
    /// What `--json` prints.
    pub(crate) result: Shape,
}

/// A flag of a command, or an argument without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Flag {
    /// Its name with the hyphens; that of its value where it is no flag.
    pub(crate) name: String,
    /// What stands after it, in a word; left out for a switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    /// The values it takes, where they are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) accepted: Vec<String>,
    /// Whether the command cannot do without it.
    pub(crate) required: bool,
    /// Whether it may be given several times.
    pub(crate) repeatable: bool,
    /// What it does.
    pub(crate) description: String,
}

/// What a command prints with `--json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    /// `envelope`, `array` of records, or one `object`.
    pub(crate) document: &'static str,
    /// The fields of each output of the envelope, or of each record, with their JSON types; `?` ends the type of one that is
    /// null or left out where it does not apply.
    pub(crate) fields: BTreeMap<String, String>,
}

/// Every capability, in the order of the tree.
pub(crate) fn all(tree: &clap::Command) -> Vec<Capability> {
    let schema = Value::from(chela_envelope::schema());
    let mut found = Vec::new();
    for family in tree
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "infer")
    {
        add(None, family, &schema, &mut found);
    }
    found
}

/// Adds a command, or those below it.
fn add(path: Option<&str>, command: &clap::Command, schema: &Value, found: &mut Vec<Capability>) {
    let name = command.get_name();
    let id = path.map_or_else(|| name.to_owned(), |path| format!("{path}.{name}"));
    if command.has_subcommands() {
        for below in command.get_subcommands() {
            add(Some(&id), below, schema, found);
        }
        return;
    }
    found.push(Capability {
        transports: ["local"],
        description: command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default(),
        arguments: command
            .get_positionals()
            .map(|argument| data(argument, String::new()))
            .collect(),
        flags: command.get_arguments().filter_map(flag).collect(),
        result: shape(&id, schema),
        id,
    });
}

/// A flag as data; nothing for a positional argument and for clap's own `--help`.
fn flag(argument: &clap::Arg) -> Option<Flag> {
    let name = argument.get_long().filter(|name| *name != "help")?;
    Some(data(argument, format!("--{name}")))
}

/// An argument as data. Without a name it goes by that of its value.
fn data(argument: &clap::Arg, name: String) -> Flag {
    let takes_value = argument.get_action().takes_values();
    let value = argument
        .get_value_names()
        .filter(|_| takes_value)
        .and_then(|names| names.first())
        .map(ToString::to_string);
    let (name, value) = if name.is_empty() {
        (value.unwrap_or_default(), None)
    } else {
        (name, value)
    };
    Flag {
        name,
        value,
        accepted: if takes_value {
            argument
                .get_possible_values()
                .iter()
                .map(|value| value.get_name().to_owned())
                .collect()
        } else {
            Vec::new()
        },
        required: argument.is_required_set(),
        repeatable: matches!(argument.get_action(), clap::ArgAction::Append),
        description: argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}

/// The fields of a provider's record. A test holds them against the records themselves.
const PROVIDER: &[(&str, &str)] = &[
    ("id", "string"),
    ("label", "string"),
    ("available", "boolean"),
    ("discoverable", "boolean"),
    ("configured", "boolean"),
    ("auth", "object?"),
    ("selected", "boolean"),
    ("selectedBecause", "string?"),
    ("defaultModel", "string?"),
    ("models", "array"),
    ("capabilities", "object"),
    ("component", "object?"),
    ("network", "array"),
    ("reason", "string?"),
    ("hint", "string?"),
];

/// The fields of a model's record. A test holds them against the records themselves.
const MODEL: &[(&str, &str)] = &[
    ("id", "string"),
    ("label", "string"),
    ("provider", "string"),
    ("model", "string"),
    ("available", "boolean"),
    ("configured", "boolean"),
    ("selected", "boolean"),
    ("selectedBecause", "string?"),
    ("alias", "string?"),
    ("capabilities", "array"),
    ("input", "array?"),
    ("contextWindow", "integer?"),
    ("maxOutputTokens", "integer?"),
    ("reasoning", "boolean?"),
    ("dimensions", "integer?"),
    ("reason", "string?"),
    ("hint", "string?"),
];

/// The fields of what `list` and `inspect` show.
const CAPABILITY: &[(&str, &str)] = &[
    ("id", "string"),
    ("transports", "array"),
    ("description", "string"),
    ("arguments", "array?"),
    ("flags", "array"),
    ("result", "object"),
];

/// The fields of what `model auth` shows of a provider.
const AUTH: &[(&str, &str)] = &[
    ("id", "string"),
    ("label", "string"),
    ("configured", "boolean"),
    ("auth", "object?"),
];
/// The fields of what `web providers` shows: a list of provider records for each capability.
const WEB_PROVIDERS: &[(&str, &str)] = &[("search", "array"), ("fetch", "array")];

/// The fields of what `video providers` shows: a list of provider records for each capability.
const VIDEO_PROVIDERS: &[(&str, &str)] = &[("generation", "array"), ("description", "array")];

/// The fields of what `plugin inspect` shows.
const PLUGIN: &[(&str, &str)] = &[
    ("path", "string"),
    ("size", "integer"),
    ("digest", "string"),
    ("imports", "array"),
    ("exports", "array"),
    ("families", "array"),
    ("providers", "array"),
];

/// The fields of what `tts providers` shows.
const SPEAKERS: &[(&str, &str)] = &[("providers", "array"), ("active", "string?")];

/// The fields of a voice's record.
const VOICE: &[(&str, &str)] = &[
    ("id", "string"),
    ("label", "string"),
    ("provider", "string"),
    ("default", "boolean"),
    ("languages", "array?"),
    ("description", "string?"),
    ("gender", "string?"),
    ("previewUrl", "string?"),
];

/// The fields of a persona's record.
const PERSONA: &[(&str, &str)] = &[
    ("id", "string"),
    ("label", "string"),
    ("description", "string?"),
    ("provider", "string?"),
    ("providers", "array"),
    ("selected", "boolean"),
];

/// The fields of what `tts status` and those that change it show.
const PREFERENCES: &[(&str, &str)] = &[
    ("enabled", "boolean"),
    ("provider", "string?"),
    ("persona", "string?"),
    ("active", "string?"),
    ("path", "string"),
];

/// The shape of a document that is no envelope.
fn record(document: &'static str, fields: &[(&str, &str)]) -> Shape {
    let fields = fields
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()));
    Shape {
        document,
        fields: fields.collect(),
    }
}

fn shape(id: &str, schema: &Value) -> Shape {
    let output = match id {
        capability::MODEL_RUN => "TextOutput",
        capability::IMAGE_GENERATE
        | capability::IMAGE_EDIT
        | capability::TTS_CONVERT
        | capability::VIDEO_GENERATE
        | capability::VIDEO_RESUME
        | capability::VIDEO_CANCEL => "MediaOutput",
        capability::IMAGE_DESCRIBE
        | capability::IMAGE_DESCRIBE_MANY
        | capability::AUDIO_TRANSCRIBE
        | capability::VIDEO_DESCRIBE => "DescriptionOutput",
        capability::EMBEDDING_CREATE => "EmbeddingOutput",
        capability::WEB_SEARCH => "SearchOutput",
        capability::WEB_FETCH => "FetchOutput",
        "list" => return record("array", CAPABILITY),
        "inspect" => return record("object", CAPABILITY),
        "completions" => return record("object", &[("shell", "string"), ("script", "string")]),
        "man" => return record("object", &[("name", "string"), ("roff", "string")]),
        "web.providers" => return record("object", WEB_PROVIDERS),
        "video.providers" => return record("object", VIDEO_PROVIDERS),
        "plugin.inspect" => return record("object", PLUGIN),
        "model.auth.login" | "model.auth.logout" => return record("object", AUTH),
        "model.auth.status" => return record("array", AUTH),
        "tts.providers" => return record("object", SPEAKERS),
        "tts.voices" => return record("array", VOICE),
        "tts.personas" => return record("array", PERSONA),
        _ if id.starts_with("tts.") => return record("object", PREFERENCES),
        _ => {
            let records = if id.ends_with(".providers") {
                PROVIDER
            } else {
                MODEL
            };
            return record("array", records);
        }
    };
    Shape {
        document: "envelope",
        fields: fields(schema, output),
    }
}

/// The fields of a type in the envelope's schema.
fn fields(schema: &Value, name: &str) -> BTreeMap<String, String> {
    let definition = &schema["$defs"][name];
    let required: Vec<&str> = definition["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = definition["properties"].as_object().into_iter().flatten();
    properties
        .map(|(field, property)| {
            let optional = if required.contains(&field.as_str()) {
                ""
            } else {
                "?"
            };
            let kind = json_type(schema, property);
            (field.clone(), format!("{kind}{optional}"))
        })
        .collect()
}

/// The JSON type of a property; an optional one is of the type that is not null.
fn json_type<'s>(schema: &'s Value, property: &'s Value) -> &'s str {
    let named = property["$ref"]
        .as_str()
        .and_then(|path| schema.pointer(path.trim_start_matches('#')));
    match &named.unwrap_or(property)["type"] {
        Value::String(name) => name,
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or("any"),
        // An enum whose values have descriptions: the only kind without a type that there is in an output.
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPABILITY, MODEL, PROVIDER, all};
    use chela_catalog::{Capability, Catalog};
    use chela_config::Config;
    use chela_credentials::Environment;
    use serde_json::Value;

    /// Every field of a record is in the table, with its type, and every one that the table promises is in the record.
    fn hold(table: &[(&str, &str)], record: &Value) {
        let record = record.as_object().expect("a record is an object");
        for (name, value) in record {
            let (_, kind) = table
                .iter()
                .find(|(known, _)| known == name)
                .unwrap_or_else(|| panic!("{name} is new"));
            let is = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            assert!(
                kind.trim_end_matches('?') == is || (kind.ends_with('?') && is == "null"),
                "{name} is {is}"
            );
        }
        for (name, kind) in table {
            assert!(
                kind.ends_with('?') || record.contains_key(*name),
                "{name} is missing"
            );
        }
    }

    #[test]
    fn records_have_the_shape_that_is_promised() {
        let environment = Environment::new([("OPENAI_API_KEY".to_owned(), "sk-test".to_owned())]);
        let catalog = Catalog::new(
            chela_bundled::components(),
            &Config::default(),
            &environment,
        );
        let providers: Vec<_> = Capability::ALL
            .into_iter()
            .flat_map(|capability| catalog.list(capability))
            .collect();
        let models = catalog.models();
        assert!(!providers.is_empty() && !models.is_empty());
        for provider in providers {
            hold(
                PROVIDER,
                &serde_json::to_value(provider).expect("it is JSON"),
            );
        }
        for capability in all(&crate::args::tree()) {
            hold(
                CAPABILITY,
                &serde_json::to_value(capability).expect("it is JSON"),
            );
        }
        for model in models {
            hold(MODEL, &serde_json::to_value(model).expect("it is JSON"));
        }
    }

    #[test]
    fn ids_flags_and_shapes_come_from_tree_and_types() {
        let all = all(&crate::args::tree());
        let generate = all
            .iter()
            .find(|capability| capability.id == "image.generate")
            .expect("it is there");
        let prompt = generate
            .flags
            .iter()
            .find(|flag| flag.name == "--prompt")
            .expect("it is there");
        assert!(prompt.required && !prompt.repeatable);
        let resolution = generate
            .flags
            .iter()
            .find(|flag| flag.name == "--resolution")
            .expect("it is there");
        assert_eq!(resolution.accepted, ["1K", "2K", "4K"]);
        assert_eq!(generate.result.fields["path"], "string");
        assert_eq!(generate.result.fields["width"], "integer?");
        let inspect = all
            .iter()
            .find(|capability| capability.id == "plugin.inspect")
            .expect("it is there");
        assert!(inspect.arguments[0].name == "FILE" && inspect.arguments[0].required);
        assert!(all.iter().any(|capability| capability.id == "man"));
        let edit = all
            .iter()
            .find(|capability| capability.id == "image.edit")
            .expect("it is there");
        assert!(
            edit.flags
                .iter()
                .any(|flag| flag.name == "--file" && flag.required && flag.repeatable)
        );
        assert!(
            all.iter()
                .all(|capability| !capability.description.is_empty()
                    && !capability.result.fields.is_empty())
        );
        assert!(!all.iter().any(
            |capability| capability.id.contains("__compile") || capability.id.contains("infer")
        ));
    }
}
