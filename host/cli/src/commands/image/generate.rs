//! `chela image generate`: pictures from words.

use crate::args::ImageGenerate;
use crate::commands::making;
use crate::commands::prompt;
use crate::printer::Printer;
use crate::session::Session;
use crate::work;
use chela_envelope::{ErrorBody, capability};

/// Draws and prints where the pictures are.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: ImageGenerate,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let show = making::show(&arguments.options, printer)?;
    let request = chela_runtime::ImageGenerate {
        selection: session.selection(&arguments.target)?,
        hints: making::hints(&arguments.options),
        output: making::destination(arguments.options.output.as_deref(), "picture", printer)?,
        prompt: prompt::of_flag(arguments.prompt)?,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    Ok(making::deliver_pictures(
        capability::IMAGE_GENERATE,
        work::until_done(runtime.cancellation(), runtime.image_generate(request)),
        show,
        session,
        printer,
    ))
}
