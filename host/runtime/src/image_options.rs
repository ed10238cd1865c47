//! How pictures are to come out: what the caller asked for, held against what the manifest offers.

use chela_manifest::ImageModes;
use chela_sandbox::families::image::{Background, Format, Options};
use serde_json::Value;

use crate::fitting::{Changes, Offer, Wishes, shape};
use crate::geometry::{AspectRatio, Size, closest_format};

/// What a caller asks of pictures. Everything may be left to the provider.
#[derive(Clone, Debug, Default)]
pub struct ImageHints {
    /// How many; one when there is none.
    pub count: Option<u32>,
    /// Size in pixels.
    pub size: Option<Size>,
    /// Aspect ratio.
    pub aspect_ratio: Option<AspectRatio>,
    /// Resolution class: `1K`, `2K` or `4K`.
    pub resolution: Option<String>,
    /// File format.
    pub output_format: Option<Format>,
    /// Background.
    pub background: Option<Background>,
    /// Background at OpenAI, where it goes before `background`.
    pub openai_background: Option<Background>,
    /// Quality in the provider's own word.
    pub quality: Option<String>,
    /// Strictness of OpenAI's content filter.
    pub openai_moderation: Option<String>,
}

impl ImageHints {
    /// The name in the envelope, and the value, of an option of the contract that the caller set.
    pub(crate) fn option(&self, name: &str) -> Option<(&'static str, Value)> {
        Some(match name {
            "size" => ("size", self.size?.to_string().into()),
            "aspect-ratio" => ("aspectRatio", self.aspect_ratio?.to_string().into()),
            "resolution" => ("resolution", self.resolution.clone()?.into()),
            "format" => ("outputFormat", format_name(self.output_format?).into()),
            "background" => ("background", background_name(self.background?).into()),
            "quality" => ("quality", self.quality.clone()?.into()),
            "moderation" => ("openaiModeration", self.openai_moderation.clone()?.into()),
            _ => return None,
        })
    }
}

/// The request's options as one provider takes them, and what became of the caller's.
#[derive(Debug)]
pub(crate) struct Fitted {
    /// The options for one request; the count is set by whoever splits it.
    pub(crate) options: Options,
    pub(crate) changes: Changes,
}

/// The provider that `--openai-…` speaks of.
const OPENAI: &str = "openai";

/// Holds hints against what the provider offers. What it does not offer at all is left out and reported; what it offers
/// in other values becomes the closest of them and is reported.
pub(crate) fn fit(hints: &ImageHints, modes: &ImageModes, provider: &str) -> Fitted {
    let mut changes = Changes::default();
    let wishes = Wishes {
        size: hints.size,
        aspect_ratio: hints.aspect_ratio,
        resolution: hints.resolution.as_deref(),
    };
    let offer = Offer {
        sizes: &modes.sizes,
        aspect_ratios: &modes.aspect_ratios,
        resolutions: &modes.resolutions,
        usual: "1K",
    };
    let shape = shape(wishes, &offer, &mut changes);
    let options = Options {
        count: 1,
        size: shape.size,
        aspect_ratio: shape.aspect_ratio,
        resolution: shape.resolution,
        format: format(hints.output_format, modes, &mut changes),
        background: background(hints, modes, provider == OPENAI, &mut changes),
        quality: word(
            "quality",
            hints.quality.as_deref(),
            &modes.qualities,
            &mut changes,
        ),
        moderation: word(
            "openaiModeration",
            hints.openai_moderation.as_deref(),
            &modes.moderations,
            &mut changes,
        ),
        seed: None,
        extra: Vec::new(),
    };
    Fitted { options, changes }
}

fn format(wanted: Option<Format>, modes: &ImageModes, changes: &mut Changes) -> Option<Format> {
    let wanted = format_name(wanted?);
    let Some(applied) = closest_format(wanted, &modes.output_formats) else {
        changes.ignore("outputFormat", wanted);
        return None;
    };
    changes.note("outputFormat", wanted.to_owned(), applied.to_owned(), None);
    Some(match applied {
        "png" => Format::Png,
        "webp" => Format::Webp,
        _ => Format::Jpeg,
    })
}

