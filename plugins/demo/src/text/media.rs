//! What the header of a picture says.

use chela_sdk::media::Source;
use chela_sdk::{Blob, Failure, Result};

/// How far into a file a JPEG's size is looked for, behind its metadata.
const HEAD: u32 = 256 << 10;

pub(super) fn describe(source: &Source) -> Result<String> {
    let Source::Blob(blob) = source else {
        return Err(Failure::unsupported(
            "the demo has no network, so it cannot look at a picture by its URL",
        ));
    };
    let mut words = vec![format!("a picture of type {}", blob.mime_type())];
    if let Some((width, height)) = dimensions(&head(blob)?) {
        words.push(format!("{width} by {height} pixels"));
    }
    words.push(format!("{} bytes", blob.size()));
    Ok(words.join(", "))
}

fn head(blob: &Blob) -> Result<Vec<u8>> {
    blob.read(0, HEAD)
}

/// Width and height by the header of PNG, GIF, JPEG and WebP.
fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    let big = |at: usize, bytes: usize| {
        let number = head.get(at..at + bytes)?;
        Some(
            number
                .iter()
                .fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
        )
    };
    let little = |at: usize, bytes: usize| {
        let number = head.get(at..at + bytes)?;
        Some(
            number
                .iter()
                .rev()
                .fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
        )
    };
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((big(16, 4)?, big(20, 4)?));
    }
    if head.starts_with(b"GIF8") {
        return Some((little(6, 2)?, little(8, 2)?));
    }
    if head.starts_with(b"RIFF") && head.get(8..12)? == b"WEBP" {
        return match head.get(12..16)? {
            b"VP8X" => Some((little(24, 3)? + 1, little(27, 3)? + 1)),
            b"VP8L" => {
                let bits = little(21, 4)?;
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            b"VP8 " => Some((little(26, 2)? & 0x3fff, little(28, 2)? & 0x3fff)),
            _ => None,
        };
    }
    if head.starts_with(b"\xff\xd8") {
        let mut at = 2;
        // Each segment is a marker and a length; the frame header (SOF) among them holds the size.
        while *head.get(at)? == 0xff {
            let marker = *head.get(at + 1)?;
            if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                return Some((big(at + 7, 2)?, big(at + 5, 2)?));
            }
            at += 2 + big(at + 2, 2)? as usize;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::dimensions;

    #[test]
    fn headers_tell_the_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0";
        assert_eq!(dimensions(png), Some((640, 480)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x0b\x08\0\x10\0\x20\x03";
        assert_eq!(dimensions(jpeg), Some((32, 16)));
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x1f\0\0";
        assert_eq!(dimensions(webp), Some((64, 32)));
    }

    #[test]
    fn a_header_cut_short_tells_nothing() {
        assert_eq!(dimensions(b"\x89PNG\r\n\x1a\n\0\0"), None);
        assert_eq!(dimensions(b"\xff\xd8\xff\xe0\0\x04ab\xff"), None);
        assert_eq!(
            dimensions(b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"),
            None,
            "segments without a length end"
        );
        assert_eq!(dimensions(b""), None);
    }
}
