//! `audio.transcribe`: what is said in a recording, in words.

use std::time::Duration;

use chela_catalog::Capability;
use chela_egress::Blob;
use chela_envelope::{
    DescriptionOutput, Envelope, ErrorType, Output, Segment, TextKind, capability,
};
use chela_manifest::TranscriptionSpec;
use chela_sandbox::families::model::Source;
use chela_sandbox::families::transcription::{self, Request, Response, Timestamps};

use crate::candidate::Candidate;
use crate::check::{Selection, language_tag, not_blank, not_zero};
use crate::choose::{Deadlines, first};
use crate::fault::{Fault, short};
use crate::input::{InputFile, recording};
use crate::report::Report;
use crate::runtime::Runtime;
use crate::told::usage_of;

/// How long one provider may take when nobody says. Long recordings take minutes to go up and minutes to be heard.
const USUAL_TIME: Duration = Duration::from_secs(600);

/// The most stretches of speech that are taken from one answer: a word each for a day of speech.
const MOST_SEGMENTS: usize = 500_000;

/// A request for what is said.
#[derive(Debug)]
pub struct AudioTranscribe {
    /// The recording, or a film with sound.
    pub file: InputFile,
    /// The language spoken, as a BCP 47 tag; found by the model when there is none.
    pub language: Option<String>,
    /// Words, names or a style to expect. Never altered.
    pub prompt: Option<String>,
    /// How finely to time the text; the segments of the answer are as fine.
    pub timestamps: Timestamps,
    /// Whether to tell speakers apart.
    pub diarize: bool,
    /// How many speakers to expect, with `diarize`.
    pub speaker_count: Option<u32>,
    /// Who is asked, and for how long.
    pub selection: Selection,
}

/// What of a request has nothing to do with its file.
pub(crate) struct Wishes {
    language: Option<String>,
    prompt: Option<String>,
    timestamps: Timestamps,
    diarize: bool,
    speaker_count: Option<u32>,
    timeout: Option<Duration>,
    strict: bool,
}

impl Runtime {
    /// Writes down what is said. The recording goes up as a stream.
    pub async fn audio_transcribe(&self, request: AudioTranscribe) -> Envelope {
        let mut report = Report::new(capability::AUDIO_TRANSCRIBE);
        match self.transcribe(request, &mut report).await {
            Ok(output) => report.succeed(vec![output]),
            Err(fault) => report.fail(fault),
        }
    }

    async fn transcribe(
        &self,
        request: AudioTranscribe,
        report: &mut Report,
    ) -> Result<Output, Fault> {
        let wishes = request.check()?;
        let file = recording(request.file)?;
        report.inputs([file.input.clone()]);
        let Source::Blob(audio) = file.source else {
            return Err(Fault::new(
                ErrorType::Internal,
                "a recording that is not here",
            ));
        };
        let candidates =
            self.candidates(Capability::AudioTranscribe, &request.selection, report)?;
        let deadlines = Deadlines {
            started: report.started(),
            asked: wishes.timeout,
            usual: USUAL_TIME,
        };
        let fits = |candidate: &Candidate<'_>| takes(candidate, audio.size());
        let choice = !wishes.strict && candidates.iter().any(fits);
        let course = first(
            &candidates,
            deadlines,
            async |candidate: &Candidate<'_>, deadline, ledger| {
                // The limit that a manifest names is the server's to enforce; it only serves to pick another one.
                if choice && !fits(candidate) {
                    return Err(too_large(candidate, audio.size()));
                }
                let spec = candidate.manifest().transcription.as_ref();
                let (request, left_out) = wishes.request(&candidate.model, spec, &audio);
                let mut response = self
                    .tries(candidate, deadline, ledger, async |instance| {
                        let response = instance.transcribe(request.clone()).await?;
                        hold(&response)?;
                        Ok(response)
                    })
                    .await?;
                response.ignored.extend(left_out);
                Ok(response)
            },
        )
        .await;
        let response = self.conclude(course, &candidates, report)?;
        report.ignored(&response.ignored, |name| wishes.option(name));
        report.usage(response.usage.map(usage_of));
        report.envelope.request_id = response.request_id.as_deref().map(short);
        let stretches = match wishes.timestamps {
            Timestamps::Word if !response.words.is_empty() => response.words,
            Timestamps::None if !wishes.diarize => Vec::new(),
            _ => response.segments,
        };
        Ok(Output::Description(DescriptionOutput {
            path: file.input.path,
            text: response.text,
            kind: TextKind::AudioTranscription,
            language: response
                .language
                .as_deref()
                .filter(|language| !language.is_empty())
                .map(short),
            segments: stretches.into_iter().map(segment).collect(),
        }))
    }
}

