//! Sizes, aspect ratios, resolution classes and formats: reading them, and finding the closest that is supported.

use std::fmt;
use std::str::FromStr;

/// The longest side that is taken, in pixels. No provider comes near; a product of two such sides fits everywhere.
const LONGEST_SIDE: u32 = 65_535;

/// Why a text is no geometry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    /// It is no size.
    #[error("a size is width x height in pixels, such as 1024x1536, with sides from 1 to 65535")]
    Size,
    /// It is no aspect ratio.
    #[error("an aspect ratio is width:height, such as 16:9, with numbers from 1 to 65535")]
    AspectRatio,
}

/// Width and height in pixels; neither is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    width: u32,
    height: u32,
}

/// A ratio of width to height; neither side is zero. `2:4` and `1:2` are different spellings and not equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AspectRatio {
    width: u32,
    height: u32,
}

impl Size {
    /// A size with these sides, from 1 to 65535.
    ///
    /// # Errors
    ///
    /// [`GeometryError::Size`] for a side out of that range.
    pub fn new(width: u32, height: u32) -> Result<Self, GeometryError> {
        let (width, height) = sides(width, height).ok_or(GeometryError::Size)?;
        Ok(Self { width, height })
    }

    /// Pixels from left to right.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(self) -> u32 {
        self.height
    }

    fn shape(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }

    fn area(self) -> f64 {
        f64::from(self.width) * f64::from(self.height)
    }

    /// The resolution class that a picture of this size belongs to, such as `2K`.
    fn class(self) -> &'static str {
        match self.width.max(self.height) {
            0..=1535 => "1K",
            1536..=3071 => "2K",
            _ => "4K",
        }
    }
}

impl AspectRatio {
    /// A ratio of these numbers, from 1 to 65535.
    ///
    /// # Errors
    ///
    /// [`GeometryError::AspectRatio`] for a number out of that range.
    pub fn new(width: u32, height: u32) -> Result<Self, GeometryError> {
        let (width, height) = sides(width, height).ok_or(GeometryError::AspectRatio)?;
        Ok(Self { width, height })
    }

    /// The width's share.
    pub fn width(self) -> u32 {
        self.width
    }

    /// The height's share.
    pub fn height(self) -> u32 {
        self.height
    }

    fn shape(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }
}

fn sides(width: u32, height: u32) -> Option<(u32, u32)> {
    let fits = |side| (1..=LONGEST_SIDE).contains(&side);
    (fits(width) && fits(height)).then_some((width, height))
}

fn split(text: &str, separators: &[char]) -> Option<(u32, u32)> {
    let (left, right) = text.split_once(separators)?;
    // `parse` takes a plus sign; a size has none.
    let number = |text: &str| {
        if text.starts_with('+') {
            None
        } else {
            text.parse().ok()
        }
    };
    sides(number(left)?, number(right)?)
}

impl FromStr for Size {
    type Err = GeometryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (width, height) = split(text, &['x', 'X', '×']).ok_or(GeometryError::Size)?;
        Ok(Self { width, height })
    }
}

impl FromStr for AspectRatio {
    type Err = GeometryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (width, height) = split(text, &[':']).ok_or(GeometryError::AspectRatio)?;
        Ok(Self { width, height })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl fmt::Display for AspectRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.width, self.height)
    }
}

/// How far two positive numbers are apart, as a factor: twice as much is as far as half.
fn apart(a: f64, b: f64) -> f64 {
    (a / b).ln().abs()
}

/// The first of the smallest.
fn nearest<T: Copy>(
    values: impl IntoIterator<Item = T>,
    distance: impl Fn(T) -> (f64, f64),
) -> Option<T> {
    values.into_iter().min_by(|a, b| {
        let (a, b) = (distance(*a), distance(*b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    })
}

/// The supported size closest to the one wanted: by aspect ratio, then by area.
pub(crate) fn closest_size(wanted: Size, supported: &[Size]) -> Option<Size> {
    nearest(supported.iter().copied(), |size| {
        (
            apart(size.shape(), wanted.shape()),
            apart(size.area(), wanted.area()),
        )
    })
}

/// The supported size closest to a ratio, and among those the one closest to an area of `pixels`.
pub(crate) fn size_for_ratio(wanted: AspectRatio, pixels: f64, supported: &[Size]) -> Option<Size> {
    nearest(supported.iter().copied(), |size| {
        (
            apart(size.shape(), wanted.shape()),
            apart(size.area(), pixels),
        )
    })
}

/// The supported ratio closest to the one wanted.
pub(crate) fn closest_ratio(wanted: AspectRatio, supported: &[AspectRatio]) -> Option<AspectRatio> {
    nearest(supported.iter().copied(), |ratio| {
        (apart(ratio.shape(), wanted.shape()), 0.0)
    })
}

/// The supported ratio closest to the shape of a size.
pub(crate) fn ratio_for_size(wanted: Size, supported: &[AspectRatio]) -> Option<AspectRatio> {
    nearest(supported.iter().copied(), |ratio| {
        (apart(ratio.shape(), wanted.shape()), 0.0)
    })
}

/// Resolution classes in their order. Pictures and films have classes of their own and are never mixed.
const CLASSES: [&[&str]; 2] = [
    &["1K", "2K", "4K"],
    &[
        "360P", "480P", "540P", "720P", "768P", "1080P", "1440P", "2160P",
    ],
];

/// The supported class closest to the one wanted, by order; of two equally close ones the lower, which costs less.
pub(crate) fn closest_class<'a>(wanted: &str, supported: &'a [String]) -> Option<&'a str> {
    if let Some(same) = supported
        .iter()
        .find(|class| class.eq_ignore_ascii_case(wanted))
    {
        return Some(same);
    }
    let order = CLASSES
        .iter()
        .find(|order| order.iter().any(|class| class.eq_ignore_ascii_case(wanted)))?;
    let place = |class: &str| {
        order
            .iter()
            .position(|known| known.eq_ignore_ascii_case(class))
    };
    let wanted = place(wanted)?;
    supported
        .iter()
        .filter_map(|class| Some((place(class)?, class)))
        .min_by_key(|(place, _)| (place.abs_diff(wanted), *place))
        .map(|(_, class)| class.as_str())
}

