//! How much a model is to reason, and what the families of a provider's models are asked, as its settings say it.

use chela_sdk::context;
use chela_sdk::model::ThinkingLevel;
use serde_json::Value;

use crate::loose;

/// A level as settings name it.
pub fn name(level: ThinkingLevel) -> &'static str {
    match level {
        ThinkingLevel::Off => "off",
        ThinkingLevel::Minimal => "minimal",
        ThinkingLevel::Low => "low",
        ThinkingLevel::Medium => "medium",
        ThinkingLevel::High => "high",
        ThinkingLevel::Adaptive => "adaptive",
        ThinkingLevel::Xhigh => "xhigh",
        ThinkingLevel::Max => "max",
    }
}

/// A setting of the provider; `null` where there is none.
pub fn setting(name: &str) -> Value {
    context::setting_text(name)
        .and_then(|text| loose::read(text.as_bytes()))
        .unwrap_or_default()
}

/// The first of these families that a model belongs to: one of its `models` is the start of the model's id, or it names none
/// and is for all. `null` where there is none.
pub fn family<'f>(families: &'f Value, model: &str) -> &'f Value {
    let covers = |family: &&Value| match family.get("models").and_then(Value::as_array) {
        Some(starts) => starts
            .iter()
            .filter_map(Value::as_str)
            .any(|start| model.starts_with(start)),
        None => family.is_object(),
    };
    let list = families.as_array();
    list.and_then(|list| list.iter().find(covers))
        .unwrap_or(&Value::Null)
}

/// Whether a server may be told how much to reason. One that the operator put in the provider's place is told only when the
/// operator says with `supportsReasoningEffort` that it understands.
pub fn may_be_told(replaced: bool) -> bool {
    match setting("supportsReasoningEffort") {
        Value::Bool(told) => told,
        _ => !replaced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_first_family_that_covers_the_model_speaks() {
        let families = json!([{"models": ["a-1", "b"], "n": 1}, {"models": ["a"], "n": 2}]);
        assert_eq!(family(&families, "a-1-x")["n"], 1);
        assert_eq!(family(&families, "a-2")["n"], 2);
        assert_eq!(family(&families, "c"), &Value::Null);
        assert_eq!(family(&json!([{"n": 3}]), "c")["n"], 3);
    }

    #[test]
    fn a_server_in_the_providers_place_is_told_only_when_the_operator_says_so() {
        assert!(may_be_told(false) && !may_be_told(true));
        chela_sdk::testing::set("supportsReasoningEffort", true);
        assert!(may_be_told(true));
        chela_sdk::testing::set("supportsReasoningEffort", false);
        assert!(!may_be_told(false));
    }

    proptest! {
        #[test]
        fn any_families_are_read(value in crate::testing::any_json(&["models"], &["a"])) {
            let _ = family(&value, "a");
            let _ = family(&json!([value]), "a");
        }
    }
}
