//! `chela tts personas`: manners of speaking that can be chosen.
//!
//! A persona is a voice, a provider and a way of speaking under one name. The configuration has no key for them yet, so that there
//! are none; the list is there for scripts, and is empty.

use crate::printer::Printer;
use crate::session::Session;
use chela_envelope::ErrorBody;
use serde::Serialize;

/// A persona, as it is printed.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Persona {
    pub(super) id: String,
}

/// The personas there are.
pub(super) fn all(_: &Session) -> Vec<Persona> {
    Vec::new()
}

/// Lists.
///
/// # Errors
///
/// None yet.
pub(crate) fn run(session: &Session, printer: &mut Printer) -> Result<(), ErrorBody> {
    let personas = all(session);
    if printer.json() {
        printer.document(&personas);
    } else {
        let lines: Vec<String> = personas.into_iter().map(|persona| persona.id).collect();
        printer.text(&lines.join("\n"));
    }
    Ok(())
}
