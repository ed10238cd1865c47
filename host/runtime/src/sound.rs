//! Sound by content: whether it is what it should be, how long it is.

use chela_egress::Blob;
use chela_egress::mime::HEAD;
use chela_envelope::ErrorType;
use chela_sandbox::families::speech::Format;

use crate::fault::Fault;
use crate::media::{Seen, in_words, sniff};

/// Bytes that are read to find length and sample rate. Notes may stand before the samples.
const HEADERS: usize = 64 * 1024;

/// The media type of samples without a header around them. There is no registered one for little endian.
pub(crate) const PCM: &str = "audio/pcm";

/// Whether a media type is a recording's. MIDI is a score, which nobody speaks.
pub(crate) fn is_recording(mime_type: &str) -> bool {
    mime_type.starts_with("audio/") && mime_type != "audio/midi"
}

/// Whether a media type is that of something with speech in it: a recording, or a film, whose sound is taken.
pub(crate) fn may_speak(mime_type: &str) -> bool {
    is_recording(mime_type) || mime_type.starts_with("video/")
}

/// Holds what a provider gave as sound against its bytes. Samples alone have no signature: they are what is left where they were
/// asked for.
///
/// # Errors
///
/// `empty_output` for nothing, `bad_response` for anything that is no sound, or not all of one.
pub(crate) async fn sound(blob: &Blob, asked: Option<Format>) -> Result<Seen, Fault> {
    let headers = blob.read(0, HEADERS).await.map_err(|error| {
        Fault::new(
            ErrorType::Internal,
            format!("the sound cannot be read back: {error}"),
        )
    })?;
    if headers.is_empty() {
        return Err(Fault::new(
            ErrorType::EmptyOutput,
            "the provider gave an empty file in place of sound",
        ));
    }
    let head = &headers[..headers.len().min(HEAD)];
    let pcm = asked == Some(Format::Pcm);
    let mime_type = match sniff(head) {
        // Two bytes of a sample can look like the beginning of a frame; four letters are meant.
        Some("audio/mpeg" | "audio/aac") if pcm && !head.starts_with(b"ID3") => PCM,
        Some(mime_type) if is_recording(mime_type) => mime_type,
        None if pcm => PCM,
        Some(other) if pcm && !is_told_in_text(other) => PCM,
        _ => {
            return Err(Fault::new(
                ErrorType::BadResponse,
                format!(
                    "what the provider gave in place of sound is {}",
                    in_words(head)
                ),
            ));
        }
    };
    let measured = match mime_type {
        "audio/wav" => wav(&headers, blob.size()),
        "audio/flac" => flac(&headers),
        _ => Measured::default(),
    };
    if measured.cut_short {
        let message = format!(
            "the sound that the provider gave is cut short or broken ({mime_type}, {} bytes)",
            blob.size()
        );
        return Err(
            Fault::new(ErrorType::BadResponse, message).hint("try again: it did not arrive whole")
        );
    }
    Ok(Seen {
        mime_type,
        dimensions: None,
        duration_ms: measured.duration_ms,
        sample_rate: measured.sample_rate,
    })
}

/// Whether that is something a server says in words, where sound should be.
fn is_told_in_text(mime_type: &str) -> bool {
    mime_type.starts_with("text/")
        || matches!(
            mime_type,
            "application/json" | "application/xml" | "image/svg+xml" | "application/rtf"
        )
}

/// How long samples without a header are: 16 bit each, one channel.
pub(crate) fn pcm_duration_ms(size: u64, sample_rate: u32) -> Option<u64> {
    (size / 2)
        .checked_mul(1000)?
        .checked_div(u64::from(sample_rate))
}

/// What a header says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Measured {
    duration_ms: Option<u64>,
    sample_rate: Option<u32>,
    cut_short: bool,
}

/// A RIFF file of `size` bytes that begins with `headers`.
fn wav(headers: &[u8], size: u64) -> Measured {
    /// Lengths from here on stand for "until the end": a server that streams does not know its length yet.
    const UNKNOWN: u32 = 0x7fff_0000;
    let number = |at: usize| {
        let bytes: [u8; 4] = headers.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes))
    };
    let mut measured = Measured {
        cut_short: true,
        ..Measured::default()
    };
    let mut byte_rate = None;
    let mut at = 12;
    while let (Some(name), Some(length)) = (headers.get(at..at + 4), number(at + 4)) {
        let body = at + 8;
        match name {
            b"fmt " => {
                measured.sample_rate = number(body + 4).filter(|rate| *rate > 0);
                byte_rate = number(body + 8).filter(|rate| *rate > 0);
            }
            b"data" => {
                let there = size.saturating_sub(body as u64);
                let known = (1..UNKNOWN).contains(&length);
                measured.cut_short =
                    byte_rate.is_none() || there == 0 || (known && u64::from(length) > there);
                let bytes = if known {
                    u64::from(length).min(there)
                } else {
                    there
                };
                measured.duration_ms =
                    byte_rate.and_then(|rate| bytes.checked_mul(1000)?.checked_div(rate.into()));
                return measured;
            }
            _ => {}
        }
        // Chunks begin at even offsets.
        let Some(next) = usize::try_from(length)
            .ok()
            .and_then(|length| body.checked_add(length)?.checked_add(length & 1))
        else {
            break;
        };
        at = next;
    }
    // Notes that are longer than what was read say nothing against the rest.
    measured.cut_short = (headers.len() as u64) == size;
    measured
}

