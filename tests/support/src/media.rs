//! Pictures, sound and films made on the spot, so that no binary lies in the repository.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A PNG of one colour.
///
/// # Panics
/// When a side is zero.
#[must_use]
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> = [200, 60, 40].repeat((width * height) as usize);
    let mut writer = encoder
        .write_header()
        .expect("both sides are more than zero");
    writer
        .write_image_data(&pixels)
        .expect("the pixels fit the picture");
    writer.finish().expect("memory takes it");
    bytes
}

/// The head of a JPEG: enough to be known as one, and as 1 by 1.
#[must_use]
pub fn jpeg() -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10];
    bytes.extend_from_slice(b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    bytes.extend_from_slice(&[
        0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00,
    ]);
    bytes.extend_from_slice(&[0xff, 0xd9]);
    bytes
}

/// A WAV of silence: 8000 samples a second, 16 bit, one channel.
#[must_use]
pub fn wav(milliseconds: u32) -> Vec<u8> {
    let length = milliseconds * 16;
    let mut bytes = wav_header(length);
    bytes.resize(bytes.len() + length as usize, 0);
    bytes
}

/// The header of such a WAV with so many bytes of samples behind it.
fn wav_header(length: u32) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(8000_u32.to_le_bytes());
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes
}

/// The first frame of an MP3 as speech services send it: MPEG-2 layer III, no tag before it.
#[must_use]
pub fn mp3() -> Vec<u8> {
    let mut bytes = vec![0xff, 0xf3, 0x64, 0xc4];
    bytes.resize(144, 0);
    bytes
}

/// The first page of an Ogg file with Opus in it.
#[must_use]
pub fn ogg() -> Vec<u8> {
    let mut bytes =
        b"OggS\0\x02\0\0\0\0\0\0\0\0\x9e\x14\0\0\0\0\0\0\x98\x54\x8b\x9c\x01\x13OpusHead\x01\x01"
            .to_vec();
    bytes.resize(80, 0);
    bytes
}

/// An MP4 of silence and darkness: the boxes that say what it is, and `payload` bytes where its pictures would be.
#[must_use]
pub fn mp4(width: u16, height: u16, milliseconds: u32, payload: u32) -> Vec<u8> {
    let mut bytes = mp4_header(width, height, milliseconds);
    bytes.extend(boxed(*b"mdat", &vec![0; payload as usize]));
    bytes
}

/// The boxes of an MP4 that stand before its pictures.
#[must_use]
pub fn mp4_header(width: u16, height: u16, milliseconds: u32) -> Vec<u8> {
    const IDENTITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_be_bytes()).collect() };
    let mvhd = [
        words(&[0, 0, 0, 1000, milliseconds, 0x1_0000, 0x0100_0000, 0, 0]),
        words(&IDENTITY),
        words(&[0, 0, 0, 0, 0, 0, 2]),
    ];
    let tkhd = [
        words(&[3, 0, 0, 1, 0, milliseconds, 0, 0, 0, 0]),
        words(&IDENTITY),
        words(&[u32::from(width) << 16, u32::from(height) << 16]),
    ];
    let hdlr = [words(&[0, 0]), b"vide".to_vec(), words(&[0, 0, 0]), vec![0]];
    let mdia = boxed(*b"mdia", &boxed(*b"hdlr", &hdlr.concat()));
    let trak = boxed(*b"trak", &[boxed(*b"tkhd", &tkhd.concat()), mdia].concat());
    [
        boxed(*b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41"),
        boxed(*b"moov", &[boxed(*b"mvhd", &mvhd.concat()), trak].concat()),
    ]
    .concat()
}

fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).expect("a small box");
    [&length.to_be_bytes()[..], &kind, content].concat()
}

/// The head of an M4A file, as a phone records a memo.
#[must_use]
pub fn m4a() -> Vec<u8> {
    b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom\0\0\0\x08free".to_vec()
}

/// Writes a valid WAV of `size` bytes that takes no room: silence, which the file system does not store.
///
/// # Errors
/// When the file cannot be written.
pub fn write_large_wav(path: &Path, size: u32) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&wav_header(size - 44))?;
    file.set_len(size.into())
}

/// Writes a valid PNG of about `size` bytes without holding it in memory: grey noise, which does not compress.
///
/// # Errors
/// When the file cannot be written.
pub fn write_large_png(path: &Path, size: u64) -> io::Result<()> {
    let width: u32 = 8192;
    let rows = u32::try_from(size / u64::from(width))
        .unwrap_or(u32::MAX)
        .max(1);
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, rows);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fastest);
    let mut writer = encoder.write_header().map_err(io::Error::from)?;
    let mut pixels = writer.stream_writer().map_err(io::Error::from)?;
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let mut row = vec![0; width as usize];
    for _ in 0..rows {
        row.iter_mut().for_each(|pixel| *pixel = noise.next());
        pixels.write_all(&row)?;
    }
    pixels.finish().map_err(io::Error::from)
}

/// xorshift64*: the same noise each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u8 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_large_png_is_a_whole_png() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.png");
        super::write_large_png(&path, 1 << 20).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert!(path.metadata().unwrap().len() >= 1 << 20);
    }
}
