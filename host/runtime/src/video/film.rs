//! Films by content: whether it is one, whether it is whole, how large and how long it is.
//!
//! Follows ISO/IEC 14496-12 (the boxes of MP4) and Apple's QuickTime File Format, whose boxes are the same. Only the headers of boxes
//! are read, so that a film of any length is looked at in a few KB.

use chela_egress::Blob;
use chela_egress::mime::HEAD;
use chela_envelope::ErrorType;

use crate::fault::Fault;
use crate::media::{Seen, in_words, sniff};

/// The most boxes that are looked at. A film has a dozen at the top and some twenty in each track; one in fragments has more at the top,
/// but says what is wanted at the beginning.
const MOST_BOXES: u32 = 4096;

/// Whether a media type is a film's.
pub(crate) fn is_film(mime_type: &str) -> bool {
    mime_type.starts_with("video/")
}

/// Holds what a provider gave as a film against its bytes.
///
/// # Errors
///
/// `empty_output` for nothing, `bad_response` for anything that is no film, or not all of one.
pub(super) async fn film(blob: &Blob) -> Result<Seen, Fault> {
    let head = read(blob, 0, HEAD).await?;
    if head.is_empty() {
        return Err(Fault::new(
            ErrorType::EmptyOutput,
            "the provider gave an empty file in place of a film",
        ));
    }
    let Some(mime_type) = sniff(&head).filter(|mime_type| is_film(mime_type)) else {
        return Err(Fault::new(
            ErrorType::BadResponse,
            format!(
                "what the provider gave in place of a film is {}",
                in_words(&head)
            ),
        ));
    };
    let measured = match mime_type {
        "video/mp4" | "video/quicktime" => measure(blob).await?,
        _ => Measured::default(),
    };
    if measured.broken {
        let message = format!(
            "the film that the provider gave is cut short or broken ({mime_type}, {} bytes)",
            blob.size()
        );
        return Err(
            Fault::new(ErrorType::BadResponse, message).hint("try again: it did not arrive whole")
        );
    }
    Ok(Seen {
        mime_type,
        dimensions: measured.dimensions,
        duration_ms: measured.duration_ms,
        sample_rate: None,
    })
}

async fn read(blob: &Blob, at: u64, length: usize) -> Result<bytes::Bytes, Fault> {
    blob.read(at, length).await.map_err(|error| {
        Fault::new(
            ErrorType::Internal,
            format!("the film cannot be read back: {error}"),
        )
    })
}

/// What the boxes say.
#[derive(Debug, Default, PartialEq)]
struct Measured {
    dimensions: Option<(u32, u32)>,
    duration_ms: Option<u64>,
    /// A box goes on behind the end of the file, or the one that describes the film is not there.
    broken: bool,
}

/// A box: where its content begins and ends.
struct Found {
    kind: [u8; 4],
    begin: u64,
    end: u64,
}

/// Walks through the boxes of a film.
async fn measure(blob: &Blob) -> Result<Measured, Fault> {
    let mut measured = Measured::default();
    let mut left = MOST_BOXES;
    let mut described = false;
    // What is still to be walked through: boxes in boxes, the innermost last.
    let mut within = vec![(0, blob.size())];
    // Of the track that is being looked at: what it shows, and whether that is a picture.
    let mut track: Option<(u32, u32)> = None;
    while let Some((at, end)) = within.pop() {
        if at >= end {
            continue;
        }
        if left == 0 {
            break;
        }
        left -= 1;
        let top = end == blob.size() && within.is_empty();
        let Some(found) = header(blob, at, end).await? else {
            // Some writers put a few loose bytes at the end of a box, and nobody minds.
            measured.broken |= top;
            continue;
        };
        within.push((found.end, end));
        match &found.kind {
            b"moov" => {
                described = true;
                within.push((found.begin, found.end));
            }
            b"trak" | b"mdia" => {
                if &found.kind == b"trak" {
                    track = None;
                }
                within.push((found.begin, found.end));
            }
            b"mvhd" => measured.duration_ms = duration(blob, &found).await?,
            b"tkhd" => track = shown(blob, &found).await?,
            b"hdlr" => {
                let handler = read(blob, found.begin.saturating_add(8), 4).await?;
                if &handler[..] == b"vide" && measured.dimensions.is_none() {
                    measured.dimensions = track;
                }
            }
            _ => {}
        }
    }
    measured.broken |= !described && left > 0;
    Ok(measured)
}

/// The box at a place; none where there is none that ends before `end`.
async fn header(blob: &Blob, at: u64, end: u64) -> Result<Option<Found>, Fault> {
    let bytes = read(blob, at, 16).await?;
    let (Some(size), Some(kind)) = (u32_at(&bytes, 0), bytes.get(4..8)) else {
        return Ok(None);
    };
    let (length, before) = match size {
        // Until the end of what it is in.
        0 => (end - at, 8),
        1 => match u64_at(&bytes, 8) {
            Some(length) => (length, 16),
            None => return Ok(None),
        },
        size => (u64::from(size), 8),
    };
    let kind = kind.try_into().unwrap_or_default();
    let found = at.checked_add(length).filter(|_| length >= before);
    Ok(found.filter(|behind| *behind <= end).map(|behind| Found {
        kind,
        begin: at + before,
        end: behind,
    }))
}

/// The length that `mvhd` says (section 8.2.2): version 0 has 32 bits for times, version 1 has 64.
async fn duration(blob: &Blob, found: &Found) -> Result<Option<u64>, Fault> {
    let bytes = content(blob, found, 32).await?;
    let (scale, length, unknown) = match bytes.first() {
        Some(0) => (
            u32_at(&bytes, 12),
            u32_at(&bytes, 16).map(u64::from),
            u64::from(u32::MAX),
        ),
        Some(1) => (u32_at(&bytes, 20), u64_at(&bytes, 24), u64::MAX),
        _ => (None, None, 0),
    };
    let milliseconds = |scale: u32, length: u64| {
        let exact = u128::from(length) * 1000;
        u64::try_from(exact.checked_div(u128::from(scale))?).ok()
    };
    Ok(match (scale, length) {
        // A film in fragments says 0, as it did not know.
        (Some(scale), Some(length)) if length != unknown && length != 0 => {
            milliseconds(scale, length)
        }
        _ => None,
    })
}

/// Width and height that `tkhd` says (section 8.3.2), as it is shown: a matrix that turns by a quarter swaps them.
async fn shown(blob: &Blob, found: &Found) -> Result<Option<(u32, u32)>, Fault> {
    let bytes = content(blob, found, 96).await?;
    let matrix = match bytes.first() {
        Some(0) => 40,
        Some(1) => 52,
        _ => return Ok(None),
    };
    let pixels = |at| Some(u32_at(&bytes, at)? >> 16).filter(|side| *side > 0);
    let sides = pixels(matrix + 36).zip(pixels(matrix + 40));
    let turned = u32_at(&bytes, matrix) == Some(0) && u32_at(&bytes, matrix + 4) != Some(0);
    Ok(sides.map(|(width, height)| {
        if turned {
            (height, width)
        } else {
            (width, height)
        }
    }))
}

/// The beginning of a box's content, no more than there is of it.
async fn content(blob: &Blob, found: &Found, most: u64) -> Result<bytes::Bytes, Fault> {
    let length = (found.end - found.begin).min(most);
    read(blob, found.begin, length as usize).await
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
