//! `chela video generate`: a film from words.

use crate::args::{FilmResolution, VideoGenerate};
use crate::commands::{files, making, prompt};
use crate::printer::Printer;
use crate::session::Session;
use crate::{paths, work};
use chela_envelope::{ErrorBody, capability};
use clap::ValueEnum as _;

/// Films and prints where the film is.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: VideoGenerate,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let place = arguments.output.as_deref().and_then(paths::for_later);
    if arguments.output.is_some() && place.is_none() {
        printer.warning(
            "the name after --output is not UTF-8: a job that is resumed goes to the media folder",
        );
    }
    let request = chela_runtime::VideoGenerate {
        selection: session.selection(&arguments.target)?,
        hints: hints(&arguments),
        output: making::destination(arguments.output.as_deref(), "film", printer)?,
        place,
        files: files::open_all(&arguments.file)?,
        prompt: prompt::of_flag(arguments.prompt)?,
    };
    request.problem().map_or(Ok(()), Err)?;
    // Without a place for it a job would be lost with this process.
    if !arguments.target.dry_run {
        session.jobs()?;
    }
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    Ok(making::deliver(
        capability::VIDEO_GENERATE,
        work::until_done(runtime.cancellation(), runtime.video_generate(request)),
        printer,
    ))
}

fn hints(arguments: &VideoGenerate) -> chela_runtime::VideoHints {
    let class = |class: FilmResolution| Some(class.to_possible_value()?.get_name().to_owned());
    chela_runtime::VideoHints {
        size: arguments.size,
        aspect_ratio: arguments.aspect_ratio,
        resolution: arguments.resolution.and_then(class),
        duration: arguments.duration,
        audio: arguments.audio,
        watermark: arguments.watermark,
    }
}
