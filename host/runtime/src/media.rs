//! Media by content: what a file is, whether it is what it should be, how large a picture is.

use chela_egress::Blob;
use chela_egress::mime::HEAD;
use chela_envelope::ErrorType;

pub(crate) use chela_egress::mime::sniff;

use crate::fault::Fault;

/// Bytes that are read to find width and height. A JPEG may carry a large preview before them.
const HEADERS: usize = 1024 * 1024;

/// Bytes at the end in which a picture's last marker is looked for. Cameras and editors put notes behind it.
const TAIL: u64 = 64 * 1024;

/// A result that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) mime_type: &'static str,
    /// Width and height of a picture.
    pub(crate) dimensions: Option<(u32, u32)>,
    /// Length of a recording.
    pub(crate) duration_ms: Option<u64>,
    /// Samples a second of a recording.
    pub(crate) sample_rate: Option<u32>,
}

/// What bytes are in a person's words, for a message.
pub(crate) fn in_words(head: &[u8]) -> &'static str {
    match sniff(head) {
        _ if head.is_empty() => "empty",
        None => "of no known format",
        Some("text/plain") => "text",
        Some("text/html") => "an HTML page",
        Some("application/json") => "JSON",
        Some("application/xml") => "XML",
        Some(other) => other,
    }
}

/// Whether a media type is a picture's. SVG is a program as much as a picture, and no provider takes it.
pub(crate) fn is_picture(mime_type: &str) -> bool {
    mime_type.starts_with("image/") && mime_type != "image/svg+xml"
}

/// Holds what a provider gave as a picture against its bytes.
///
/// # Errors
///
/// `empty_output` for nothing, `bad_response` for anything that is no picture.
pub(crate) async fn picture(blob: &Blob) -> Result<Seen, Fault> {
    let headers = blob.read(0, HEADERS).await.map_err(|error| {
        Fault::new(
            ErrorType::Internal,
            format!("the picture cannot be read back: {error}"),
        )
    })?;
    if headers.is_empty() {
        return Err(Fault::new(
            ErrorType::EmptyOutput,
            "the provider gave an empty file in place of a picture",
        ));
    }
    let head = &headers[..headers.len().min(HEAD)];
    match sniff(head) {
        Some(mime_type) if is_picture(mime_type) => {
            let dimensions = dimensions(&headers);
            let tail = blob
                .read(blob.size().saturating_sub(TAIL), TAIL as usize)
                .await
                .unwrap_or_default();
            if !is_whole(mime_type, &headers, &tail, blob.size())
                || dimensions.is_some_and(|(width, height)| width == 0 || height == 0)
            {
                let message = format!(
                    "the picture that the provider gave is cut short or broken ({mime_type}, {} bytes)",
                    blob.size()
                );
                return Err(Fault::new(ErrorType::BadResponse, message)
                    .hint("try again: it did not arrive as a whole picture"));
            }
            Ok(Seen {
                mime_type,
                dimensions,
                ..Seen::default()
            })
        }
        _ => Err(Fault::new(
            ErrorType::BadResponse,
            format!(
                "what the provider gave in place of a picture is {}",
                in_words(head)
            ),
        )),
    }
}

/// Whether a picture has its end, as far as its format tells without decoding it. Bytes behind the end are let pass, as by
/// viewers.
fn is_whole(mime_type: &str, headers: &[u8], tail: &[u8], size: u64) -> bool {
    let ends_with = |end: &[u8]| tail.windows(end.len()).any(|window| window == end);
    match mime_type {
        // PNG (third edition) section 11.2.5; T.81 annex B.1.1.3; GIF89a section 27.
        "image/png" | "image/apng" => ends_with(b"IEND"),
        "image/jpeg" => ends_with(b"\xff\xd9"),
        "image/gif" => tail.contains(&b';'),
        // RFC 9649 section 2.4: the size of what follows stands in the header.
        "image/webp" => headers
            .get(4..8)
            .and_then(|bytes| <[u8; 4]>::try_from(bytes).ok())
            .is_some_and(|length| u64::from(u32::from_le_bytes(length)) + 8 <= size),
        _ => true,
    }
}

/// Width and height from a picture's first bytes.
pub(crate) fn dimensions(headers: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(headers).ok()?;
    Some((
        u32::try_from(size.width).ok()?,
        u32::try_from(size.height).ok()?,
    ))
}

