//! File formats of sound: what they are called, and which one stands in for another.

use std::ffi::OsStr;
use std::path::Path;

use chela_sandbox::families::speech::Format;

/// The formats of the contract, as flags and manifests call them, with their media types.
const FORMATS: [(Format, &str, &str); 6] = [
    (Format::Mp3, "mp3", "audio/mpeg"),
    (Format::Wav, "wav", "audio/wav"),
    (Format::Opus, "opus", "audio/ogg"),
    (Format::Aac, "aac", "audio/aac"),
    (Format::Flac, "flac", "audio/flac"),
    (Format::Pcm, "pcm", crate::sound::PCM),
];

pub(crate) fn name_of(format: Format) -> &'static str {
    FORMATS
        .iter()
        .find(|(known, ..)| *known == format)
        .map_or("mp3", |(_, name, _)| name)
}

pub(crate) fn mime_type(format: Format) -> &'static str {
    FORMATS
        .iter()
        .find(|(known, ..)| *known == format)
        .map_or("audio/mpeg", |(_, _, mime_type)| mime_type)
}

/// The flag's word for a media type, or the media type where there is none.
pub(crate) fn word_for(mime_type: &'static str) -> &'static str {
    FORMATS
        .iter()
        .find(|(_, _, known)| *known == mime_type)
        .map_or(mime_type, |(_, name, _)| name)
}

/// The format that a file's name speaks of.
pub(crate) fn of_name(name: &OsStr) -> Option<Format> {
    let extension = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    let name = match extension.as_str() {
        "ogg" | "oga" => "opus",
        other => other,
    };
    FORMATS
        .iter()
        .find(|(_, known, _)| *known == name)
        .map(|(format, ..)| *format)
}

/// The format that was wished for where it is offered, else one that keeps as much of the sound, else any other with a header of
/// its own. None where no choice is offered.
pub(crate) fn closest(wanted: Format, offered: &[String]) -> Option<Format> {
    let order: &[Format] = match wanted {
        Format::Wav | Format::Flac | Format::Pcm => &[
            Format::Wav,
            Format::Flac,
            Format::Mp3,
            Format::Aac,
            Format::Opus,
        ],
        Format::Mp3 | Format::Aac | Format::Opus => &[
            Format::Mp3,
            Format::Aac,
            Format::Opus,
            Format::Wav,
            Format::Flac,
        ],
    };
    [wanted]
        .into_iter()
        .chain(order.iter().copied())
        .find(|format| offered.iter().any(|one| one == name_of(*format)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_is_not_offered_becomes_the_closest_one() {
        let offered = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        for (wanted, names, applied) in [
            (Format::Wav, &["mp3", "wav"][..], Some(Format::Wav)),
            (Format::Wav, &["mp3", "flac"], Some(Format::Flac)),
            (Format::Wav, &["mp3", "pcm"], Some(Format::Mp3)),
            (Format::Opus, &["wav", "mp3"], Some(Format::Mp3)),
            (Format::Pcm, &["mp3", "pcm"], Some(Format::Pcm)),
            (Format::Aac, &["wav"], Some(Format::Wav)),
            (Format::Wav, &[], None),
        ] {
            let offered: Vec<String> = offered(names);
            assert_eq!(closest(wanted, &offered), applied, "{wanted:?} {names:?}");
        }
    }
}
