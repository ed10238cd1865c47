//! `tts.convert` and the voices there are: words as speech.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use chela_catalog::Capability;
use chela_egress::Blob;
use chela_envelope::{Envelope, ErrorType, IgnoredOverride, Normalized, Output, Usage, capability};
use chela_manifest::SpeechSpec;
use chela_sandbox::families::speech::{Format, Request, Response};
use serde::Serialize;

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank};
use crate::choose::{Deadlines, first};
use crate::deliver::deliver;
use crate::fault::{Fault, prose, short};
use crate::image_make::MediaAnswer;
use crate::media::Seen;
use crate::output::{Destination, Finished};
use crate::report::Report;
use crate::runtime::Runtime;
use crate::sound::{pcm_duration_ms, sound};
use crate::told::usage_of;

/// How long one provider may take when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(120);

/// How long a list of voices may take.
const LISTING_TIME: Duration = Duration::from_secs(30);

/// The name under which `tts voices` fails.
const VOICES: &str = "tts.voices";

/// Messengers that take a voice message as Opus and nothing else.
const OPUS_CHANNELS: [&str; 5] = ["feishu", "matrix", "signal", "telegram", "whatsapp"];

/// A request for speech.
#[derive(Clone, Debug)]
pub struct TtsConvert {
    /// What to say. Never altered.
    pub text: String,
    /// Who says it, by the provider's id; the provider's default voice when there is none.
    pub voice: Option<String>,
    /// File format; else that of the name under which the sound goes to a file, else what the channel takes, else what the
    /// provider gives unasked.
    pub output_format: Option<Format>,
    /// The messenger that the sound is for, such as `telegram`.
    pub channel: Option<String>,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// Where the sound goes.
    pub output: Destination,
}

/// A voice, as `tts voices` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VoiceRecord {
    /// The id that a request for speech names.
    pub id: String,
    /// A name for people.
    pub label: String,
    /// Whose voice it is.
    pub provider: String,
    /// Whether it speaks when none is named.
    pub default: bool,
    /// The languages it speaks, where the provider says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// What it sounds like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The gender it is heard as, in the provider's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// The address of a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<String>,
}

/// The format that is asked for, and what became of the caller's wish.
#[derive(Debug, Default)]
struct Fitted {
    format: Option<Format>,
    ignored: Option<IgnoredOverride>,
}

/// What one provider made.
struct Spoken {
    sound: Blob,
    seen: Seen,
    fitted: Fitted,
    usage: Option<Usage>,
    request_id: Option<String>,
    ignored: Vec<String>,
}

impl Runtime {
    /// Speaks.
    pub async fn tts_convert(&self, request: TtsConvert) -> MediaAnswer {
        let mut report = Report::new(capability::TTS_CONVERT);
        match self.speak(&request, &mut report).await {
            Ok(spoken) => self.deliver_speech(&request, spoken, report).await,
            Err(fault) => MediaAnswer {
                envelope: report.fail(fault),
                stdout: None,
            },
        }
    }

