//! PNG files.

use std::io::Cursor;

use chela_sdk::{Failure, Result};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits, Transformations};

use super::canvas::Canvas;

/// The most pixels of a picture to change: 16 megapixels are 64 MiB in memory.
const PIXELS: u64 = 4096 * 4096;

/// What a file says of its origin, for whoever finds it later.
const ORIGIN: &str = "chela demo: drawn by plain rules, not by a model";

pub(super) fn encode(canvas: &Canvas) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let failed = |error: png::EncodingError| {
        Failure::internal(format!("the picture cannot be written: {error}"))
    };
    let mut encoder = Encoder::new(&mut bytes, canvas.width(), canvas.height());
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder
        .add_text_chunk("Software".to_owned(), ORIGIN.to_owned())
        .map_err(failed)?;
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(canvas.bytes()).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

pub(super) fn decode(bytes: &[u8]) -> Result<Canvas> {
    let failed = |error: png::DecodingError| {
        Failure::invalid_request(format!("the PNG file cannot be read: {error}"))
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 16 << 20 });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let header = decoder.read_header_info().map_err(failed)?;
    let (width, height) = (header.width, header.height);
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(Failure::invalid_request(format!(
            "the demo changes pictures of up to 16 megapixels, and this one is {width} by {height}"
        )));
    }
    let mut reader = decoder.read_info().map_err(failed)?;
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| Failure::invalid_request("the PNG file is too large"))?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(failed)?;
    pixels.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        ColorType::Rgba => pixels,
        ColorType::GrayscaleAlpha => pixels
            .chunks_exact(2)
            .flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]])
            .collect(),
        other => {
            return Err(Failure::internal(format!(
                "the PNG reader gave colours of type {other:?}"
            )));
        }
    };
    Ok(Canvas::from_pixels(width, height, pixels))
}

#[cfg(test)]
mod tests {
    use super::{Canvas, decode, encode};

    #[test]
    fn what_was_written_reads_back() {
        let mut canvas = Canvas::new(3, 2);
        canvas.fill([1, 2, 3], [200, 100, 50]);
        canvas.set(2, 1, [9, 8, 7, 6]);
        assert_eq!(decode(&encode(&canvas).unwrap()).unwrap(), canvas);
    }

    #[test]
    fn greyscale_becomes_colour() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(png::ColorType::Grayscale);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&[0, 200])
            .unwrap();
        let canvas = decode(&bytes).unwrap();
        assert_eq!(canvas.pixel(1, 0), [200, 200, 200, 255]);
    }

    #[test]
    fn damaged_and_endless_files_are_refused() {
        let whole = encode(&Canvas::new(8, 8)).unwrap();
        assert!(decode(&whole[..whole.len() / 2]).is_err());
        let mut huge = whole;
        // Width in the header, whose checksum is then wrong: either check refuses it.
        huge[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(decode(&huge).is_err());
    }
}
