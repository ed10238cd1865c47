//! `chela image describe`: a picture in words.

use crate::args::ImageDescribe;
use crate::commands::{files, prompt};
use crate::printer::Printer;
use crate::session::Session;
use crate::{paths, render, work};
use chela_envelope::{ErrorBody, capability};
use std::path::Path;

/// Describes and prints.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: ImageDescribe,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    // The words are on standard output anyway.
    let output = arguments
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    let place = output.map(|path| path.display().to_string());
    let request = chela_runtime::ImageDescribe {
        selection: session.selection(&arguments.target)?,
        output: output.map(paths::destination).transpose()?,
        file: files::open(&arguments.file)?,
        prompt: arguments.prompt.map(prompt::of_flag).transpose()?,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.image_describe(request));
    let envelope = work::envelope_of(capability::IMAGE_DESCRIBE, done);
    let elsewhere = place.filter(|_| envelope.ok && envelope.dry_run.is_none());
    if let (Some(place), false) = (&elsewhere, printer.json()) {
        printer.text(place);
    }
    Ok(render::envelope(&envelope, elsewhere.is_some(), printer))
}
