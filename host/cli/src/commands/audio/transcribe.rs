//! `chela audio transcribe`: what is said in a recording.

use crate::args::{AudioTranscribe, Granularity};
use crate::commands::{files, prompt};
use crate::printer::Printer;
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, capability};
use chela_runtime::Timestamps;

/// Writes down what is said and prints it.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: AudioTranscribe,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let request = chela_runtime::AudioTranscribe {
        selection: session.selection(&arguments.target)?,
        file: files::open(&arguments.file)?,
        language: arguments.language,
        prompt: arguments.prompt.map(prompt::of_flag).transpose()?,
        timestamps: match arguments.timestamps {
            None => Timestamps::None,
            Some(Granularity::Segment) => Timestamps::Segment,
            Some(Granularity::Word) => Timestamps::Word,
        },
        diarize: arguments.diarize,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.audio_transcribe(request));
    Ok(render::envelope(
        &work::envelope_of(capability::AUDIO_TRANSCRIBE, done),
        false,
        printer,
    ))
}
