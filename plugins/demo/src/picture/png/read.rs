//! Reading.

use chela_sdk::{Failure, Result};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::unfilter::{INTERLACED, PLAIN, unfilter};
use super::{SIGNATURE, checksum};
use crate::picture::canvas::Canvas;

/// The most pixels of a picture: 16 megapixels are 64 MiB in memory.
const PIXELS: u64 = 4096 * 4096;

/// Reads a file of any colour type, depth and interlacing into 8-bit RGBA.
pub(in crate::picture) fn read(file: &[u8]) -> Result<Canvas> {
    let mut chunks = Chunks {
        rest: file
            .strip_prefix(&SIGNATURE)
            .ok_or_else(|| damaged("its signature is missing"))?,
    };
    let (kind, data) = chunks.next()?;
    if kind != *b"IHDR" {
        return Err(damaged("its header is missing"));
    }
    let header = Header::parse(data)?;
    let mut palette = Palette::default();
    let mut compressed = Vec::new();
    loop {
        let (kind, data) = chunks.next()?;
        match &kind {
            b"PLTE" => palette.colours = data,
            b"tRNS" => palette.clear = data,
            b"IDAT" => compressed.extend_from_slice(data),
            b"IEND" => break,
            // An upper-case first letter says that the picture cannot be shown without the chunk.
            [first, ..] if first.is_ascii_uppercase() => {
                return Err(damaged("it has a chunk that is not known"));
            }
            _ => {}
        }
    }
    let raw = decompress_to_vec_zlib_with_limit(&compressed, header.raw_size())
        .map_err(|_| damaged("its pixels cannot be decompressed"))?;
    drop(compressed);
    header.place(raw, &palette)
}

fn damaged(what: &str) -> Failure {
    Failure::invalid_request(format!("the PNG file cannot be read: {what}"))
}

struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Chunks<'a> {
    fn next(&mut self) -> Result<([u8; 4], &'a [u8])> {
        let cut = || damaged("it is cut short");
        let (length, rest) = self.rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let (body, rest) = rest
            .split_at_checked(u32::from_be_bytes(*length) as usize + 4)
            .ok_or_else(cut)?;
        let (sum, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        if checksum(body) != u32::from_be_bytes(*sum) {
            return Err(damaged("a checksum is wrong"));
        }
        self.rest = rest;
        let (kind, data) = body.split_first_chunk::<4>().ok_or_else(cut)?;
        Ok((*kind, data))
    }
}

#[derive(Default)]
struct Palette<'a> {
    colours: &'a [u8],
    /// What is transparent: an alpha for each entry, or one grey or colour.
    clear: &'a [u8],
}

struct Header {
    width: u32,
    height: u32,
    depth: usize,
    colour: u8,
    channels: usize,
    interlaced: bool,
}

impl Header {
    fn parse(data: &[u8]) -> Result<Self> {
        let &[
            w0,
            w1,
            w2,
            w3,
            h0,
            h1,
            h2,
            h3,
            depth,
            colour,
            0,
            0,
            interlace @ (0 | 1),
        ] = data
        else {
            return Err(damaged("its header is not one"));
        };
        let (width, height) = (
            u32::from_be_bytes([w0, w1, w2, w3]),
            u32::from_be_bytes([h0, h1, h2, h3]),
        );
        let channels = match (colour, depth) {
            (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) => 1,
            (2, 8 | 16) => 3,
            (4, 8 | 16) => 2,
            (6, 8 | 16) => 4,
            _ => return Err(damaged("its colour type is not one")),
        };
        if width == 0 || height == 0 {
            return Err(damaged("it has no pixels"));
        }
        if u64::from(width) * u64::from(height) > PIXELS {
            return Err(Failure::invalid_request(format!(
                "the demo changes pictures of up to 16 megapixels, and this one is {width} by {height}"
            )));
        }
        Ok(Self {
            width,
            height,
            depth: usize::from(depth),
            colour,
            channels,
            interlaced: interlace == 1,
        })
    }

