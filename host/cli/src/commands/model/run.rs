//! `chela model run`: asks a language model and prints its answer while it comes.

use crate::args::{ModelRun, Thinking};
use crate::commands::{files, prompt};
use crate::printer::Printer;
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, capability};
use chela_runtime::{TextSink, ThinkingLevel};
use std::ops::ControlFlow;

/// Asks and prints.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: ModelRun,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let request = chela_runtime::ModelRun {
        selection: session.selection(&arguments.target)?,
        files: files::open_all(&arguments.file)?,
        schema: arguments.schema.as_deref().map(files::schema).transpose()?,
        prompt: prompt::of_flag_or_stdin(
            arguments.prompt,
            arguments.stdin.is_some(),
            ["prompt", "chela model run --prompt"],
        )?,
        system: arguments.system,
        thinking: arguments.thinking.map(thinking),
        max_tokens: arguments.max_tokens,
        temperature: arguments.temperature,
        incremental: !printer.json() || arguments.stream,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    let mut reader = Reader {
        printer,
        shown: false,
    };
    let done = work::until_done(
        runtime.cancellation(),
        runtime.model_run(request, &mut reader),
    );
    let shown = reader.shown;
    Ok(render::envelope(
        &work::envelope_of(capability::MODEL_RUN, done),
        shown,
        printer,
    ))
}

/// Prints pieces of the answer as they come.
struct Reader<'a> {
    printer: &'a mut Printer,
    /// Whether standard output has a part of the answer.
    shown: bool,
}

impl TextSink for Reader<'_> {
    fn text(&mut self, piece: &str) -> ControlFlow<()> {
        if self.printer.json() {
            self.printer.preview(piece);
        } else {
            self.shown = true;
            self.printer.stream(piece);
        }
        if self.printer.gone() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

fn thinking(level: Thinking) -> ThinkingLevel {
    match level {
        Thinking::Off => ThinkingLevel::Off,
        Thinking::Minimal => ThinkingLevel::Minimal,
        Thinking::Low => ThinkingLevel::Low,
        Thinking::Medium => ThinkingLevel::Medium,
        Thinking::High => ThinkingLevel::High,
        Thinking::Adaptive => ThinkingLevel::Adaptive,
        Thinking::Xhigh => ThinkingLevel::Xhigh,
        Thinking::Max => ThinkingLevel::Max,
    }
}
