//! What the models of a provider take, as its manifest says it.
//!
//! Each field below is a setting of the same name in camelCase, under `[settings]` of a manifest or `compat` of a provider in the
//! configuration. `families` holds what differs from model to model.

use chela_dialect::levels;
use chela_dialect::loose::{count, object};
use chela_sdk::model::ThinkingLevel;
use serde_json::Value;

/// The least tokens to think with that the API takes.
const LEAST_BUDGET: u64 = 1024;

/// What is known of the model that is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The most tokens of an answer when the caller does not say.
    pub(crate) max_tokens: u64,
    /// Whether a schema is given as a tool that has to be called.
    pub(crate) schema_as_tool: bool,
    /// Whether the temperature can be set.
    pub(crate) sampling: bool,
    /// Levels of thinking. What they are stands in the manifest.
    levels: Value,
}

/// What a request says of thinking.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Thinking {
    /// The field `thinking`.
    pub(crate) field: Option<Value>,
    /// The field `effort` of `output_config`.
    pub(crate) effort: Option<String>,
    /// The most tokens of the answer, when they had to make room for thinking.
    pub(crate) max_tokens: Option<u64>,
    /// Whether the model thinks.
    pub(crate) on: bool,
}

impl Settings {
    /// The settings of the provider that this instance runs as, for a model of it.
    pub(crate) fn of_provider(model: &str, replaced: bool) -> Self {
        let told = levels::may_be_told(replaced);
        Self::read(&levels::setting, model, told)
    }

    /// Reads the settings; `value` gives one by name, and `told` is whether the server may be told how much to think.
    pub(crate) fn read(value: &dyn Fn(&str) -> Value, model: &str, told: bool) -> Self {
        let families = value("families");
        let family = levels::family(&families, model);
        let own = |name: &str| {
            family
                .get(name)
                .cloned()
                .filter(|own| !own.is_null())
                .unwrap_or_else(|| value(name))
        };
        Self {
            max_tokens: count(&own("maxTokens"))
                .filter(|most| *most > 0)
                .unwrap_or(8192),
            schema_as_tool: own("schema").as_str() == Some("tool"),
            sampling: own("sampling") != Value::Bool(false),
            levels: if told { own("levels") } else { Value::Null },
        }
    }

    /// How a request asks for that much thinking, with so many tokens for thoughts and answer together where the caller said
    /// how many. None where the model cannot be asked for it.
    pub(crate) fn thinking(&self, level: ThinkingLevel, most: Option<u64>) -> Option<Thinking> {
        match self.levels.get(levels::name(level))? {
            Value::String(word) if word == "none" => Some(Thinking::default()),
            Value::String(effort) => Some(Thinking {
                effort: Some(effort.clone()),
                max_tokens: Some(most.unwrap_or(self.max_tokens.saturating_mul(2))),
                ..adaptive()
            }),
            Value::Bool(true) => Some(Thinking {
                max_tokens: Some(most.unwrap_or(self.max_tokens.saturating_mul(2))),
                ..adaptive()
            }),
            Value::Bool(false) => Some(Thinking {
                field: Some(object! {"type": "disabled"}),
                ..Thinking::default()
            }),
            number => self.budget(count(number)?, most),
        }
    }

    /// Thinking with a budget, which is a part of the answer's tokens and leaves at least half of those that the caller allows.
    fn budget(&self, budget: u64, most: Option<u64>) -> Option<Thinking> {
        let (budget, most) = match most {
            None => (budget, budget.saturating_add(self.max_tokens)),
            Some(most) if most > LEAST_BUDGET => (budget.min(most / 2).max(LEAST_BUDGET), most),
            Some(_) => return None,
        };
        Some(Thinking {
            field: Some(object! {"type": "enabled", "budget_tokens": Value::from(budget)}),
            effort: None,
            max_tokens: Some(most),
            on: true,
        })
    }
}

