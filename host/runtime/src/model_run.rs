//! `model.run`: text from a language model.

use std::time::Duration;

use chela_catalog::Capability;
use chela_envelope::{Envelope, ErrorType, Output, TextOutput, capability};
use chela_sandbox::families::model::{
    Content, MediaKind, MediaPart, Message, Request, Role, ThinkingLevel,
};

use serde_json::Value;

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank, not_zero};
use crate::choose::{Deadlines, first};
use crate::fault::Fault;
use crate::input::{Checked, InputFile, Urls, pictures};
use crate::media;
use crate::output::{Destination, Finished, write_all};
use crate::report::Report;
use crate::runtime::Runtime;
use crate::told::{TextSink, Told, finish_word};

/// How long one provider may take when nobody says: a model that reasons takes minutes.
const USUAL_TIME: Duration = Duration::from_secs(300);

/// What a schema looks like, for those whose is none.
const SCHEMA_HINT: &str =
    r#"give a JSON Schema, such as {"type": "object", "properties": {"city": {"type": "string"}}}"#;

/// A request for text.
#[derive(Debug, Default)]
pub struct ModelRun {
    /// What is asked. Never altered.
    pub prompt: String,
    /// Instructions that stand before the prompt.
    pub system: Option<String>,
    /// Pictures that go with the prompt.
    pub files: Vec<InputFile>,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// How much the model is to reason.
    pub thinking: Option<ThinkingLevel>,
    /// The most tokens to generate; at least 1.
    pub max_tokens: Option<u32>,
    /// Sampling temperature, 0 or more.
    pub temperature: Option<f64>,
    /// JSON Schema, as JSON text, that the answer has to fit.
    pub schema: Option<String>,
    /// Whether somebody reads along: only then does the sink get anything.
    pub incremental: bool,
}

impl Runtime {
    /// Asks a language model.
    ///
    /// Once the sink got text, nothing is tried again and nobody else is asked: a second beginning must not follow the first.
    pub async fn model_run(&self, run: ModelRun, sink: &mut dyn TextSink) -> Envelope {
        let mut report = Report::new(capability::MODEL_RUN);
        match self.run_model(run, sink, &mut report).await {
            Ok(outputs) => report.succeed(outputs),
            Err(fault) => report.fail(fault),
        }
    }

    async fn run_model(
        &self,
        mut run: ModelRun,
        sink: &mut dyn TextSink,
        report: &mut Report,
    ) -> Result<Vec<Output>, Fault> {
        let files = pictures(std::mem::take(&mut run.files), Urls::Refused)?;
        run.check()?;
        report.inputs(files.iter().map(|file| file.input.clone()));
        let deadlines = Deadlines {
            started: report.started(),
            asked: run.selection.timeout,
            usual: USUAL_TIME,
        };
        let candidates = self.candidates(Capability::ModelRun, &run.selection, report)?;
        let course = first(
            &candidates,
            deadlines,
            async |candidate, deadline, ledger| {
                run.suits(candidate, &files)?;
                let request = run.request(candidate, &files);
                self.tries(candidate, deadline, ledger, async |instance| {
                    let sink: Option<&mut dyn TextSink> = if run.incremental {
                        Some(&mut *sink)
                    } else {
                        None
                    };
                    let told = self.ask(instance, request.clone(), sink).await?;
                    run.fits(told.judged(true)?)
                })
                .await
            },
        )
        .await;
        let told = self.conclude(course, &candidates, report)?;
        report.ignored(&told.ignored, |name| run.option(name));
        self.told(told, report).await
    }

