//! What has to hold on every run of the program.

use std::path::PathBuf;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jsonschema::Validator;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::program::Run;

/// The fields every envelope has, in their order.
const ALWAYS: [&str; 7] = [
    "ok",
    "capability",
    "transport",
    "provider",
    "model",
    "attempts",
    "outputs",
];

/// The exit code for each `error.type`. Written out a second time, because scripts depend on it.
const EXIT_CODES: [(&str, i32); 17] = [
    ("internal", 1),
    ("usage", 2),
    ("config", 3),
    ("auth", 4),
    ("permission", 4),
    ("not_found", 5),
    ("invalid_request", 5),
    ("unsupported", 5),
    ("rate_limited", 6),
    ("unavailable", 6),
    ("timeout", 6),
    ("quota", 7),
    ("content_filtered", 8),
    ("empty_output", 8),
    ("bad_response", 8),
    ("denied", 9),
    ("cancelled", 130),
];

/// The exit code when some of several outputs failed.
const PARTIAL: i32 = 10;

pub(crate) fn every_run(run: &Run, canaries: &[String], written: &[PathBuf]) -> Result<(), String> {
    let code = run.code().ok_or("a signal ended it")?;
    if code == 101 || run.stderr().contains("panicked at") {
        return Err("it panicked".to_owned());
    }
    no_canary(run, canaries, written)?;
    let words = || run.arguments().iter().take_while(|word| *word != "--");
    let media_on_stdout = words()
        .zip(words().skip(1))
        .any(|(flag, value)| flag == "--output" && value == "-")
        || words().any(|word| word == "--output=-");
    if !media_on_stdout {
        no_control_characters("stdout", &String::from_utf8_lossy(run.stdout_bytes()))?;
    }
    no_control_characters("stderr", run.stderr())?;
    if words().any(|word| word == "--json") {
        one_document(run.stdout(), code)?;
    }
    Ok(())
}

fn no_canary(run: &Run, canaries: &[String], written: &[PathBuf]) -> Result<(), String> {
    let mut places = vec![
        ("stdout".to_owned(), run.stdout_bytes().to_vec()),
        ("stderr".to_owned(), run.stderr().as_bytes().to_vec()),
    ];
    // The one place where a key may be kept, after a person asked for it.
    let kept = |path: &&PathBuf| {
        path.parent()
            .is_some_and(|folder| folder.ends_with("credentials"))
    };
    for path in written.iter().filter(|path| !kept(path)) {
        places.push((
            path.display().to_string(),
            std::fs::read(path).unwrap_or_default(),
        ));
    }
    for canary in canaries {
        let needles = std::iter::once(canary.as_bytes().to_vec())
            .chain((0..3).map(|shift| base64_of(canary, shift)));
        for needle in needles {
            for (place, bytes) in &places {
                if bytes.windows(needle.len()).any(|window| window == needle) {
                    return Err(format!(
                        "a key came out: {:?} in {place}",
                        String::from_utf8_lossy(&needle)
                    ));
                }
            }
        }
    }
    Ok(())
}

/// What of a text is seen in the base64 of anything that holds it at a place `shift` past a multiple of three.
fn base64_of(text: &str, shift: usize) -> Vec<u8> {
    let skipped = (3 - shift) % 3;
    let inner = &text.as_bytes()[skipped..];
    STANDARD_NO_PAD
        .encode(&inner[..inner.len() / 3 * 3])
        .into_bytes()
}

