//! What is drawn: a ground, layers of land, and a figure that the prompt can name.

use std::f32::consts::TAU;

use super::canvas::{Canvas, Point};
use super::colour::{Palette, mix, palette, words};
use crate::dice::Dice;

/// What stands in the middle.
#[derive(Clone, Copy)]
enum Figure {
    Disc,
    Square,
    Triangle,
    Hexagon,
    Star,
    Rings,
}

const FIGURES: [Figure; 6] = [
    Figure::Disc,
    Figure::Square,
    Figure::Triangle,
    Figure::Hexagon,
    Figure::Star,
    Figure::Rings,
];

const NAMES: &[(&str, Figure)] = &[
    ("circle", Figure::Disc),
    ("ball", Figure::Disc),
    ("sun", Figure::Disc),
    ("moon", Figure::Disc),
    ("dot", Figure::Disc),
    ("square", Figure::Square),
    ("box", Figure::Square),
    ("cube", Figure::Square),
    ("triangle", Figure::Triangle),
    ("mountain", Figure::Triangle),
    ("pyramid", Figure::Triangle),
    ("hexagon", Figure::Hexagon),
    ("crystal", Figure::Hexagon),
    ("star", Figure::Star),
    ("flower", Figure::Star),
    ("ring", Figure::Rings),
    ("wave", Figure::Rings),
    ("target", Figure::Rings),
];

/// Draws what a prompt and a seed say.
pub(super) fn draw(prompt: &str, seed: u64, width: u32, height: u32, transparent: bool) -> Canvas {
    let mut dice = Dice::new(seed);
    let palette = palette(prompt, &mut dice);
    let named = named_figure(prompt);
    let mut canvas = Canvas::new(width, height);
    if !transparent {
        canvas.fill(palette.ground[0], palette.ground[1]);
    }
    // A named figure is what was asked for; it stands alone. Otherwise it is a sun over hills.
    match named {
        Some(figure) => {
            let short = width.min(height) as f32;
            let middle = (width as f32 / 2.0, height as f32 / 2.0);
            let radius = short * dice.between(0.30, 0.38);
            place(&mut canvas, figure, middle, radius, 0.0, &palette);
        }
        None => landscape(&mut canvas, &palette, &mut dice),
    }
    canvas
}

fn named_figure(prompt: &str) -> Option<Figure> {
    words(prompt).find_map(|word| {
        let word = word.strip_suffix(['s', 'S']).unwrap_or(word);
        let found = NAMES
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name));
        found.map(|(_, figure)| *figure)
    })
}

fn landscape(canvas: &mut Canvas, palette: &Palette, dice: &mut Dice) {
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let short = width.min(height);
    for _ in 0..5 {
        let at = (dice.between(0.0, width), dice.between(0.0, height * 0.6));
        let radius = short * dice.between(0.03, 0.12);
        let colour = mix(palette.ground[1], palette.accent, dice.between(0.1, 0.5));
        canvas.disc(at, radius, colour, 0.35);
    }
    let figure = FIGURES[dice.choose(FIGURES.len())];
    let at = (
        width * dice.between(0.3, 0.7),
        height * dice.between(0.28, 0.42),
    );
    let radius = short * dice.between(0.16, 0.24);
    let tilt = dice.between(-0.12, 0.12);
    place(canvas, figure, at, radius, tilt, palette);
    let halo = mix(palette.accent, palette.ground[0], 0.4);
    canvas.ring(at, radius * 1.18, radius * 0.05, halo, 0.7);
    let count = palette.layers.len();
    for (layer, colour) in palette.layers.iter().enumerate() {
        let depth = layer as f32 / count as f32;
        let level = height * (0.55 + 0.36 * depth);
        let swing = height * dice.between(0.02, 0.07);
        let waves = dice.between(0.7, 2.2) * TAU / width;
        let shift = dice.between(0.0, TAU);
        let ripple = dice.between(2.5, 4.5);
        canvas.land(*colour, |x| {
            let angle = x * waves + shift;
            level - swing * (sine(angle) + 0.4 * sine(angle * ripple))
        });
    }
}

/// Puts a figure somewhere, turned by `tilt` radians.
fn place(
    canvas: &mut Canvas,
    figure: Figure,
    at: Point,
    radius: f32,
    tilt: f32,
    palette: &Palette,
) {
    let colour = palette.accent;
    let corners = |count: usize, turn: f32, radii: [f32; 2]| -> Vec<Point> {
        (0..count)
            .map(|corner| {
                let angle = turn + tilt + TAU * corner as f32 / count as f32;
                let radius = radius * radii[corner % 2];
                (
                    at.0 + radius * sine(angle + TAU / 4.0),
                    at.1 + radius * sine(angle),
                )
            })
            .collect()
    };
    let up = -TAU / 4.0;
    match figure {
        Figure::Disc => canvas.disc(at, radius, colour, 1.0),
        Figure::Square => canvas.polygon(at, radius, &corners(4, TAU / 8.0, [1.0; 2]), colour, 1.0),
        Figure::Triangle => canvas.polygon(at, radius, &corners(3, up, [1.0; 2]), colour, 1.0),
        Figure::Hexagon => canvas.polygon(at, radius, &corners(6, up, [1.0; 2]), colour, 1.0),
        Figure::Star => canvas.polygon(at, radius, &corners(10, up, [1.0, 0.45]), colour, 1.0),
        Figure::Rings => {
            for ring in 1..=4 {
                let reach = radius * ring as f32 / 4.0;
                canvas.ring(at, reach - radius * 0.06, radius * 0.12, colour, 1.0);
            }
        }
    }
}

/// The sine to a thousandth, by two parabolas. The exact one is 7 KB of code in a component.
fn sine(angle: f32) -> f32 {
    let turn = angle / TAU;
    let turn = turn - turn.round();
    let rough = 8.0 * turn * (1.0 - 2.0 * turn.abs());
    rough * (0.775 + 0.225 * rough.abs())
}

#[cfg(test)]
mod tests {
    use super::sine;

    #[test]
    fn the_sine_is_near_enough() {
        for step in -100_i8..100 {
            let angle = f32::from(step) / 7.0;
            assert!((sine(angle) - angle.sin()).abs() < 0.0015, "{angle}");
        }
    }
}