fn background(
    hints: &ImageHints,
    modes: &ImageModes,
    openai: bool,
    changes: &mut Changes,
) -> Option<Background> {
    let (key, wanted) = match (hints.openai_background, hints.background) {
        (Some(background), other) if openai => {
            // It goes before the general one, so that one is left out.
            if let Some(other) = other
                && other != background
            {
                changes.ignore("background", background_name(other));
            }
            ("openaiBackground", Some(background))
        }
        (special, general) => {
            if let Some(special) = special {
                changes.ignore("openaiBackground", background_name(special));
            }
            ("background", general)
        }
    };
    let wanted = wanted?;
    let known = |known: &String| known == background_name(wanted);
    if modes.backgrounds.iter().any(known) {
        return Some(wanted);
    }
    changes.ignore(key, background_name(wanted));
    None
}

/// A word of the provider's own has no closest other word: it is supported or it is left out.
fn word(
    key: &str,
    wanted: Option<&str>,
    supported: &[String],
    changes: &mut Changes,
) -> Option<String> {
    let wanted = wanted?;
    let known = supported
        .iter()
        .find(|word| word.eq_ignore_ascii_case(wanted));
    if known.is_none() {
        changes.ignore(key, wanted);
    }
    known.cloned()
}

pub(crate) fn format_name(format: Format) -> &'static str {
    match format {
        Format::Png => "png",
        Format::Jpeg => "jpeg",
        Format::Webp => "webp",
    }
}