    async fn speak(&self, request: &TtsConvert, report: &mut Report) -> Result<Spoken, Fault> {
        request.check()?;
        request.output.check(&self.options.media, 1)?;
        let candidates = self.candidates(Capability::TtsConvert, &request.selection, report)?;
        let deadlines = Deadlines {
            started: report.started(),
            asked: request.selection.timeout,
            usual: USUAL_TIME,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate: &Candidate<'_>, deadline, ledger| {
                let spec = candidate.manifest().speech.as_ref();
                request.fits(spec)?;
                let fitted = request.fit(spec);
                let ask = request.ask(candidate, spec, fitted.format);
                self.tries(candidate, deadline, ledger, async |instance| {
                    let response = instance.synthesize(ask.clone()).await?;
                    Spoken::of(response, fitted.format).await
                })
                .await
                .map(|spoken| Spoken { fitted, ..spoken })
            },
        )
        .await;
        self.conclude(course, &candidates, report)
    }

    async fn deliver_speech(
        &self,
        request: &TtsConvert,
        spoken: Spoken,
        mut report: Report,
    ) -> MediaAnswer {
        report.usage(spoken.usage);
        report.envelope.request_id = spoken.request_id;
        report.envelope.ignored_overrides = spoken.fitted.ignored.into_iter().collect();
        report.ignored(&spoken.ignored, |name| match name {
            "voice" => Some(("voice", request.voice.clone()?.into())),
            "format" => Some(("outputFormat", name_of(request.output_format?).into())),
            _ => None,
        });
        // A name that did not keep its extension says the same; see `Report::renamed`.
        let wish = request.wish();
        if let Some((wanted, from)) = wish.filter(|(_, from)| *from != Some("output"))
            && report.envelope.ignored_overrides.is_empty()
            && mime_type(wanted) != spoken.seen.mime_type
        {
            let normalized = Normalized {
                requested: name_of(wanted).into(),
                applied: word_for(spoken.seen.mime_type).into(),
                derived_from: from.map(str::to_owned),
            };
            report
                .envelope
                .normalization
                .insert("outputFormat".into(), normalized);
        }
        let finished = [Finished {
            blob: &spoken.sound,
            seen: &spoken.seen,
            revised_prompt: None,
        }];
        let folder = &self.options.media;
        let delivered = deliver(
            &mut report,
            &request.output,
            folder,
            capability::TTS_CONVERT,
            1,
            &finished,
        )
        .await;
        let outputs = delivered.outputs.into_iter().map(Output::Media).collect();
        match delivered.misplaced {
            None => MediaAnswer {
                stdout: delivered.stdout,
                envelope: report.succeed(outputs),
            },
            Some(misplaced) => MediaAnswer {
                envelope: report.fail_with(misplaced.fault.body(None), outputs),
                stdout: None,
            },
        }
    }

    /// The voices of the provider that is named, or would speak. Those that its manifest names where it has no list of its own.
    ///
    /// # Errors
    ///
    /// The envelope of the failure.
    pub async fn tts_voices(
        &self,
        selection: Selection,
    ) -> Result<Vec<VoiceRecord>, Box<Envelope>> {
        let mut report = Report::new(VOICES);
        match self.voices(&selection, &mut report).await {
            Ok(voices) => Ok(voices),
            Err(fault) => Err(Box::new(report.fail(fault))),
        }
    }

    async fn voices(
        &self,
        selection: &Selection,
        report: &mut Report,
    ) -> Result<Vec<VoiceRecord>, Fault> {
        selection.check()?;
        let mut candidates = self.candidates(Capability::TtsConvert, selection, report)?;
        // Another provider's voices are no answer.
        candidates.truncate(1);
        let deadlines = Deadlines {
            started: report.started(),
            asked: selection.timeout,
            usual: LISTING_TIME,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate: &Candidate<'_>, deadline, ledger| {
                let listed = self
                    .tries(candidate, deadline, ledger, async |instance| {
                        Ok(instance.list_voices().await?)
                    })
                    .await;
                let spec = candidate.manifest().speech.as_ref();
                let named = spec.map_or(&[][..], |spec| &spec.voices[..]);
                let default = spec.and_then(|spec| spec.default_voice.as_deref());
                let record = |id: String| VoiceRecord {
                    label: id.clone(),
                    provider: candidate.id().to_owned(),
                    default: Some(id.as_str()) == default,
                    languages: Vec::new(),
                    description: None,
                    gender: None,
                    preview_url: None,
                    id,
                };
                match listed {
                    Ok(voices) => Ok(voices
                        .into_iter()
                        .map(|voice| VoiceRecord {
                            label: voice
                                .name
                                .as_deref()
                                .map_or_else(|| voice.id.clone(), short),
                            languages: voice.languages,
                            description: voice.description.as_deref().map(prose),
                            gender: voice.gender.as_deref().map(short),
                            preview_url: voice.preview_url,
                            ..record(voice.id)
                        })
                        .collect()),
                    Err(fault) if fault.kind == ErrorType::Unsupported && !named.is_empty() => {
                        Ok(named.iter().cloned().map(record).collect())
                    }
                    Err(fault) => Err(fault),
                }
            },
        )
        .await;
        self.conclude(course, &candidates, report)
    }
}

