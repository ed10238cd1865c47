//! What a model says, pulled event by event and judged at the end.

use std::ops::ControlFlow;
use std::time::Duration;

use chela_egress::Blob;
use chela_envelope::{ErrorType, Output, TextOutput, Usage};
use chela_sandbox::CallError;
use chela_sandbox::families::model::{Event, FinishReason};
use chela_sandbox::families::{self, FailureKind};
use tokio_util::sync::CancellationToken;

use crate::fault::{Fault, short};

/// The most pieces of media that are taken from one answer.
const MOST_MEDIA: usize = 64;

/// How long an answer that has ended is waited for to say what it cost. Servers that leave the connection open after their last
/// event are not rare.
const AFTER_FINISH: Duration = Duration::from_secs(5);

/// The most text and reasoning that is taken from one answer, in bytes. Models stop long before.
const LONGEST_ANSWER: usize = 32 << 20;

/// Someone who reads along.
///
/// Gets pieces as they come, never empty. Breaking off ends the call as cancelled: the reader is gone.
pub trait TextSink: Send {
    /// More of the answer.
    fn text(&mut self, piece: &str) -> ControlFlow<()>;

    /// More of the reasoning, where the provider shows it.
    fn reasoning(&mut self, piece: &str) -> ControlFlow<()> {
        let _ = piece;
        ControlFlow::Continue(())
    }
}

/// Nobody reads along.
impl TextSink for () {
    fn text(&mut self, _: &str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// A whole answer.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) media: Vec<Blob>,
    pub(crate) usage: Option<Usage>,
    pub(crate) finish: Option<FinishReason>,
    pub(crate) model: Option<String>,
    pub(crate) request_id: Option<String>,
    /// Options of the request that the component says had no part in it.
    pub(crate) ignored: Vec<String>,
    pub(crate) reasoned: bool,
    pub(crate) asked_for_tools: bool,
    pub(crate) shown: bool,
}

/// Pulls an answer to its end.
///
/// # Errors
///
/// Why it broke off, with what had come until then.
pub(crate) async fn pull(
    mut next: impl AsyncFnMut() -> Result<Option<Event>, CallError>,
    mut sink: Option<&mut dyn TextSink>,
    cancelled: &CancellationToken,
) -> Result<Told, Fault> {
    let mut told = Told::default();
    let mut length = 0;
    loop {
        let next = async {
            if told.finish.is_none() {
                return next().await;
            }
            // What follows the end is no part of the answer: silence there, or a server that breaks off, takes nothing from it.
            match tokio::time::timeout(AFTER_FINISH, next()).await {
                Err(_silent) => Ok(None),
                Ok(Err(CallError::Failure(failure))) if broke_off(failure.kind) => Ok(None),
                Ok(rest) => rest,
            }
        };
        let event = match cancelled.run_until_cancelled(next).await {
            None => return Err(told.broke_off(Fault::interrupted())),
            Some(Ok(Some(event))) => event,
            Some(Ok(None)) => return Ok(told),
            Some(Err(error)) => {
                let mut fault = Fault::from(error);
                if fault.kind == ErrorType::BadResponse && !told.text.is_empty() {
                    // The base URL, which the usual hint is about, has shown that it is right.
                    fault = fault.hint("try again: the answer broke off in the middle");
                }
                return Err(told.broke_off(fault));
            }
        };
        if matches!(
            event,
            Event::Text(_) | Event::Reasoning(_) | Event::ToolCall(_) | Event::Media(_)
        ) {
            // More of the answer shows that it had not ended.
            told.finish = None;
        }
        let mut flow = ControlFlow::Continue(());
        match event {
            Event::Answerer(answerer) => {
                told.model = answerer.model.as_deref().map(short).or(told.model);
                told.request_id = answerer
                    .request_id
                    .as_deref()
                    .map(short)
                    .or(told.request_id);
            }
            Event::Ignored(names) => told.ignored = names,
            Event::Text(piece) => {
                length += piece.len();
                if let Some(sink) = &mut sink
                    && !piece.is_empty()
                {
                    told.shown = true;
                    flow = sink.text(&piece);
                }
                told.text.push_str(&piece);
            }
            Event::Reasoning(piece) => {
                length += piece.text.len();
                told.reasoned |= !piece.text.trim().is_empty();
                if let Some(sink) = &mut sink
                    && !piece.text.is_empty()
                {
                    flow = sink.reasoning(&piece.text);
                }
            }
            Event::ToolCall(_) => told.asked_for_tools = true,
            Event::Media(blob) => {
                told.media.push(blob);
                if told.media.len() > MOST_MEDIA {
                    let message = format!("the answer has more than {MOST_MEDIA} pieces of media");
                    return Err(told.broke_off(Fault::new(ErrorType::BadResponse, message)));
                }
            }
            // The envelope has no place for them.
            Event::Citation(_) | Event::Extra(_) => {}
            Event::Usage(usage) => told.usage = Some(usage_of(usage)),
            Event::Finish(reason) => told.finish = Some(reason),
        }
        if flow.is_break() {
            return Err(told.broke_off(Fault::new(
                ErrorType::Cancelled,
                "the reader of the answer is gone",
            )));
        }
        if length > LONGEST_ANSWER {
            let message = format!("the answer is longer than {LONGEST_ANSWER} bytes");
            return Err(told.broke_off(Fault::new(ErrorType::BadResponse, message)));
        }
    }
}

/// Whether a failure is that the rest did not come, or was nothing that can be read.
fn broke_off(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::BadResponse | FailureKind::Unavailable | FailureKind::Timeout
    )
}

