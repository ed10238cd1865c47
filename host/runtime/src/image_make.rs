//! `image.generate` and `image.edit`: pictures from words, and pictures from pictures.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chela_catalog::Capability;
use chela_egress::Blob;
use chela_envelope::{Envelope, ErrorType, FailedOutput, Normalized, Output, Usage, capability};
use chela_manifest::ImageModes;
use chela_sandbox::families::image::{EditRequest, GenerateRequest, Options, Response};
use chela_sandbox::families::model::Source;
use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank, not_zero};
use crate::choose::{Deadlines, first};
use crate::deliver::deliver;
use crate::fault::{Fault, prose, short};
use crate::image_options::{Fitted, ImageHints, fit, format_name};
use crate::input::{InputFile, Urls, pictures};
use crate::media::{self, Seen};
use crate::output::{Destination, Finished};
use crate::report::Report;
use crate::retry::Ledger;
use crate::runtime::Runtime;
use crate::told::usage_of;
use crate::video::PendingJob;

/// How long one provider may take when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(300);

/// Requests of one call that run at the same time, where the count takes several.
const PARALLEL: usize = 4;

/// The most pictures of one call. More is a mistake that would be paid for.
pub const MOST_PICTURES: u32 = 100;

/// A request for pictures from words.
#[derive(Debug)]
pub struct ImageGenerate {
    /// What to draw. Never altered.
    pub prompt: String,
    /// How it is to come out.
    pub hints: ImageHints,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// Where the pictures go.
    pub output: Destination,
}

/// A request for pictures from pictures.
#[derive(Debug)]
pub struct ImageEdit {
    /// What to change. Never altered.
    pub prompt: String,
    /// The pictures to start from, at least one.
    pub files: Vec<InputFile>,
    /// How it is to come out.
    pub hints: ImageHints,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// Where the pictures go.
    pub output: Destination,
}

/// What came of a call that makes media.
#[derive(Debug)]
pub struct MediaAnswer {
    /// The envelope.
    pub envelope: Envelope,
    /// The bytes that the caller is to write to its standard output, where it asked for that.
    pub stdout: Option<Blob>,
    /// The job that they come from, to be given up when they are written and not before.
    pub pending: Option<PendingJob>,
}

/// What both kinds of request have.
struct Order {
    capability: &'static str,
    prompt: String,
    /// The pictures to start from; none when there is nothing but words.
    sources: Option<Vec<Blob>>,
    hints: ImageHints,
    selection: Selection,
    output: Destination,
}

/// What one candidate made, by place: a picture, or why it is missing.
struct Made {
    pictures: Vec<Result<Picture, Fault>>,
    usage: Option<Usage>,
    request_id: Option<String>,
    fitted: Fitted,
    /// Options that the component says had no part in it.
    ignored: Vec<String>,
}

struct Picture {
    blob: Blob,
    seen: Seen,
    revised_prompt: Option<String>,
}

impl Runtime {
    /// Draws.
    pub async fn image_generate(&self, request: ImageGenerate) -> MediaAnswer {
        let report = Report::new(capability::IMAGE_GENERATE);
        let ImageGenerate {
            prompt,
            hints,
            selection,
            output,
        } = request;
        let capability = capability::IMAGE_GENERATE;
        self.make(
            Order {
                capability,
                prompt,
                sources: None,
                hints,
                selection,
                output,
            },
            report,
        )
        .await
    }

    /// Changes pictures.
    pub async fn image_edit(&self, request: ImageEdit) -> MediaAnswer {
        let mut report = Report::new(capability::IMAGE_EDIT);
        let ImageEdit {
            prompt,
            files,
            hints,
            selection,
            output,
        } = request;
        let files = match pictures(files, Urls::Refused) {
            Ok(files) if files.is_empty() => {
                let fault = Fault::usage("there is no picture to change")
                    .hint("name at least one with --file");
                return MediaAnswer {
                    envelope: report.fail(fault),
                    stdout: None,
                    pending: None,
                };
            }
            Ok(files) => files,
            Err(fault) => {
                return MediaAnswer {
                    envelope: report.fail(fault),
                    stdout: None,
                    pending: None,
                };
            }
        };
        report.inputs(files.iter().map(|file| file.input.clone()));
        let blobs = files
            .into_iter()
            .filter_map(|file| match file.source {
                Source::Blob(blob) => Some(blob),
                Source::Url(_) => None,
            })
            .collect();
        let capability = capability::IMAGE_EDIT;
        self.make(
            Order {
                capability,
                prompt,
                sources: Some(blobs),
                hints,
                selection,
                output,
            },
            report,
        )
        .await
    }

