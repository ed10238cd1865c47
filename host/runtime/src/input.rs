//! Files that go in: what they are is found from their bytes, before any component is called.

use std::fs::File;
use std::io;

use chela_egress::Blob;
use chela_envelope::Input;
use chela_sandbox::families::model::Source;
use url::Url;

use crate::fault::Fault;
use crate::media;
use crate::sound;
use crate::video::is_film;

/// The largest picture that is taken, in bytes. Larger ones are no pictures that a provider takes.
pub const LARGEST_PICTURE: u64 = 512 << 20;

/// The largest recording or film that is taken, in bytes. No provider takes more.
pub const LARGEST_RECORDING: u64 = 16 << 30;

/// A file or a URL that goes in.
#[derive(Debug)]
pub struct InputFile {
    path: String,
    from: Origin,
}

#[derive(Debug)]
enum Origin {
    File(File),
    Url,
}

impl InputFile {
    /// A file that was opened for reading, and its path as the caller gave it. A caller that opens paths of others opens
    /// them so that a pipe without a writer does not block.
    pub fn file(path: impl Into<String>, file: File) -> Self {
        Self {
            path: path.into(),
            from: Origin::File(file),
        }
    }

    /// An http or https URL that the provider is asked to read. Nothing here fetches it.
    pub fn url(url: impl Into<String>) -> Self {
        Self {
            path: url.into(),
            from: Origin::Url,
        }
    }
}

/// An input that was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) input: Input,
    pub(crate) source: Source,
}

/// Whether URLs are taken in place of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urls {
    Taken,
    Refused,
}

/// Looks at files that are to be pictures.
///
/// # Errors
///
/// A usage error for the first that is not a regular file, is empty or too large, or is no picture.
pub(crate) fn pictures(files: Vec<InputFile>, urls: Urls) -> Result<Vec<Checked>, Fault> {
    files.into_iter().map(|file| picture(file, urls)).collect()
}

/// Looks at one file that is to be a picture.
pub(crate) fn picture(file: InputFile, urls: Urls) -> Result<Checked, Fault> {
    const PICTURE: Kind = Kind {
        is: media::is_picture,
        what: "a picture",
        name: "name a PNG, JPEG, WebP or GIF file",
        largest: LARGEST_PICTURE,
    };
    let InputFile { path, from } = file;
    match from {
        Origin::File(file) => look(path, file, &PICTURE),
        Origin::Url if urls == Urls::Refused => Err(no_file(&path)),
        Origin::Url => url(path),
    }
}

/// Looks at one file that is to be a recording, or a film with sound.
pub(crate) fn recording(file: InputFile) -> Result<Checked, Fault> {
    const RECORDING: Kind = Kind {
        is: sound::may_speak,
        what: "a recording",
        name: "name a sound file such as MP3, WAV, M4A, OGG or FLAC, or a film with sound",
        largest: LARGEST_RECORDING,
    };
    let InputFile { path, from } = file;
    match from {
        Origin::File(file) => look(path, file, &RECORDING),
        Origin::Url => Err(no_file(&path)),
    }
}

/// Looks at one file that is to be a film. A provider can be asked to read a URL itself.
pub(crate) fn film(file: InputFile) -> Result<Checked, Fault> {
    const FILM: Kind = Kind {
        is: is_film,
        what: "a film",
        name: "name an MP4, MOV or WebM file",
        largest: LARGEST_RECORDING,
    };
    let InputFile { path, from } = file;
    match from {
        Origin::File(file) => look(path, file, &FILM),
        Origin::Url => url(path),
    }
}

/// Looks at files that a film is to start from: pictures, or films.
///
/// # Errors
///
/// A usage error for the first that is not a regular file, is empty or too large, or is neither.
pub(crate) fn references(files: Vec<InputFile>) -> Result<Vec<Checked>, Fault> {
    const REFERENCE: Kind = Kind {
        is: |mime_type| media::is_picture(mime_type) || is_film(mime_type),
        what: "a picture or a film",
        name: "name a PNG, JPEG or WebP file, or an MP4, MOV or WebM file",
        largest: LARGEST_RECORDING,
    };
    let look = |InputFile { path, from }| match from {
        Origin::File(file) => look(path, file, &REFERENCE),
        Origin::Url => Err(no_file(&path)),
    };
    files.into_iter().map(look).collect()
}

/// What a file is to be.
struct Kind {
    /// Whether a media type is of that kind.
    is: fn(&str) -> bool,
    what: &'static str,
    /// What to do about a file of another kind.
    name: &'static str,
    /// The most bytes.
    largest: u64,
}

fn no_file(path: &str) -> Fault {
    Fault::usage(format!("`{path}` is a URL where a file is needed")).hint("download it first")
}

