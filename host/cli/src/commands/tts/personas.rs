//! `chela tts personas`: manners of speaking that the configuration has under `tts.personas`, and which of them speaks.

use crate::preferences::{PersonaChoice, Preferences};
use crate::printer::Printer;
use crate::render::Table;
use crate::session::Session;
use chela_envelope::{ErrorBody, ErrorType};
use chela_manifest::ProviderId;
use serde::Serialize;

/// A persona, as it is printed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PersonaRecord<'c> {
    pub(crate) id: &'c str,
    pub(crate) label: &'c str,
    pub(crate) description: Option<&'c str>,
    /// Who speaks as this persona where nobody else is named.
    pub(crate) provider: Option<&'c str>,
    /// Those for which it has a voice or a manner of its own.
    pub(crate) providers: Vec<&'c str>,
    /// Whether it speaks now.
    pub(crate) selected: bool,
}

/// The id of the persona that speaks: the preferred one, else the configured one.
///
/// # Errors
///
/// A `config` error for a preferred one that is no longer there.
pub(crate) fn active<'s>(
    session: &'s Session,
    preferences: &'s Preferences,
) -> Result<Option<&'s str>, ErrorBody> {
    match preferences.persona() {
        PersonaChoice::Unset => Ok(session.config.tts.persona.as_deref()),
        PersonaChoice::Off => Ok(None),
        PersonaChoice::Named(id) if session.config.tts.personas.contains_key(id) => Ok(Some(id)),
        PersonaChoice::Named(id) => Err(ErrorBody::new(
            ErrorType::Config,
            format!("the persona `{id}` is preferred, and the configuration has none of that name"),
        )
        .hint("write it under tts.personas, or run: chela tts set-persona --off")),
    }
}

/// Why there is no persona of that name, with the nearest one.
pub(crate) fn unknown(wanted: &str, session: &Session) -> ErrorBody {
    let personas = &session.config.tts.personas;
    let known: Vec<&str> = personas.keys().map(String::as_str).collect();
    let hint = match chela_manifest::document::nearest(wanted, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => {
            "the configuration has none; they are written under tts.personas".to_owned()
        }
        None => format!("there are {}", known.join(", ")),
    };
    ErrorBody::new(
        ErrorType::NotFound,
        format!("there is no persona `{wanted}`"),
    )
    .hint(hint)
}

/// Lists.
///
/// # Errors
///
/// A `config` error where the preferences cannot be read.
pub(crate) fn run(session: &Session, printer: &mut Printer) -> Result<(), ErrorBody> {
    let preferences = Preferences::read(&session.paths)?;
    let active = active(session, &preferences).unwrap_or_else(|error| {
        printer.warning(&error.message);
        None
    });
    let personas = session.config.tts.personas.iter();
    let records: Vec<PersonaRecord<'_>> = personas
        .map(|(id, persona)| PersonaRecord {
            id,
            label: persona.label.as_deref().unwrap_or(id),
            description: persona.description.as_deref(),
            provider: persona.provider.as_ref().map(ProviderId::as_str),
            providers: persona.providers.keys().map(ProviderId::as_str).collect(),
            selected: Some(id.as_str()) == active,
        })
        .collect();
    if printer.json() {
        printer.document(&records);
        return Ok(());
    }
    if records.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["PERSONA", "LABEL", "STATE", "PROVIDER", "NOTE"]);
    for record in &records {
        table.row([
            record.id,
            record.label,
            if record.selected { "selected" } else { "" },
            record.provider.unwrap_or_default(),
            record.description.unwrap_or_default(),
        ]);
    }
    printer.text(&table.render());
    Ok(())
}
