//! One word of the API for what callers say as size, aspect ratio and resolution: `1280:720`.

use chela_dialect::loose::text_field;
use chela_sdk::video::Request;
use chela_sdk::{Failure, Result};
use serde_json::Value;

use crate::rules::Rule;

/// How far two shapes may be apart to be the same: sides are whole numbers, mostly multiples of sixteen.
const SAME_SHAPE: f64 = 0.04;

/// How far two areas may be apart, as a logarithm, to be of the same resolution class.
const SAME_CLASS: f64 = 0.5;

/// How large a film is when nobody says.
const USUAL_CLASS: &str = "720P";

/// What is sent for size, aspect ratio and resolution, and which of these had no part in it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Frame {
    pub(crate) ratio: Option<String>,
    pub(crate) resolution: Option<String>,
    pub(crate) ignored: Vec<&'static str>,
}

/// Width and height, of pixels or of proportions.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sides {
    width: f64,
    height: f64,
}

impl Sides {
    fn read(text: &str) -> Option<Self> {
        let (width, height) = text.split_once(':')?;
        let side = |text: &str| text.parse::<u32>().ok().filter(|side| *side > 0);
        Some(Self {
            width: side(width)?.into(),
            height: side(height)?.into(),
        })
    }

    /// Whether these are pixels. No proportions are written in numbers so large.
    fn are_pixels(self) -> bool {
        self.width.min(self.height) > 100.0
    }

    fn same_shape(self, other: Self) -> bool {
        let quotient = self.width * other.height / (self.height * other.width);
        (quotient - 1.0).abs() <= SAME_SHAPE
    }

    /// How far the area is from that of a class, as a logarithm.
    fn off(self, class: &str) -> f64 {
        let area = class_area(class).unwrap_or(1280.0 * 720.0);
        (self.width * self.height / area).ln().abs()
    }
}

/// The pixels of a film of a class: `720P` by the shorter side of 16:9, `4K` by the longer one.
fn class_area(class: &str) -> Option<f64> {
    let number = |suffix: [char; 2]| class.strip_suffix(suffix)?.parse::<u32>().ok();
    let height = match (number(['P', 'p']), number(['K', 'k'])) {
        (Some(height), _) => f64::from(height),
        (_, Some(thousands)) => f64::from(thousands) * 540.0,
        (None, None) => return None,
    };
    Some(height * height * 16.0 / 9.0)
}

/// Chooses what the model makes that is what was asked.
///
/// # Errors
///
/// `unsupported`, with what there is, when the model makes no film of that size or shape: one of another shape would be paid for and
/// be of no use.
pub(crate) fn choose(request: &Request, rule: &Rule) -> Result<Frame> {
    let mut frame = Frame::default();
    let size = request
        .size
        .map(|size| format!("{}:{}", size.width, size.height));
    let shape = request
        .aspect_ratio
        .map(|ratio| format!("{}:{}", ratio.width, ratio.height));
    let class = request.resolution.as_deref();
    if rule.open {
        frame.ratio = size.or(shape);
        frame.resolution = class.map(str::to_owned);
        return Ok(frame);
    }
    if let Some(class) = class {
        let same = |offered: &&String| offered.eq_ignore_ascii_case(class);
        frame.resolution = rule.resolutions.iter().find(same).cloned();
    }
    if rule.ratios.is_empty() {
        frame.ignored.extend(size.map(|_| "size"));
        frame.ignored.extend(shape.map(|_| "aspect-ratio"));
    } else if let Some(size) = size {
        frame.ratio = Some(of_size(&size, request, rule)?);
        // The size says it all.
        frame.ignored.extend(shape.map(|_| "aspect-ratio"));
    } else if shape.is_some() || class.is_some() {
        let usual = || text_field(&Value::Object(rule.always.clone()), &rule.ratio_field);
        let wanted = shape.clone().or_else(usual);
        let wanted = wanted.unwrap_or_else(|| "16:9".to_owned());
        frame.ratio = match of_shape(&wanted, class, rule) {
            None if shape.is_some() => return Err(none(&wanted, request, rule)),
            // A class alone says nothing of proportions, which are left to the model where it has no pixels to choose from.
            Some(ratio) if shape.is_none() && !is_pixels(&ratio) => None,
            found => found,
        };
    }
    let by_pixels = |class: &str| {
        let sides = frame.ratio.as_deref().and_then(Sides::read);
        sides.is_some_and(|sides| sides.are_pixels() && sides.off(class) <= SAME_CLASS)
    };
    if class.is_some_and(|class| frame.resolution.is_none() && !by_pixels(class)) {
        frame.ignored.push("resolution");
    }
    Ok(frame)
}

fn is_pixels(ratio: &str) -> bool {
    Sides::read(ratio).is_some_and(Sides::are_pixels)
}

/// The ratio for a size: that very one, or its proportions where the API takes no pixels.
fn of_size(size: &str, request: &Request, rule: &Rule) -> Result<String> {
    if let Some(ratio) = rule.ratios.iter().find(|ratio| *ratio == size) {
        return Ok(ratio.clone());
    }
    let proportions = || of_shape(size, None, rule).filter(|ratio| !is_pixels(ratio));
    proportions().ok_or_else(|| none(&size.replace(':', "x"), request, rule))
}

/// The ratio of a shape, of those that come closest to a class.
fn of_shape(shape: &str, class: Option<&str>, rule: &Rule) -> Option<String> {
    let wanted = Sides::read(shape)?;
    let offered = rule
        .ratios
        .iter()
        .filter_map(|ratio| Some((ratio, Sides::read(ratio)?)));
    let class = class.unwrap_or(USUAL_CLASS);
    offered
        .filter(|(_, sides)| sides.same_shape(wanted))
        .min_by(|(_, one), (_, other)| one.off(class).total_cmp(&other.off(class)))
        .map(|(ratio, _)| ratio.clone())
}

