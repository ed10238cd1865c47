//! `chela audio transcribe`: what is said in a recording.

use crate::args::{AudioTranscribe, Granularity, TranscriptFormat};
use crate::commands::{files, prompt};
use crate::printer::Printer;
use crate::render::transcript::{self, Manner};
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, ErrorType, Output, capability};
use chela_runtime::Timestamps;

/// Writes down what is said and prints it.
///
/// # Errors
///
/// What is wrong before anyone can be asked, and `unsupported` for subtitles of an answer without times.
pub(crate) fn run(
    arguments: AudioTranscribe,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    if printer.json() && arguments.format.is_some() {
        return Err(
            ErrorBody::new(ErrorType::Usage, "`--format` and --json exclude each other")
                .hint("leave out --format: the segments of the document have the times"),
        );
    }
    let timestamps = match (arguments.timestamps, arguments.format) {
        (Some(Granularity::None), Some(TranscriptFormat::Srt | TranscriptFormat::Vtt)) => {
            return Err(ErrorBody::new(ErrorType::Usage, "subtitles need times")
                .hint("leave out --timestamps, or write --timestamps segment"));
        }
        (None, Some(TranscriptFormat::Srt | TranscriptFormat::Vtt)) => Timestamps::Segment,
        (None | Some(Granularity::None), _) => Timestamps::None,
        (Some(Granularity::Segment), _) => Timestamps::Segment,
        (Some(Granularity::Word), _) => Timestamps::Word,
    };
    let manner = match arguments.format {
        Some(TranscriptFormat::Srt) => Manner::SubRip,
        Some(TranscriptFormat::Vtt) => Manner::WebVtt,
        Some(TranscriptFormat::Text) | None => Manner::Text {
            times: timestamps != Timestamps::None,
        },
    };
    let request = chela_runtime::AudioTranscribe {
        selection: session.selection(&arguments.target)?,
        file: files::open(&arguments.file)?,
        language: arguments.language,
        prompt: arguments.prompt.map(prompt::of_flag).transpose()?,
        timestamps,
        diarize: arguments.diarize,
        speaker_count: arguments.speaker_count,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.audio_transcribe(request));
    let envelope = work::envelope_of(capability::AUDIO_TRANSCRIBE, done);
    let mut shown = false;
    if let (false, [Output::Description(said)]) = (printer.json(), envelope.outputs.as_slice()) {
        if !said.segments.is_empty() {
            printer.text(&transcript::text(&said.segments, manner));
            shown = true;
        } else if !matches!(manner, Manner::Text { .. }) {
            return Err(ErrorBody::new(
                ErrorType::Unsupported,
                "the provider gave no times, and there are no subtitles without",
            )
            .hint("name a model that times what it hears with --model, such as openai/whisper-1"));
        }
    }
    Ok(render::envelope(&envelope, shown, printer))
}