impl TtsConvert {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        not_blank(&self.text, "the text")?;
        for (value, what) in [(&self.voice, "the voice"), (&self.channel, "the channel")] {
            if let Some(value) = value {
                not_blank(value, what)?;
            }
        }
        Ok(())
    }

    /// Whether the text is of a length that the provider takes. It is not cut, and two halves are not one recording.
    fn fits(&self, spec: Option<&SpeechSpec>) -> Result<(), Fault> {
        let Some(most) = spec.and_then(|spec| spec.max_characters) else {
            return Ok(());
        };
        let length = self.text.chars().count();
        if length <= most as usize {
            return Ok(());
        }
        Err(Fault::new(
            ErrorType::Unsupported,
            format!("it speaks texts of at most {most} characters, not of {length}"),
        )
        .hint("split the text, or name another provider with --provider"))
    }

    /// The format that is wished for, and the option that it follows from where it is not said outright.
    fn wish(&self) -> Option<(Format, Option<&'static str>)> {
        if let Some(format) = self.output_format {
            return Some((format, None));
        }
        if let Destination::File { name, .. } = &self.output
            && let Some(format) = of_name(name)
        {
            return Some((format, Some("output")));
        }
        let channel = self.channel.as_deref()?.trim().to_ascii_lowercase();
        let format = if OPUS_CHANNELS.contains(&channel.as_str()) {
            Format::Opus
        } else {
            Format::Mp3
        };
        Some((format, Some("channel")))
    }

    /// The format to ask this provider for: the one that is wished for, or the closest that it offers.
    fn fit(&self, spec: Option<&SpeechSpec>) -> Fitted {
        let Some((wanted, _)) = self.wish() else {
            return Fitted::default();
        };
        let Some(spec) = spec else {
            return Fitted {
                format: Some(wanted),
                ..Fitted::default()
            };
        };
        let format = closest(wanted, &spec.output_formats);
        let ignored = (format.is_none() && self.output_format.is_some()).then(|| IgnoredOverride {
            key: "outputFormat".into(),
            value: name_of(wanted).into(),
        });
        Fitted { format, ignored }
    }

    fn ask(
        &self,
        candidate: &Candidate<'_>,
        spec: Option<&SpeechSpec>,
        format: Option<Format>,
    ) -> Request {
        Request {
            model: candidate.model.clone(),
            text: self.text.clone(),
            voice: self
                .voice
                .clone()
                .or_else(|| spec.and_then(|spec| spec.default_voice.clone())),
            format,
            speed: None,
            instructions: None,
            language: None,
            extra: Vec::new(),
        }
    }
}

impl Spoken {
    /// What came out, held against its bytes.
    async fn of(response: Response, asked: Option<Format>) -> Result<Self, Fault> {
        let request_id = response.request_id.as_deref().map(short);
        let mut seen = sound(&response.media, asked).await.map_err(|fault| Fault {
            request_id: request_id.clone(),
            ..fault
        })?;
        seen.sample_rate = seen.sample_rate.or(response.sample_rate);
        let said = response
            .duration
            .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
            .map(|seconds| (seconds * 1000.0).round() as u64);
        let counted = || match (seen.mime_type, seen.sample_rate) {
            (crate::sound::PCM, Some(rate)) => pcm_duration_ms(response.media.size(), rate),
            _ => None,
        };
        seen.duration_ms = seen.duration_ms.or_else(counted).or(said);
        Ok(Self {
            sound: response.media,
            seen,
            fitted: Fitted::default(),
            usage: response.usage.map(usage_of),
            request_id,
            ignored: response.ignored,
        })
    }
}