    /// The outputs of an answer: its text, and the media in it as files.
    async fn told(&self, told: Told, report: &mut Report) -> Result<Vec<Output>, Fault> {
        report.usage(told.usage);
        report.envelope.finish_reason = told.finish.as_ref().map(finish_word);
        report.envelope.request_id.clone_from(&told.request_id);
        let mut outputs = Vec::new();
        if !told.text.trim().is_empty() {
            outputs.push(Output::Text(TextOutput { text: told.text }));
        }
        let mut fault = None;
        for blob in &told.media {
            let written = match media::picture(blob).await {
                Ok(seen) => {
                    let result = Finished {
                        blob,
                        seen: &seen,
                        revised_prompt: None,
                    };
                    let folder = &self.options.media;
                    write_all(
                        &Destination::MediaFolder,
                        folder,
                        capability::MODEL_RUN,
                        1,
                        &[result],
                    )
                    .await
                }
                Err(error) => (crate::output::Written::default(), Some(error)),
            };
            outputs.extend(written.0.outputs.into_iter().map(Output::Media));
            fault = fault.or(written.1);
        }
        match fault {
            None => Ok(outputs),
            Some(mut fault) => {
                fault.salvage.outputs = outputs;
                Err(fault)
            }
        }
    }
}

impl ModelRun {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        not_blank(&self.prompt, "the prompt")
            .map_err(|fault| fault.hint("give --prompt a text, or pipe one in"))?;
        if let Some(system) = &self.system {
            not_blank(system, "the text of --system")?;
        }
        not_zero(self.max_tokens, "the number of tokens")?;
        if self
            .temperature
            .is_some_and(|temperature| !temperature.is_finite() || temperature < 0.0)
        {
            return Err(
                Fault::usage("the temperature is not a number from 0").hint("give one such as 0.7")
            );
        }
        if let Some(schema) = &self.schema {
            match serde_json::from_str(schema) {
                Ok(Value::Object(_)) => {}
                Ok(_) => {
                    return Err(Fault::usage(
                        "the schema is JSON and not a JSON Schema: an object is needed",
                    )
                    .hint(SCHEMA_HINT));
                }
                Err(error) => {
                    let message = format!("the schema is not JSON: {error}");
                    return Err(Fault::usage(message).hint(SCHEMA_HINT));
                }
            }
        }
        Ok(())
    }

    /// The name in the envelope, and the value, of an option that the caller set.
    fn option(&self, name: &str) -> Option<(&'static str, Value)> {
        Some(match name {
            "system" => ("system", self.system.clone()?.into()),
            "max-output-tokens" => ("maxTokens", self.max_tokens?.into()),
            "temperature" => ("temperature", self.temperature?.into()),
            "thinking" => ("thinking", thinking_word(self.thinking?).into()),
            "response-schema" => (
                "schema",
                serde_json::from_str(self.schema.as_deref()?).ok()?,
            ),
            _ => return None,
        })
    }

    /// Passes over a model that is known not to take pictures. One that was named is asked all the same: the manifest may be
    /// older than the model.
    fn suits(&self, candidate: &Candidate<'_>, files: &[Checked]) -> Result<(), Fault> {
        if files.is_empty() || self.selection.is_strict() || candidate.takes("image") != Some(false)
        {
            return Ok(());
        }
        Err(Fault::new(
            ErrorType::Unsupported,
            format!("the model {} takes no pictures", candidate.model),
        ))
    }

    fn request(&self, candidate: &Candidate<'_>, files: &[Checked]) -> Request {
        Request {
            system: self.system.clone(),
            max_output_tokens: self.max_tokens,
            temperature: self.temperature,
            thinking: self.thinking,
            response_schema: self.schema.clone(),
            incremental: self.incremental,
            ..ask(&candidate.model, &self.prompt, files)
        }
    }

    /// An answer that had to fit a schema is JSON at least; whether it fits is for the caller who knows the schema.
    fn fits(&self, told: Told) -> Result<Told, Fault> {
        if self.schema.is_none() {
            return Ok(told);
        }
        match serde_json::from_str::<serde::de::IgnoredAny>(&told.text) {
            Ok(_) => Ok(told),
            Err(error) => {
                let message =
                    format!("the answer is not JSON, although a schema was given: {error}");
                let fault = Fault::new(ErrorType::BadResponse, message)
                    .hint("name a model with --model that can be held to a schema");
                Err(told.refused(fault))
            }
        }
    }
}

