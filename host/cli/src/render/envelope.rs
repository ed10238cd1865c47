//! The envelope of an execution command for people: the answer alone on standard output, everything else on standard error.

use super::{dry_run, json};
use crate::printer::Printer;
use crate::sanitize;
use chela_envelope::{
    AttemptOutcome, DescriptionOutput, Envelope, ErrorBody, ErrorType, FailedOutput, Output,
    SearchOutput, exit, exit_code,
};
use serde_json::Value;

/// Prints an envelope and gives the exit code it comes to. `shown` says that the text of the answer went out while it came, or
/// elsewhere.
pub(crate) fn envelope(envelope: &Envelope, shown: bool, printer: &mut Printer) -> u8 {
    printer.end_stream();
    if printer.gone()
        && envelope
            .error
            .as_ref()
            .is_none_or(|error| error.kind == ErrorType::Cancelled)
    {
        // Whoever read along had what they wanted. That standard output cannot be written is told at the end.
        return exit::OK;
    }
    if printer.json() {
        printer.document(envelope);
    } else {
        in_words(envelope, shown, printer);
    }
    exit_code(envelope)
}

fn in_words(envelope: &Envelope, shown: bool, printer: &mut Printer) {
    for note in notes(envelope) {
        printer.warning(&note);
    }
    if let Some(dry_run) = &envelope.dry_run {
        return dry_run::in_words(dry_run, printer);
    }
    let many = envelope.outputs.len() > 1;
    for output in &envelope.outputs {
        match output {
            Output::Text(_) | Output::Description(_) if shown => {}
            Output::Failed(failed) => {
                if let Some(error) = not_told_yet(failed, envelope.error.as_ref()) {
                    printer.error(&error);
                }
            }
            other => {
                if let Some(text) = text(other, many) {
                    printer.text(&text);
                }
            }
        }
    }
    if let Some(error) = &envelope.error {
        printer.error(error);
    }
}

/// The error of one result, unless the error of the whole call, which is printed last, says it too.
fn not_told_yet(failed: &FailedOutput, last: Option<&ErrorBody>) -> Option<ErrorBody> {
    let mut error = failed.error.clone();
    if let Some(last) = last {
        let told = |text: &str| last.message.contains(text);
        if told(&error.message) && failed.path.as_deref().is_none_or(told) {
            return None;
        }
        if last.hint == error.hint {
            error.hint = None;
        }
    }
    if let Some(path) = &failed.path {
        error.message = format!("{path}: {}", error.message);
    }
    Some(error)
}

/// One result as text; nothing for what went to standard output itself.
fn text(output: &Output, many: bool) -> Option<String> {
    match output {
        Output::Text(answer) => Some(answer.text.clone()),
        Output::Media(media) => (media.path != "-").then(|| media.path.clone()),
        // Of several, each says which file it is about.
        Output::Description(DescriptionOutput { path, text, .. }) if many => {
            Some(format!("{path}\n{text}\n\n"))
        }
        Output::Description(description) => Some(description.text.clone()),
        // A vector is numbers to anyone who reads it: its JSON is its plain form, one vector a line.
        Output::Embedding(embedding) => json::document(&embedding.embedding)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok()),
        Output::Search(search) => Some(found(search)),
        Output::Fetch(page) => Some(page.text.clone()),
        Output::Failed(_) => None,
    }
}

/// A search in blocks with a blank line between them: the provider's summary, then title, address, date and snippet of each page. What
/// belongs on a line stays on it, whatever the page says.
fn found(search: &SearchOutput) -> String {
    let answer = search.answer.as_ref().map(|answer| format!("{answer}\n"));
    let results = search.results.iter().map(|result| {
        let lines = [
            Some(&result.title),
            Some(&result.url),
            result.published_at.as_ref(),
            result.snippet.as_ref(),
        ];
        lines
            .into_iter()
            .flatten()
            .map(|line| format!("{}\n", sanitize::line(line)))
            .collect()
    });
    let blocks: Vec<String> = answer.into_iter().chain(results).collect();
    blocks.join("\n")
}

