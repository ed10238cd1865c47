//! Held against the `png` crate, which reads what is written here and writes what is read here.

use super::{read, write};
use crate::dice::Dice;
use crate::picture::canvas::Canvas;
use png::{BitDepth, ColorType};
use proptest::prelude::*;
use std::io::Cursor;

fn noise(width: u32, height: u32, seed: u64) -> Canvas {
    let mut dice = Dice::new(seed);
    let size = width as usize * height as usize * 4;
    Canvas::from_pixels(
        width,
        height,
        (0..size).map(|_| dice.choose(256) as u8).collect(),
    )
}

/// What the reference makes of a file: 8-bit RGBA.
fn reference(file: &[u8]) -> Canvas {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(
        png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
    );
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    pixels.truncate(frame.buffer_size());
    if frame.color_type == ColorType::GrayscaleAlpha {
        pixels = pixels
            .chunks(2)
            .flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]])
            .collect();
    }
    Canvas::from_pixels(frame.width, frame.height, pixels)
}

#[test]
fn every_colour_type_and_depth_reads_as_the_reference_reads_it() {
    use BitDepth::{Eight, Four, One, Sixteen, Two};
    let kinds = [
        (
            ColorType::Grayscale,
            1,
            &[One, Two, Four, Eight, Sixteen][..],
        ),
        (ColorType::Rgb, 3, &[Eight, Sixteen]),
        (ColorType::Indexed, 1, &[One, Two, Four, Eight]),
        (ColorType::GrayscaleAlpha, 2, &[Eight, Sixteen]),
        (ColorType::Rgba, 4, &[Eight, Sixteen]),
    ];
    let (width, height) = (13_u32, 9_u32);
    let mut dice = Dice::new(7);
    for (colour, channels, depths) in kinds {
        for depth in depths {
            for clear in [false, true] {
                let bits = channels * *depth as usize;
                let size = (width as usize * bits).div_ceil(8) * height as usize;
                let pixels: Vec<u8> = (0..size).map(|_| dice.choose(256) as u8).collect();
                let mut file = Vec::new();
                let mut encoder = png::Encoder::new(&mut file, width, height);
                encoder.set_color(colour);
                encoder.set_depth(*depth);
                encoder.set_filter(png::Filter::Adaptive);
                if colour == ColorType::Indexed {
                    encoder
                        .set_palette((0..768).map(|_| dice.choose(256) as u8).collect::<Vec<_>>());
                }
                if clear {
                    encoder.set_trns(match colour {
                        ColorType::Grayscale => vec![0, 1],
                        ColorType::Rgb => vec![0, pixels[0], 0, pixels[1], 0, pixels[2]],
                        ColorType::Indexed => vec![0, 128],
                        _ => continue,
                    });
                }
                encoder
                    .write_header()
                    .unwrap()
                    .write_image_data(&pixels)
                    .unwrap();
                assert_eq!(
                    read(&file).unwrap(),
                    reference(&file),
                    "{colour:?} {depth:?} {clear}"
                );
            }
        }
    }
}

/// A picture of 5 by 5 greys in the seven passes of Adam7, written out by hand.
#[test]
fn interlaced_files_are_put_together() {
    let grey = |x: u8, y: u8| x * 40 + y * 7;
    let mut raw = Vec::new();
    for pass in super::unfilter::INTERLACED {
        let (columns, rows) = pass.size(5, 5);
        for row in 0..if columns == 0 { 0 } else { rows } {
            raw.push(0);
            for column in 0..columns {
                raw.push(grey(
                    (pass.x + column * pass.dx) as u8,
                    (pass.y + row * pass.dy) as u8,
                ));
            }
        }
    }
    let mut file = super::SIGNATURE.to_vec();
    let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&raw, 6);
    for (kind, data) in [
        (b"IHDR", &[0, 0, 0, 5, 0, 0, 0, 5, 8, 0, 0, 0, 1][..]),
        (b"IDAT", &compressed),
        (b"IEND", &[]),
    ] {
        file.extend_from_slice(&(data.len() as u32).to_be_bytes());
        file.extend_from_slice(kind);
        file.extend_from_slice(data);
        file.extend_from_slice(&super::checksum(kind.iter().chain(data)).to_be_bytes());
    }
    let canvas = read(&file).unwrap();
    assert_eq!(canvas, reference(&file));
    assert_eq!(canvas.pixel(3, 4)[0], grey(3, 4));
}

#[test]
fn damaged_files_are_refused() {
    let whole = write(&noise(8, 8, 1));
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    assert!(read(&flipped).unwrap_err().message.contains("checksum"));
    // A header with a right checksum that claims more than there is, and more than is allowed.
    for (width, words) in [(9_u32, "fewer pixels"), (1 << 30, "16 megapixels")] {
        let mut lying = whole.clone();
        lying[16..20].copy_from_slice(&width.to_be_bytes());
        let sum = super::checksum(&lying[12..29]);
        lying[29..33].copy_from_slice(&sum.to_be_bytes());
        let failure = read(&lying).unwrap_err();
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_here_and_elsewhere(width in 1_u32..40, height in 1_u32..40, seed: u64) {
        let canvas = noise(width, height, seed);
        let file = write(&canvas);
        prop_assert_eq!(&read(&file).unwrap(), &canvas);
        prop_assert_eq!(reference(&file), canvas);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, at in 8_usize..60) {
        let mut file = write(&noise(3, 3, 5));
        let at = at.min(file.len());
        file.splice(at.., bytes);
        let _ = read(&file);
    }
}
