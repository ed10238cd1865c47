//! `chela model auth login`: keeps a key for a provider.

use super::{now, with_a_key};
use crate::args::{AuthLogin, AuthMethod};
use crate::environment::{self, Hidden};
use crate::printer::Printer;
use crate::session::Session;
use crate::{paths, work};
use chela_credentials::Secret;
use chela_envelope::{ErrorBody, ErrorType};

/// Reads a key and keeps it.
///
/// # Errors
///
/// `usage` for what can be no key, `config` where it cannot be kept.
pub(crate) fn run(
    arguments: &AuthLogin,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    // There is one method so far. A new one is a new arm.
    match arguments.method {
        AuthMethod::ApiKey => {}
    }
    let id = &arguments.provider;
    let catalog = session.catalog(printer);
    with_a_key(&catalog, id)?;
    let refuse = |message: String| {
        ErrorBody::new(ErrorType::Usage, message).hint(format!(
            "paste the key alone, or pipe it in: chela model auth login --provider {id} < key.txt"
        ))
    };
    let text = {
        let hidden = environment::stdin_is_terminal().then(Hidden::new);
        if hidden.is_some() {
            printer.ask(&format!("Key for {id} (it is not shown):"));
        }
        // A person who thinks better of it ends the program; what they type next is shown again.
        work::until_read(environment::secret_text)?.map_err(|error| refuse(error.to_string()))?
    };
    if text.trim().is_empty() {
        return Err(refuse("there is no key".to_owned()));
    }
    let key = Secret::read(text).map_err(|error| refuse(error.to_string()))?;
    let state = &session.paths.state;
    paths::make_kept_keys(state)?
        .keep(id, &key)
        .map_err(|error| {
            ErrorBody::new(
                ErrorType::Config,
                format!("the key cannot be kept: {}", environment::problem(&error)),
            )
            .hint("CHELA_STATE_DIR names another folder to keep it in")
        })?;
    let record = now(session, id);
    let answered_by = record
        .as_ref()
        .and_then(|record| record.auth.as_ref()?.answered_by.clone());
    if printer.json() {
        printer.document(&record);
    } else {
        printer.text(&format!("The key of {id} is kept."));
    }
    if let Some(place) = answered_by.filter(|place| !place.starts_with("key kept")) {
        printer.warning(&format!(
            "{place} goes before it: the kept key is used only where that is not set"
        ));
    }
    Ok(())
}
