//! `chela model auth logout`: forgets the key that is kept for a provider.

use super::now;
use crate::args::AuthLogout;
use crate::environment;
use crate::paths;
use crate::printer::Printer;
use crate::session::Session;
use chela_envelope::{ErrorBody, ErrorType};

/// Removes a key. One that is kept for a provider that is no longer there can be removed too.
///
/// # Errors
///
/// `not_found` where none is kept, `config` where it cannot be removed.
pub(crate) fn run(
    arguments: &AuthLogout,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    let id = &arguments.provider;
    let removed = paths::kept_keys(&session.paths.state)
        .and_then(|keys| keys.map_or(Ok(false), |keys| keys.remove(id)))
        .map_err(|error| {
            ErrorBody::new(
                ErrorType::Config,
                format!(
                    "the key cannot be removed: {}",
                    environment::problem(&error)
                ),
            )
            .hint("CHELA_STATE_DIR names the folder that it is in")
        })?;
    if !removed {
        return Err(
            ErrorBody::new(ErrorType::NotFound, format!("no key is kept for `{id}`"))
                .hint("`chela model auth status` shows where keys are found"),
        );
    }
    if printer.json() {
        printer.document(&now(session, id));
    } else {
        printer.text(&format!("The key of {id} is removed."));
    }
    Ok(())
}
