//! `chela image edit`: pictures from pictures.

use crate::args::ImageEdit;
use crate::commands::making;
use crate::commands::{files, prompt};
use crate::printer::Printer;
use crate::session::Session;
use crate::work;
use chela_envelope::{ErrorBody, capability};

/// Changes pictures and prints where the new ones are.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: ImageEdit,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let show = making::show(&arguments.options, printer)?;
    let request = chela_runtime::ImageEdit {
        selection: session.selection(&arguments.target)?,
        hints: making::hints(&arguments.options),
        output: making::destination(arguments.options.output.as_deref(), "picture", printer)?,
        files: files::open_all(&arguments.file)?,
        prompt: prompt::of_flag(arguments.prompt)?,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    Ok(making::deliver_pictures(
        capability::IMAGE_EDIT,
        work::until_done(runtime.cancellation(), runtime.image_edit(request)),
        show,
        session,
        printer,
    ))
}