impl AudioTranscribe {
    /// What is wrong with it, its file apart, or what it wishes.
    pub(crate) fn check(&self) -> Result<Wishes, Fault> {
        self.selection.check()?;
        if let Some(prompt) = &self.prompt {
            not_blank(prompt, "the prompt")?;
        }
        self.language.as_deref().map_or(Ok(()), language_tag)?;
        if self.speaker_count.is_some() && !self.diarize {
            return Err(Fault::usage(
                "a number of speakers says nothing where they are not told apart",
            )
            .hint("add --diarize, or leave out --speaker-count"));
        }
        not_zero(self.speaker_count, "the number of speakers")?;
        Ok(Wishes {
            language: self.language.clone(),
            prompt: self.prompt.clone(),
            timestamps: self.timestamps,
            diarize: self.diarize,
            speaker_count: self.speaker_count,
            timeout: self.selection.timeout,
            strict: self.selection.is_strict(),
        })
    }
}

impl Wishes {
    /// The request as one provider takes it, and the names of the options that it does not take.
    fn request(
        &self,
        model: &str,
        spec: Option<&TranscriptionSpec>,
        audio: &Blob,
    ) -> (Request, Vec<String>) {
        let mut left_out = Vec::new();
        let mut offers = |name: &str, offered: fn(&TranscriptionSpec) -> bool| {
            let offered = spec.is_none_or(offered);
            if !offered {
                left_out.push(name.to_owned());
            }
            offered
        };
        let request = Request {
            model: model.to_owned(),
            audio: audio.clone(),
            language: self
                .language
                .clone()
                .filter(|_| offers("language", |spec| spec.language)),
            prompt: self
                .prompt
                .clone()
                .filter(|_| offers("prompt", |spec| spec.prompt)),
            // How finely a model can time is its own to say: of one provider, some can and some cannot.
            timestamps: match self.timestamps {
                Timestamps::None => Timestamps::None,
                asked if offers("timestamps", |spec| !spec.timestamps.is_empty()) => asked,
                _ => Timestamps::None,
            },
            diarize: self.diarize,
            speaker_count: self.speaker_count,
            extra: Vec::new(),
        };
        (request, left_out)
    }

    /// The name in the envelope, and the value, of an option of the contract that the caller set.
    fn option(&self, name: &str) -> Option<(&'static str, serde_json::Value)> {
        Some(match name {
            "language" => ("language", self.language.clone()?.into()),
            "prompt" => ("prompt", self.prompt.clone()?.into()),
            "timestamps" => (
                "timestamps",
                match self.timestamps {
                    Timestamps::None => return None,
                    Timestamps::Segment => "segment",
                    Timestamps::Word => "word",
                }
                .into(),
            ),
            "diarize" if self.diarize => ("diarize", true.into()),
            "speaker-count" => ("speakerCount", self.speaker_count?.into()),
            _ => return None,
        })
    }
}

fn takes(candidate: &Candidate<'_>, size: u64) -> bool {
    most(candidate).is_none_or(|most| size <= most)
}

fn most(candidate: &Candidate<'_>) -> Option<u64> {
    candidate.manifest().transcription.as_ref()?.max_size
}

fn too_large(candidate: &Candidate<'_>, size: u64) -> Fault {
    let most = most(candidate).unwrap_or_default();
    Fault::new(
        ErrorType::Unsupported,
        format!("it takes recordings of at most {most} bytes, not of {size}"),
    )
}