    async fn make(&self, order: Order, mut report: Report) -> MediaAnswer {
        let made = match self.made(&order, &mut report).await {
            Ok(made) => made,
            Err(fault) => {
                return MediaAnswer {
                    envelope: report.fail(fault),
                    stdout: None,
                    pending: None,
                };
            }
        };
        report.usage(made.usage);
        report.envelope.request_id = made.request_id;
        report.envelope.ignored_overrides = made.fitted.changes.ignored;
        report.ignored(&made.ignored, |name| order.hints.option(name));
        report.envelope.normalization = made.fitted.changes.normalization;
        let wanted = order.hints.output_format.map(format_name);
        let other = |picture: &Picture| {
            let is = picture
                .seen
                .mime_type
                .trim_start_matches("image/")
                .to_owned();
            (Some(is.as_str()) != wanted).then_some(is)
        };
        if let (Some(wanted), Some(is)) = (wanted, made.pictures.iter().flatten().find_map(other)) {
            // What came is what counts, whatever was sent.
            let applied = Normalized {
                requested: wanted.to_owned(),
                applied: is,
                derived_from: None,
            };
            let formats = &mut report.envelope.normalization;
            formats.insert("outputFormat".to_owned(), applied);
        }
        self.deliver(&order, made.pictures, report).await
    }

    async fn made(&self, order: &Order, report: &mut Report) -> Result<Made, Fault> {
        order.check()?;
        order.output.check(&self.options.media, order.count())?;
        let used = if order.sources.is_some() {
            Capability::ImageEdit
        } else {
            Capability::ImageGenerate
        };
        let candidates = self.candidates(used, &order.selection, report)?;
        let deadlines = Deadlines {
            started: report.started(),
            asked: order.selection.timeout,
            usual: USUAL_TIME,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate, deadline, ledger| {
                self.make_at(order, candidate, deadline, ledger).await
            },
        )
        .await;
        self.conclude(course, &candidates, report)
    }

    /// Makes all pictures at one provider, in as many requests as its largest count takes.
    async fn make_at(
        &self,
        order: &Order,
        candidate: &Candidate<'_>,
        deadline: Instant,
        ledger: &Ledger,
    ) -> Result<Made, Fault> {
        let modes = order.modes(candidate)?;
        let fitted = fit(&order.hints, modes, candidate.id());
        let failed: Mutex<Option<Fault>> = Mutex::new(None);
        let batches = batches(order.count(), modes.max_count);
        let results: Vec<Result<Response, Fault>> = stream::iter(batches.clone())
            .map(|count| {
                let options = Options {
                    count,
                    ..fitted.options.clone()
                };
                let failed = &failed;
                async move {
                    // What failed once would fail again: no further request is begun.
                    if let Some(fault) = failed
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone()
                    {
                        return Err(fault);
                    }
                    let answer = self
                        .tries(candidate, deadline, ledger, async |instance| {
                            let options = options.clone();
                            Ok(match &order.sources {
                                None => {
                                    let request = order.generate(candidate, options);
                                    instance.generate_image(request).await?
                                }
                                Some(images) => {
                                    let request = order.edit(candidate, images, options);
                                    instance.edit_image(request).await?
                                }
                            })
                        })
                        .await;
                    if let Err(fault) = &answer {
                        failed
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .get_or_insert_with(|| fault.clone());
                    }
                    answer
                }
            })
            .buffered(PARALLEL)
            .collect()
            .await;
        let mut made = Made {
            pictures: Vec::new(),
            usage: None,
            request_id: None,
            fitted,
            ignored: Vec::new(),
        };
        for (count, result) in batches.into_iter().zip(results) {
            made.add(count, result).await;
        }
        settle(&mut made.pictures, order.count() as usize);
        if made.pictures.iter().any(Result::is_ok) {
            return Ok(made);
        }
        let nothing = || Fault::new(ErrorType::EmptyOutput, "the provider gave no picture");
        let mut fault = made
            .pictures
            .into_iter()
            .find_map(Result::err)
            .unwrap_or_else(nothing);
        fault.salvage.usage = made.usage;
        Err(fault)
    }