/// The supported class closest to that of a size. Pictures are classed by their longer side, films by their shorter one.
pub(crate) fn class_for_size(size: Size, supported: &[String]) -> Option<&str> {
    let lines = |class: &str| class.strip_suffix('P')?.parse().ok();
    let short = f64::from(size.width.min(size.height));
    let film = nearest(
        supported
            .iter()
            .filter_map(|class| Some((lines(class)?, class.as_str()))),
        |(lines, _): (f64, &str)| (apart(lines, short), lines),
    );
    match film {
        Some((_, class)) => Some(class),
        None => closest_class(size.class(), supported),
    }
}

/// Pixels that a picture or a film of a resolution class has, give or take its shape.
pub(crate) fn class_pixels(class: &str) -> f64 {
    if let Some(lines) = class
        .strip_suffix(['P', 'p'])
        .and_then(|lines| lines.parse::<u32>().ok())
    {
        // Films are measured at 16:9.
        return f64::from(lines) * f64::from(lines) * 16.0 / 9.0;
    }
    match class {
        "4K" => 4096.0 * 4096.0,
        "2K" => 2048.0 * 2048.0,
        _ => 1024.0 * 1024.0,
    }
}

/// The supported format closest to the one wanted: one that keeps transparency and detail before one that does not.
pub(crate) fn closest_format<'a>(wanted: &str, supported: &'a [String]) -> Option<&'a str> {
    let order = match wanted {
        "png" => ["png", "webp", "jpeg"],
        "webp" => ["webp", "png", "jpeg"],
        "jpeg" => ["jpeg", "webp", "png"],
        _ => return None,
    };
    order
        .iter()
        .find_map(|format| supported.iter().find(|known| known == format))
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sizes(texts: &[&str]) -> Vec<Size> {
        texts
            .iter()
            .map(|text| text.parse().expect("a size"))
            .collect()
    }

    fn size(text: &str) -> Size {
        text.parse().expect("a size")
    }

    #[test]
    fn the_closest_size_has_the_closest_shape_then_the_closest_area() {
        let supported = sizes(&["1024x1024", "1536x1024", "1024x1536", "2048x2048"]);
        for (wanted, expected) in [
            ("2160x3840", "1024x1536"),
            ("3840x2160", "1536x1024"),
            ("512x512", "1024x1024"),
            ("4000x4000", "2048x2048"),
            ("1024x1536", "1024x1536"),
            ("1x65535", "1024x1536"),
        ] {
            assert_eq!(
                closest_size(size(wanted), &supported),
                Some(size(expected)),
                "{wanted}"
            );
        }
        assert_eq!(closest_size(size("1x1"), &[]), None);
    }

    #[test]
    fn a_ratio_finds_a_size_of_the_area_asked_for() {
        let supported = sizes(&["512x512", "1024x1024", "2048x2048", "1024x1536"]);
        let square = AspectRatio::new(1, 1).expect("a ratio");
        assert_eq!(
            size_for_ratio(square, class_pixels("1K"), &supported),
            Some(size("1024x1024"))
        );
        assert_eq!(
            size_for_ratio(square, class_pixels("4K"), &supported),
            Some(size("2048x2048"))
        );
        let tall = AspectRatio::new(9, 16).expect("a ratio");
        assert_eq!(
            size_for_ratio(tall, class_pixels("1K"), &supported),
            Some(size("1024x1536"))
        );
    }

    #[test]
    fn classes_are_mapped_by_order_and_never_across_kinds() {
        let list = |classes: &[&str]| {
            classes
                .iter()
                .map(|class| (*class).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(closest_class("4K", &list(&["1K", "2K"])), Some("2K"));
        assert_eq!(
            closest_class("2K", &list(&["4K", "1K"])),
            Some("1K"),
            "of two the lower"
        );
        assert_eq!(closest_class("2k", &list(&["1K", "2K"])), Some("2K"));
        assert_eq!(
            closest_class("768P", &list(&["480P", "1080P"])),
            Some("1080P")
        );
        assert_eq!(closest_class("2K", &list(&["1080P"])), None);
        assert_eq!(closest_class("8K", &list(&["4K"])), None);
    }

    #[test]
    fn a_film_is_classed_by_its_shorter_side_and_a_picture_by_its_longer_one() {
        let list = |classes: &[&str]| -> Vec<String> {
            classes.iter().map(|class| (*class).to_owned()).collect()
        };
        let films = list(&["480P", "720P", "1080P"]);
        for (wanted, class) in [
            ("1280x720", "720P"),
            ("720x1280", "720P"),
            ("1920x1080", "1080P"),
            ("3840x2160", "1080P"),
            ("16x16", "480P"),
        ] {
            assert_eq!(
                class_for_size(size(wanted), &films),
                Some(class),
                "{wanted}"
            );
        }
        assert_eq!(
            class_for_size(size("2048x1152"), &list(&["1K", "2K"])),
            Some("2K")
        );
        assert_eq!(class_for_size(size("1x1"), &[]), None);
        let wide = AspectRatio::new(16, 9).expect("a ratio");
        let supported = sizes(&["1280x720", "1920x1080"]);
        assert_eq!(
            size_for_ratio(wide, class_pixels("1080P"), &supported),
            Some(size("1920x1080"))
        );
    }

    #[test]
    fn formats_keep_transparency_where_they_can() {
        let list = ["jpeg".to_owned(), "webp".to_owned()];
        assert_eq!(closest_format("png", &list), Some("webp"));
        assert_eq!(closest_format("jpeg", &list), Some("jpeg"));
        assert_eq!(closest_format("tiff", &list), None);
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "x",
            "1024",
            "1024x",
            "x1024",
            "0x1",
            "1x0",
            "65536x1",
            "-1x1",
            "+1x1",
            "1 x 1",
            "1x1x1",
            "99999999999x1",
        ] {
            assert_eq!(text.parse::<Size>(), Err(GeometryError::Size), "{text}");
        }
        for text in ["", ":", "16", "16:", "0:1", "1:65536", "16x9", "1.85:1"] {
            assert_eq!(
                text.parse::<AspectRatio>(),
                Err(GeometryError::AspectRatio),
                "{text}"
            );
        }
        assert_eq!(
            "10×20".parse(),
            Ok(Size {
                width: 10,
                height: 20
            })
        );
    }

    fn any_size() -> impl Strategy<Value = Size> {
        (1..=LONGEST_SIDE, 1..=LONGEST_SIDE).prop_map(|(width, height)| Size { width, height })
    }

    fn any_ratio() -> impl Strategy<Value = AspectRatio> {
        (1..=LONGEST_SIDE, 1..=LONGEST_SIDE)
            .prop_map(|(width, height)| AspectRatio { width, height })
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_what_is_read_is_written_alike(text in "[0-9x×X:+ -]{0,14}") {
            if let Ok(size) = text.parse::<Size>() {
                prop_assert_eq!(size.to_string().parse::<Size>(), Ok(size));
            }
            if let Ok(ratio) = text.parse::<AspectRatio>() {
                prop_assert_eq!(ratio.to_string().parse::<AspectRatio>(), Ok(ratio));
            }
        }

        #[test]
        fn any_text_at_all_is_read_without_a_panic(text: String) {
            let _ = (text.parse::<Size>(), text.parse::<AspectRatio>());
            let _ = (closest_class(&text, std::slice::from_ref(&text)), closest_format(&text, &[]));
        }

        #[test]
        fn what_is_applied_is_supported_and_what_is_supported_is_applied(
            wanted in any_size(), supported in proptest::collection::vec(any_size(), 1..8),
        ) {
            let applied = closest_size(wanted, &supported).expect("there is one");
            prop_assert!(supported.contains(&applied));
            let mut with = supported.clone();
            with.push(wanted);
            prop_assert_eq!(closest_size(wanted, &with), Some(wanted));
            prop_assert!(supported.iter().all(|size| apart(applied.shape(), wanted.shape()) <= apart(size.shape(), wanted.shape())));
        }

        #[test]
        fn ratios_are_mapped_to_supported_ones(
            wanted in any_ratio(), size in any_size(), supported in proptest::collection::vec(any_ratio(), 1..8),
        ) {
            prop_assert!(supported.contains(&closest_ratio(wanted, &supported).expect("there is one")));
            prop_assert!(supported.contains(&ratio_for_size(size, &supported).expect("there is one")));
        }
    }
}
