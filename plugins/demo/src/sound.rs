//! Sound without a voice: a tone for each letter.

use chela_sdk::speech::{Format, Request, Response};
use chela_sdk::{Blob, Failure, FailureKind, Result};

use crate::{MODEL, those_set};

/// Samples a second.
const RATE: u32 = 16_000;

/// Samples of one letter: a sixteenth of a second.
const LETTER: u32 = RATE / 16;

/// Samples in which a tone swells, and fades.
const EDGE: u32 = LETTER / 8;

/// Bytes before the samples.
const HEADER: usize = 44;

/// The most bytes of a file: 2000 characters, as the manifest says.
const LONGEST: usize = HEADER + 2000 * 2 * LETTER as usize;

/// The tones of a voice in hertz: two octaves of a scale of five, in which nothing clashes.
const SCALE: [u32; 10] = [262, 294, 330, 392, 440, 523, 587, 659, 784, 880];

/// Plays a text: letters and digits are tones, blanks and marks are silence. The same text always sounds the same.
pub(crate) fn speak(request: &Request) -> Result<Response> {
    let deeper = match request.voice.as_deref() {
        None | Some("high") => 1,
        Some("low") => 2,
        Some(_) => {
            return Err(Failure::new(
                FailureKind::NotFound,
                "the demo has two voices, high and low",
            ));
        }
    };
    let mut file = vec![0; HEADER];
    for letter in request.text.chars() {
        // Letters of any script: what is no blank and no mark of ASCII.
        let sounds = letter > ' ' && !letter.is_ascii_punctuation();
        let place = u32::from(letter.to_ascii_lowercase()) as usize % SCALE.len();
        tone(if sounds { SCALE[place] / deeper } else { 0 }, &mut file);
        if file.len() > LONGEST {
            return Err(Failure::invalid_request(
                "the text is too long for the demo to play",
            ));
        }
    }
    let header = header((file.len() - HEADER) as u32);
    file[..HEADER].copy_from_slice(&header);
    let mut response = Response::new(Blob::new("audio/wav", &file));
    response.model = Some(MODEL.to_owned());
    response.voice.clone_from(&request.voice);
    response.ignored = those_set(&[
        (
            !matches!(request.format, None | Some(Format::Wav)),
            "format",
        ),
        (request.speed.is_some(), "speed"),
        (request.instructions.is_some(), "instructions"),
        (request.language.is_some(), "language"),
    ]);
    Ok(response)
}

/// The header of a WAV with so many bytes of samples behind it.
fn header(length: u32) -> [u8; HEADER] {
    let mut header = *b"RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0........\x02\0\x10\0data....";
    for (at, number) in [(4, 36 + length), (24, RATE), (28, RATE * 2), (40, length)] {
        header[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    header
}

/// One letter: a triangle wave, which is soft enough and needs no table. No tone is silence.
fn tone(hertz: u32, file: &mut Vec<u8>) {
    for at in 0..LETTER {
        // The phase goes from 0 to 65535 and round again; 512/125 is 65536 over the rate.
        let phase = (at * hertz * 512 / 125) as i32 & 0xffff;
        let height = ((phase - 0x8000).abs() - 0x4000) / 2;
        let edge = at.min(LETTER - at).min(EDGE) as i32;
        let sample = if hertz == 0 {
            0
        } else {
            height * edge / EDGE as i32
        };
        file.extend_from_slice(&(sample as i16).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str, voice: Option<&str>) -> Result<Response> {
        speak(&Request {
            model: MODEL.into(),
            text: text.into(),
            voice: voice.map(str::to_owned),
            format: Some(Format::Mp3),
            speed: Some(2.0),
            instructions: None,
            language: None,
            extra: Vec::new(),
        })
    }

    fn bytes(text: &str, voice: Option<&str>) -> Vec<u8> {
        let sound = say(text, voice).expect("sound").media;
        sound.read_all(1 << 20).expect("bytes")
    }

    #[test]
    fn what_is_said_is_a_wav_as_long_as_the_text() {
        let file = bytes("hello, you 2", None);
        let number = |at: usize| {
            let bytes = file[at..at + 4].try_into().expect("four bytes");
            u32::from_le_bytes(bytes)
        };
        assert_eq!((&file[..4], &file[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
        assert_eq!((number(24), number(28)), (RATE, 2 * RATE));
        assert_eq!(number(40), 12 * LETTER * 2);
        assert_eq!(number(4) as usize + 8, file.len());
    }

    #[test]
    fn letters_and_voices_sound_different_and_silence_is_silent() {
        assert_ne!(bytes("a", None), bytes("b", None));
        assert_ne!(bytes("a", None), bytes("a", Some("low")));
        assert_eq!(bytes("a", None), bytes("A", Some("high")));
        assert!(bytes(" ,", None)[HEADER..].iter().all(|byte| *byte == 0));
        assert!(bytes("ж", None)[HEADER..].iter().any(|byte| *byte != 0));
    }

    #[test]
    fn what_it_does_not_take_is_told() {
        assert_eq!(say("a", None).expect("sound").ignored, ["format", "speed"]);
        let failure = say("a", Some("nobody")).expect_err("no voice");
        assert_eq!(failure.kind, FailureKind::NotFound);
        assert!(say(&"a".repeat(2000), None).is_ok());
        assert!(say(&"a".repeat(2001), None).is_err());
    }
}
