//! Colours, and the words for them.

use crate::dice::Dice;

/// Red, green, blue, in sRGB.
pub(super) type Rgb = [u8; 3];

const NAMED: &[(&str, Rgb)] = &[
    ("red", [214, 56, 50]),
    ("crimson", [170, 24, 50]),
    ("orange", [240, 140, 40]),
    ("amber", [255, 190, 60]),
    ("gold", [222, 174, 60]),
    ("yellow", [250, 214, 70]),
    ("lime", [160, 210, 60]),
    ("green", [62, 152, 84]),
    ("teal", [30, 140, 140]),
    ("turquoise", [64, 200, 190]),
    ("cyan", [80, 200, 230]),
    ("blue", [48, 104, 206]),
    ("navy", [30, 46, 110]),
    ("indigo", [72, 62, 170]),
    ("violet", [130, 84, 200]),
    ("purple", [120, 60, 160]),
    ("magenta", [200, 50, 150]),
    ("pink", [240, 140, 170]),
    ("brown", [124, 84, 56]),
    ("beige", [232, 220, 194]),
    ("white", [246, 246, 242]),
    ("silver", [190, 194, 200]),
    ("gray", [128, 132, 138]),
    ("grey", [128, 132, 138]),
    ("black", [28, 28, 32]),
];

/// The colour that a word names.
pub(super) fn named(word: &str) -> Option<Rgb> {
    let found = NAMED
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, colour)| *colour)
}

/// The words of a prompt, without what stands around them.
pub(super) fn words(prompt: &str) -> impl Iterator<Item = &str> {
    prompt
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The colours of a picture.
pub(super) struct Palette {
    /// Upper and lower edge of the ground.
    pub(super) ground: [Rgb; 2],
    /// From the farthest layer to the nearest; the last is the figure's.
    pub(super) layers: Vec<Rgb>,
    /// What catches the eye.
    pub(super) accent: Rgb,
}

/// Colours from the prompt's words where it has some (`blue square on a white background`), from the dice where not.
pub(super) fn palette(prompt: &str, dice: &mut Dice) -> Palette {
    let mut figure = None;
    let mut ground = None;
    let mut words = words(prompt).peekable();
    while let Some(word) = words.next() {
        let Some(colour) = named(word) else { continue };
        let before_ground = words.peek().is_some_and(|next| {
            ["background", "sky", "ground", "backdrop"]
                .iter()
                .any(|ground| next.eq_ignore_ascii_case(ground))
        });
        if before_ground {
            ground = Some(colour);
        } else {
            figure = figure.or(Some(colour));
        }
    }
    let hue = dice.between(0.0, 360.0);
    let turn = [28.0, -28.0, 150.0, 180.0][dice.choose(4)];
    let accent = figure.unwrap_or_else(|| from_hsl(hue + turn, 0.72, 0.56));
    let layers = (0..4)
        .map(|layer| {
            let depth = layer as f32 / 3.0;
            let drawn = from_hsl(hue + 12.0 * depth, 0.30 + 0.15 * depth, 0.66 - 0.40 * depth);
            figure.map_or(drawn, |colour| mix(drawn, colour, 0.35))
        })
        .collect();
    let ground = match ground {
        Some(colour) => [colour, colour],
        None => [
            from_hsl(hue - 20.0, 0.55, 0.90),
            from_hsl(hue + 24.0, 0.62, 0.78),
        ],
    };
    Palette {
        ground,
        layers,
        accent,
    }
}

/// `part` of `to` and the rest of `from`.
pub(super) fn mix(from: Rgb, to: Rgb, part: f32) -> Rgb {
    std::array::from_fn(|channel| {
        let (from, to) = (f32::from(from[channel]), f32::from(to[channel]));
        (from + (to - from) * part).round() as u8
    })
}

/// A colour by hue (degrees), saturation and lightness (0 to 1).
pub(super) fn from_hsl(hue: f32, saturation: f32, lightness: f32) -> Rgb {
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|offset| {
        let place = (offset + hue.rem_euclid(360.0) / 30.0) % 12.0;
        let value = lightness - reach * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::{from_hsl, mix, named, palette};
    use crate::dice::Dice;

    #[test]
    fn hues_are_where_they_belong() {
        assert_eq!(from_hsl(0.0, 1.0, 0.5), [255, 0, 0]);
        assert_eq!(from_hsl(120.0, 1.0, 0.5), [0, 255, 0]);
        assert_eq!(from_hsl(-120.0, 1.0, 0.5), [0, 0, 255]);
        assert_eq!(from_hsl(77.0, 0.0, 0.5), [128, 128, 128]);
        assert_eq!(mix([0, 100, 200], [100, 100, 0], 0.5), [50, 100, 100]);
    }

    #[test]
    fn the_ground_has_its_own_word() {
        let palette = palette("A RED ball, on a white background", &mut Dice::new(1));
        assert_eq!(Some(palette.accent), named("red"));
        assert_eq!(Some(palette.ground[0]), named("white"));
    }
}
