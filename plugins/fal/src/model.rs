//! Ids of models, which are paths: owner, app, and perhaps more behind them.
//!
//! Follows <https://fal.ai/docs/api-reference/inference-api>.

use chela_dialect::job::is_id;
use chela_dialect::levels;
use chela_dialect::loose::text_field;
use chela_sdk::{Failure, Result};
use serde_json::Value;

/// What stands before the owner where an app is none of a model's.
const NAMESPACES: [&str; 2] = ["workflows", "comfy"];

/// The most parts of a path. Real ones have six.
const MOST_PARTS: usize = 12;

/// What the manifest says of a model.
pub(crate) struct Family<'f>(&'f Value);

/// A part of a family: how one of the things that it does is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Part<'f> {
    /// As the manifest says.
    Told(&'f Value),
    /// Nothing is known of the model.
    Open,
}

impl<'f> Family<'f> {
    /// The family of a model among those of a setting.
    pub(crate) fn of(families: &'f Value, model: &str) -> Self {
        Self(levels::family(families, model))
    }

    /// Whether nothing is known of the model.
    pub(crate) fn is_open(&self) -> bool {
        self.0.is_null()
    }

    /// A part by its name; none where the model does no such thing.
    pub(crate) fn part(&self, name: &str) -> Option<Part<'f>> {
        if self.is_open() {
            return Some(Part::Open);
        }
        self.0
            .get(name)
            .filter(|part| part.is_object())
            .map(Part::Told)
    }

    /// Whether it takes a field of that name.
    pub(crate) fn takes(&self, field: &str) -> bool {
        self.is_open() || self.words("takes").iter().any(|taken| taken == field)
    }

    /// A word that the family says, or the part in its place.
    pub(crate) fn word(&self, part: Part<'_>, name: &str) -> Option<String> {
        let own = match part {
            Part::Told(part) => part.get(name).and_then(Value::as_str).map(str::to_owned),
            Part::Open => None,
        };
        own.or_else(|| text_field(self.0, name))
    }

    /// A list of words.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        let list = self.0.get(name).and_then(Value::as_array);
        let words = list.into_iter().flatten().filter_map(Value::as_str);
        words.map(str::to_owned).collect()
    }

    /// The path at which a part of a model is asked.
    pub(crate) fn path(&self, model: &str, part: Part<'_>) -> Result<String> {
        let parts = self
            .0
            .as_object()
            .into_iter()
            .flat_map(|family| family.values());
        let known = parts.filter_map(|part| part.get("path")?.as_str());
        let base = known
            .filter(|path| !path.is_empty())
            .filter_map(|path| model.strip_suffix(path))
            .min_by_key(|base| base.len())
            .unwrap_or(model);
        let own = match part {
            Part::Told(part) => part.get("path").and_then(Value::as_str).unwrap_or_default(),
            Part::Open => "",
        };
        let path = format!("{base}{own}");
        if !is_path(&path) {
            let message = "a model of fal is named as owner/app, such as fal-ai/flux/dev";
            return Err(Failure::invalid_request(message));
        }
        Ok(format!("/{path}"))
    }
}

impl Part<'_> {
    /// The field that the part names.
    pub(crate) fn field(self, name: &str) -> Option<String> {
        match self {
            Self::Told(part) => text_field(part, name),
            Self::Open => None,
        }
    }

    /// Whether the part says that it does without.
    pub(crate) fn lacks(self, name: &str) -> bool {
        matches!(self, Self::Told(part) if part.get(name) == Some(&Value::Bool(false)))
    }
}

/// The app of a path, which is where its jobs are asked after: whatever stands behind owner and app is gone.
pub(crate) fn app(path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let namespaced = parts
        .first()
        .is_some_and(|first| NAMESPACES.contains(first));
    let length = if namespaced { 3 } else { 2 };
    parts[..length.min(parts.len())].join("/")
}

