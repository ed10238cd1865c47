//! `image.describe`, `image.describe-many` and `video.describe`: pictures and films in words, each a call of a language model with a
//! media part.

use std::time::Duration;

use bytes::Bytes;
use chela_catalog::Capability;
use chela_egress::Blob;
use chela_envelope::{
    Attempt, DescriptionOutput, Envelope, ErrorType, FailedOutput, Output, TextKind, capability,
};
use chela_sandbox::families::model::MediaKind;
use futures_util::stream::{self, StreamExt as _};

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank};
use crate::choose::{Course, Deadlines, first};
use crate::fault::Fault;
use crate::input::{Checked, InputFile, Urls, film, picture, pictures};
use crate::model_run::ask;
use crate::output::{Destination, write};
use crate::report::Report;
use crate::runtime::Runtime;
use crate::told::{Told, finish_word};

/// How long one provider may take for one picture when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(120);

/// Pictures that are described at the same time.
const PARALLEL: usize = 4;

/// How long one provider may take for a film, which it takes in first.
const FILM_TIME: Duration = Duration::from_secs(300);

/// What is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    Picture,
    Film,
}

impl Medium {
    /// What is asked about it when nobody says.
    fn prompt(self) -> &'static str {
        match self {
            Self::Picture => "Describe this image.",
            Self::Film => "Describe this video.",
        }
    }

    /// The word of manifests for a model that takes it, and that of a message.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Picture => ("image", "pictures"),
            Self::Film => ("video", "films"),
        }
    }

    fn media(self) -> MediaKind {
        match self {
            Self::Picture => MediaKind::Image,
            Self::Film => MediaKind::Video,
        }
    }

    fn kind(self) -> TextKind {
        match self {
            Self::Picture => TextKind::ImageDescription,
            Self::Film => TextKind::VideoDescription,
        }
    }

    fn used(self) -> Capability {
        match self {
            Self::Picture => Capability::ImageDescribe,
            Self::Film => Capability::VideoDescribe,
        }
    }

    fn usual_time(self) -> Duration {
        match self {
            Self::Picture => USUAL_TIME,
            Self::Film => FILM_TIME,
        }
    }
}

/// A request for one picture in words.
#[derive(Debug)]
pub struct ImageDescribe {
    /// The picture.
    pub file: InputFile,
    /// What is asked about it; a plain description when there is none.
    pub prompt: Option<String>,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// A file that the words are written to besides; only [`Destination::File`] makes one.
    pub output: Option<Destination>,
}

/// A request for one film in words.
#[derive(Debug)]
pub struct VideoDescribe {
    /// The film.
    pub file: InputFile,
    /// What is asked about it; a plain description when there is none.
    pub prompt: Option<String>,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// A file that the words are written to besides; only [`Destination::File`] makes one.
    pub output: Option<Destination>,
}

/// A request for several pictures in words, one answer each.
#[derive(Debug)]
pub struct ImageDescribeMany {
    /// The pictures, at least one.
    pub files: Vec<InputFile>,
    /// What is asked about each; a plain description when there is none.
    pub prompt: Option<String>,
    /// Who is asked, and for how long everything together may take.
    pub selection: Selection,
}

impl Runtime {
    /// Says what a picture shows.
    pub async fn image_describe(&self, request: ImageDescribe) -> Envelope {
        let mut report = Report::new(capability::IMAGE_DESCRIBE);
        match self
            .describe_one(Medium::Picture, request, &mut report)
            .await
        {
            Ok(outputs) => report.succeed(outputs),
            Err(fault) => report.fail(fault),
        }
    }

    /// Says what a film shows.
    pub async fn video_describe(&self, request: VideoDescribe) -> Envelope {
        let mut report = Report::new(capability::VIDEO_DESCRIBE);
        let VideoDescribe {
            file,
            prompt,
            selection,
            output,
        } = request;
        let request = ImageDescribe {
            file,
            prompt,
            selection,
            output,
        };
        match self.describe_one(Medium::Film, request, &mut report).await {
            Ok(outputs) => report.succeed(outputs),
            Err(fault) => report.fail(fault),
        }
    }

    /// Says what each of several pictures shows, four at a time. Answers stand in the order of the pictures; where some
    /// failed, their errors stand in their place.
    pub async fn image_describe_many(&self, request: ImageDescribeMany) -> Envelope {
        let mut report = Report::new(capability::IMAGE_DESCRIBE_MANY);
        match self.describe_many(request, &mut report).await {
            Ok((outputs, None)) => report.succeed(outputs),
            Ok((outputs, Some(fault))) => report.fail_with(fault.body(None), outputs),
            Err(fault) => report.fail(fault),
        }
    }

    async fn describe_one(
        &self,
        medium: Medium,
        request: ImageDescribe,
        report: &mut Report,
    ) -> Result<Vec<Output>, Fault> {
        let question = Question::new(medium, request.prompt, &request.selection)?;
        if let Some(output) = &request.output {
            output.check(&self.options.media, 1)?;
        }
        let file = &match medium {
            Medium::Picture => picture(request.file, Urls::Taken)?,
            Medium::Film => film(request.file)?,
        };
        report.inputs([file.input.clone()]);
        let candidates = self.candidates(medium.used(), &request.selection, report)?;
        let deadlines = question.deadlines(report);
        let course = self.describe(&candidates, file, &question, deadlines).await;
        let told = self.conclude(course, &candidates, report)?;
        report.usage(told.usage);
        report.envelope.finish_reason = told.finish.as_ref().map(finish_word);
        report.envelope.request_id.clone_from(&told.request_id);
        let text = told.text.clone();
        let outputs = vec![description(medium, file, told)];
        if let Some(Destination::File { folder, name }) = &request.output {
            let blob = Blob::from_bytes("text/plain", Bytes::from(text));
            if let Err(error) = write(folder, name, &blob).await {
                let mut fault = Fault::from(error);
                fault.salvage.outputs = outputs;
                return Err(fault);
            }
        }
        Ok(outputs)
    }

