//! `chela video cancel`: the end of a film that is being made.

use crate::args::VideoCancel;
use crate::printer::Printer;
use crate::session::Session;
use crate::{render, work};
use chela_envelope::{ErrorBody, capability};
use std::time::Duration;

/// Asks the provider to stop, and says that it did.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: VideoCancel,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let done = if arguments.forget {
        "forgotten"
    } else {
        "cancelled"
    };
    let told = format!("{done} {}", arguments.id);
    let request = chela_runtime::VideoCancel {
        id: arguments.id,
        timeout: arguments.timeout_ms.map(Duration::from_millis),
        forget: arguments.forget,
    };
    let runtime = session.runtime(false, printer)?;
    let done = work::until_done(runtime.cancellation(), runtime.video_cancel(request));
    let envelope = work::envelope_of(capability::VIDEO_CANCEL, done);
    if envelope.ok && !printer.json() {
        printer.text(&told);
    }
    Ok(render::envelope(&envelope, false, printer))
}