fn none(wanted: &str, request: &Request, rule: &Rule) -> Failure {
    let offered: Vec<String> = rule
        .ratios
        .iter()
        .map(|ratio| {
            if is_pixels(ratio) {
                ratio.replace(':', "x")
            } else {
                ratio.clone()
            }
        })
        .collect();
    Failure::unsupported(format!(
        "{} makes no film of {wanted} from that; it makes {}",
        request.model,
        offered.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::tests::request;
    use crate::rules::tests::of_manifest;
    use crate::rules::{From, rule};
    use chela_sdk::{AspectRatio, Dimensions, FailureKind};

    fn chosen(
        model: &str,
        from: From,
        size: Option<(u32, u32)>,
        ratio: Option<(u32, u32)>,
        class: Option<&str>,
    ) -> Result<(Option<String>, Option<String>, Vec<&'static str>)> {
        let rules = of_manifest();
        let rule = rule(&rules, model, from).expect("a rule");
        let request = Request {
            size: size.map(|(width, height)| Dimensions { width, height }),
            aspect_ratio: ratio.map(|(width, height)| AspectRatio { width, height }),
            resolution: class.map(str::to_owned),
            ..request(model)
        };
        let Frame {
            ratio,
            resolution,
            ignored,
        } = choose(&request, &rule)?;
        Ok((ratio, resolution, ignored))
    }

    #[test]
    fn every_way_of_saying_it_finds_the_one_word() {
        let text = From::Text;
        let some = |text: &str| Some(text.to_owned());
        for (model, from, size, ratio, class, found) in [
            ("gen4.5", text, None, None, None, (None, None, vec![])),
            (
                "gen4.5",
                text,
                Some((720, 1280)),
                None,
                None,
                (some("720:1280"), None, vec![]),
            ),
            (
                "gen4.5",
                text,
                None,
                Some((9, 16)),
                None,
                (some("720:1280"), None, vec![]),
            ),
            (
                "gen4.5",
                From::Image,
                None,
                Some((4, 3)),
                None,
                (some("1104:832"), None, vec![]),
            ),
            (
                "gen4.5",
                From::Image,
                None,
                Some((21, 9)),
                None,
                (some("1584:672"), None, vec![]),
            ),
            (
                "gen4.5",
                text,
                None,
                None,
                Some("720P"),
                (some("1280:720"), None, vec![]),
            ),
            (
                "gen4.5",
                text,
                None,
                None,
                Some("1080P"),
                (some("1280:720"), None, vec!["resolution"]),
            ),
            (
                "veo3.1",
                text,
                None,
                Some((16, 9)),
                Some("1080P"),
                (some("1920:1080"), None, vec![]),
            ),
            (
                "veo3.1",
                text,
                None,
                Some((9, 16)),
                None,
                (some("720:1280"), None, vec![]),
            ),
            (
                "seedance2",
                text,
                None,
                Some((21, 9)),
                Some("480P"),
                (some("992:432"), None, vec![]),
            ),
            (
                "seedance2",
                text,
                None,
                Some((16, 9)),
                Some("4K"),
                (some("3840:2160"), None, vec![]),
            ),
            (
                "seedance2",
                text,
                None,
                None,
                Some("480P"),
                (some("864:496"), None, vec![]),
            ),
            (
                "hailuo3",
                text,
                None,
                Some((16, 9)),
                Some("2K"),
                (some("16:9"), some("2K"), vec![]),
            ),
            (
                "hailuo3",
                text,
                Some((1280, 720)),
                None,
                None,
                (some("16:9"), None, vec![]),
            ),
            (
                "hailuo3",
                text,
                None,
                None,
                Some("768P"),
                (None, some("768P"), vec![]),
            ),
            (
                "hailuo3",
                text,
                None,
                None,
                Some("1080P"),
                (None, None, vec!["resolution"]),
            ),
            (
                "happyhorse_1_0",
                From::Image,
                Some((1280, 720)),
                None,
                Some("1080P"),
                (None, some("1080P"), vec!["size"]),
            ),
            (
                "gemini_omni_flash",
                From::Film,
                None,
                Some((1, 1)),
                None,
                (None, None, vec!["aspect-ratio"]),
            ),
            (
                "aleph2",
                From::Film,
                None,
                Some((3, 2)),
                None,
                (some("3:2"), None, vec![]),
            ),
            (
                "gen9",
                text,
                Some((10, 20)),
                None,
                Some("8K"),
                (some("10:20"), some("8K"), vec![]),
            ),
            (
                "gen9",
                text,
                None,
                Some((3, 2)),
                None,
                (some("3:2"), None, vec![]),
            ),
        ] {
            let got = chosen(model, from, size, ratio, class).expect(model);
            assert_eq!(got, found, "{model} {size:?} {ratio:?} {class:?}");
        }
    }

    #[test]
    fn another_shape_is_not_made_instead() {
        for (model, size, ratio) in [
            ("gen4.5", Some((960, 960)), None),
            ("gen4.5", Some((1920, 1080)), None),
            ("gen4.5", None, Some((1, 1))),
            ("veo3.1", None, Some((4, 3))),
        ] {
            let failure = chosen(model, From::Text, size, ratio, None).expect_err(model);
            assert_eq!(failure.kind, FailureKind::Unsupported);
            assert!(failure.message.contains("1280x720"), "{}", failure.message);
        }
    }
}
