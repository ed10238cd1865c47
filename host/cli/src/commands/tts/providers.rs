//! `chela tts providers`: who can speak, how each stands, and who speaks. Reads manifests and preferences: starts no component.

use crate::commands::providers::table;
use crate::preferences::Preferences;
use crate::printer::Printer;
use crate::session::Session;
use chela_catalog::record::ProviderRecord;
use chela_catalog::{Capability, Catalog};
use chela_envelope::ErrorBody;
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
    let providers = listed(&session.catalog(printer), &preferences);
    let active = active(&providers);
    if printer.json() {
        printer.document(&Providers { providers, active });
    } else {
        printer.text(&table(&providers));
    }
    Ok(())
}

/// The providers, with the preferred one as the one that speaks: where there is a preference, nobody else does unasked.
pub(super) fn listed(catalog: &Catalog, preferences: &Preferences) -> Vec<ProviderRecord> {
    let mut providers = catalog.list(Capability::TtsConvert);
    if let Some(preferred) = preferences.provider_text() {
        for provider in &mut providers {
            let speaks = provider.id == preferred && provider.available && provider.configured;
            provider.selected = speaks;
            provider.selected_because = speaks.then(|| PREFERRED.to_owned());
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