impl Told {
    /// A failure that keeps what had come before it.
    fn broke_off(self, mut fault: Fault) -> Fault {
        fault.request_id = fault.request_id.or(self.request_id);
        if !self.text.trim().is_empty() {
            fault
                .salvage
                .outputs
                .push(Output::Text(TextOutput { text: self.text }));
        }
        fault.salvage.usage = self.usage;
        fault.salvage.finish_reason = self.finish.as_ref().map(finish_word);
        fault.salvage.shown = self.shown;
        fault
    }

    /// Holds an answer that ended properly against what was asked: text, or media where they are taken.
    ///
    /// # Errors
    ///
    /// `content_filtered` where the provider's filter ended it, `empty_output` where nothing is in it.
    pub(crate) fn judged(self, media_taken: bool) -> Result<Self, Fault> {
        if matches!(self.finish, Some(FinishReason::ContentFilter)) {
            let message = "the provider's content filter ended the answer";
            return Err(self.broke_off(Fault::new(ErrorType::ContentFiltered, message)));
        }
        if !self.text.trim().is_empty() || (media_taken && !self.media.is_empty()) {
            return Ok(self);
        }
        let cut = matches!(self.finish, Some(FinishReason::Length));
        let reasoned = self.reasoned
            || self
                .usage
                .and_then(|usage| usage.reasoning_tokens)
                .is_some_and(|tokens| tokens > 0);
        let what = if reasoned {
            "the model gave only reasoning and no text"
        } else if self.asked_for_tools || matches!(self.finish, Some(FinishReason::ToolCalls)) {
            "the model asked for a tool and gave no text"
        } else if !self.media.is_empty() {
            "the model gave media and no text"
        } else {
            "the model gave no text"
        };
        let mut fault = Fault::new(ErrorType::EmptyOutput, what);
        if cut {
            fault.message.push_str("; it reached the limit on tokens");
            fault = fault
                .hint("allow more tokens with --max-tokens, or less reasoning with --thinking");
        } else if reasoned {
            fault
                .message
                .push_str("; the limit on tokens was not reached");
            fault = fault
                .hint("ask for less reasoning with --thinking, or name another model with --model");
        }
        Err(self.broke_off(fault))
    }

    /// Makes of a good answer a failure that keeps it.
    pub(crate) fn refused(self, fault: Fault) -> Fault {
        self.broke_off(fault)
    }
}

/// A finish reason in the envelope's words.
pub(crate) fn finish_word(reason: &FinishReason) -> String {
    match reason {
        FinishReason::Stop => "stop".into(),
        FinishReason::Length => "length".into(),
        FinishReason::ToolCalls => "tool_calls".into(),
        FinishReason::ContentFilter => "content_filter".into(),
        FinishReason::Other(word) => short(word),
    }
}