    /// Writes what was made, and says what is missing.
    async fn deliver(
        &self,
        order: &Order,
        pictures: Vec<Result<Picture, Fault>>,
        mut report: Report,
    ) -> MediaAnswer {
        let results: Vec<Finished<'_>> = pictures
            .iter()
            .flatten()
            .map(|picture| Finished {
                blob: &picture.blob,
                seen: &picture.seen,
                revised_prompt: picture.revised_prompt.clone(),
            })
            .collect();
        let folder = &self.options.media;
        let asked = order.count() as usize;
        let delivered = deliver(
            &mut report,
            &order.output,
            folder,
            order.capability,
            asked,
            &results,
        )
        .await;
        if let Some(misplaced) = delivered.misplaced {
            let body = misplaced.fault.body(None);
            let outputs = delivered.outputs.into_iter().map(Output::Media).collect();
            return MediaAnswer {
                envelope: report.fail_with(body, outputs),
                stdout: None,
                pending: None,
            };
        }
        let total = pictures.len();
        let provider = report.envelope.provider.clone();
        let mut written = delivered.outputs.into_iter();
        let mut missing = 0;
        let mut error = None;
        let outputs = pictures
            .into_iter()
            .filter_map(|picture| match picture {
                Ok(_) => written.next().map(Output::Media),
                Err(fault) => {
                    missing += 1;
                    let body = fault.body(provider.as_deref());
                    error.get_or_insert_with(|| body.clone());
                    Some(Output::Failed(FailedOutput {
                        path: None,
                        kind: None,
                        error: body,
                    }))
                }
            })
            .collect();
        let envelope = match error {
            None => report.succeed(outputs),
            Some(mut error) => {
                error.message = format!(
                    "{missing} of {total} pictures are missing; {}",
                    error.message
                );
                report.fail_with(error, outputs)
            }
        };
        MediaAnswer {
            envelope,
            stdout: delivered.stdout,
            pending: None,
        }
    }
}

/// What is wrong with words and hints, before anything is looked at or asked.
pub(crate) fn check(prompt: &str, hints: &ImageHints, selection: &Selection) -> Result<(), Fault> {
    selection.check()?;
    not_blank(prompt, "the prompt")?;
    not_zero(hints.count, "the number of pictures")?;
    if let Some(count) = hints.count.filter(|count| *count > MOST_PICTURES) {
        let message =
            format!("{count} pictures are more than the {MOST_PICTURES} that one call makes");
        return Err(Fault::usage(message).hint(format!("ask for at most {MOST_PICTURES}")));
    }
    for (value, what) in [
        (&hints.resolution, "the resolution"),
        (&hints.quality, "the quality"),
        (&hints.openai_moderation, "the moderation"),
    ] {
        if let Some(value) = value {
            not_blank(value, what)?;
        }
    }
    Ok(())
}

impl Order {
    fn check(&self) -> Result<(), Fault> {
        check(&self.prompt, &self.hints, &self.selection)
    }

    fn count(&self) -> u32 {
        self.hints.count.unwrap_or(1)
    }

    /// What the provider offers for this kind of request.
    fn modes<'a>(&self, candidate: &'a Candidate<'_>) -> Result<&'a ImageModes, Fault> {
        let spec = candidate.manifest().image.as_ref();
        let (modes, what) = match self.sources {
            None => (spec.and_then(|spec| spec.generate.as_ref()), "draw"),
            Some(_) => (spec.and_then(|spec| spec.edit.as_ref()), "change pictures"),
        };
        let modes = modes
            .ok_or_else(|| Fault::new(ErrorType::Unsupported, format!("it does not {what}")))?;
        let given = self.sources.as_ref().map_or(0, Vec::len);
        match modes.max_input_images {
            Some(most) if given > most as usize => {
                let message =
                    format!("it takes at most {most} pictures to start from, not {given}");
                Err(Fault::new(ErrorType::Unsupported, message))
            }
            _ => Ok(modes),
        }
    }

    fn generate(&self, candidate: &Candidate<'_>, options: Options) -> GenerateRequest {
        GenerateRequest {
            model: candidate.model.clone(),
            prompt: self.prompt.clone(),
            options,
        }
    }

    fn edit(&self, candidate: &Candidate<'_>, images: &[Blob], options: Options) -> EditRequest {
        EditRequest {
            model: candidate.model.clone(),
            prompt: self.prompt.clone(),
            images: images.to_vec(),
            mask: None,
            options,
        }
    }
}

impl Made {
    /// Adds what one request gave, in its place. A request that gave fewer than it was asked for has not kept its word.
    async fn add(&mut self, count: u32, result: Result<Response, Fault>) {
        let response = match result {
            Ok(response) => response,
            Err(fault) => {
                self.pictures.extend((0..count).map(|_| Err(fault.clone())));
                return;
            }
        };
        self.usage = match (self.usage, response.usage.map(usage_of)) {
            (Some(before), Some(more)) => Some(before.plus(more)),
            (before, more) => before.or(more),
        };
        let request_id = response.request_id.as_deref().map(short);
        self.request_id = self.request_id.take().or(request_id.clone());
        self.ignored.extend(response.ignored);
        let given = response.pictures.len();
        for picture in response.pictures {
            let seen = media::picture(&picture.media).await;
            let request_id = request_id.clone();
            self.pictures.push(match seen {
                Ok(seen) => Ok(Picture {
                    blob: picture.media,
                    seen,
                    revised_prompt: picture.revised_prompt.as_deref().map(prose),
                }),
                Err(fault) => Err(Fault {
                    request_id,
                    ..fault
                }),
            });
        }
        for _ in given..count as usize {
            let fault = match given {
                0 => Fault::new(ErrorType::EmptyOutput, "the provider gave no picture"),
                _ => Fault::new(
                    ErrorType::BadResponse,
                    format!("the provider gave {given} of {count} pictures"),
                )
                .hint("ask for the missing ones with another call"),
            };
            self.pictures.push(Err(Fault {
                request_id: request_id.clone(),
                ..fault
            }));
        }
    }
}

