//! Pictures on a terminal: by the protocol of kitty, by that of iTerm2, or as half blocks in colour.
//!
//! kitty and iTerm2 decode the file themselves. For half blocks PNG files are decoded here, by a decoder in safe Rust that is held to
//! a size; other formats are not drawn that way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chela_credentials::Environment;
use png::{BitDepth, ColorType, Decoder, Limits, Transformations};
use std::fmt::Write as _;
use std::io::Cursor;

/// The most bytes of a file that is shown. Larger ones are files to look at, not to send to a terminal.
pub(crate) const LARGEST: u64 = 32 << 20;

/// The most bytes that a decoder may take.
const DECODED: usize = 256 << 20;

/// The most pixels of a picture that is decoded.
const MOST_PIXELS: u64 = 64 << 20;

/// The widest half-block picture in columns; and its most rows of pixels, two a line.
const WIDEST: u32 = 120;
const TALLEST: u32 = 240;

/// The most bytes of base64 that kitty takes in one piece.
const PIECE: usize = 4096;

/// How a terminal shows pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canvas {
    /// <https://sw.kovidgoyal.net/kitty/graphics-protocol/>
    Kitty,
    /// <https://iterm2.com/documentation-images.html>
    Iterm,
    /// Characters of two pixels each, in 24 bits of colour.
    HalfBlocks,
}

impl Canvas {
    /// What the terminal that the variables speak of can; none where it can nothing, or may show no colours. A multiplexer
    /// hands on colours and no protocols.
    pub(crate) fn of(variables: &Environment, no_color: bool) -> Option<Self> {
        let is = |name: &str, values: &[&str]| {
            variables
                .var(name)
                .is_some_and(|value| values.iter().any(|one| value.eq_ignore_ascii_case(one)))
        };
        let set = |name: &str| variables.var(name).is_some_and(|value| !value.is_empty());
        if is("TERM", &["dumb"]) {
            return None;
        }
        if !set("TMUX") && !set("STY") {
            if is("TERM", &["xterm-kitty", "xterm-ghostty"]) || set("KITTY_WINDOW_ID") {
                return Some(Self::Kitty);
            }
            if is("TERM_PROGRAM", &["iTerm.app", "WezTerm"]) {
                return Some(Self::Iterm);
            }
        }
        let in_colour = is("COLORTERM", &["truecolor", "24bit"]);
        (in_colour && !no_color && !set("NO_COLOR")).then_some(Self::HalfBlocks)
    }

    /// The picture as what the terminal is sent, at most so many columns wide.
    ///
    /// # Errors
    ///
    /// A fragment that says why there is none.
    pub(crate) fn draw(self, file: &[u8], columns: u32) -> Result<String, String> {
        let is_png = file.starts_with(b"\x89PNG\r\n\x1a\n");
        match self {
            Self::Iterm => Ok(format!(
                "\x1b]1337;File=inline=1;size={};preserveAspectRatio=1:{}\x07\n",
                file.len(),
                STANDARD.encode(file)
            )),
            _ if !is_png => Err("this terminal is shown PNG files alone".to_owned()),
            Self::Kitty => Ok(kitty(file)),
            Self::HalfBlocks => Ok(Pixels::of(file)?.half_blocks(columns)),
        }
    }
}

/// The file in pieces, all but the last marked as not the last.
fn kitty(file: &[u8]) -> String {
    let encoded = STANDARD.encode(file);
    let mut text = String::with_capacity(encoded.len() + encoded.len() / PIECE * 16 + 64);
    let mut rest = encoded.as_str();
    let mut control = "a=T,f=100,q=2,";
    loop {
        let (piece, left) = rest.split_at(rest.len().min(PIECE));
        let more = u8::from(!left.is_empty());
        // Writing to a string does not fail.
        let _ = write!(text, "\x1b_G{control}m={more};{piece}\x1b\\");
        if left.is_empty() {
            text.push('\n');
            return text;
        }
        (rest, control) = (left, "q=2,");
    }
}

/// A decoded picture: rows of red, green and blue, over black where it is transparent.
struct Pixels {
    width: u32,
    height: u32,
    rgb: Vec<[u8; 3]>,
}

