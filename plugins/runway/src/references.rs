//! Pictures and films to work from, inside the request as `data:` URLs.
//!
//! Follows <https://docs.dev.runwayml.com/assets/inputs>.

use chela_sdk::http::Blobs;
use chela_sdk::video::{Reference, ReferenceRole};
use chela_sdk::{Blob, Failure, Result};
use serde_json::{Map, Value};

use chela_dialect::loose::set;
use chela_dialect::object;

use crate::rules::{From, Rule};

/// The longest `data:` URL of a picture, in characters.
const LONGEST_PICTURE: u64 = 5 << 20;

/// The longest `data:` URL of a film or a recording.
const LONGEST_FILM: u64 = 16 << 20;

/// What a film of these starts from.
///
/// # Errors
///
/// `unsupported` where the API has no place for all of them together.
pub(crate) fn start(references: &[Reference]) -> Result<From> {
    let number = |role| references.iter().filter(|one| one.role == role).count();
    let frames = number(ReferenceRole::FirstFrame) + number(ReferenceRole::LastFrame);
    let films = number(ReferenceRole::SourceVideo);
    let refused = if films > 1 {
        "it starts from one film, not from several"
    } else if films == 1 && frames > 0 {
        "a film that starts from another one takes no frames"
    } else if number(ReferenceRole::FirstFrame) > 1 || number(ReferenceRole::LastFrame) > 1 {
        "a film has one first frame and one last frame"
    } else if frames > 0 && number(ReferenceRole::FirstFrame) == 0 {
        "a last frame takes a first one beside it"
    } else if frames > 0 && number(ReferenceRole::Reference) > 0 {
        "frames and references cannot be mixed"
    } else if films == 1 {
        return Ok(From::Film);
    } else if frames > 0 {
        return Ok(From::Image);
    } else {
        return Ok(From::Text);
    };
    Err(Failure::unsupported(refused))
}

/// Puts them into the fields of a request.
pub(crate) fn put<'a>(
    references: &'a [Reference],
    model: &str,
    rule: &Rule,
    fields: &mut Map<String, Value>,
    blobs: &mut Blobs<'a>,
) -> Result<()> {
    let lacks = |what: &str, words: &str| {
        if rule.takes(what) {
            Ok(())
        } else {
            Err(Failure::unsupported(format!("{model} takes no {words}")))
        }
    };
    let mut frames = Vec::new();
    let mut pictures = Vec::new();
    let mut films = Vec::new();
    let mut recordings = Vec::new();
    for Reference { role, media } in references {
        let uri = uri(media, blobs)?;
        match role {
            ReferenceRole::FirstFrame => {
                frames.push(object! { "uri": uri, "position": "first" });
            }
            ReferenceRole::LastFrame => {
                lacks("last-frame", "last frame")?;
                frames.push(object! { "uri": uri, "position": "last" });
            }
            ReferenceRole::SourceVideo => set(fields, &rule.film_field, uri),
            ReferenceRole::Reference => {
                lacks("references", "references")?;
                match kind(&media.mime_type()) {
                    Kind::Picture => pictures.push(object! { "uri": uri }),
                    Kind::Film => films.push(object! { "type": "video", "uri": uri }),
                    Kind::Recording => recordings.push(object! { "type": "audio", "uri": uri }),
                }
            }
        }
    }
    for (name, list) in [
        ("promptImage", frames),
        ("references", pictures),
        ("referenceVideos", films),
        ("referenceAudio", recordings),
    ] {
        if !list.is_empty() {
            set(fields, name, list);
        }
    }
    Ok(())
}

enum Kind {
    Picture,
    Film,
    Recording,
}

fn kind(mime_type: &str) -> Kind {
    match mime_type.split('/').next() {
        Some("video") => Kind::Film,
        Some("audio") => Kind::Recording,
        _ => Kind::Picture,
    }
}

/// The media as a `data:` URL, which is as long as the API takes it.
fn uri<'a>(media: &'a Blob, blobs: &mut Blobs<'a>) -> Result<Value> {
    let mime_type = media.mime_type();
    let (longest, what) = match kind(&mime_type) {
        Kind::Picture => (LONGEST_PICTURE, "picture"),
        Kind::Film => (LONGEST_FILM, "film"),
        Kind::Recording => (LONGEST_FILM, "recording"),
    };
    let around = "data:;base64,".len() + mime_type.len();
    let room = longest.saturating_sub(around as u64) / 4 * 3;
    if media.size() > room {
        return Err(Failure::invalid_request(format!(
            "the {what} is {} bytes long, and Runway takes at most {room} inside a request",
            media.size()
        )));
    }
    Ok(blobs.data_url(media))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::FailureKind;
    use proptest::prelude::*;

    fn of(roles: &[ReferenceRole]) -> Vec<Reference> {
        let one = |role: &ReferenceRole| Reference {
            role: *role,
            media: Blob::new("image/png", b"x"),
        };
        roles.iter().map(one).collect()
    }

    #[test]
    fn roles_say_what_it_starts_from() {
        use ReferenceRole::{FirstFrame, LastFrame, Reference, SourceVideo};
        for (roles, from) in [
            (&[][..], Some(From::Text)),
            (&[Reference, Reference], Some(From::Text)),
            (&[FirstFrame], Some(From::Image)),
            (&[LastFrame, FirstFrame], Some(From::Image)),
            (&[SourceVideo], Some(From::Film)),
            (&[SourceVideo, Reference], Some(From::Film)),
            (&[LastFrame], None),
            (&[FirstFrame, FirstFrame], None),
            (&[FirstFrame, Reference], None),
            (&[SourceVideo, FirstFrame], None),
            (&[SourceVideo, SourceVideo], None),
        ] {
            let found = start(&of(roles));
            if from.is_none() {
                let failure = found.as_ref().expect_err("refused");
                assert_eq!(failure.kind, FailureKind::Unsupported, "{roles:?}");
            }
            assert_eq!(found.ok(), from, "{roles:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_sent() {
        for (mime_type, longest) in [
            ("image/png", 3_932_142),
            ("video/mp4", 12_582_894),
            ("audio/mpeg", 12_582_894),
        ] {
            let mut blobs = Blobs::new();
            let fits = Blob::new(mime_type, &vec![0; longest]);
            assert!(uri(&fits, &mut blobs).is_ok(), "{mime_type}");
            let mut blobs = Blobs::new();
            let over = Blob::new(mime_type, &vec![0; longest + 1]);
            let failure = uri(&over, &mut blobs).expect_err(mime_type);
            assert_eq!(failure.kind, FailureKind::InvalidRequest);
            assert!(
                failure.message.contains(&longest.to_string()),
                "{}",
                failure.message
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_sent_is_within_the_limit(kind in "(image|video|audio)/[a-z0-9.+-]{1,60}", size in 3_900_000_usize..3_940_000) {
            let blob = Blob::new(&kind, &vec![0; size]);
            let mut blobs = Blobs::new();
            if uri(&blob, &mut blobs).is_ok() {
                let length = format!("data:{kind};base64,").len() + size.div_ceil(3) * 4;
                let limit = if kind.starts_with("image") { LONGEST_PICTURE } else { LONGEST_FILM };
                prop_assert!(length as u64 <= limit, "{length}");
            }
        }
    }
}
