//! `chela tts providers`: who can speak, how each stands, and who speaks. Reads manifests and preferences: starts no component.

use super::personas;
use crate::commands::providers::table;
use crate::preferences::Preferences;
use crate::printer::Printer;
use crate::session::Session;
use chela_catalog::record::ProviderRecord;
use chela_catalog::{Capability, Catalog};
use chela_envelope::ErrorBody;
use chela_manifest::ProviderId;
use serde::Serialize;

/// What a preference says of the provider that it names.
const PREFERRED: &str = "it is preferred (chela tts set-provider)";

/// What is printed.
#[derive(Debug, Serialize)]
struct Providers {
    providers: Vec<ProviderRecord>,
    /// Who speaks when nobody is named; null when nobody can.
    active: Option<String>,
}

/// Lists.
///
/// # Errors
///
/// A `config` error where the preferences cannot be read.
pub(crate) fn run(session: &Session, printer: &mut Printer) -> Result<(), ErrorBody> {
    let preferences = Preferences::read(&session.paths)?;
    let persona = personas::active(session, &preferences).unwrap_or_else(|error| {
        printer.warning(&error.message);
        None
    });
    let speaker = Speaker::of(session, &preferences, persona)?;
    let providers = listed(&session.catalog(printer), speaker.as_ref());
    let active = active(&providers);
    if printer.json() {
        printer.document(&Providers { providers, active });
    } else {
        printer.text(&table(&providers));
    }
    Ok(())
}

/// Who speaks where nobody is named on the command line, and why.
pub(super) struct Speaker {
    pub(super) provider: ProviderId,
    because: String,
}

impl Speaker {
    /// The preferred provider, else that of the persona that speaks, else the configured one; none where chela is to choose.
    ///
    /// # Errors
    ///
    /// A `config` error for a preference that is no id.
    pub(super) fn of(
        session: &Session,
        preferences: &Preferences,
        persona: Option<&str>,
    ) -> Result<Option<Self>, ErrorBody> {
        if let Some(provider) = preferences.provider()? {
            return Ok(Some(Self {
                provider,
                because: PREFERRED.to_owned(),
            }));
        }
        let tts = &session.config.tts;
        let of_persona = persona.and_then(|id| {
            let provider = tts.personas.get(id)?.provider.clone()?;
            Some(Self {
                provider,
                because: format!("the persona `{id}` speaks through it"),
            })
        });
        Ok(of_persona.or_else(|| {
            let provider = tts.provider.clone()?;
            Some(Self {
                provider,
                because: "it is set as tts.provider".to_owned(),
            })
        }))
    }
}

/// The providers, with the speaker as the one that speaks: where one is named, nobody else does unasked.
pub(super) fn listed(catalog: &Catalog, speaker: Option<&Speaker>) -> Vec<ProviderRecord> {
    let mut providers = catalog.list(Capability::TtsConvert);
    if let Some(speaker) = speaker {
        for provider in &mut providers {
            let speaks = provider.id == speaker.provider.as_str()
                && provider.available
                && provider.configured;
            provider.selected = speaks;
            provider.selected_because = speaks.then(|| speaker.because.clone());
        }
    }
    providers
}

/// Who speaks when nobody is named.
pub(super) fn active(providers: &[ProviderRecord]) -> Option<String> {
    providers
        .iter()
        .find(|provider| provider.selected)
        .map(|provider| provider.id.clone())
}
