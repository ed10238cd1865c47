//! `chela tts status`, `enable`, `disable`, `set-provider`, `set-persona`: what is preferred. Each prints what holds now.

use super::providers::Speaker;
use super::{personas, providers};
use crate::args::{TtsSetPersona, TtsSetProvider};
use crate::commands::named::no_such_provider;
use crate::preferences::Preferences;
use crate::printer::Printer;
use crate::sanitize;
use crate::session::Session;
use chela_catalog::Capability;
use chela_envelope::{ErrorBody, ErrorType};
use serde::Serialize;

/// What holds now.
#[derive(Debug, Serialize)]
struct Status {
    /// Whether what speaks unasked may speak.
    enabled: bool,
    /// The provider that is preferred.
    provider: Option<String>,
    /// The persona that speaks, preferred or configured.
    persona: Option<String>,
    /// Who speaks when nobody is named; null when nobody can.
    active: Option<String>,
    /// Where the preferences are.
    path: String,
}

/// Shows what holds.
///
/// # Errors
///
/// A `config` error where the preferences cannot be read.
pub(crate) fn status(session: &Session, printer: &mut Printer) -> Result<(), ErrorBody> {
    show(&Preferences::read(&session.paths)?, session, printer);
    Ok(())
}

/// Lets what speaks unasked speak, or keeps it quiet.
///
/// # Errors
///
/// A `config` error where the preferences cannot be read or written.
pub(crate) fn enable(
    enabled: bool,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    change(session, printer, |preferences| {
        preferences.set_enabled(enabled);
    })
}

/// Prefers a provider.
///
/// # Errors
///
/// `not_found` for a provider that there is not, `unsupported` for one that does not speak, `config` where the preferences cannot be
/// read or written.
pub(crate) fn set_provider(
    arguments: &TtsSetProvider,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    let catalog = session.catalog(printer);
    let wanted = &arguments.provider;
    let speakers = || {
        let able: Vec<String> = catalog
            .list(Capability::TtsConvert)
            .into_iter()
            .map(|provider| provider.id)
            .collect();
        format!("those that speak are {}", able.join(", "))
    };
    match catalog.provider(wanted.as_str()) {
        None => {
            return Err(no_such_provider(&catalog, wanted, speakers()));
        }
        Some(provider) if !Capability::TtsConvert.is_served_by(provider.manifest()) => {
            return Err(ErrorBody::new(
                ErrorType::Unsupported,
                format!("the provider `{wanted}` does not speak"),
            )
            .hint(speakers()));
        }
        Some(_) => {}
    }
    change(session, printer, |preferences| {
        preferences.set_provider(wanted);
    })
}

/// Prefers a persona, or none.
///
/// # Errors
///
/// `not_found` for a persona that there is not, `config` where the preferences cannot be read or written.
pub(crate) fn set_persona(
    arguments: &TtsSetPersona,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    if let Some(wanted) = &arguments.persona
        && !session.config.tts.personas.contains_key(wanted)
    {
        return Err(personas::unknown(wanted, session));
    }
    change(session, printer, |preferences| {
        preferences.set_persona(arguments.persona.as_deref());
    })
}

fn change(
    session: &Session,
    printer: &mut Printer,
    change: impl FnOnce(&mut Preferences),
) -> Result<(), ErrorBody> {
    let preferences = Preferences::change(&session.paths, change)?;
    show(&preferences, session, printer);
    Ok(())
}

fn show(preferences: &Preferences, session: &Session, printer: &mut Printer) {
    // What is wrong with what is preferred is told, and the rest shown all the same.
    let persona = personas::active(session, preferences).unwrap_or_else(|error| {
        printer.warning(&error.message);
        None
    });
    let speaker = Speaker::of(session, preferences, persona).unwrap_or_else(|error| {
        printer.warning(&error.message);
        None
    });
    let listed = providers::listed(&session.catalog(printer), speaker.as_ref());
    let status = Status {
        enabled: preferences.enabled(),
        provider: preferences.provider_text().map(str::to_owned),
        persona: persona.map(str::to_owned),
        active: providers::active(&listed),
        path: preferences.path().display().to_string(),
    };
    if printer.json() {
        return printer.document(&status);
    }
    let or_none = |text: &Option<String>| {
        text.as_deref()
            .map_or("none".into(), |text| sanitize::line(text).into_owned())
    };
    printer.text(&format!(
        "speaks unasked  {}\nprovider        {}\npersona         {}\nactive          {}\n",
        if status.enabled { "yes" } else { "no" },
        or_none(&status.provider),
        or_none(&status.persona),
        or_none(&status.active),
    ));
}
