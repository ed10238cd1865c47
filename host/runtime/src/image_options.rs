//! How pictures are to come out: what the caller asked for, held against what the manifest offers.

use std::collections::BTreeMap;

use chela_envelope::{IgnoredOverride, Normalized};
use chela_manifest::ImageModes;
use chela_sandbox::families;
use chela_sandbox::families::image::{Background, Format, Options};
use serde_json::Value;

use crate::geometry::{
    AspectRatio, Size, class_pixels, closest_class, closest_format, closest_ratio, closest_size,
    ratio_for_size, size_for_ratio,
};

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
    pub(crate) ignored: Vec<IgnoredOverride>,
    pub(crate) normalization: BTreeMap<String, Normalized>,
}

/// The provider that `--openai-…` speaks of.
const OPENAI: &str = "openai";

/// Holds hints against what the provider offers. What it does not offer at all is left out and reported; what it offers
/// in other values becomes the closest of them and is reported.
pub(crate) fn fit(hints: &ImageHints, modes: &ImageModes, provider: &str) -> Fitted {
    let mut fitting = Fitting {
        hints,
        sizes: modes
            .sizes
            .iter()
            .filter_map(|size| size.parse().ok())
            .collect(),
        ratios: modes
            .aspect_ratios
            .iter()
            .filter_map(|ratio| ratio.parse().ok())
            .collect(),
        modes,
        fitted: Fitted {
            options: Options {
                count: 1,
                size: None,
                aspect_ratio: None,
                resolution: None,
                format: None,
                background: None,
                quality: None,
                moderation: None,
                seed: None,
                extra: Vec::new(),
            },
            ignored: Vec::new(),
            normalization: BTreeMap::new(),
        },
    };
    fitting.geometry();
    fitting.format();
    fitting.background(provider == OPENAI);
    fitting.fitted.options.quality =
        fitting.word("quality", hints.quality.as_deref(), &modes.qualities);
    fitting.fitted.options.moderation = fitting.word(
        "openaiModeration",
        hints.openai_moderation.as_deref(),
        &modes.moderations,
    );
    fitting.fitted
}

struct Fitting<'a> {
    hints: &'a ImageHints,
    modes: &'a ImageModes,
    sizes: Vec<Size>,
    ratios: Vec<AspectRatio>,
    fitted: Fitted,
}

