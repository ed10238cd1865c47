use std::cell::RefCell;

use super::*;
use crate::tests::settings;
use proptest::prelude::*;
use serde_json::json;

fn reasoning() -> Settings {
    settings(&json!({"reasoning": [
        {"models": ["qwen/"], "levels": {"off": "none", "high": "default"}, "also": {"reasoning_format": "parsed"}},
        {"models": ["gpt-oss"], "field": "effort", "levels": {"high": "high"}},
    ]}))
}

#[test]
fn the_first_rule_that_covers_the_model_speaks() {
    let settings = reasoning();
    assert_eq!(
        Value::Object(settings.reasoning_fields("qwen/qwen3-32b", Some("off"), false)),
        json!({"reasoning_format": "parsed", "reasoning_effort": "none"})
    );
    assert_eq!(
        Value::Object(settings.reasoning_fields("qwen/qwen3-32b", None, false)),
        json!({"reasoning_format": "parsed"})
    );
    assert_eq!(
        Value::Object(settings.reasoning_fields("gpt-oss-20b", Some("high"), false)),
        json!({"effort": "high"})
    );
    assert!(
        settings
            .reasoning_fields("gpt-oss-20b", Some("off"), false)
            .is_empty()
    );
    assert!(
        settings
            .reasoning_fields("llama", Some("high"), false)
            .is_empty()
    );
}

#[test]
fn a_server_in_the_providers_place_is_asked_only_when_the_operator_says_so() {
    assert!(
        reasoning()
            .reasoning_fields("qwen/qwen3-32b", Some("high"), true)
            .is_empty()
    );
    let told = settings(&json!({"supportsReasoningEffort": true}));
    assert_eq!(
        Value::Object(told.reasoning_fields("any", Some("low"), true)),
        json!({"reasoning_effort": "low"})
    );
    assert!(
        told.reasoning_fields("any", Some("adaptive"), true)
            .is_empty()
    );
    let never = settings(
        &json!({"supportsReasoningEffort": false, "reasoning": [{"levels": {"low": "low"}}]}),
    );
    assert!(never.reasoning_fields("any", Some("low"), false).is_empty());
}

/// The settings of a bundled manifest, as the component gets them.
fn bundled(manifest: &str) -> Value {
    let manifest: Value = toml::from_str(manifest).expect("the manifest is TOML");
    manifest["settings"].clone()
}

const OPENAI: &str = include_str!("../../../../plugins/openai/providers/openai.toml");
const GROQ: &str = include_str!("../../../../plugins/openai/providers/groq.toml");
const CEREBRAS: &str =
    include_str!("../../../../plugins/openai-compatible/providers/cerebras.toml");
const MISTRAL: &str = include_str!("../../../../plugins/openai/providers/mistral.toml");
const RESPONSES: &str = include_str!("../../../../plugins/openai/providers/template.toml");
const TEMPLATE: &str =
    include_str!("../../../../plugins/openai-compatible/providers/template.toml");

#[test]
fn every_setting_of_a_bundled_manifest_is_read() {
    for manifest in [OPENAI, GROQ, CEREBRAS, MISTRAL, RESPONSES, TEMPLATE] {
        let values = bundled(manifest);
        let unread = RefCell::new(values.as_object().cloned().unwrap_or_default());
        let _ = Settings::read(&|name| {
            unread.borrow_mut().remove(name);
            None
        });
        // Those are for the component `openai`, which reads them itself.
        for name in ["transcription", "chatOnly"] {
            unread.borrow_mut().remove(name);
        }
        assert!(unread.borrow().is_empty(), "{:?}", unread.borrow().keys());
        for rule in values["reasoning"].as_array().into_iter().flatten() {
            for name in rule.as_object().expect("a table").keys() {
                assert!(
                    ["models", "field", "levels", "also"].contains(&name.as_str()),
                    "{name}"
                );
            }
            for level in rule["levels"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(level, _)| level)
            {
                let levels = [
                    "off", "minimal", "low", "medium", "high", "adaptive", "xhigh", "max",
                ];
                assert!(levels.contains(&level.as_str()), "{level}");
            }
        }
    }
}

#[test]
fn each_provider_asks_its_models_to_reason_in_its_own_words() {
    for (manifest, model, level, fields) in [
        (
            OPENAI,
            "gpt-5.5",
            "off",
            json!({"reasoning_effort": "none"}),
        ),
        (
            OPENAI,
            "gpt-5.5",
            "max",
            json!({"reasoning_effort": "xhigh"}),
        ),
        (
            OPENAI,
            "gpt-5.4-mini",
            "minimal",
            json!({"reasoning_effort": "low"}),
        ),
        (
            OPENAI,
            "gpt-5-mini",
            "off",
            json!({"reasoning_effort": "minimal"}),
        ),
        (
            OPENAI,
            "gpt-5.5-pro",
            "off",
            json!({"reasoning_effort": "medium"}),
        ),
        (OPENAI, "gpt-5.2-chat-latest", "high", json!({})),
        (OPENAI, "gpt-5.5", "adaptive", json!({})),
        (OPENAI, "gpt-4.1", "high", json!({})),
        (
            GROQ,
            "qwen/qwen3-32b",
            "off",
            json!({"reasoning_effort": "none", "reasoning_format": "parsed"}),
        ),
        (
            GROQ,
            "openai/gpt-oss-20b",
            "xhigh",
            json!({"reasoning_effort": "high"}),
        ),
        (GROQ, "llama-3.1-8b-instant", "high", json!({})),
        (
            CEREBRAS,
            "zai-glm-4.7",
            "off",
            json!({"reasoning_effort": "none"}),
        ),
        (CEREBRAS, "zai-glm-4.7", "high", json!({})),
        (
            MISTRAL,
            "mistral-medium-3-5",
            "low",
            json!({"reasoning_effort": "high"}),
        ),
        (MISTRAL, "codestral-latest", "low", json!({})),
        (TEMPLATE, "gpt-5.5", "high", json!({})),
    ] {
        let settings = settings(&bundled(manifest));
        let sent = settings.reasoning_fields(model, Some(level), false);
        assert_eq!(Value::Object(sent), fields, "{model} {level}");
    }
}

proptest! {
    #[test]
    fn any_value_of_any_setting_is_read(value in crate::tests::any_json()) {
        let _ = Settings::read(&|_| Some(value.clone()));
    }
}