fn no_control_characters(place: &str, text: &str) -> Result<(), String> {
    let found = text.chars().find(|&character| {
        (character.is_control() && !matches!(character, '\n' | '\t'))
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    found.map_or(Ok(()), |character| Err(format!("{character:?} in {place}")))
}

/// Holds stdout of a `--json` run against the contract.
fn one_document(stdout: &str, code: i32) -> Result<(), String> {
    let document: Value = serde_json::from_str(stdout)
        .map_err(|error| format!("stdout is not one JSON document: {error}"))?;
    if !stdout.ends_with('\n') {
        return Err("the document does not end its line".to_owned());
    }
    let is_envelope = document.get("ok").is_some() && document.get("capability").is_some();
    if !is_envelope {
        return if code == 0 {
            Ok(())
        } else {
            Err("it failed without an envelope".to_owned())
        };
    }
    let faults: Vec<String> = schema()
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if !faults.is_empty() {
        return Err(format!(
            "the envelope does not fit its schema:\n{}",
            faults.join("\n")
        ));
    }
    let fields = fields_in_order(stdout)?;
    if fields.iter().take(ALWAYS.len()).ne(ALWAYS.iter()) {
        return Err(format!(
            "the envelope's fields are out of order: {fields:?}"
        ));
    }
    let ok = document["ok"] == true;
    if ok == document.get("error").is_some() {
        return Err("`error` and `ok` do not agree".to_owned());
    }
    let kind = document["error"]["type"].as_str();
    let expected = kind
        .and_then(|kind| EXIT_CODES.iter().find(|(own, _)| *own == kind))
        .map_or(0, |(_, code)| *code);
    let partial = !ok
        && code == PARTIAL
        && document["outputs"]
            .as_array()
            .is_some_and(|outputs| !outputs.is_empty());
    if code != expected && !partial {
        return Err(format!(
            "exit code {code} where the envelope says {expected}"
        ));
    }
    Ok(())
}

fn schema() -> &'static Validator {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../host/envelope/schema.json"
        );
        let text =
            std::fs::read_to_string(path).expect("the envelope's schema is in the repository");
        let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
        jsonschema::validator_for(&schema).expect("the schema is a JSON Schema")
    })
}

/// The names of a JSON object's own fields as they stand in the text. A name that stands twice is a fault.
fn fields_in_order(text: &str) -> Result<Vec<String>, String> {
    struct Fields;
    impl<'de> Visitor<'de> for Fields {
        type Value = Vec<String>;
        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object")
        }
        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut fields = Vec::<String>::new();
            while let Some((name, IgnoredAny)) = map.next_entry()? {
                if fields.contains(&name) {
                    return Err(serde::de::Error::custom(format!("`{name}` stands twice")));
                }
                fields.push(name);
            }
            Ok(fields)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut deserializer, Fields)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{base64_of, fields_in_order, no_control_characters, one_document};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_canary_is_found_in_base64_wherever_it_stands() {
        let canary = crate::program::CANARY;
        for before in 0..3 {
            let encoded = STANDARD.encode(format!("{}{canary}!", "x".repeat(before)));
            let needle = String::from_utf8(base64_of(canary, before)).unwrap();
            assert!(
                needle.len() > 40 && encoded.contains(&needle),
                "{before}: {needle} in {encoded}"
            );
        }
    }

    #[test]
    fn control_characters_are_seen() {
        assert!(no_control_characters("x", "a\tb\n").is_ok());
        for bad in ["\u{1b}[2J", "\u{9b}2J", "a\rb", "\u{202e}gpj", "\u{7f}"] {
            assert!(no_control_characters("x", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn fields_come_in_the_order_of_the_text() {
        assert_eq!(
            fields_in_order(r#"{"b":{"c":1},"a":[]}"#).unwrap(),
            ["b", "a"]
        );
        assert!(fields_in_order(r#"{"a":1,"a":2}"#).is_err());
    }

    #[test]
    fn an_envelope_is_held_against_the_exit_code() {
        let good = r#"{"ok":true,"capability":"model.run","transport":"local","provider":"demo","model":"demo-1","attempts":[],"outputs":[{"text":"hi"}]}"#;
        assert_eq!(one_document(&format!("{good}\n"), 0), Ok(()));
        assert!(one_document(&format!("{good}\n"), 4).is_err());
        assert!(one_document(&format!("{good}\n{good}\n"), 0).is_err());
        assert!(one_document(&format!("{}\n", good.replace("\"attempts\":[],", "")), 0).is_err());
    }
}