/// What a user should know although there may be a result, each a sentence.
fn notes(envelope: &Envelope) -> Vec<String> {
    let mut notes = Vec::new();
    for attempt in &envelope.attempts {
        // The attempt that the call failed with is told as its error.
        if envelope
            .error
            .as_ref()
            .is_some_and(|error| error.message.contains(&attempt.error))
        {
            continue;
        }
        let outcome = match attempt.outcome {
            AttemptOutcome::Failed => "failed",
            AttemptOutcome::Skipped => "was skipped",
        };
        let model = attempt
            .model
            .as_ref()
            .map(|model| format!("/{model}"))
            .unwrap_or_default();
        let about = attempt
            .path
            .as_ref()
            .map(|path| format!("{path}: "))
            .unwrap_or_default();
        notes.push(format!(
            "{about}{}{model} {outcome}: {}",
            attempt.provider, attempt.error
        ));
    }
    for output in &envelope.outputs {
        match output {
            Output::Search(search) if search.results.is_empty() => {
                notes.push("nothing was found".to_owned());
            }
            Output::Fetch(page) if page.truncated => {
                notes.push("the page goes on: only its beginning was read".to_owned());
            }
            _ => {}
        }
    }
    for ignored in &envelope.ignored_overrides {
        let value = match &ignored.value {
            Value::String(text) => text.clone(),
            Value::Array(all) => {
                let words = all.iter().map(|one| match one {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                words.collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        };
        notes.push(format!(
            "{} {value} was left out: the provider does not support it",
            flag(&ignored.key)
        ));
    }
    for (key, normalized) in &envelope.normalization {
        let from = normalized
            .derived_from
            .as_ref()
            .map(|from| format!(", from {}", flag(from)))
            .unwrap_or_default();
        notes.push(format!(
            "{} {} became {}{from}",
            flag(key),
            normalized.requested,
            normalized.applied
        ));
    }
    notes
}

/// The flag of an option: `--aspect-ratio` of `aspectRatio`. A key of the configuration, which has a dot in it, is itself.
fn flag(key: &str) -> String {
    if key.contains('.') {
        return key.to_owned();
    }
    let mut flag = "--".to_owned();
    for character in key.chars() {
        if character.is_ascii_uppercase() {
            flag.push('-');
        }
        flag.push(character.to_ascii_lowercase());
    }
    flag
}

#[cfg(test)]
mod tests {
    use super::{flag, notes, text};
    use chela_envelope::{
        Attempt, AttemptOutcome, DescriptionOutput, EmbeddingOutput, Envelope, ErrorBody,
        ErrorType, IgnoredOverride, MediaOutput, Normalized, Output, TextKind,
    };

    #[test]
    fn each_kind_of_result_has_a_bare_form() {
        let mut media = MediaOutput {
            path: "a.png".into(),
            mime_type: "image/png".into(),
            size: 1,
            width: None,
            height: None,
            duration_ms: None,
            sample_rate: None,
            revised_prompt: None,
        };
        assert_eq!(
            text(&Output::Media(media.clone()), false).as_deref(),
            Some("a.png")
        );
        media.path = "-".into();
        assert_eq!(text(&Output::Media(media), false), None);
        let description = Output::Description(DescriptionOutput {
            path: "b.png".into(),
            text: "a cat".into(),
            kind: TextKind::ImageDescription,
            language: None,
            segments: Vec::new(),
        });
        assert_eq!(text(&description, false).as_deref(), Some("a cat"));
        assert_eq!(
            text(&description, true).as_deref(),
            Some("b.png\na cat\n\n")
        );
        let vector = EmbeddingOutput {
            text: "x".into(),
            embedding: vec![0.5, -1.0],
            dimensions: 2,
        };
        assert_eq!(
            text(&Output::Embedding(vector), false).as_deref(),
            Some("[0.5, -1.0]\n")
        );
    }

    #[test]
    fn what_was_tried_left_out_and_changed_is_told_in_flags() {
        let mut envelope = Envelope::succeeded("image.generate", Vec::new());
        envelope.attempts.push(Attempt {
            provider: "groq".into(),
            model: Some("m/n".into()),
            path: None,
            outcome: AttemptOutcome::Failed,
            error: "too many requests".into(),
            reason: ErrorType::RateLimited,
            status: Some(429),
            code: None,
            requests: 3,
            duration_ms: 9,
        });
        envelope.ignored_overrides.push(IgnoredOverride {
            key: "outputFormat".into(),
            value: "webp".into(),
        });
        let size = Normalized {
            requested: "10x10".into(),
            applied: "1:1".into(),
            derived_from: Some("size".into()),
        };
        envelope.normalization.insert("aspectRatio".into(), size);
        assert_eq!(
            notes(&envelope),
            [
                "groq/m/n failed: too many requests",
                "--output-format webp was left out: the provider does not support it",
                "--aspect-ratio 10x10 became 1:1, from --size",
            ]
        );
        assert_eq!(flag("count"), "--count");
        assert_eq!(flag("tts.speed"), "tts.speed");
        let error = ErrorBody::new(ErrorType::RateLimited, "groq: too many requests");
        envelope.error = Some(error);
        assert!(
            !notes(&envelope)
                .iter()
                .any(|note| note.contains("too many")),
            "the error says it"
        );
    }
}