/// Whether a text is a path of names, and leads nowhere else.
pub(crate) fn is_path(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    (2..=MOST_PARTS).contains(&parts.len()) && parts.iter().all(|part| is_id(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::manifest;
    use proptest::prelude::*;

    fn path(setting: &str, model: &str, part: &str) -> Option<String> {
        let families = manifest(setting);
        let family = Family::of(&families, model);
        let part = family.part(part)?;
        Some(family.path(model, part).expect("a path"))
    }

    #[test]
    fn parts_of_a_model_have_paths_of_their_own() {
        for (setting, model, part, asked) in [
            (
                "pictures",
                "fal-ai/flux/dev",
                "edit",
                Some("/fal-ai/flux/dev/image-to-image"),
            ),
            (
                "pictures",
                "fal-ai/flux/dev/image-to-image",
                "edit",
                Some("/fal-ai/flux/dev/image-to-image"),
            ),
            ("pictures", "fal-ai/flux/schnell", "edit", None),
            (
                "pictures",
                "fal-ai/flux-pro/kontext",
                "edit",
                Some("/fal-ai/flux-pro/kontext"),
            ),
            (
                "pictures",
                "fal-ai/flux-pro/kontext/max",
                "several",
                Some("/fal-ai/flux-pro/kontext/max/multi"),
            ),
            (
                "pictures",
                "fal-ai/flux-pro/kontext",
                "draw",
                Some("/fal-ai/flux-pro/kontext/text-to-image"),
            ),
            (
                "pictures",
                "fal-ai/bytedance/seedream/v4.5/text-to-image",
                "edit",
                Some("/fal-ai/bytedance/seedream/v4.5/edit"),
            ),
            ("pictures", "someone/thing", "edit", Some("/someone/thing")),
            (
                "films",
                "fal-ai/veo3.1/fast",
                "text",
                Some("/fal-ai/veo3.1/fast"),
            ),
            (
                "films",
                "fal-ai/veo3.1/fast/image-to-video",
                "frames",
                Some("/fal-ai/veo3.1/fast/first-last-frame-to-video"),
            ),
            (
                "films",
                "bytedance/seedance-2.0",
                "references",
                Some("/bytedance/seedance-2.0/reference-to-video"),
            ),
            ("films", "fal-ai/minimax/video-01-live", "film", None),
        ] {
            assert_eq!(
                path(setting, model, part).as_deref(),
                asked,
                "{model} {part}"
            );
        }
    }

    #[test]
    fn each_model_of_the_manifest_has_a_family() {
        let manifest: toml::Value =
            toml::from_str(include_str!("../provider.toml")).expect("the manifest is TOML");
        for (section, setting) in [("image", "pictures"), ("video", "films")] {
            let families = crate::tests::manifest(setting);
            for model in manifest[section]["models"].as_array().expect("models") {
                let model = model.as_str().expect("an id");
                assert!(!Family::of(&families, model).is_open(), "{model}");
            }
        }
    }

    #[test]
    fn the_app_is_what_jobs_are_asked_after_at() {
        for (path, is) in [
            ("/fal-ai/flux/dev", "fal-ai/flux"),
            (
                "/fal-ai/minimax/video-01-live/image-to-video",
                "fal-ai/minimax",
            ),
            (
                "/bytedance/seedance-2.0/text-to-video",
                "bytedance/seedance-2.0",
            ),
            ("/workflows/someone/thing/more", "workflows/someone/thing"),
            ("/a/b", "a/b"),
        ] {
            assert_eq!(app(path), is);
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_model() {
        let families = Value::Null;
        for model in [
            "flux", "", "a/../b", "/a/b", "a//b", "a/b?c", "a/b#c", "a/b%2e", "a/ b", "a\\b/c",
        ] {
            let family = Family::of(&families, model);
            assert!(family.path(model, Part::Open).is_err(), "{model}");
        }
    }

    proptest! {
        #[test]
        fn any_families_are_read(families in crate::tests::any_json(), model in "[a-z/.]{0,20}") {
            let family = Family::of(&families, &model);
            for name in ["draw", "edit", "text", "image"] {
                if let Some(part) = family.part(name)
                    && let Ok(path) = family.path(&model, part)
                {
                    prop_assert!(is_path(path.trim_start_matches('/')));
                }
            }
        }
    }
}