/// Finds out whether a file is of a kind, from its bytes.
fn look(path: String, file: File, kind: &Kind) -> Result<Checked, Fault> {
    let refuse = |what: String| Fault::usage(format!("`{path}` {what}")).hint(kind.name);
    let unreadable = |error: io::Error| refuse(format!("cannot be read: {error}"));
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(refuse("is a directory".into()));
    }
    if !metadata.is_file() {
        return Err(refuse("is not a regular file".into()));
    }
    if metadata.len() > kind.largest {
        return Err(refuse(format!(
            "has {} bytes; at most {} are taken",
            metadata.len(),
            kind.largest
        ))
        .hint("make it smaller first"));
    }
    let blob = Blob::from_file(file, Some(&path)).map_err(unreadable)?;
    let head = blob
        .read_blocking(0, chela_egress::mime::HEAD)
        .map_err(unreadable)?;
    match media::sniff(&head) {
        Some(mime_type) if (kind.is)(mime_type) => Ok(Checked {
            input: Input {
                path,
                mime_type: Some(mime_type.into()),
                size: Some(blob.size()),
            },
            source: Source::Blob(blob),
        }),
        _ => Err(refuse(format!(
            "is not {}: it is {}",
            kind.what,
            media::in_words(&head)
        ))),
    }
}

fn url(text: String) -> Result<Checked, Fault> {
    let good = Url::parse(&text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !good {
        return Err(
            Fault::usage(format!("`{text}` is not an http or https URL"))
                .hint("write it whole, such as https://example.com/photo.png, or name a file"),
        );
    }
    Ok(Checked {
        input: Input {
            path: text.clone(),
            mime_type: None,
            size: None,
        },
        source: Source::Url(text),
    })
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use super::*;
    use crate::media::tests::PNG;
    use cap_tempfile::TempDir;

    fn temporary() -> TempDir {
        cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap()
    }

    fn open(dir: &TempDir, name: &str) -> InputFile {
        InputFile::file(name, dir.open(name).unwrap().into_std())
    }

    #[test]
    fn a_picture_goes_in_under_its_own_type_whatever_its_name() {
        let dir = temporary();
        dir.write("notes.txt", PNG).unwrap();
        let checked = picture(open(&dir, "notes.txt"), Urls::Refused).unwrap();
        assert_eq!(checked.input.mime_type.as_deref(), Some("image/png"));
        assert_eq!(checked.input.size, Some(PNG.len() as u64));
        assert_eq!(checked.input.path, "notes.txt");
    }

    #[test]
    fn what_is_no_picture_does_not_go_out_as_one() {
        let dir = temporary();
        dir.write("a.png", "just words").unwrap();
        dir.write("b.png", "").unwrap();
        dir.write("c.png", "{\"a\": 1}").unwrap();
        for (name, word) in [
            ("a.png", "it is text"),
            ("b.png", "it is empty"),
            ("c.png", "it is JSON"),
        ] {
            let fault = picture(open(&dir, name), Urls::Refused).unwrap_err();
            assert_eq!(fault.kind, chela_envelope::ErrorType::Usage);
            assert!(
                fault.message.contains(word) && fault.message.contains(name),
                "{}",
                fault.message
            );
        }
        let directory = InputFile::file(".", dir.open_dir(".").unwrap().into_std_file());
        assert!(
            picture(directory, Urls::Refused)
                .unwrap_err()
                .message
                .contains("is a directory")
        );
    }

    #[test]
    fn a_huge_file_is_refused_unread() {
        let dir = temporary();
        dir.create("a.png")
            .unwrap()
            .set_len(LARGEST_PICTURE + 1)
            .unwrap();
        let fault = picture(open(&dir, "a.png"), Urls::Refused).unwrap_err();
        assert!(fault.message.contains("at most"), "{}", fault.message);
    }

    #[test]
    fn a_recording_is_known_by_its_bytes_and_a_film_has_sound_too() {
        let dir = temporary();
        for (name, bytes, mime_type) in [
            ("a.txt", &b"ID3\x03\0\0\0\0\0\0"[..], Some("audio/mpeg")),
            ("b", b"RIFF\x24\0\0\0WAVEfmt ", Some("audio/wav")),
            ("c.wav", b"\0\0\0\x18ftypM4A \0\0\0\0", Some("audio/mp4")),
            (
                "d",
                b"\0\0\0\x18ftypisom\0\0\0\0isomiso2",
                Some("video/mp4"),
            ),
            ("e.wav", b"just words", None),
            ("f.mp3", PNG, None),
            ("g.mid", b"MThd\0\0\0\x06\0\x01", None),
            ("h.mp3", b"", None),
        ] {
            dir.write(name, bytes).unwrap();
            let checked = recording(open(&dir, name));
            assert_eq!(
                checked.ok().and_then(|one| one.input.mime_type).as_deref(),
                mime_type,
                "{name}"
            );
        }
        let fault = recording(open(&dir, "e.wav")).unwrap_err();
        assert_eq!(fault.message, "`e.wav` is not a recording: it is text");
        assert!(recording(InputFile::url("https://example.com/a.mp3")).is_err());
    }

    #[test]
    fn urls_are_taken_where_the_provider_can_read_them() {
        let checked = picture(InputFile::url("https://example.com/a.png"), Urls::Taken).unwrap();
        assert_eq!((checked.input.mime_type, checked.input.size), (None, None));
        assert!(matches!(checked.source, Source::Url(url) if url == "https://example.com/a.png"));
        assert!(picture(InputFile::url("https://example.com/a.png"), Urls::Refused).is_err());
        for bad in [
            "https://",
            "ftp://example.com/a",
            "http:/\\",
            "file:///etc/passwd",
        ] {
            assert!(picture(InputFile::url(bad), Urls::Taken).is_err(), "{bad}");
        }
    }
}
