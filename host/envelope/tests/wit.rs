//! The WIT interface `envelope` and the JSON Schema say the same.

use std::collections::BTreeSet;
use std::path::Path;

use chela_envelope::{ErrorType, schema};
use serde_json::Value;
use wit_parser::{Resolve, Type, TypeDefKind};

struct Contract {
    resolve: Resolve,
    schema: Value,
}

impl Contract {
    fn load() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        let mut resolve = Resolve::default();
        resolve.push_dir(&folder).expect("the contract parses");
        Self {
            resolve,
            schema: schema().to_value(),
        }
    }

    fn kind(&self, interface: &str, name: &str) -> &TypeDefKind {
        let interface = self
            .resolve
            .interfaces
            .iter()
            .map(|(_, interface)| interface)
            .find(|found| found.name.as_deref() == Some(interface))
            .expect("the interface is there");
        let mut kind =
            &self.resolve.types[*interface.types.get(name).expect("the type is there")].kind;
        while let TypeDefKind::Type(Type::Id(id)) = kind {
            kind = &self.resolve.types[*id].kind;
        }
        kind
    }

    /// Field names in camelCase, and whether each is an option.
    fn fields(&self, interface: &str, record: &str) -> Vec<(String, bool)> {
        let TypeDefKind::Record(record) = self.kind(interface, record) else {
            panic!("{record} is a record")
        };
        record
            .fields
            .iter()
            .map(|field| {
                let optional = match field.ty {
                    Type::Id(id) => matches!(self.resolve.types[id].kind, TypeDefKind::Option(_)),
                    _ => false,
                };
                (camel(&field.name), optional)
            })
            .collect()
    }

    fn cases(&self, name: &str) -> Vec<String> {
        let TypeDefKind::Enum(cases) = self.kind("envelope", name) else {
            panic!("{name} is an enum")
        };
        cases
            .cases
            .iter()
            .map(|case| case.name.replace('-', "_"))
            .collect()
    }

    /// The schema of a definition; the root stands for the envelope.
    fn object(&self, name: Option<&str>) -> &Value {
        match name {
            None => &self.schema,
            Some(name) => &self.schema["$defs"][name],
        }
    }

    /// Values of an enum, whether schemars wrote `enum` or one `const` per documented case.
    fn values(&self, name: &str) -> Vec<String> {
        let definition = self.object(Some(name));
        let text = |value: &Value| value.as_str().expect("a case is a string").to_owned();
        match (
            definition["enum"].as_array(),
            definition["oneOf"].as_array(),
        ) {
            (Some(values), _) => values.iter().map(text).collect(),
            (None, Some(cases)) => cases.iter().map(|case| text(&case["const"])).collect(),
            (None, None) => panic!("{name} is an enum in the schema"),
        }
    }
}

fn camel(kebab: &str) -> String {
    let mut words = kebab.split('-');
    let mut name = words.next().expect("a name has a word").to_owned();
    for word in words {
        name.push_str(&word[..1].to_uppercase());
        name.push_str(&word[1..]);
    }
    name
}

#[test]
fn records_have_the_same_fields() {
    let contract = Contract::load();
    for (interface, record, definition, left_out) in [
        ("envelope", "envelope", None, None),
        ("envelope", "error", Some("Error"), None),
        ("envelope", "attempt", Some("Attempt"), None),
        ("envelope", "input", Some("Input"), None),
        ("envelope", "dry-run", Some("DryRun"), None),
        ("envelope", "planned-request", Some("PlannedRequest"), None),
        ("envelope", "planned-body", Some("PlannedBody"), None),
        ("envelope", "planned-field", Some("PlannedField"), None),
        (
            "envelope",
            "planned-credential",
            Some("PlannedCredential"),
            None,
        ),
        (
            "envelope",
            "ignored-override",
            Some("IgnoredOverride"),
            None,
        ),
        // In JSON the key is the name of the member.
        ("envelope", "normalized", Some("Normalized"), Some("key")),
        // What one provider alone counts is no part of the envelope.
        ("types", "usage", Some("Usage"), Some("extra")),
    ] {
        let mut wit = contract.fields(interface, record);
        wit.retain(|(name, _)| Some(name.as_str()) != left_out);
        let names: BTreeSet<&str> = wit.iter().map(|(name, _)| name.as_str()).collect();
        let object = contract.object(definition);
        let properties = object["properties"]
            .as_object()
            .expect("a record is an object");
        let json: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(names, json, "{record}");

        let required: BTreeSet<&str> = object["required"]
            .as_array()
            .map(|list| {
                list.iter()
                    .map(|name| name.as_str().expect("a name"))
                    .collect()
            })
            .unwrap_or_default();
        for (name, optional) in &wit {
            if *optional {
                let property = &properties[name];
                let is_anything = ["type", "anyOf", "$ref"]
                    .iter()
                    .all(|key| property.get(key).is_none());
                let nullable = is_anything || property.to_string().contains("\"null\"");
                assert!(
                    nullable,
                    "{record}.{name} is an option in WIT and must be so in JSON"
                );
            } else if !["inputs", "ignoredOverrides", "normalization"].contains(&name.as_str()) {
                assert!(
                    required.contains(name.as_str()),
                    "{record}.{name} is always there in WIT"
                );
            }
        }
    }
}

#[test]
fn enums_have_the_same_cases() {
    let contract = Contract::load();
    assert_eq!(contract.cases("error-type"), contract.values("ErrorType"));
    assert_eq!(
        contract.cases("error-type"),
        ErrorType::ALL.map(|kind| kind.as_str().to_owned())
    );
    assert_eq!(
        contract.cases("attempt-outcome"),
        contract.values("AttemptOutcome")
    );
}
