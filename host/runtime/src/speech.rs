//! `tts.convert` and the voices there are: words as speech.

use std::time::Duration;

use chela_catalog::Capability;
use chela_config::{Manner, Tts};
use chela_egress::Blob;
use chela_envelope::{ErrorType, IgnoredOverride, Normalized, Output, Usage, capability};
use chela_manifest::SpeechSpec;
use chela_sandbox::families::NamedValue;
use chela_sandbox::families::speech::{Format, Request, Response};

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank};
use crate::choose::{Deadlines, first};
use crate::deliver::deliver;
use crate::fault::{Fault, short};
use crate::image_make::MediaAnswer;
use crate::media::Seen;
use crate::output::{Destination, Finished};
use crate::report::Report;
use crate::runtime::Runtime;
use crate::sound::{pcm_duration_ms, sound};
use crate::speech_format::{closest, mime_type, name_of, of_name, word_for};
use crate::told::usage_of;

/// How long one provider may take when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(120);

/// Messengers that take a voice message as Opus and nothing else.
const OPUS_CHANNELS: [&str; 5] = ["feishu", "matrix", "signal", "telegram", "whatsapp"];

/// A request for speech.
#[derive(Clone, Debug)]
pub struct TtsConvert {
    /// What to say. Never altered.
    pub text: String,
    /// Who says it, by the provider's id; the provider's default voice when there is none.
    pub voice: Option<String>,
    /// How fast, above 0, 1 being normal.
    pub speed: Option<f64>,
    /// How to say it. Never altered.
    pub instructions: Option<String>,
    /// How providers speak where the caller does not say.
    pub usual: Tts,
    /// The persona that speaks: one of `usual.personas`.
    pub persona: Option<String>,
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
    /// How it was asked for, the caller's own words apart.
    manner: Manner,
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
                pending: None,
            },
        }
    }

    async fn speak(&self, request: &TtsConvert, report: &mut Report) -> Result<Spoken, Fault> {
        request.check()?;
        request.output.check(&self.options.media, 1)?;
        let mut candidates = self.candidates(Capability::TtsConvert, &request.selection, report)?;
        if request.selection.model.is_none() {
            for candidate in &mut candidates {
                let manner = request.manner(candidate.id());
                if let Some(model) = manner.ok().and_then(|manner| manner.model) {
                    candidate.rename_model(model);
                }
            }
        }
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
                let manner = request.manner(candidate.id())?;
                let voice_is_known = spec.is_none_or(|spec| {
                    let voice = request.voice.as_ref().or(manner.voice.as_ref());
                    spec.voices.is_empty() || voice.is_none_or(|voice| spec.voices.contains(voice))
                });
                let ask = request.ask(&candidate.model, spec, fitted.format, manner.clone());
                self.tries(candidate, deadline, ledger, async |instance| {
                    let response = instance.synthesize(ask.clone()).await?;
                    Spoken::of(response, fitted.format).await
                })
                .await
                .map(|spoken| Spoken {
                    fitted,
                    manner,
                    ..spoken
                })
                .map_err(|fault| match spec {
                    Some(spec) if !voice_is_known => perhaps_another_voice(
                        fault,
                        ask.voice.as_deref().unwrap_or_default(),
                        &spec.voices,
                    ),
                    _ => fault,
                })
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
        report.ignored(&spoken.ignored, |name| request.option(name, &spoken.manner));
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
                pending: None,
                envelope: report.succeed(outputs),
            },
            Some(misplaced) => MediaAnswer {
                envelope: report.fail_with(misplaced.fault.body(None), outputs),
                stdout: None,
                pending: None,
            },
        }
    }
}

impl TtsConvert {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        not_blank(&self.text, "the text")?;
        for (value, what) in [
            (&self.voice, "the voice"),
            (&self.channel, "the channel"),
            (&self.instructions, "the instructions"),
        ] {
            if let Some(value) = value {
                not_blank(value, what)?;
            }
        }
        if let Some(persona) = &self.persona
            && !self.usual.personas.contains_key(persona)
        {
            return Err(Fault::usage(format!("there is no persona `{persona}`")));
        }
        Ok(())
    }

    /// How this provider is to speak where the caller does not say.
    fn manner(&self, provider: &str) -> Result<Manner, Fault> {
        let persona = self.persona.as_deref();
        let known = persona.and_then(|id| self.usual.personas.get(id));
        self.usual.manner(known, provider).ok_or_else(|| {
            let persona = persona.unwrap_or_default();
            Fault::new(
                ErrorType::Unsupported,
                format!("the persona `{persona}` has no binding for it, and is not to speak without"),
            )
            .hint(format!(
                "bind it under tts.personas.{persona}.providers.{provider}, or name another provider with --provider"
            ))
        })
    }

    /// The name in the envelope, and the value, of an option of the contract that was set: by the caller under the flag's name, by
    /// the configuration under the key's.
    fn option(&self, name: &str, manner: &Manner) -> Option<(&'static str, serde_json::Value)> {
        let text = |flag: &Option<String>, key: &Option<String>, names: [&'static str; 2]| {
            let from_flag = flag.clone().map(|text| (names[0], text.into()));
            from_flag.or_else(|| key.clone().map(|text| (names[1], text.into())))
        };
        match name {
            "voice" => text(&self.voice, &manner.voice, ["voice", "tts.voice"]),
            "instructions" => text(
                &self.instructions,
                &manner.instructions,
                ["instructions", "tts.instructions"],
            ),
            "language" => text(&None, &manner.language, ["language", "tts.language"]),
            "speed" => match self.speed {
                Some(speed) => Some(("speed", speed.into())),
                None => Some(("tts.speed", manner.speed?.into())),
            },
            "format" => Some(("outputFormat", name_of(self.output_format?).into())),
            _ => None,
        }
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
        model: &str,
        spec: Option<&SpeechSpec>,
        format: Option<Format>,
        manner: Manner,
    ) -> Request {
        let extra = manner.extra.into_iter().map(|(name, value)| NamedValue {
            name,
            value: value.to_string(),
        });
        Request {
            model: model.to_owned(),
            text: self.text.clone(),
            voice: self
                .voice
                .clone()
                .or(manner.voice)
                .or_else(|| spec.and_then(|spec| spec.default_voice.clone())),
            format,
            speed: self.speed.or(manner.speed),
            instructions: self.instructions.clone().or(manner.instructions),
            language: manner.language,
            extra: extra.collect(),
        }
    }
}

/// Says which voice was perhaps meant, where the provider refused one that its manifest does not name.
fn perhaps_another_voice(fault: Fault, voice: &str, known: &[String]) -> Fault {
    let refused = matches!(fault.kind, ErrorType::InvalidRequest | ErrorType::NotFound);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match chela_manifest::document::nearest(voice, &known) {
        Some(near) if refused && fault.hint.is_none() => fault.hint(format!(
            "`{voice}` is none of the voices that chela knows there: did you mean --voice {near}?"
        )),
        _ => fault,
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
            manner: Manner::default(),
            usage: response.usage.map(usage_of),
            request_id,
            ignored: response.ignored,
        })
    }
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
            speed: None,
            instructions: None,
            usual: Tts::default(),
            persona: None,
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
    fn what_follows_from_a_name_is_told_by_the_name() {
        let none = SpeechSpec::default();
        let fitted = request(Some(Format::Wav), None, None).fit(Some(&none));
        assert!(fitted.format.is_none() && fitted.ignored.is_some());
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