    async fn describe_many(
        &self,
        request: ImageDescribeMany,
        report: &mut Report,
    ) -> Result<(Vec<Output>, Option<Fault>), Fault> {
        let question = Question::new(Medium::Picture, request.prompt, &request.selection)?;
        if request.files.is_empty() {
            return Err(Fault::usage("there is no picture to describe")
                .hint("name at least one with --file"));
        }
        let files = pictures(request.files, Urls::Taken)?;
        report.inputs(files.iter().map(|file| file.input.clone()));
        let candidates = self.candidates(Capability::ImageDescribe, &request.selection, report)?;
        let deadlines = question.deadlines(report);
        let courses: Vec<Course<Told>> = stream::iter(&files)
            .map(|file| self.describe(&candidates, file, &question, deadlines))
            .buffered(PARALLEL)
            .collect()
            .await;
        Ok(collect(&files, courses, &candidates, report))
    }

    async fn describe(
        &self,
        candidates: &[Candidate<'_>],
        file: &Checked,
        question: &Question,
        deadlines: Deadlines,
    ) -> Course<Told> {
        first(
            candidates,
            deadlines,
            async |candidate: &Candidate<'_>, deadline, ledger| {
                let (input, what) = question.medium.words();
                if !question.strict && candidate.takes(input) == Some(false) {
                    let message = format!("the model {} takes no {what}", candidate.model);
                    return Err(Fault::new(ErrorType::Unsupported, message));
                }
                let request = ask(
                    &candidate.model,
                    &question.prompt,
                    std::slice::from_ref(file),
                    question.medium.media(),
                );
                self.tries(candidate, deadline, ledger, async |instance| {
                    self.ask(instance, request.clone(), None)
                        .await?
                        .judged(false)
                })
                .await
            },
        )
        .await
    }
}

/// What is asked about each picture or film.
pub(crate) struct Question {
    medium: Medium,
    prompt: String,
    timeout: Option<Duration>,
    strict: bool,
}

impl Question {
    pub(crate) fn new(
        medium: Medium,
        prompt: Option<String>,
        selection: &Selection,
    ) -> Result<Self, Fault> {
        selection.check()?;
        let prompt = prompt.unwrap_or_else(|| medium.prompt().into());
        not_blank(&prompt, "the prompt")?;
        Ok(Self {
            medium,
            prompt,
            timeout: selection.timeout,
            strict: selection.is_strict(),
        })
    }

    fn deadlines(&self, report: &Report) -> Deadlines {
        Deadlines {
            started: report.started(),
            asked: self.timeout,
            usual: self.medium.usual_time(),
        }
    }
}

fn description(medium: Medium, file: &Checked, told: Told) -> Output {
    Output::Description(DescriptionOutput {
        path: file.input.path.clone(),
        text: told.text,
        kind: medium.kind(),
        language: None,
        segments: Vec::new(),
    })
}

/// Puts answers and errors in the order of the pictures, and says in one sentence what is missing.
fn collect(
    files: &[Checked],
    courses: Vec<Course<Told>>,
    candidates: &[Candidate<'_>],
    report: &mut Report,
) -> (Vec<Output>, Option<Fault>) {
    let mut outputs = Vec::with_capacity(files.len());
    let mut failures: Vec<Fault> = Vec::new();
    let mut answered = None;
    for (file, course) in files.iter().zip(courses) {
        report.attempts(course.attempts.into_iter().map(|attempt| Attempt {
            path: Some(file.input.path.clone()),
            ..attempt
        }));
        match course.outcome {
            Ok((index, told)) => {
                match answered {
                    None => report.answerer(&candidates[index]),
                    Some(other) if other != index => report.no_one_price(),
                    Some(_) => {}
                }
                answered = answered.or(Some(index));
                report.usage(told.usage);
                outputs.push(description(Medium::Picture, file, told));
            }
            Err((index, mut fault)) => {
                let asked = index.map(|index| &candidates[index]);
                if let (Some(candidate), None) = (asked, answered) {
                    report.answerer(candidate);
                }
                if let Some(planned) = fault.salvage.planned.take() {
                    report.planned(planned);
                    continue;
                }
                report.usage(fault.salvage.usage);
                if let Some(candidate) = asked {
                    fault = candidate.explain(fault);
                }
                let error = fault.body(asked.map(Candidate::id));
                fault.message = format!("`{}`: {}", file.input.path, error.message);
                fault.hint = error.hint.clone().map(String::into_boxed_str);
                outputs.push(Output::Failed(FailedOutput {
                    path: Some(file.input.path.clone()),
                    kind: Some(TextKind::ImageDescription),
                    error,
                }));
                failures.push(fault);
            }
        }
    }
    let missing = failures.len();
    let fault = failures.into_iter().next().map(|mut fault| {
        if files.len() > 1 {
            fault.message = format!(
                "{missing} of {} pictures could not be described; {}",
                files.len(),
                fault.message
            );
        }
        fault
    });
    (outputs, fault)
}