/// A FLAC file (RFC 9639 section 8.2) that begins with `headers`.
fn flac(headers: &[u8]) -> Measured {
    let Some(bytes) = headers
        .get(18..26)
        .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
    else {
        return Measured {
            cut_short: true,
            ..Measured::default()
        };
    };
    let packed = u64::from_be_bytes(bytes);
    let sample_rate = u32::try_from(packed >> 44).ok().filter(|rate| *rate > 0);
    let samples = packed & 0xf_ffff_ffff;
    Measured {
        // Zero stands for a length that was not known.
        duration_ms: sample_rate
            .filter(|_| samples > 0)
            .and_then(|rate| samples.checked_mul(1000)?.checked_div(rate.into())),
        sample_rate,
        cut_short: false,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    /// A WAV of 8000 samples a second, 16 bit, one channel, that says it has `said` bytes and has `is`.
    pub(crate) fn wav_file(said: u32, is: usize) -> Vec<u8> {
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(said.saturating_add(36).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        bytes.extend(8000u32.to_le_bytes());
        bytes.extend(16_000u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0data");
        bytes.extend(said.to_le_bytes());
        bytes.resize(bytes.len() + is, 1);
        bytes
    }

    async fn look(bytes: &[u8], asked: Option<Format>) -> Result<Seen, Fault> {
        sound(&Blob::from_bytes("", Bytes::copy_from_slice(bytes)), asked).await
    }

    #[tokio::test]
    async fn length_and_rate_of_a_wav_come_from_its_header() {
        let seen = look(&wav_file(16_000, 16_000), None).await.expect("whole");
        assert_eq!(
            (seen.mime_type, seen.duration_ms, seen.sample_rate),
            ("audio/wav", Some(1000), Some(8000))
        );
        // Servers that stream write a length that stands for none.
        for unknown in [0, u32::MAX, 0x7fff_ffff] {
            let seen = look(&wav_file(unknown, 8000), None).await.expect("whole");
            assert_eq!(seen.duration_ms, Some(500), "{unknown}");
        }
    }

    #[tokio::test]
    async fn a_wav_without_its_end_is_broken() {
        for bytes in [
            wav_file(16_000, 15_998),
            wav_file(16_000, 0),
            wav_file(0, 0),
            wav_file(16_000, 16_000)[..30].to_vec(),
        ] {
            let fault = look(&bytes, None).await.expect_err("broken");
            assert_eq!(fault.kind, ErrorType::BadResponse);
            assert!(fault.message.contains("cut short"), "{}", fault.message);
        }
    }

    #[tokio::test]
    async fn length_and_rate_of_a_flac_come_from_its_header() {
        let mut bytes = b"fLaC\0\0\0\x22".to_vec();
        bytes.resize(18, 0);
        bytes.extend(((48_000u64 << 44) | (3 << 36) | 24_000).to_be_bytes());
        bytes.resize(64, 0);
        let seen = look(&bytes, None).await.expect("whole");
        assert_eq!(
            (seen.duration_ms, seen.sample_rate),
            (Some(500), Some(48_000))
        );
    }

    #[tokio::test]
    async fn what_is_no_sound_is_an_error_and_not_a_file() {
        for (bytes, kind, word) in [
            (&b""[..], ErrorType::EmptyOutput, "empty"),
            (b"{\"error\": \"no\"}", ErrorType::BadResponse, "JSON"),
            (b"<!DOCTYPE html><title>x", ErrorType::BadResponse, "HTML"),
            (b"try again later", ErrorType::BadResponse, "text"),
            (
                crate::media::tests::PNG,
                ErrorType::BadResponse,
                "image/png",
            ),
            (
                b"MThd\0\0\0\x06\0\x01",
                ErrorType::BadResponse,
                "audio/midi",
            ),
            (
                b"\0\x01\x02\xff\xfe",
                ErrorType::BadResponse,
                "no known format",
            ),
        ] {
            let fault = look(bytes, None).await.expect_err(word);
            assert_eq!(fault.kind, kind, "{word}");
            assert!(fault.message.contains(word), "{}", fault.message);
        }
    }

    #[tokio::test]
    async fn samples_alone_are_taken_where_they_were_asked_for() {
        for bytes in [
            &b"\0\x01\x02\xff\xfe"[..],
            b"\xff\xf3\x64\xc4\0\0",
            b"BM\0\x01\xff\xff",
        ] {
            let seen = look(bytes, Some(Format::Pcm)).await.expect("samples");
            assert_eq!(seen.mime_type, PCM, "{bytes:?}");
        }
        let seen = look(&wav_file(2, 2), Some(Format::Pcm))
            .await
            .expect("a WAV");
        assert_eq!(seen.mime_type, "audio/wav");
        assert!(look(b"{\"error\": 1}", Some(Format::Pcm)).await.is_err());
        assert!(
            look(b"\0\x01\x02\xff\xfe", Some(Format::Wav))
                .await
                .is_err()
        );
        assert_eq!(pcm_duration_ms(48_000, 24_000), Some(1000));
        assert_eq!(pcm_duration_ms(48_000, 0), None);
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_passed_over(bytes in prop::collection::vec(any::<u8>(), 0..80), size: u64, cut in 0usize..60) {
            for headers in [
                [b"RIFF....WAVE", &bytes[..]].concat(),
                [&wav_file(16_000, 8)[..cut.min(44)], &bytes].concat(),
            ] {
                let measured = wav(&headers, size);
                prop_assert!(measured.sample_rate != Some(0));
            }
            let _ = flac(&[b"fLaC", &bytes[..]].concat());
        }
    }
}
