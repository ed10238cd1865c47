//! `chela web search`: pages for a query.

use crate::args::{Age, WebSearch};
use crate::commands::prompt;
use crate::printer::Printer;
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, capability};
use chela_runtime::Freshness;

/// Searches and prints title, address and snippet of each page.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: WebSearch,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let request = chela_runtime::WebSearch {
        selection: Session::service(&arguments.service),
        query: prompt::of_flag(arguments.query)?,
        limit: arguments.limit.or(session.config.tools.search.max_results),
        freshness: arguments.freshness.map(|age| match age {
            Age::Day => Freshness::Day,
            Age::Week => Freshness::Week,
            Age::Month => Freshness::Month,
            Age::Year => Freshness::Year,
        }),
        region: arguments.region,
        language: arguments.language,
        include_domains: arguments.include_domains,
        exclude_domains: arguments.exclude_domains,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.service.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.web_search(request));
    Ok(render::envelope(
        &work::envelope_of(capability::WEB_SEARCH, done),
        false,
        printer,
    ))
}
