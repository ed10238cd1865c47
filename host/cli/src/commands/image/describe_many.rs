//! `chela image describe-many`: several pictures in words, one answer each.

use crate::args::ImageDescribeMany;
use crate::commands::{files, prompt};
use crate::printer::Printer;
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, capability};

/// Describes and prints.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: ImageDescribeMany,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let request = chela_runtime::ImageDescribeMany {
        selection: session.selection(&arguments.target)?,
        files: files::open_all(&arguments.file)?,
        prompt: arguments.prompt.map(prompt::of_flag).transpose()?,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.image_describe_many(request));
    Ok(render::envelope(
        &work::envelope_of(capability::IMAGE_DESCRIBE_MANY, done),
        false,
        printer,
    ))
}
