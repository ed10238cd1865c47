//! `chela video resume`: the films that earlier commands began and did not see through.

use crate::args::VideoResume;
use crate::commands::making;
use crate::printer::Printer;
use crate::render::Table;
use crate::session::Session;
use crate::work;
use chela_envelope::{ErrorBody, ErrorType, capability, exit};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Waits for a film and prints where it is. Without an id, lists the jobs that are not done.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: VideoResume,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let jobs = session.jobs()?;
    let Some(id) = arguments.id else {
        if arguments.output.is_some() || arguments.timeout_ms.is_some() {
            return Err(ErrorBody::new(
                ErrorType::Usage,
                "without the id of a job nothing is waited for or written",
            )
            .hint("write: chela video resume <ID>; without flags it lists the ids"));
        }
        let (jobs, problems) = jobs.list();
        for problem in &problems {
            printer.warning(problem);
        }
        if printer.json() {
            printer.document(&jobs);
            return Ok(exit::OK);
        }
        let mut table = Table::new(["JOB", "SUBMITTED", "PROVIDER", "MODEL", "STATE", "OUTPUT"]);
        for job in &jobs {
            table.row([
                &job.id,
                &job.submitted_at,
                &job.provider,
                &job.model,
                if job.active { "waited for" } else { "left" },
                job.output.as_deref().unwrap_or("media folder"),
            ]);
        }
        printer.text(&table.render());
        return Ok(exit::OK);
    };
    // With --json standard output is the document's: what was to go there goes to the media folder.
    let kept = jobs
        .output_of(&id)?
        .map(PathBuf::from)
        .filter(|path| !(printer.json() && path == Path::new("-")));
    let output = arguments.output.or(kept);
    let request = chela_runtime::VideoResume {
        id,
        timeout: arguments.timeout_ms.map(Duration::from_millis),
        output: making::destination(output.as_deref(), "film", printer)?,
    };
    let runtime = session.runtime(false, printer)?;
    Ok(making::deliver(
        capability::VIDEO_RESUME,
        work::until_done(runtime.cancellation(), runtime.video_resume(request)),
        printer,
    ))
}
