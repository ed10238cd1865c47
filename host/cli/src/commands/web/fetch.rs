//! `chela web fetch`: one page as Markdown, text or HTML.

use crate::args::{PageFormat, WebFetch};
use crate::printer::Printer;
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, capability};

/// Reads a page and prints what is on it.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: WebFetch,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let request = chela_runtime::WebFetch {
        selection: Session::service(&arguments.service),
        url: arguments.url,
        max_bytes: arguments.max_bytes,
        format: match arguments.format {
            PageFormat::Markdown => chela_runtime::PageFormat::Markdown,
            PageFormat::Text => chela_runtime::PageFormat::Text,
            PageFormat::Html => chela_runtime::PageFormat::Html,
        },
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.service.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.web_fetch(request));
    Ok(render::envelope(
        &work::envelope_of(capability::WEB_FETCH, done),
        false,
        printer,
    ))
}
