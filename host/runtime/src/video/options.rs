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
        return refuse(format!(
            "it takes at most {most} files to start from, not {given}"
        ));
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
