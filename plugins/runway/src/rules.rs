//! What the models differ in, as the manifest says it.
//!
//! `rules` under `[settings]` of the manifest, or `compat` of the operator's configuration. A rule of the wrong shape says nothing.

use chela_dialect::loose::{text, text_field};
use serde_json::{Map, Value};

/// What a film is made from, and with that the path of the API that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Text,
    Image,
    Film,
}

impl From {
    const ALL: [Self; 3] = [Self::Text, Self::Image, Self::Film];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Text => "/v1/text_to_video",
            Self::Image => "/v1/image_to_video",
            Self::Film => "/v1/video_to_video",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Film => "film",
        }
    }
}

/// What a model takes when it starts from that.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Ratios in the API's spelling, in pixels or as proportions.
    pub(crate) ratios: Vec<String>,
    pub(crate) ratio_field: String,
    pub(crate) film_field: String,
    pub(crate) resolutions: Vec<String>,
    /// Fields that are sent unless the caller says otherwise.
    pub(crate) always: Map<String, Value>,
    takes: Vec<String>,
    /// Nothing is known of the model: it is sent what was asked.
    pub(crate) open: bool,
}

impl Rule {
    /// Whether it takes an option or media of that name.
    pub(crate) fn takes(&self, what: &str) -> bool {
        self.open || self.takes.iter().any(|taken| taken == what)
    }

    fn read(rule: &Value) -> Self {
        Self {
            ratios: words(rule, "ratios"),
            ratio_field: text_field(rule, "ratioField").unwrap_or_else(|| "ratio".to_owned()),
            film_field: text_field(rule, "filmField").unwrap_or_else(|| "promptVideo".to_owned()),
            resolutions: words(rule, "resolutions"),
            always: rule
                .get("always")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
            takes: words(rule, "takes"),
            open: false,
        }
    }
}

/// The rule for a model that starts from that; an error with what it does start from.
pub(crate) fn rule(rules: &Value, model: &str, from: From) -> Result<Rule, Vec<From>> {
    let all = rules.as_array();
    let covering: Vec<&Value> = all
        .into_iter()
        .flatten()
        .filter(|rule| {
            words(rule, "models")
                .iter()
                .any(|start| model.starts_with(start.as_str()))
        })
        .collect();
    // A rule for a longer start of the same id stands before that for a shorter one, and speaks alone.
    let of_first = covering.first().map(|first| words(first, "models"));
    let mine = || {
        let same = |rule: &&&Value| Some(words(rule, "models")) == of_first;
        covering.iter().filter(same)
    };
    if covering.is_empty() {
        return Ok(Rule {
            open: true,
            ..Rule::read(&Value::Null)
        });
    }
    let starts =
        |rule: &Value, from: From| words(rule, "from").iter().any(|word| word == from.word());
    match mine().find(|rule| starts(rule, from)) {
        Some(rule) => Ok(Rule::read(rule)),
        None => Err(From::ALL
            .into_iter()
            .filter(|from| mine().any(|rule| starts(rule, *from)))
            .collect()),
    }
}

fn words(rule: &Value, name: &str) -> Vec<String> {
    let list = rule.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(text).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// The rules of the manifest.
    pub(crate) fn of_manifest() -> Value {
        let manifest: toml::Value =
            toml::from_str(include_str!("../provider.toml")).expect("the manifest is TOML");
        serde_json::to_value(&manifest["settings"]["rules"]).expect("settings are JSON")
    }

    #[test]
    fn each_model_of_the_manifest_has_a_rule() {
        let manifest: toml::Value =
            toml::from_str(include_str!("../provider.toml")).expect("the manifest is TOML");
        let rules = of_manifest();
        let models = manifest["video"]["models"].as_array().expect("models");
        for model in models {
            let model = model.as_str().expect("an id");
            let found = From::ALL
                .into_iter()
                .filter_map(|from| rule(&rules, model, from).ok())
                .collect::<Vec<_>>();
            assert!(
                !found.is_empty() && found.iter().all(|rule| !rule.open),
                "{model}"
            );
        }
    }

    #[test]
    fn the_longest_start_speaks() {
        let rules = of_manifest();
        let ratios = |model| {
            let rule = rule(&rules, model, From::Text).expect("a rule");
            rule.ratios.len()
        };
        assert_eq!(ratios("seedance2"), 24);
        assert_eq!(ratios("seedance2_fast"), 12);
        assert_eq!(ratios("veo3.1_fast"), 4);
    }

    #[test]
    fn a_model_starts_from_what_it_starts_from() {
        let rules = of_manifest();
        assert_eq!(
            rule(&rules, "gen4_turbo", From::Text),
            Err(vec![From::Image])
        );
        assert_eq!(
            rule(&rules, "gen4.5", From::Film),
            Err(vec![From::Text, From::Image])
        );
        assert!(rule(&rules, "gen9", From::Film).expect("open").open);
        assert!(
            rule(&json!("no list"), "gen4.5", From::Film)
                .expect("open")
                .open
        );
        assert!(rule(&Value::Null, "gen4.5", From::Film).expect("open").open);
    }
}