/// A level as one writes it.
fn thinking_word(level: ThinkingLevel) -> &'static str {
    match level {
        ThinkingLevel::Off => "off",
        ThinkingLevel::Minimal => "minimal",
        ThinkingLevel::Low => "low",
        ThinkingLevel::Medium => "medium",
        ThinkingLevel::High => "high",
        ThinkingLevel::Adaptive => "adaptive",
        ThinkingLevel::Xhigh => "xhigh",
        ThinkingLevel::Max => "max",
    }
}

/// One turn of the user: pictures, then words.
pub(crate) fn ask(model: &str, prompt: &str, files: &[Checked]) -> Request {
    let mut content: Vec<Content> = files
        .iter()
        .map(|file| {
            Content::Media(MediaPart {
                kind: kind_of(file),
                source: file.source.clone(),
                extra: Vec::new(),
            })
        })
        .collect();
    content.push(Content::Text(prompt.to_owned()));
    Request {
        model: model.to_owned(),
        messages: vec![Message {
            role: Role::User,
            content,
            extra: Vec::new(),
        }],
        ..Request::default()
    }
}

/// What a file is to a model. A URL is a picture: of what the provider reads itself, only those are taken here.
fn kind_of(file: &Checked) -> MediaKind {
    match &file.input.mime_type {
        Some(mime_type) if mime_type.starts_with("video/") => MediaKind::Video,
        _ => MediaKind::Image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(run: ModelRun) -> String {
        let fault = run.check().unwrap_err();
        assert_eq!(fault.kind, ErrorType::Usage);
        fault.message
    }

    fn run() -> ModelRun {
        ModelRun {
            prompt: "hello".into(),
            ..ModelRun::default()
        }
    }

    #[test]
    fn what_is_wrong_is_said_before_anybody_is_asked() {
        assert!(run().check().is_ok());
        assert_eq!(
            refused(ModelRun {
                prompt: " \n".into(),
                ..run()
            }),
            "the prompt is blank"
        );
        assert_eq!(
            refused(ModelRun {
                system: Some(String::new()),
                ..run()
            }),
            "the text of --system is empty"
        );
        assert_eq!(
            refused(ModelRun {
                max_tokens: Some(0),
                ..run()
            }),
            "the number of tokens is 0"
        );
        for temperature in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(
                refused(ModelRun {
                    temperature: Some(temperature),
                    ..run()
                })
                .contains("temperature")
            );
        }
        assert!(
            refused(ModelRun {
                schema: Some("{".into()),
                ..run()
            })
            .contains("not JSON")
        );
        assert!(
            refused(ModelRun {
                schema: Some("[]".into()),
                ..run()
            })
            .contains("object")
        );
    }

    #[test]
    fn an_answer_under_a_schema_is_json() {
        let run = ModelRun {
            schema: Some("{}".into()),
            ..run()
        };
        let told = |text: &str| Told {
            text: text.into(),
            ..Told::default()
        };
        assert!(run.fits(told(" {\"a\": 1}\n")).is_ok());
        let fault = run.fits(told("Sure! {}")).unwrap_err();
        assert_eq!(fault.kind, ErrorType::BadResponse);
        assert_eq!(fault.salvage.outputs.len(), 1, "the answer is kept");
        assert!(ModelRun::default().fits(told("Sure!")).is_ok());
    }

    #[test]
    fn pictures_stand_before_words() {
        let file = Checked {
            input: chela_envelope::Input {
                path: "u".into(),
                mime_type: None,
                size: None,
            },
            source: chela_sandbox::families::model::Source::Url("https://example.com/a.png".into()),
        };
        let request = ask("m", "what is it?", &[file]);
        assert!(
            matches!(&request.messages[0].content[..], [Content::Media(_), Content::Text(text)] if text == "what is it?")
        );
    }
}
