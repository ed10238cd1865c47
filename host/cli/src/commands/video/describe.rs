//! `chela video describe`: a film in words.

use crate::args::VideoDescribe;
use crate::commands::{files, making, prompt};
use crate::printer::Printer;
use crate::session::Session;
use crate::work;
use chela_envelope::{ErrorBody, capability};

/// Describes and prints.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: VideoDescribe,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let (output, place) = making::words_to(arguments.output.as_deref())?;
    let request = chela_runtime::VideoDescribe {
        selection: session.selection(&arguments.target)?,
        output,
        file: files::open(&arguments.file)?,
        prompt: arguments.prompt.map(prompt::of_flag).transpose()?,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.video_describe(request));
    Ok(making::describe(
        capability::VIDEO_DESCRIBE,
        done,
        place,
        printer,
    ))
}