/// As much thinking as the model finds fit, shown as a summary: newer models show nothing of it unless they are asked.
fn adaptive() -> Thinking {
    Thinking {
        field: Some(object! {"type": "adaptive", "display": "summarized"}),
        on: true,
        ..Thinking::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const ANTHROPIC: &str = include_str!("../providers/anthropic.toml");
    const TEMPLATE: &str = include_str!("../providers/template.toml");

    /// The settings of a bundled manifest, as the component gets them.
    fn bundled(manifest: &str, model: &str) -> Settings {
        let manifest: Value = toml::from_str(manifest).expect("the manifest is TOML");
        let values = &manifest["settings"];
        Settings::read(
            &|name| values.get(name).cloned().unwrap_or_default(),
            model,
            true,
        )
    }

    fn asked(model: &str, level: ThinkingLevel, most: Option<u64>) -> Option<Thinking> {
        bundled(ANTHROPIC, model).thinking(level, most)
    }

    #[test]
    fn each_family_is_asked_in_its_own_words() {
        use ThinkingLevel::{Adaptive, High, Low, Max, Minimal, Off, Xhigh};
        let budget = |tokens: u64| Some(json!({"type": "enabled", "budget_tokens": tokens}));
        let adaptive = || Some(json!({"type": "adaptive", "display": "summarized"}));
        for (model, level, field, effort) in [
            ("claude-opus-4-7", Xhigh, adaptive(), Some("xhigh")),
            ("claude-opus-4-7", Adaptive, adaptive(), None),
            ("claude-opus-4-7", Off, None, None),
            ("claude-fable-5", Off, adaptive(), Some("low")),
            ("claude-sonnet-4-6", Xhigh, adaptive(), Some("high")),
            ("claude-sonnet-4-6", Minimal, adaptive(), Some("low")),
            ("claude-haiku-4-5-20251001", Low, budget(2048), None),
            ("claude-sonnet-4-20250514", Max, budget(15_360), None),
            (
                "claude-opus-5",
                Off,
                Some(json!({"type": "disabled"})),
                None,
            ),
            ("claude-opus-5", High, adaptive(), Some("high")),
        ] {
            let thinking = asked(model, level, None).expect(model);
            assert_eq!(
                (thinking.field, thinking.effort.as_deref()),
                (field, effort),
                "{model} {level:?}"
            );
        }
        assert_eq!(asked("claude-3-haiku-20240307", High, None), None);
        assert_eq!(asked("claude-haiku-4-5", Adaptive, None), None);
    }

    #[test]
    fn a_budget_is_a_part_of_what_the_caller_allows() {
        let tokens = |most| {
            let thinking = asked("claude-haiku-4-5", ThinkingLevel::High, most)?;
            let budget = thinking.field?["budget_tokens"].as_u64();
            Some((budget?, thinking.max_tokens?))
        };
        assert_eq!(tokens(None), Some((16_384, 32_768)));
        assert_eq!(tokens(Some(64_000)), Some((16_384, 64_000)));
        assert_eq!(tokens(Some(8000)), Some((4000, 8000)));
        assert_eq!(tokens(Some(1500)), Some((1024, 1500)));
        assert_eq!(tokens(Some(1024)), None);
    }

    #[test]
    fn the_rest_differs_by_family_too() {
        let of = |model: &str| {
            let settings = bundled(ANTHROPIC, model);
            (
                settings.max_tokens,
                settings.schema_as_tool,
                settings.sampling,
            )
        };
        assert_eq!(of("claude-sonnet-4-6"), (16_384, false, true));
        assert_eq!(of("claude-opus-4-7"), (16_384, false, false));
        assert_eq!(of("claude-opus-4-1-20250805"), (16_384, true, true));
        assert_eq!(of("claude-3-haiku-20240307"), (4096, true, true));
        assert_eq!(of("something-else"), (16_384, false, true));
        let own = bundled(TEMPLATE, "any");
        assert_eq!((own.max_tokens, own.schema_as_tool), (8192, true));
    }

    #[test]
    fn a_server_that_may_not_be_told_is_not() {
        let manifest: Value = toml::from_str(ANTHROPIC).expect("the manifest is TOML");
        let value = |name: &str| manifest["settings"].get(name).cloned().unwrap_or_default();
        let settings = Settings::read(&value, "claude-opus-4-7", false);
        assert_eq!(settings.thinking(ThinkingLevel::High, None), None);
        assert!(!settings.sampling, "what the model takes it takes anywhere");
    }

    proptest! {
        #[test]
        fn any_value_of_any_setting_is_read(value in crate::tests::any_json(), family in crate::tests::any_json(), most in any::<Option<u64>>()) {
            for values in [json!({"families": value}), json!({"families": [{"levels": {"high": value}}], "maxTokens": family})] {
                let settings = Settings::read(&|name| values.get(name).cloned().unwrap_or_default(), "m", true);
                if let Some(Thinking { field: Some(field), max_tokens, .. }) = settings.thinking(ThinkingLevel::High, most)
                    && let Some(budget) = field.get("budget_tokens").and_then(Value::as_u64) {
                        prop_assert!(most.is_none() || budget < max_tokens.unwrap_or(0));
                    }
            }
        }
    }
}