/// What was consumed, in the envelope's terms. A number that is none in JSON was not said.
pub(crate) fn usage_of(usage: families::Usage) -> Usage {
    Usage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cached_input_tokens: usage.cached_input_tokens,
        cache_write_input_tokens: usage.cache_write_input_tokens,
        reasoning_tokens: usage.reasoning_tokens,
        characters: usage.characters,
        seconds: usage.seconds.filter(|seconds| seconds.is_finite()),
        images: usage.images,
        requests: usage.requests,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sandbox::families::Failure;
    use chela_sandbox::families::model::{Answerer, Reasoning, ToolCall};

    struct Reader {
        seen: String,
        leaves_after: usize,
    }

    impl TextSink for Reader {
        fn text(&mut self, piece: &str) -> ControlFlow<()> {
            self.seen.push_str(piece);
            if self.seen.len() >= self.leaves_after {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }

    async fn play(
        events: Vec<Result<Event, CallError>>,
        sink: Option<&mut dyn TextSink>,
    ) -> Result<Told, Fault> {
        let mut events = events.into_iter();
        pull(
            async || events.next().transpose(),
            sink,
            &CancellationToken::new(),
        )
        .await
    }

    fn text(piece: &str) -> Result<Event, CallError> {
        Ok(Event::Text(piece.into()))
    }

    fn finish(reason: FinishReason) -> Result<Event, CallError> {
        Ok(Event::Finish(reason))
    }

    fn used(reasoning_tokens: u64) -> Result<Event, CallError> {
        Ok(Event::Usage(families::Usage {
            input_tokens: Some(1),
            output_tokens: Some(2),
            cached_input_tokens: None,
            cache_write_input_tokens: Some(3),
            reasoning_tokens: Some(reasoning_tokens),
            characters: None,
            seconds: Some(f64::NAN),
            images: None,
            requests: None,
            extra: Vec::new(),
        }))
    }

    fn cut() -> Result<Event, CallError> {
        Err(CallError::Failure(Failure {
            kind: FailureKind::BadResponse,
            message: "the stream was cut short".into(),
            status: Some(200),
            code: None,
            retry_after_ms: None,
            request_id: None,
            extra: Vec::new(),
        }))
    }

    #[tokio::test]
    async fn pieces_add_up_and_the_reader_sees_each() {
        let mut reader = Reader {
            seen: String::new(),
            leaves_after: usize::MAX,
        };
        let answerer = Answerer {
            model: Some("m-1".into()),
            request_id: Some("r".into()),
        };
        let events = vec![
            Ok(Event::Answerer(answerer)),
            text("po"),
            text("ng"),
            finish(FinishReason::Stop),
            used(0),
        ];
        let told = play(events, Some(&mut reader))
            .await
            .and_then(|told| told.judged(false))
            .expect("an answer");
        assert_eq!((told.text.as_str(), reader.seen.as_str()), ("pong", "pong"));
        assert_eq!(
            (told.model.as_deref(), told.request_id.as_deref()),
            (Some("m-1"), Some("r"))
        );
        let usage = told.usage.expect("it was said");
        assert_eq!(
            (
                usage.input_tokens,
                usage.cache_write_input_tokens,
                usage.seconds,
            ),
            (Some(1), Some(3), None),
            "NaN is not a number of seconds"
        );
    }

    #[tokio::test]
    async fn what_came_before_a_break_is_kept() {
        let fault = play(vec![text("half an "), text("answer"), cut()], None)
            .await
            .expect_err("cut");
        assert_eq!(fault.kind, ErrorType::BadResponse);
        assert_eq!(
            fault.salvage.outputs,
            [Output::Text(TextOutput {
                text: "half an answer".into()
            })]
        );
        assert!(!fault.salvage.shown, "nobody read along");

        let mut reader = Reader {
            seen: String::new(),
            leaves_after: usize::MAX,
        };
        let fault = play(vec![text("half"), cut()], Some(&mut reader))
            .await
            .expect_err("cut");
        assert!(fault.salvage.shown && fault.is_final());
        let fault = play(vec![cut()], Some(&mut reader)).await.expect_err("cut");
        assert!(!fault.salvage.shown, "nothing had been shown");
    }

    #[tokio::test]
    async fn an_end_that_is_not_the_last_word_is_taken_back() {
        let stop = || finish(FinishReason::Stop);
        let told = play(
            vec![
                text("one "),
                stop(),
                text("two"),
                finish(FinishReason::Length),
            ],
            None,
        )
        .await
        .expect("an answer");
        assert_eq!(told.text, "one two");
        assert!(matches!(told.finish, Some(FinishReason::Length)));
        let fault = play(vec![text("one"), stop(), text(" two"), cut()], None).await;
        assert_eq!(
            fault.expect_err("it broke off").kind,
            ErrorType::BadResponse
        );
        let told = play(vec![text("one"), stop(), cut()], None).await;
        assert_eq!(told.expect("it had ended").text, "one");
        let refused = Err(CallError::Failure(Failure {
            kind: FailureKind::ContentFiltered,
            message: "the model refused".into(),
            status: None,
            code: None,
            retry_after_ms: None,
            request_id: None,
            extra: Vec::new(),
        }));
        let fault = play(vec![text("one"), stop(), refused], None).await;
        assert_eq!(
            fault.expect_err("it was refused").kind,
            ErrorType::ContentFiltered
        );
    }

    #[tokio::test]
    async fn a_reader_who_leaves_ends_the_call() {
        let mut reader = Reader {
            seen: String::new(),
            leaves_after: 2,
        };
        let fault = play(vec![text("ab"), text("cd")], Some(&mut reader))
            .await
            .expect_err("gone");
        assert_eq!(
            (fault.kind, reader.seen.as_str()),
            (ErrorType::Cancelled, "ab")
        );
    }

    #[tokio::test]
    async fn nothing_in_it_is_told_from_only_reasoning_and_from_a_limit() {
        let reasoning = || {
            Ok(Event::Reasoning(Reasoning {
                text: "hm".into(),
                opaque: None,
            }))
        };
        let tool = Event::ToolCall(ToolCall {
            id: String::new(),
            name: "t".into(),
            arguments: "{}".into(),
            extra: Vec::new(),
        });
        for (events, message) in [
            (vec![finish(FinishReason::Stop)], "the model gave no text"),
            (
                vec![text(" \n"), finish(FinishReason::Stop)],
                "the model gave no text",
            ),
            (
                vec![finish(FinishReason::Length)],
                "the model gave no text; it reached the limit on tokens",
            ),
            (
                vec![reasoning(), finish(FinishReason::Length)],
                "the model gave only reasoning and no text; it reached the limit on tokens",
            ),
            (
                vec![used(9), finish(FinishReason::Stop)],
                "the model gave only reasoning and no text; the limit on tokens was not reached",
            ),
            (
                vec![Ok(tool), finish(FinishReason::ToolCalls)],
                "the model asked for a tool and gave no text",
            ),
        ] {
            let fault = play(events, None)
                .await
                .and_then(|told| told.judged(true))
                .expect_err(message);
            assert_eq!(
                (fault.kind, fault.message.as_str()),
                (ErrorType::EmptyOutput, message)
            );
            assert!(fault.salvage.outputs.is_empty());
        }
    }

    #[tokio::test]
    async fn an_answer_that_was_filtered_is_no_answer() {
        let events = vec![text("once upon"), finish(FinishReason::ContentFilter)];
        let fault = play(events, None)
            .await
            .and_then(|told| told.judged(false))
            .expect_err("filtered");
        assert_eq!(fault.kind, ErrorType::ContentFiltered);
        assert_eq!(fault.salvage.outputs.len(), 1);
        assert_eq!(
            fault.salvage.finish_reason.as_deref(),
            Some("content_filter")
        );
    }

    #[tokio::test]
    async fn an_endless_answer_is_ended() {
        let piece = "x".repeat(1 << 20);
        let fault = play((0..64).map(|_| text(&piece)).collect(), None)
            .await
            .expect_err("too long");
        assert_eq!(fault.kind, ErrorType::BadResponse);
    }
}