fn background_name(background: Background) -> &'static str {
    match background {
        Background::Transparent => "transparent",
        Background::Opaque => "opaque",
        Background::Auto => "auto",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn sized() -> ImageModes {
        ImageModes {
            sizes: list(&["1024x1024", "1536x1024", "1024x1536"]),
            output_formats: list(&["png", "jpeg"]),
            backgrounds: list(&["opaque", "auto"]),
            qualities: list(&["low", "high"]),
            ..ImageModes::default()
        }
    }

    fn shaped() -> ImageModes {
        ImageModes {
            aspect_ratios: list(&["1:1", "9:16", "16:9"]),
            resolutions: list(&["1K", "2K"]),
            ..ImageModes::default()
        }
    }

    fn poster() -> ImageHints {
        ImageHints {
            size: "2160x3840".parse().ok(),
            aspect_ratio: "9:16".parse().ok(),
            resolution: Some("4K".into()),
            ..ImageHints::default()
        }
    }

    fn keys(fitted: &Fitted) -> Vec<&str> {
        fitted
            .changes
            .ignored
            .iter()
            .map(|ignored| ignored.key.as_str())
            .collect()
    }

    fn change(fitted: &Fitted, key: &str) -> (String, String, Option<String>) {
        let change = fitted
            .changes
            .normalization
            .get(key)
            .expect("it was mapped")
            .clone();
        (change.requested, change.applied, change.derived_from)
    }

    #[test]
    fn a_provider_of_sizes_gets_a_size() {
        let fitted = fit(&poster(), &sized(), "p");
        assert_eq!(
            change(&fitted, "size"),
            ("2160x3840".into(), "1024x1536".into(), None)
        );
        assert_eq!(keys(&fitted), ["aspectRatio", "resolution"]);
        assert_eq!(
            fitted.options.size.map(|size| (size.width, size.height)),
            Some((1024, 1536))
        );
    }

    #[test]
    fn a_provider_of_shapes_gets_a_shape_and_a_class() {
        let fitted = fit(&poster(), &shaped(), "p");
        assert_eq!(
            change(&fitted, "resolution"),
            ("4K".into(), "2K".into(), None)
        );
        assert_eq!(
            keys(&fitted),
            ["size"],
            "ratio and class were asked for in their own words"
        );
        assert!(fitted.options.size.is_none());

        let hints = ImageHints {
            size: "2160x3840".parse().ok(),
            ..ImageHints::default()
        };
        let fitted = fit(&hints, &shaped(), "p");
        assert_eq!(
            change(&fitted, "aspectRatio"),
            ("2160x3840".into(), "9:16".into(), Some("size".into()))
        );
        assert_eq!(
            change(&fitted, "resolution"),
            ("2160x3840".into(), "2K".into(), Some("size".into()))
        );
        assert!(keys(&fitted).is_empty(), "the size was sent in other words");
    }

    #[test]
    fn a_ratio_becomes_a_size_where_only_sizes_are_taken() {
        let hints = ImageHints {
            aspect_ratio: "9:16".parse().ok(),
            resolution: Some("2K".into()),
            ..Default::default()
        };
        let fitted = fit(&hints, &sized(), "p");
        assert_eq!(
            change(&fitted, "size"),
            (
                "9:16".into(),
                "1024x1536".into(),
                Some("aspectRatio".into())
            )
        );
        assert!(keys(&fitted).is_empty(), "the class went into the size");
    }

    #[test]
    fn formats_are_mapped_and_words_are_not() {
        let hints = ImageHints {
            output_format: Some(Format::Webp),
            background: Some(Background::Transparent),
            quality: Some("HIGH".into()),
            openai_moderation: Some("low".into()),
            ..ImageHints::default()
        };
        let fitted = fit(&hints, &sized(), "p");
        assert_eq!(
            change(&fitted, "outputFormat"),
            ("webp".into(), "png".into(), None)
        );
        assert_eq!(fitted.options.quality.as_deref(), Some("high"));
        assert_eq!(keys(&fitted), ["background", "openaiModeration"]);
    }

    #[test]
    fn the_openai_background_is_for_openai_alone() {
        let hints = ImageHints {
            background: Some(Background::Opaque),
            openai_background: Some(Background::Auto),
            ..ImageHints::default()
        };
        let at_openai = fit(&hints, &sized(), "openai");
        assert_eq!(at_openai.options.background, Some(Background::Auto));
        assert_eq!(keys(&at_openai), ["background"]);
        let elsewhere = fit(&hints, &sized(), "p");
        assert_eq!(elsewhere.options.background, Some(Background::Opaque));
        assert_eq!(keys(&elsewhere), ["openaiBackground"]);
    }

    fn some<T: std::fmt::Debug + Clone + 'static>(
        values: Vec<T>,
    ) -> impl Strategy<Value = Option<T>> {
        proptest::option::of(proptest::sample::select(values))
    }

    fn pairs(separator: char) -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec((1u32..5000, 1u32..5000), 0..4).prop_map(move |pairs| {
            pairs
                .iter()
                .map(|(a, b)| format!("{a}{separator}{b}"))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn nothing_is_sent_that_is_not_supported_and_nothing_is_lost_without_a_word(
            size in proptest::option::of((1u32..5000, 1u32..5000)),
            ratio in proptest::option::of((1u32..100, 1u32..100)),
            resolution in some(list(&["1K", "2K", "4K"])),
            sizes in pairs('x'),
            aspect_ratios in pairs(':'),
            resolutions in proptest::sample::subsequence(list(&["1K", "2K", "4K"]), 0..=3),
        ) {
            let hints = ImageHints {
                size: size.map(|(w, h)| Size::new(w, h).expect("in range")),
                aspect_ratio: ratio.map(|(w, h)| AspectRatio::new(w, h).expect("in range")),
                resolution,
                ..ImageHints::default()
            };
            let modes = ImageModes { sizes, aspect_ratios, resolutions, ..ImageModes::default() };
            let fitted = fit(&hints, &modes, "p");
            let options = &fitted.options;
            if let Some(size) = options.size {
                let size = Size::new(size.width, size.height).expect("in range").to_string();
                prop_assert!(modes.sizes.contains(&size));
            }
            if let Some(ratio) = options.aspect_ratio {
                let ratio = AspectRatio::new(ratio.width, ratio.height).expect("in range").to_string();
                prop_assert!(modes.aspect_ratios.contains(&ratio));
            }
            if let Some(class) = &options.resolution {
                prop_assert!(modes.resolutions.contains(class));
            }
            // Every hint was sent as it is, is the source of a mapping, or is reported as left out.
            let told = |key: &str, sent: bool| {
                sent || fitted.changes.ignored.iter().any(|ignored| ignored.key == key)
                    || fitted.changes.normalization.values().any(|change| change.derived_from.as_deref() == Some(key))
            };
            prop_assert!(hints.size.is_none() || told("size", options.size.is_some()));
            prop_assert!(hints.aspect_ratio.is_none() || told("aspectRatio", options.aspect_ratio.is_some()));
            let class_in_size = fitted.changes.normalization.get("size").is_some_and(|size| size.derived_from.is_some())
                || (options.size.is_some() && hints.size.is_none());
            prop_assert!(hints.resolution.is_none() || told("resolution", options.resolution.is_some() || class_in_size));
            let exact = hints.size.is_some_and(|size| modes.sizes.contains(&size.to_string()));
            prop_assert!(!exact || !fitted.changes.normalization.contains_key("size"));
        }
    }
}