/// The formats of the contract, as flags and manifests call them, with their media types.
const FORMATS: [(Format, &str, &str); 6] = [
    (Format::Mp3, "mp3", "audio/mpeg"),
    (Format::Wav, "wav", "audio/wav"),
    (Format::Opus, "opus", "audio/ogg"),
    (Format::Aac, "aac", "audio/aac"),
    (Format::Flac, "flac", "audio/flac"),
    (Format::Pcm, "pcm", crate::sound::PCM),
];

fn name_of(format: Format) -> &'static str {
    FORMATS
        .iter()
        .find(|(known, ..)| *known == format)
        .map_or("mp3", |(_, name, _)| name)
}

fn mime_type(format: Format) -> &'static str {
    FORMATS
        .iter()
        .find(|(known, ..)| *known == format)
        .map_or("audio/mpeg", |(_, _, mime_type)| mime_type)
}

/// The flag's word for a media type, or the media type where there is none.
fn word_for(mime_type: &'static str) -> &'static str {
    FORMATS
        .iter()
        .find(|(_, _, known)| *known == mime_type)
        .map_or(mime_type, |(_, name, _)| name)
}

/// The format that a file's name speaks of.
fn of_name(name: &OsStr) -> Option<Format> {
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
fn closest(wanted: Format, offered: &[String]) -> Option<Format> {
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
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use super::*;
    use cap_tempfile::TempDir;

    fn request(format: Option<Format>, channel: Option<&str>, file: Option<&str>) -> TtsConvert {
        let temporary = TempDir::new(cap_std::ambient_authority()).expect("a folder");
        let folder = crate::Folder::new(temporary.try_clone().expect("a handle"), "", "out")
            .expect("a folder");
        TtsConvert {
            text: "hello".into(),
            voice: None,
            output_format: format,
            channel: channel.map(str::to_owned),
            selection: Selection::default(),
            output: file.map_or(Destination::MediaFolder, |name| {
                Destination::file(folder, name).expect("a name")
            }),
        }
    }

    #[test]
    fn the_format_is_the_flags_then_the_names_then_the_channels() {
        for (format, channel, file, wish) in [
            (
                Some(Format::Flac),
                Some("telegram"),
                Some("a.wav"),
                Some((Format::Flac, None)),
            ),
            (
                None,
                Some("telegram"),
                Some("a.WAV"),
                Some((Format::Wav, Some("output"))),
            ),
            (
                None,
                Some("Telegram"),
                Some("a.v2"),
                Some((Format::Opus, Some("channel"))),
            ),
            (
                None,
                Some("slack"),
                None,
                Some((Format::Mp3, Some("channel"))),
            ),
            (
                None,
                None,
                Some("a.ogg"),
                Some((Format::Opus, Some("output"))),
            ),
            (None, None, Some("a"), None),
            (None, None, None, None),
        ] {
            assert_eq!(request(format, channel, file).wish(), wish);
        }
    }

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
        let none = SpeechSpec::default();
        let fitted = request(Some(Format::Wav), None, None).fit(Some(&none));
        assert!(fitted.format.is_none() && fitted.ignored.is_some());
        // What follows from a name is told by the name.
        let fitted = request(None, None, Some("a.wav")).fit(Some(&none));
        assert!(fitted.format.is_none() && fitted.ignored.is_none());
    }

    #[test]
    fn a_text_that_is_too_long_is_not_cut() {
        let spec = SpeechSpec {
            max_characters: Some(4),
            ..SpeechSpec::default()
        };
        let fault = request(None, None, None)
            .fits(Some(&spec))
            .expect_err("too long");
        assert_eq!(fault.kind, ErrorType::Unsupported);
        assert!(request(None, None, None).fits(None).is_ok());
    }

    #[test]
    fn a_blank_text_is_refused() {
        for text in ["", " ", "\n"] {
            let request = TtsConvert {
                text: text.into(),
                ..request(None, None, None)
            };
            assert_eq!(request.check().expect_err(text).kind, ErrorType::Usage);
        }
    }
}
