//! `chela embedding create`: vectors for texts.

use crate::args::{EmbeddingCreate, InputType};
use crate::commands::prompt;
use crate::printer::Printer;
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, capability};

/// Embeds and prints one vector a line.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: EmbeddingCreate,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let request = chela_runtime::EmbeddingCreate {
        selection: session.selection(&arguments.target)?,
        texts: prompt::of_flags(arguments.text)?,
        dimensions: arguments.dimensions,
        input_type: arguments.input_type.map(|word| match word {
            InputType::Query => chela_runtime::InputType::Query,
            InputType::Document => chela_runtime::InputType::Document,
            InputType::Similarity => chela_runtime::InputType::Similarity,
            InputType::Classification => chela_runtime::InputType::Classification,
            InputType::Clustering => chela_runtime::InputType::Clustering,
        }),
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.embedding_create(request));
    Ok(render::envelope(
        &work::envelope_of(capability::EMBEDDING_CREATE, done),
        false,
        printer,
    ))
}
