//! Pixels, and shapes with smooth edges.

use super::colour::{Rgb, mix};

/// A picture in memory: red, green, blue, alpha, a byte each, rows from the top.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// A point, in pixels from the upper left corner.
pub(super) type Point = (f32, f32);

impl Canvas {
    /// A canvas with nothing on it.
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self::from_pixels(width, height, vec![0; width as usize * height as usize * 4])
    }

    /// A canvas of these pixels, four bytes each.
    pub(super) fn from_pixels(width: u32, height: u32, pixels: Vec<u8>) -> Self {
        debug_assert_eq!(pixels.len(), width as usize * height as usize * 4);
        Self {
            width,
            height,
            pixels,
        }
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }

    pub(super) fn height(&self) -> u32 {
        self.height
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.pixels
    }

    pub(super) fn pixel(&self, x: u32, y: u32) -> [u8; 4] {
        let at = self.place(x, y);
        std::array::from_fn(|channel| self.pixels[at + channel])
    }

    pub(super) fn set(&mut self, x: u32, y: u32, pixel: [u8; 4]) {
        let at = self.place(x, y);
        self.pixels[at..at + 4].copy_from_slice(&pixel);
    }

    /// Lays a colour over a pixel, `opacity` from 0 to 1.
    fn blend(&mut self, x: u32, y: u32, colour: Rgb, opacity: f32) {
        let [red, green, blue, alpha] = self.pixel(x, y);
        let under = f32::from(alpha) / 255.0;
        let over = opacity + under * (1.0 - opacity);
        if over <= 0.0 {
            return;
        }
        let [red, green, blue] = mix([red, green, blue], colour, opacity / over);
        self.set(x, y, [red, green, blue, (over * 255.0).round() as u8]);
    }

    /// Fills everything, from one colour at the top to another at the bottom.
    pub(super) fn fill(&mut self, top: Rgb, bottom: Rgb) {
        for y in 0..self.height {
            let [red, green, blue] = mix(top, bottom, y as f32 / self.height as f32);
            for x in 0..self.width {
                self.set(x, y, [red, green, blue, 255]);
            }
        }
    }

    /// Fills everything below a line that gives a height for each column.
    pub(super) fn land(&mut self, colour: Rgb, line: impl Fn(f32) -> f32) {
        for x in 0..self.width {
            let edge = line(x as f32 + 0.5);
            for y in (edge.max(0.0) as u32)..self.height {
                let cover = (y as f32 + 1.0 - edge).clamp(0.0, 1.0);
                self.blend(x, y, colour, cover);
            }
        }
    }

    /// Draws a disc.
    pub(super) fn disc(&mut self, (x, y): Point, radius: f32, colour: Rgb, opacity: f32) {
        self.shape((x, y), radius, colour, opacity, |(px, py)| {
            ((px - x).powi(2) + (py - y).powi(2)).sqrt() - radius
        });
    }

    /// Draws a ring, `thickness` from its inner to its outer edge.
    pub(super) fn ring(
        &mut self,
        (x, y): Point,
        radius: f32,
        thickness: f32,
        colour: Rgb,
        opacity: f32,
    ) {
        self.shape((x, y), radius + thickness, colour, opacity, |(px, py)| {
            (((px - x).powi(2) + (py - y).powi(2)).sqrt() - radius).abs() - thickness / 2.0
        });
    }

    /// Draws a polygon whose corners lie within `reach` of its centre.
    pub(super) fn polygon(
        &mut self,
        centre: Point,
        reach: f32,
        corners: &[Point],
        colour: Rgb,
        opacity: f32,
    ) {
        self.shape(centre, reach, colour, opacity, |point| {
            distance(point, corners)
        });
    }

    /// Draws what a function gives a distance to, negative inside. Half a pixel on each side of the edge is blended.
    fn shape(
        &mut self,
        (x, y): Point,
        reach: f32,
        colour: Rgb,
        opacity: f32,
        distance: impl Fn(Point) -> f32,
    ) {
        let span = |middle: f32, length: u32| {
            let from = (middle - reach - 1.0).clamp(0.0, length as f32) as u32;
            let to = (middle + reach + 2.0).clamp(0.0, length as f32) as u32;
            from..to
        };
        let columns = span(x, self.width);
        for row in span(y, self.height) {
            for column in columns.clone() {
                let cover = 0.5 - distance((column as f32 + 0.5, row as f32 + 0.5));
                if cover > 0.0 {
                    self.blend(column, row, colour, opacity * cover.min(1.0));
                }
            }
        }
    }

    fn place(&self, x: u32, y: u32) -> usize {
        (y as usize * self.width as usize + x as usize) * 4
    }
}

/// The distance from a point to the nearest edge of a polygon, negative inside.
fn distance((x, y): Point, corners: &[Point]) -> f32 {
    let mut nearest = f32::MAX;
    let mut inside = false;
    let mut from = corners[corners.len() - 1];
    for &to in corners {
        let (edge_x, edge_y) = (to.0 - from.0, to.1 - from.1);
        let (off_x, off_y) = (x - from.0, y - from.1);
        let along = (off_x * edge_x + off_y * edge_y)
            / (edge_x * edge_x + edge_y * edge_y).max(f32::MIN_POSITIVE);
        let along = along.clamp(0.0, 1.0);
        let (gap_x, gap_y) = (off_x - edge_x * along, off_y - edge_y * along);
        nearest = nearest.min(gap_x * gap_x + gap_y * gap_y);
        // A ray to the right crosses the outline an odd number of times from inside.
        if (from.1 > y) != (to.1 > y) && x < edge_x * (y - from.1) / edge_y + from.0 {
            inside = !inside;
        }
        from = to;
    }
    if inside {
        -nearest.sqrt()
    } else {
        nearest.sqrt()
    }
}
