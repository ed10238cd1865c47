//! Hints held against what a provider offers, as far as pictures and films have them in common, and what became of each.

use std::collections::BTreeMap;

use chela_envelope::{IgnoredOverride, Normalized};
use chela_sandbox::families;
use serde_json::Value;

use crate::geometry::{
    AspectRatio, Size, class_for_size, class_pixels, closest_class, closest_ratio, closest_size,
    ratio_for_size, size_for_ratio,
};

/// What became of hints.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) ignored: Vec<IgnoredOverride>,
    pub(crate) normalization: BTreeMap<String, Normalized>,
}

impl Changes {
    /// The provider does not support it, so it was left out.
    pub(crate) fn ignore(&mut self, key: &str, value: impl Into<Value>) {
        self.ignored.push(IgnoredOverride {
            key: key.into(),
            value: value.into(),
        });
    }

    /// Something was applied. Nothing is to be told where it is what was asked for.
    pub(crate) fn note(
        &mut self,
        key: &str,
        requested: String,
        applied: String,
        derived_from: Option<&str>,
    ) {
        if requested != applied {
            let derived_from = derived_from.map(str::to_owned);
            self.normalization.insert(
                key.into(),
                Normalized {
                    requested,
                    applied,
                    derived_from,
                },
            );
        }
    }
}

/// The shape that is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes<'a> {
    pub(crate) size: Option<Size>,
    pub(crate) aspect_ratio: Option<AspectRatio>,
    pub(crate) resolution: Option<&'a str>,
}

/// The shapes that a provider offers, in its manifest's spelling.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    pub(crate) sizes: &'a [String],
    pub(crate) aspect_ratios: &'a [String],
    pub(crate) resolutions: &'a [String],
    /// The class whose area a size has where no class is asked for.
    pub(crate) usual: &'static str,
}

/// The shape as one provider takes it.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub(crate) size: Option<families::Dimensions>,
    pub(crate) aspect_ratio: Option<families::AspectRatio>,
    pub(crate) resolution: Option<String>,
}

/// Size, aspect ratio and resolution say partly the same, and few providers take all three. A provider that does not
/// take the one that was asked for gets it in terms of the one that it takes.
pub(crate) fn shape(wishes: Wishes<'_>, offer: &Offer<'_>, changes: &mut Changes) -> Shape {
    let sizes: Vec<Size> = read(offer.sizes);
    let ratios: Vec<AspectRatio> = read(offer.aspect_ratios);
    let mut shape = Shape::default();
    let mut size_used = false;
    let mut ratio_used = false;
    let mut class_used = false;

    let size = match (wishes.size, wishes.aspect_ratio) {
        (Some(wanted), _) => {
            closest_size(wanted, &sizes).map(|size| (size, wanted.to_string(), None))
        }
        // A ratio of its own is closer to the caller's words than a size of that ratio.
        (None, Some(wanted)) if ratios.is_empty() => {
            let pixels = class_pixels(wishes.resolution.unwrap_or(offer.usual));
            size_for_ratio(wanted, pixels, &sizes)
                .map(|size| (size, wanted.to_string(), Some("aspectRatio")))
        }
        (None, _) => None,
    };
    if let Some((size, requested, derived_from)) = size {
        match derived_from {
            None => size_used = true,
            Some(_) => {
                ratio_used = true;
                class_used = offer.resolutions.is_empty();
            }
        }
        changes.note("size", requested, size.to_string(), derived_from);
        shape.size = Some(families::Dimensions {
            width: size.width(),
            height: size.height(),
        });
    }

    let ratio = match (wishes.aspect_ratio, wishes.size) {
        (Some(wanted), _) => {
            closest_ratio(wanted, &ratios).map(|ratio| (ratio, wanted.to_string(), None))
        }
        (None, Some(wanted)) if !size_used => {
            ratio_for_size(wanted, &ratios).map(|ratio| (ratio, wanted.to_string(), Some("size")))
        }
        (None, _) => None,
    };
    if let Some((ratio, requested, derived_from)) = ratio {
        match derived_from {
            None => ratio_used = true,
            Some(_) => size_used = true,
        }
        changes.note("aspectRatio", requested, ratio.to_string(), derived_from);
        shape.aspect_ratio = Some(families::AspectRatio {
            width: ratio.width(),
            height: ratio.height(),
        });
    }

    let class = match (wishes.resolution, wishes.size) {
        (Some(wanted), _) => {
            closest_class(wanted, offer.resolutions).map(|class| (class, wanted.to_owned(), None))
        }
        (None, Some(wanted)) if shape.size.is_none() => class_for_size(wanted, offer.resolutions)
            .map(|class| (class, wanted.to_string(), Some("size"))),
        (None, _) => None,
    };
    if let Some((class, requested, derived_from)) = class {
        match derived_from {
            None => class_used = true,
            Some(_) => size_used = true,
        }
        changes.note("resolution", requested, class.to_owned(), derived_from);
        shape.resolution = Some(class.to_owned());
    }

    if let (Some(size), false) = (wishes.size, size_used) {
        changes.ignore("size", size.to_string());
    }
    if let (Some(ratio), false) = (wishes.aspect_ratio, ratio_used) {
        changes.ignore("aspectRatio", ratio.to_string());
    }
    if let (Some(class), false) = (wishes.resolution, class_used) {
        changes.ignore("resolution", class);
    }
    shape
}

/// What a manifest's list says. Its reader has refused what is none.
fn read<T: std::str::FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}