/// File extensions by media type, the usual one first.
const EXTENSIONS: [(&str, &[&str]); 24] = [
    ("image/png", &["png"]),
    ("image/apng", &["png", "apng"]),
    ("image/jpeg", &["jpg", "jpeg", "jpe"]),
    ("image/webp", &["webp"]),
    ("image/gif", &["gif"]),
    ("image/bmp", &["bmp"]),
    ("image/tiff", &["tiff", "tif"]),
    ("image/avif", &["avif"]),
    ("image/heif", &["heic", "heif"]),
    ("image/heic", &["heic", "heif"]),
    ("image/jxl", &["jxl"]),
    ("image/vnd.microsoft.icon", &["ico"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/wav", &["wav"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/flac", &["flac"]),
    ("audio/pcm", &["pcm"]),
    ("audio/aac", &["aac"]),
    ("audio/mp4", &["m4a", "mp4"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/webm", &["webm"]),
    ("video/quicktime", &["mov"]),
    ("video/x-matroska", &["mkv"]),
    ("video/x-msvideo", &["avi"]),
];

/// The usual extension of files of a media type, without the dot.
pub(crate) fn extension(mime_type: &str) -> &'static str {
    EXTENSIONS
        .iter()
        .find(|(known, _)| *known == mime_type)
        .map_or("bin", |(_, extensions)| extensions[0])
}

/// Whether files of a media type are called like that.
pub(crate) fn is_extension_of(extension: &str, mime_type: &str) -> bool {
    EXTENSIONS.iter().any(|(known, extensions)| {
        *known == mime_type
            && extensions
                .iter()
                .any(|one| one.eq_ignore_ascii_case(extension))
    })
}

/// The media type of files that are called like that, so that another extension may take its place; none when it is no
/// extension of media.
pub(crate) fn type_of(extension: &str) -> Option<&'static str> {
    let (mime_type, _) = EXTENSIONS.iter().find(|(_, extensions)| {
        extensions
            .iter()
            .any(|one| one.eq_ignore_ascii_case(extension))
    })?;
    Some(mime_type)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use bytes::Bytes;

    /// A PNG of 3 by 2 pixels, without the pixels: signature, first and last chunk.
    pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\x12\x16\xf1M\0\0\0\0IEND\xaeB`\x82";
    const GIF: &[u8] = b"GIF89a\x05\0\x04\0\0\0\0;";

    #[tokio::test]
    async fn a_picture_is_told_by_its_bytes_and_not_by_its_label() {
        let blob = Blob::from_bytes("image/jpeg", Bytes::from_static(PNG));
        assert_eq!(
            picture(&blob).await.expect("it is one"),
            Seen {
                mime_type: "image/png",
                dimensions: Some((3, 2)),
                ..Seen::default()
            }
        );
        let blob = Blob::from_bytes("", Bytes::from_static(GIF));
        assert_eq!(
            picture(&blob).await.expect("it is one"),
            Seen {
                mime_type: "image/gif",
                dimensions: Some((5, 4)),
                ..Seen::default()
            }
        );
    }

    #[tokio::test]
    async fn a_picture_without_its_end_or_its_size_is_broken() {
        let no_width = [&PNG[..16], &[0; 4], &PNG[20..]].concat();
        let webp = |length: u8| [b"RIFF", &[length, 0, 0, 0][..], b"WEBPVP8L"].concat();
        for (bytes, whole) in [
            (PNG.to_vec(), true),
            ([PNG, b"a note"].concat(), true),
            (PNG[..33].to_vec(), false),
            (PNG[..8].to_vec(), false),
            (no_width, false),
            (GIF[..13].to_vec(), false),
            (webp(8), true),
            (webp(9), false),
            (b"\xff\xd8\xff\xe0JFIF\xff\xd9".to_vec(), true),
            (b"\xff\xd8\xff\xe0JFIF".to_vec(), false),
        ] {
            let blob = Blob::from_bytes("", bytes.clone().into());
            assert_eq!(picture(&blob).await.is_ok(), whole, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_picture_is_an_error_and_not_a_file() {
        for (bytes, kind, word) in [
            (&b""[..], ErrorType::EmptyOutput, "empty"),
            (b"  {\"error\": \"no\"}", ErrorType::BadResponse, "JSON"),
            (
                b"<!DOCTYPE html><title>502</title>",
                ErrorType::BadResponse,
                "HTML",
            ),
            (b"\xef\xbb\xbf<html>", ErrorType::BadResponse, "HTML"),
            (b"<svg xmlns='x'/>", ErrorType::BadResponse, "svg"),
            (b"try again later", ErrorType::BadResponse, "text"),
            (b"%PDF-1.7\n", ErrorType::BadResponse, "application/pdf"),
            (b"ID3\x03\0\0\0", ErrorType::BadResponse, "audio/mpeg"),
            (
                b"\x00\x01\x02\xff\xfe\xfd\xfc",
                ErrorType::BadResponse,
                "no known format",
            ),
        ] {
            let blob = Blob::from_bytes("image/png", Bytes::from_static(bytes));
            let fault = picture(&blob).await.expect_err(word);
            assert_eq!(fault.kind, kind, "{word}");
            assert!(fault.message.contains(word), "{}", fault.message);
        }
    }

    #[test]
    fn extensions_follow_the_media_type() {
        assert_eq!(extension("image/jpeg"), "jpg");
        assert!(is_extension_of("JPEG", "image/jpeg"));
        assert!(!is_extension_of("png", "image/jpeg"));
        assert_eq!((type_of("Wav"), type_of("v2")), (Some("audio/wav"), None));
        assert_eq!(extension("application/x-thing"), "bin");
    }
}