/// Holds an answer against the contract: some text, times that are numbers, in a number that a recording has.
fn hold(response: &Response) -> Result<(), Fault> {
    let fault = |kind: ErrorType, message: &str| Fault {
        request_id: response.request_id.clone(),
        ..Fault::new(kind, message)
    };
    if response.text.trim().is_empty() {
        return Err(
            fault(ErrorType::EmptyOutput, "the provider heard nothing in it").hint(
                "check that somebody speaks in the recording, or name another model with --model",
            ),
        );
    }
    let stretches = || response.segments.iter().chain(&response.words);
    if stretches().any(|one| !(one.start.is_finite() && one.end.is_finite())) {
        return Err(fault(
            ErrorType::BadResponse,
            "the times that the provider gave are no numbers",
        ));
    }
    if stretches().count() > MOST_SEGMENTS {
        return Err(fault(
            ErrorType::BadResponse,
            "the provider gave more stretches of speech than any recording has",
        ));
    }
    Ok(())
}

fn segment(segment: transcription::Segment) -> Segment {
    Segment {
        start: segment.start,
        end: segment.end,
        text: segment.text,
        speaker: segment.speaker.as_deref().map(short),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn wishes() -> Wishes {
        Wishes {
            language: Some("en".into()),
            prompt: Some("names".into()),
            timestamps: Timestamps::Segment,
            diarize: false,
            speaker_count: None,
            timeout: None,
            strict: false,
        }
    }

    #[test]
    fn what_a_provider_does_not_take_is_left_out_and_told() {
        let audio = Blob::from_bytes("", Bytes::from_static(b"x"));
        let spec = TranscriptionSpec {
            language: true,
            ..TranscriptionSpec::default()
        };
        let (request, left_out) = wishes().request("m", Some(&spec), &audio);
        assert_eq!(
            (request.language.as_deref(), request.prompt),
            (Some("en"), None)
        );
        assert_eq!(request.timestamps, Timestamps::None);
        assert_eq!(left_out, ["prompt", "timestamps"]);
        let told: Vec<_> = left_out
            .iter()
            .filter_map(|name| wishes().option(name))
            .collect();
        assert_eq!(
            told,
            [("prompt", "names".into()), ("timestamps", "segment".into())]
        );
        let (_, left_out) = wishes().request("m", None, &audio);
        assert!(left_out.is_empty());
    }

    fn response(text: &str, end: f64) -> Response {
        Response {
            text: text.into(),
            language: None,
            duration: None,
            segments: vec![transcription::Segment {
                start: 0.0,
                end,
                text: text.into(),
                speaker: None,
                confidence: None,
                extra: Vec::new(),
            }],
            words: Vec::new(),
            model: None,
            usage: None,
            request_id: Some("r".into()),
            ignored: Vec::new(),
            extra: Vec::new(),
        }
    }

    #[test]
    fn an_answer_has_text_and_times() {
        assert!(hold(&response("hello", 1.0)).is_ok());
        let fault = hold(&response(" \n", 1.0)).expect_err("nothing was said");
        assert_eq!(
            (fault.kind, fault.request_id.as_deref()),
            (ErrorType::EmptyOutput, Some("r"))
        );
        for end in [f64::NAN, f64::INFINITY] {
            let fault = hold(&response("hello", end)).expect_err("no time");
            assert_eq!(fault.kind, ErrorType::BadResponse);
        }
    }

    #[test]
    fn a_language_is_a_tag() {
        let request = |language: &str| AudioTranscribe {
            file: InputFile::url("https://example.com/a.wav"),
            language: Some(language.into()),
            prompt: None,
            timestamps: Timestamps::None,
            diarize: false,
            speaker_count: None,
            selection: Selection::default(),
        };
        for tag in ["en", "pt-BR", "zh-Hant-TW", "multi"] {
            assert!(request(tag).check().is_ok(), "{tag}");
        }
        for tag in ["", " ", "en us", "en-", "en_US", "en\r\nx: y"] {
            let fault = request(tag).check().err().expect(tag);
            assert_eq!(fault.kind, ErrorType::Usage, "{tag}");
        }
    }
}