    fn row_size(&self, width: u32) -> usize {
        (width as usize * self.channels * self.depth).div_ceil(8)
    }

    /// How many bytes the rows have with their filter types.
    fn raw_size(&self) -> usize {
        let passes = if self.interlaced { INTERLACED } else { PLAIN };
        let sizes = passes.iter().map(|pass| pass.size(self.width, self.height));
        sizes
            .filter(|(width, _)| *width > 0)
            .map(|(width, height)| (self.row_size(width) + 1) * height as usize)
            .sum()
    }

    /// Undoes the filters and puts every pixel where it belongs.
    fn place(&self, mut raw: Vec<u8>, palette: &Palette<'_>) -> Result<Canvas> {
        if raw.len() != self.raw_size() {
            return Err(damaged("it has fewer pixels than it says"));
        }
        let mut canvas = Canvas::new(self.width, self.height);
        let step = (self.channels * self.depth).div_ceil(8);
        let mut rest = raw.as_mut_slice();
        for pass in if self.interlaced { INTERLACED } else { PLAIN } {
            let (columns, rows) = pass.size(self.width, self.height);
            if columns == 0 {
                continue;
            }
            let mut above: &[u8] = &[];
            for row in 0..rows {
                let (line, after) = rest.split_at_mut(self.row_size(columns) + 1);
                let (filter, line) = line.split_at_mut(1);
                if !unfilter(filter[0], line, above, step) {
                    return Err(damaged("a row has a filter that is not known"));
                }
                for column in 0..columns {
                    let pixel = self.pixel(line, column as usize, palette)?;
                    canvas.set(pass.x + column * pass.dx, pass.y + row * pass.dy, pixel);
                }
                above = line;
                rest = after;
            }
        }
        Ok(canvas)
    }

    fn pixel(&self, line: &[u8], column: usize, palette: &Palette<'_>) -> Result<[u8; 4]> {
        let first = column * self.channels;
        let sample = |channel: usize| self.sample(line, first + channel);
        let shade = |channel: usize| self.shade(sample(channel));
        // The transparent grey or colour is given in full depth, two bytes a channel.
        let is_clear = |channels: usize| {
            palette.clear.len() == channels * 2
                && palette
                    .clear
                    .chunks_exact(2)
                    .enumerate()
                    .all(|(channel, value)| {
                        u16::from_be_bytes([value[0], value[1]]) == sample(channel)
                    })
        };
        Ok(match self.colour {
            0 => {
                let grey = shade(0);
                [grey, grey, grey, if is_clear(1) { 0 } else { 255 }]
            }
            2 => [
                shade(0),
                shade(1),
                shade(2),
                if is_clear(3) { 0 } else { 255 },
            ],
            3 => {
                let entry = usize::from(sample(0));
                let colour = palette.colours.get(entry * 3..entry * 3 + 3);
                let colour =
                    colour.ok_or_else(|| damaged("a pixel has a colour that the palette lacks"))?;
                [
                    colour[0],
                    colour[1],
                    colour[2],
                    palette.clear.get(entry).copied().unwrap_or(255),
                ]
            }
            4 => {
                let grey = shade(0);
                [grey, grey, grey, shade(1)]
            }
            _ => [shade(0), shade(1), shade(2), shade(3)],
        })
    }

    /// A sample as it stands in the file.
    fn sample(&self, line: &[u8], index: usize) -> u16 {
        match self.depth {
            16 => u16::from_be_bytes([line[index * 2], line[index * 2 + 1]]),
            8 => u16::from(line[index]),
            depth => {
                let bit = index * depth;
                let shift = 8 - depth - bit % 8;
                u16::from(line[bit / 8] >> shift & ((1 << depth) - 1))
            }
        }
    }

    /// A sample in eight bits.
    fn shade(&self, sample: u16) -> u8 {
        match self.depth {
            16 => (sample >> 8) as u8,
            8 => sample as u8,
            depth => (sample * (255 / ((1 << depth) - 1))) as u8,
        }
    }
}