impl Pixels {
    fn of(file: &[u8]) -> Result<Self, String> {
        let limits = Limits { bytes: DECODED };
        let mut decoder = Decoder::new_with_limits(Cursor::new(file), limits);
        decoder.set_transformations(Transformations::normalize_to_color8());
        let said = |error: png::DecodingError| format!("it cannot be decoded: {error}");
        let mut reader = decoder.read_info().map_err(said)?;
        let (width, height) = reader.info().size();
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(format!("it has more than {MOST_PIXELS} pixels"));
        }
        let size = reader
            .output_buffer_size()
            .filter(|size| *size <= DECODED)
            .ok_or("it is too large to be decoded")?;
        let mut bytes = vec![0; size];
        let frame = reader.next_frame(&mut bytes).map_err(said)?;
        if frame.bit_depth != BitDepth::Eight {
            return Err("its colours are of an odd depth".to_owned());
        }
        let over = |value: u8, alpha: u8| {
            u8::try_from(u16::from(value) * u16::from(alpha) / 255).unwrap_or(u8::MAX)
        };
        let rgb: Vec<[u8; 3]> = match frame.color_type {
            ColorType::Rgb => bytes.as_chunks().0.to_vec(),
            ColorType::Rgba => {
                let pixels = bytes.as_chunks().0.iter();
                pixels
                    .map(|[r, g, b, a]| [over(*r, *a), over(*g, *a), over(*b, *a)])
                    .collect()
            }
            ColorType::Grayscale => bytes.iter().map(|grey| [*grey; 3]).collect(),
            ColorType::GrayscaleAlpha => {
                let pixels = bytes.as_chunks().0.iter();
                pixels.map(|[grey, a]| [over(*grey, *a); 3]).collect()
            }
            ColorType::Indexed => return Err("its colours are not spelt out".to_owned()),
        };
        if rgb.len() < width as usize * height as usize || rgb.is_empty() {
            return Err("it holds fewer pixels than it says".to_owned());
        }
        Ok(Self { width, height, rgb })
    }

    /// The mean colour of one of `of` equal parts of each side.
    fn mean(&self, (x, columns): (u32, u32), (y, rows): (u32, u32)) -> [u8; 3] {
        let part = |at: u32, of: u32, length: u32| {
            let from = u64::from(at) * u64::from(length) / u64::from(of);
            let to = (u64::from(at) + 1) * u64::from(length) / u64::from(of);
            from as usize..(to.max(from + 1) as usize).min(length as usize)
        };
        let mut sums = [0u64; 3];
        let mut count = 0;
        for row in part(y, rows, self.height) {
            for column in part(x, columns, self.width) {
                let pixel = self.rgb[row * self.width as usize + column];
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += u64::from(value);
                }
                count += 1;
            }
        }
        sums.map(|sum| u8::try_from(sum / u64::max(count, 1)).unwrap_or(u8::MAX))
    }

    fn half_blocks(&self, columns: u32) -> String {
        let columns = columns.clamp(1, WIDEST).min(self.width);
        let scaled = u64::from(self.height) * u64::from(columns) / u64::from(self.width);
        let rows = u32::try_from(scaled).unwrap_or(TALLEST).clamp(1, TALLEST);
        let mut text = String::new();
        for y in (0..rows).step_by(2) {
            for x in 0..columns {
                let [r, g, b] = self.mean((x, columns), (y, rows));
                // Writing to a string does not fail.
                let _ = write!(text, "\x1b[38;2;{r};{g};{b}m");
                if y + 1 < rows {
                    let [r, g, b] = self.mean((x, columns), (y + 1, rows));
                    let _ = write!(text, "\x1b[48;2;{r};{g};{b}m");
                }
                text.push('▀');
            }
            text.push_str("\x1b[0m\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Canvas, LARGEST, PIECE};
    use chela_credentials::Environment;
    use proptest::prelude::*;

    fn png(width: u32, height: u32, colour: png::ColorType, pixel: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(colour);
        let mut writer = encoder.write_header().expect("a header");
        let pixels = pixel.repeat(width as usize * height as usize);
        writer.write_image_data(&pixels).expect("pixels");
        writer.finish().expect("an end");
        bytes
    }

    #[test]
    fn the_terminal_says_what_it_can() {
        let canvas = |variables: &[(&str, &str)], no_color| {
            let variables = variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Canvas::of(&Environment::new(variables), no_color)
        };
        let colour = ("COLORTERM", "truecolor");
        for (variables, no_color, can) in [
            (
                &[("TERM", "xterm-kitty"), colour][..],
                true,
                Some(Canvas::Kitty),
            ),
            (&[("TERM_PROGRAM", "iTerm.app")], false, Some(Canvas::Iterm)),
            (
                &[("TERM", "xterm-kitty"), ("TMUX", "/tmp/t"), colour],
                false,
                Some(Canvas::HalfBlocks),
            ),
            (
                &[("TERM", "xterm-256color"), colour],
                false,
                Some(Canvas::HalfBlocks),
            ),
            (&[("TERM", "xterm-256color"), colour], true, None),
            (&[("NO_COLOR", "1"), colour], false, None),
            (&[("TERM", "dumb"), ("KITTY_WINDOW_ID", "1")], false, None),
            (&[("TERM", "xterm")], false, None),
            (&[], false, None),
        ] {
            assert_eq!(canvas(variables, no_color), can, "{variables:?}");
        }
    }

    #[test]
    fn colours_are_those_of_the_picture() {
        use png::ColorType::{Grayscale, GrayscaleAlpha, Rgb, Rgba};
        for (colour, pixel, shown) in [
            (Rgb, &[200, 100, 50][..], "200;100;50"),
            (Rgba, &[200, 100, 50, 0], "0;0;0"),
            (Grayscale, &[7], "7;7;7"),
            (GrayscaleAlpha, &[100, 128], "50;50;50"),
        ] {
            let file = png(4, 3, colour, pixel);
            let text = Canvas::HalfBlocks.draw(&file, 80).expect("a picture");
            assert_eq!(text.lines().count(), 2, "three rows, two a line");
            assert_eq!(text.matches('▀').count(), 8);
            assert!(
                text.starts_with(&format!("\x1b[38;2;{shown}m\x1b[48;2;{shown}m")),
                "{text:?}"
            );
            assert!(text.ends_with("\x1b[0m\n"));
        }
        // Wider than the terminal: scaled. As tall as a tower: cut to what one scrolls.
        let wide = png(400, 2, Rgb, &[1, 2, 3]);
        assert_eq!(
            Canvas::HalfBlocks
                .draw(&wide, 10)
                .expect("drawn")
                .matches('▀')
                .count(),
            10
        );
        let tall = png(1, 5000, Grayscale, &[9]);
        assert_eq!(
            Canvas::HalfBlocks
                .draw(&tall, 80)
                .expect("drawn")
                .lines()
                .count(),
            120
        );
    }

    #[test]
    fn protocols_get_the_file_as_it_is() {
        let file = png(40, 40, png::ColorType::Rgb, &[1, 2, 3]);
        let mut large = file.clone();
        large.resize(3 * PIECE, 0);
        let text = Canvas::Kitty.draw(&large, 80).expect("drawn");
        assert_eq!(text.matches("\x1b_G").count(), 4);
        assert_eq!(text.matches("m=1;").count(), 3);
        assert!(text.starts_with("\x1b_Ga=T,f=100,q=2,m=1;iVBOR"));
        let text = Canvas::Iterm.draw(b"GIF89a", 80).expect("drawn");
        assert_eq!(
            text,
            "\x1b]1337;File=inline=1;size=6;preserveAspectRatio=1:R0lGODlh\x07\n"
        );
        assert!(Canvas::Kitty.draw(b"GIF89a", 80).is_err());
    }

    #[test]
    fn a_bomb_is_not_decoded() {
        // A header that promises four thousand million pixels.
        let mut bomb = png(1, 1, png::ColorType::Rgb, &[1, 2, 3]);
        bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        assert!(Canvas::HalfBlocks.draw(&bomb, 80).is_err());
        assert!(LARGEST < u64::from(u32::MAX));
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_nothing_panics(
            junk in prop::collection::vec(any::<u8>(), 0..64), cut in 0usize..200, at in 0usize..200, columns in any::<u32>()
        ) {
            let mut file = png(3, 5, png::ColorType::Rgba, &[9, 8, 7, 6]);
            let at = at.min(file.len());
            file.splice(at..at, junk);
            file.truncate(file.len().saturating_sub(cut));
            for canvas in [Canvas::Kitty, Canvas::Iterm, Canvas::HalfBlocks] {
                let _ = canvas.draw(&file, columns);
            }
        }
    }
}