/// Lets what one request gave beyond its share stand for what another is short of: a picture is missing only when fewer came
/// in all than were asked for. What is still too many nobody asked for, and has no name it could have.
fn settle<T, E>(pictures: &mut Vec<Result<T, E>>, asked: usize) {
    let mut surplus = pictures.len().saturating_sub(asked);
    pictures.retain(|picture| {
        let drop = surplus > 0 && picture.is_err();
        surplus -= usize::from(drop);
        !drop
    });
    pictures.truncate(asked);
}

/// Splits a count into requests of at most `most` each.
fn batches(count: u32, most: u32) -> Vec<u32> {
    let most = most.max(1);
    let mut left = count;
    std::iter::from_fn(|| {
        let batch = left.min(most);
        left -= batch;
        (batch > 0).then_some(batch)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::tests::PNG;
    use bytes::Bytes;
    use chela_sandbox::families::image;

    #[test]
    fn a_count_is_split_and_never_cut() {
        assert_eq!(batches(9, 4), [4, 4, 1]);
        assert_eq!(batches(1, 10), [1]);
        assert_eq!(batches(3, 1), [1, 1, 1]);
        assert_eq!(batches(2, 0), [1, 1], "a manifest that says 0 says nothing");
    }

    fn order(prompt: &str, count: Option<u32>) -> Order {
        Order {
            capability: capability::IMAGE_GENERATE,
            prompt: prompt.into(),
            sources: None,
            hints: ImageHints {
                count,
                ..ImageHints::default()
            },
            selection: Selection::default(),
            output: Destination::MediaFolder,
        }
    }

    #[test]
    fn what_is_wrong_is_said_before_anybody_is_asked() {
        assert!(order("a fish", None).check().is_ok());
        for (order, word) in [
            (order("\t", None), "blank"),
            (order("a", Some(0)), "is 0"),
            (order("a", Some(101)), "100"),
        ] {
            let fault = order.check().unwrap_err();
            assert_eq!(fault.kind, ErrorType::Usage);
            assert!(fault.message.contains(word), "{}", fault.message);
        }
        let mut order = order("a", None);
        order.hints.quality = Some(String::new());
        assert!(order.check().is_err());
    }

    fn response(pictures: &[&'static [u8]]) -> Response {
        let picture = |bytes: &&'static [u8]| image::Picture {
            media: Blob::from_bytes("image/png", Bytes::from_static(bytes)),
            revised_prompt: None,
            seed: None,
            extra: Vec::new(),
        };
        Response {
            pictures: pictures.iter().map(picture).collect(),
            model: None,
            usage: None,
            request_id: Some("r".into()),
            ignored: Vec::new(),
            extra: Vec::new(),
        }
    }

    #[test]
    fn a_picture_is_missing_only_when_fewer_came_than_were_asked_for() {
        let mut pictures = vec![Ok(1), Err("short"), Err("short"), Ok(2), Ok(3)];
        settle(&mut pictures, 4);
        assert_eq!(pictures, [Ok(1), Err("short"), Ok(2), Ok(3)]);
        settle(&mut pictures, 3);
        assert_eq!(pictures, [Ok(1), Ok(2), Ok(3)]);
        settle(&mut pictures, 2);
        assert_eq!(pictures, [Ok(1), Ok(2)], "more than asked for is left out");
    }

    #[tokio::test]
    async fn what_is_missing_has_its_place() {
        let fitted = fit(&ImageHints::default(), &ImageModes::default(), "p");
        let mut made = Made {
            pictures: Vec::new(),
            usage: None,
            request_id: None,
            fitted,
            ignored: Vec::new(),
        };
        made.add(2, Ok(response(&[PNG]))).await;
        made.add(1, Ok(response(&[b"{}"]))).await;
        made.add(1, Ok(response(&[]))).await;
        made.add(
            1,
            Err(Fault::new(ErrorType::RateLimited, "too many requests")),
        )
        .await;
        let told: Vec<Option<ErrorType>> = made
            .pictures
            .iter()
            .map(|picture| picture.as_ref().err().map(|fault| fault.kind))
            .collect();
        assert_eq!(
            told,
            [
                None,
                Some(ErrorType::BadResponse),
                Some(ErrorType::BadResponse),
                Some(ErrorType::EmptyOutput),
                Some(ErrorType::RateLimited)
            ]
        );
        assert_eq!(made.request_id.as_deref(), Some("r"));
    }
}
