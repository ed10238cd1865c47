//! How films are to come out, and what they start from: what the caller asked for, held against what the manifest offers.

use chela_egress::Blob;
use chela_envelope::ErrorType;
use chela_manifest::VideoSpec;
use chela_sandbox::families::video::{Reference, ReferenceRole, Request};
use serde_json::Value;

use crate::fault::Fault;
use crate::fitting::{Changes, Offer, Wishes, shape};
use crate::geometry::{AspectRatio, Size};

/// What a caller asks of films. Everything may be left to the provider.
#[derive(Clone, Debug, Default)]
pub struct VideoHints {
    /// Size in pixels.
    pub size: Option<Size>,
    /// Aspect ratio.
    pub aspect_ratio: Option<AspectRatio>,
    /// Resolution class: `360P` to `1080P`.
    pub resolution: Option<String>,
    /// Length in seconds.
    pub duration: Option<f64>,
    /// Whether it is to have sound.
    pub audio: Option<bool>,
    /// Whether it is to carry the provider's watermark.
    pub watermark: Option<bool>,
}

impl VideoHints {
    /// The name in the envelope, and the value, of an option of the contract that the caller set.
    pub(super) fn option(&self, name: &str) -> Option<(&'static str, Value)> {
        Some(match name {
            "size" => ("size", self.size?.to_string().into()),
            "aspect-ratio" => ("aspectRatio", self.aspect_ratio?.to_string().into()),
            "resolution" => ("resolution", self.resolution.clone()?.into()),
            "duration" => ("duration", seconds(self.duration?).into()),
            "audio" => ("audio", self.audio?.into()),
            "watermark" => ("watermark", self.watermark?.into()),
            _ => return None,
        })
    }
}

/// Sets the options of a request as the provider takes them, and says what became of the caller's.
pub(super) fn fit(hints: &VideoHints, spec: &VideoSpec, request: &mut Request) -> Changes {
    let mut changes = Changes::default();
    let wishes = Wishes {
        size: hints.size,
        aspect_ratio: hints.aspect_ratio,
        resolution: hints.resolution.as_deref(),
    };
    let offer = Offer {
        sizes: &spec.sizes,
        aspect_ratios: &spec.aspect_ratios,
        resolutions: &spec.resolutions,
        usual: "720P",
    };
    let shape = shape(wishes, &offer, &mut changes);
    request.size = shape.size;
    request.aspect_ratio = shape.aspect_ratio;
    request.resolution = shape.resolution;
    request.duration = hints.duration.and_then(|wanted| {
        let closest = closest_length(wanted, &spec.durations);
        match closest {
            Some(applied) => changes.note("duration", seconds(wanted), seconds(applied), None),
            None => changes.ignore("duration", seconds(wanted)),
        }
        closest
    });
    let mut switch = |key: &str, wanted: Option<bool>, offered: bool| {
        let wanted = wanted?;
        if !offered {
            changes.ignore(key, wanted);
        }
        offered.then_some(wanted)
    };
    request.audio = switch("audio", hints.audio, spec.audio);
    request.watermark = switch("watermark", hints.watermark, spec.watermark);
    changes
}

/// The length closest to the one wanted; of two equally close ones the shorter, which costs less.
fn closest_length(wanted: f64, offered: &[u32]) -> Option<f64> {
    offered
        .iter()
        .map(|length| f64::from(*length))
        .min_by(|a, b| {
            let apart = |length: f64| (length - wanted).abs();
            apart(*a).total_cmp(&apart(*b)).then(a.total_cmp(b))
        })
}

/// A length as the envelope writes it: `8`, `2.5`.
fn seconds(length: f64) -> String {
    length.to_string()
}

/// Gives each file its part in the film. One picture is the first frame, two are the first and the last one, as far as the
/// provider takes those; pictures that are not that are references to follow. A film is what is gone on from.
///
/// # Errors
///
/// `unsupported` where the provider cannot start from them. They are never left out.
pub(super) fn references(files: &[Blob], spec: &VideoSpec) -> Result<Vec<Reference>, Fault> {
    let refuse = |message: String| Err(Fault::new(ErrorType::Unsupported, message));
    let most = spec.max_references.unwrap_or(u32::MAX) as usize;
    if !files.is_empty() && spec.references.is_empty() {
        return refuse("it makes films from words alone".into());
    }
    if files.len() > most {
        let given = files.len();
        return refuse(match most {
            1 => format!("it takes one file to start from, not {given}"),
            most => format!("it takes at most {most} files to start from, not {given}"),
        });
    }
    let takes = |role: ReferenceRole| spec.references.iter().any(|known| known == name_of(role));
    let pictures = files.iter().filter(|file| is_picture(file)).count();
    let frames: &[ReferenceRole] = match pictures {
        1 => &[ReferenceRole::FirstFrame],
        2 => &[ReferenceRole::FirstFrame, ReferenceRole::LastFrame],
        _ => &[],
    };
    let mut frames = if frames.iter().copied().all(takes) {
        frames.iter().copied()
    } else {
        [].iter().copied()
    };
    files
        .iter()
        .map(|file| {
            let role = if is_picture(file) {
                frames.next().unwrap_or(ReferenceRole::Reference)
            } else {
                ReferenceRole::SourceVideo
            };
            if takes(role) {
                return Ok(Reference {
                    role,
                    media: file.clone(),
                });
            }
            let what = match role {
                ReferenceRole::SourceVideo => "it does not go on from a film",
                _ if pictures > 1 => "it does not start from several pictures",
                _ => "it does not start from a picture",
            };
            Err(Fault::new(ErrorType::Unsupported, what))
        })
        .collect()
}