impl Fitting<'_> {
    fn ignore(&mut self, key: &str, value: impl Into<String>) {
        self.fitted.ignored.push(IgnoredOverride {
            key: key.into(),
            value: value.into().into(),
        });
    }

    fn note(&mut self, key: &str, requested: String, applied: String, derived_from: Option<&str>) {
        if requested != applied {
            let derived_from = derived_from.map(str::to_owned);
            self.fitted.normalization.insert(
                key.into(),
                Normalized {
                    requested,
                    applied,
                    derived_from,
                },
            );
        }
    }

    /// Size, aspect ratio and resolution say partly the same, and few providers take all three. A provider that does not
    /// take the one that was asked for gets it in terms of the one that it takes.
    fn geometry(&mut self) {
        let Self { hints, modes, .. } = *self;
        let mut size_used = false;
        let mut ratio_used = false;
        let mut class_used = false;

        let size = match (hints.size, hints.aspect_ratio) {
            (Some(wanted), _) => {
                closest_size(wanted, &self.sizes).map(|size| (size, wanted.to_string(), None))
            }
            // A ratio of its own is closer to the caller's words than a size of that ratio.
            (None, Some(wanted)) if self.ratios.is_empty() => {
                let pixels = class_pixels(hints.resolution.as_deref().unwrap_or("1K"));
                size_for_ratio(wanted, pixels, &self.sizes)
                    .map(|size| (size, wanted.to_string(), Some("aspectRatio")))
            }
            (None, _) => None,
        };
        if let Some((size, requested, derived_from)) = size {
            match derived_from {
                None => size_used = true,
                Some(_) => {
                    ratio_used = true;
                    class_used = modes.resolutions.is_empty();
                }
            }
            self.note("size", requested, size.to_string(), derived_from);
            self.fitted.options.size = Some(families::Dimensions {
                width: size.width(),
                height: size.height(),
            });
        }

        let ratio = match (hints.aspect_ratio, hints.size) {
            (Some(wanted), _) => {
                closest_ratio(wanted, &self.ratios).map(|ratio| (ratio, wanted.to_string(), None))
            }
            (None, Some(wanted)) if !size_used => ratio_for_size(wanted, &self.ratios)
                .map(|ratio| (ratio, wanted.to_string(), Some("size"))),
            (None, _) => None,
        };
        if let Some((ratio, requested, derived_from)) = ratio {
            match derived_from {
                None => ratio_used = true,
                Some(_) => size_used = true,
            }
            self.note("aspectRatio", requested, ratio.to_string(), derived_from);
            self.fitted.options.aspect_ratio = Some(families::AspectRatio {
                width: ratio.width(),
                height: ratio.height(),
            });
        }

        let size_was_sent = self.fitted.options.size.is_some();
        let class = match (hints.resolution.as_deref(), hints.size) {
            (Some(wanted), _) => closest_class(wanted, &modes.resolutions)
                .map(|class| (class, wanted.to_owned(), None)),
            (None, Some(wanted)) if !size_was_sent => {
                closest_class(wanted.class(), &modes.resolutions)
                    .map(|class| (class, wanted.to_string(), Some("size")))
            }
            (None, _) => None,
        };
        if let Some((class, requested, derived_from)) = class {
            match derived_from {
                None => class_used = true,
                Some(_) => size_used = true,
            }
            self.note("resolution", requested, class.to_owned(), derived_from);
            self.fitted.options.resolution = Some(class.to_owned());
        }

        if let (Some(size), false) = (hints.size, size_used) {
            self.ignore("size", size.to_string());
        }
        if let (Some(ratio), false) = (hints.aspect_ratio, ratio_used) {
            self.ignore("aspectRatio", ratio.to_string());
        }
        if let (Some(class), false) = (&hints.resolution, class_used) {
            self.ignore("resolution", class.clone());
        }
    }

    fn format(&mut self) {
        let Some(wanted) = self.hints.output_format else {
            return;
        };
        let wanted = format_name(wanted);
        let modes = self.modes;
        match closest_format(wanted, &modes.output_formats) {
            Some(applied) => {
                self.fitted.options.format = match applied {
                    "png" => Some(Format::Png),
                    "webp" => Some(Format::Webp),
                    _ => Some(Format::Jpeg),
                };
                self.note("outputFormat", wanted.to_owned(), applied.to_owned(), None);
            }
            None => self.ignore("outputFormat", wanted),
        }
    }

    fn background(&mut self, openai: bool) {
        let (key, wanted) = match (self.hints.openai_background, self.hints.background) {
            (Some(background), other) if openai => {
                // It goes before the general one, so that one is left out.
                if let Some(other) = other
                    && other != background
                {
                    self.ignore("background", background_name(other));
                }
                ("openaiBackground", Some(background))
            }
            (special, general) => {
                if let Some(special) = special {
                    self.ignore("openaiBackground", background_name(special));
                }
                ("background", general)
            }
        };
        let Some(wanted) = wanted else { return };
        if self
            .modes
            .backgrounds
            .iter()
            .any(|known| known == background_name(wanted))
        {
            self.fitted.options.background = Some(wanted);
        } else {
            self.ignore(key, background_name(wanted));
        }
    }

    /// A word of the provider's own has no closest other word: it is supported or it is left out.
    fn word(&mut self, key: &str, wanted: Option<&str>, supported: &[String]) -> Option<String> {
        let wanted = wanted?;
        if let Some(word) = supported
            .iter()
            .find(|word| word.eq_ignore_ascii_case(wanted))
        {
            return Some(word.clone());
        }
        self.ignore(key, wanted);
        None
    }
}

fn format_name(format: Format) -> &'static str {
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
            .ignored
            .iter()
            .map(|ignored| ignored.key.as_str())
            .collect()
    }

    fn change(fitted: &Fitted, key: &str) -> (String, String, Option<String>) {
        let change = fitted
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
                sent || fitted.ignored.iter().any(|ignored| ignored.key == key)
                    || fitted.normalization.values().any(|change| change.derived_from.as_deref() == Some(key))
            };
            prop_assert!(hints.size.is_none() || told("size", options.size.is_some()));
            prop_assert!(hints.aspect_ratio.is_none() || told("aspectRatio", options.aspect_ratio.is_some()));
            let class_in_size = fitted.normalization.get("size").is_some_and(|size| size.derived_from.is_some())
                || (options.size.is_some() && hints.size.is_none());
            prop_assert!(hints.resolution.is_none() || told("resolution", options.resolution.is_some() || class_in_size));
            let exact = hints.size.is_some_and(|size| modes.sizes.contains(&size.to_string()));
            prop_assert!(!exact || !fitted.normalization.contains_key("size"));
        }
    }
}