fn is_picture(file: &Blob) -> bool {
    file.mime_type().starts_with("image/")
}

/// The manifest's word for a role.
fn name_of(role: ReferenceRole) -> &'static str {
    match role {
        ReferenceRole::FirstFrame => "first-frame",
        ReferenceRole::LastFrame => "last-frame",
        ReferenceRole::Reference => "reference",
        ReferenceRole::SourceVideo => "source-video",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn list(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn fitted(hints: &VideoHints, spec: &VideoSpec) -> (Request, Changes) {
        let mut request = Request::default();
        let changes = fit(hints, spec, &mut request);
        (request, changes)
    }

    #[test]
    fn a_length_becomes_the_closest_and_a_switch_is_taken_or_left_out() {
        let spec = VideoSpec {
            durations: vec![4, 8, 12],
            audio: true,
            ..VideoSpec::default()
        };
        for (wanted, applied) in [
            (1.0, 4.0),
            (6.0, 4.0),
            (6.5, 8.0),
            (8.0, 8.0),
            (600.0, 12.0),
        ] {
            let hints = VideoHints {
                duration: Some(wanted),
                ..VideoHints::default()
            };
            let (request, changes) = fitted(&hints, &spec);
            assert_eq!(request.duration, Some(applied));
            assert_eq!(changes.normalization.is_empty(), wanted == applied);
        }
        let hints = VideoHints {
            duration: Some(2.5),
            audio: Some(false),
            watermark: Some(false),
            ..VideoHints::default()
        };
        let (request, changes) = fitted(&hints, &spec);
        assert_eq!((request.audio, request.watermark), (Some(false), None));
        assert_eq!(changes.ignored[0].key, "watermark");
        assert_eq!(changes.ignored[0].value, Value::Bool(false));
        let (request, changes) = fitted(&hints, &VideoSpec::default());
        assert_eq!(request.duration, None);
        assert_eq!(changes.ignored[0].value, Value::from("2.5"));
        assert_eq!(hints.option("duration"), Some(("duration", "2.5".into())));
    }

    #[test]
    fn a_size_becomes_a_ratio_and_a_class_of_films() {
        let spec = VideoSpec {
            aspect_ratios: list(&["16:9", "9:16"]),
            resolutions: list(&["720P", "1080P"]),
            ..VideoSpec::default()
        };
        let hints = VideoHints {
            size: "1920x1080".parse().ok(),
            ..VideoHints::default()
        };
        let (request, changes) = fitted(&hints, &spec);
        assert_eq!(request.resolution.as_deref(), Some("1080P"));
        assert_eq!(changes.normalization["aspectRatio"].applied, "16:9");
        assert!(changes.ignored.is_empty());
    }

    fn blob(kind: &str) -> Blob {
        match kind {
            "picture" => Blob::from_bytes("", Bytes::from_static(crate::media::tests::PNG)),
            _ => Blob::from_bytes(
                "",
                Bytes::from_static(b"\0\0\0\x18ftypisom\0\0\0\0isomiso2"),
            ),
        }
    }

    #[test]
    fn each_file_has_its_part_or_the_provider_is_not_asked() {
        use ReferenceRole::{FirstFrame, LastFrame, Reference, SourceVideo};
        let frames = &["first-frame", "last-frame"][..];
        let all = &["first-frame", "last-frame", "reference", "source-video"][..];
        for (offered, files, expected) in [
            (&[][..], &[][..], Some(&[][..])),
            (&[], &["picture"], None),
            (&["first-frame"], &["picture"], Some(&[FirstFrame])),
            (&["first-frame"], &["film"], None),
            (&["first-frame"], &["picture", "picture"], None),
            (&["reference"], &["picture"], Some(&[Reference])),
            (
                frames,
                &["picture", "picture"],
                Some(&[FirstFrame, LastFrame]),
            ),
            (frames, &["picture", "picture", "picture"], None),
            (
                all,
                &["picture", "picture", "picture"],
                Some(&[Reference, Reference, Reference]),
            ),
            (all, &["film"], Some(&[SourceVideo])),
            (all, &["film", "picture"], Some(&[SourceVideo, FirstFrame])),
            (
                &["first-frame", "reference"],
                &["picture", "picture"],
                Some(&[Reference, Reference]),
            ),
        ] {
            let spec = VideoSpec {
                references: list(offered),
                ..VideoSpec::default()
            };
            let files: Vec<Blob> = files.iter().map(|kind| blob(kind)).collect();
            let roles = references(&files, &spec);
            let roles = roles.map(|all| all.into_iter().map(|one| one.role).collect::<Vec<_>>());
            assert_eq!(roles.ok().as_deref(), expected, "{offered:?}");
        }
        let spec = VideoSpec {
            references: list(all),
            max_references: Some(1),
            ..VideoSpec::default()
        };
        let fault = references(&[blob("picture"), blob("film")], &spec).expect_err("too many");
        assert_eq!(fault.kind, ErrorType::Unsupported);
    }
}
