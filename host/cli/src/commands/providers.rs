//! `chela model | image | audio | embedding providers`: who serves a family, and how each stands. Reads manifests: starts no
//! component, opens no connection.

use crate::printer::Printer;
use crate::render::Table;
use crate::session::Session;
use chela_catalog::Capability;
use chela_catalog::record::ProviderRecord;
use std::mem::ManuallyDrop;

/// Lists the providers of a capability's family.
pub(crate) fn run(capability: Capability, session: &Session, printer: &mut Printer) {
    // The process ends after this: taking a catalog apart costs a tenth of the time that the listing takes.
    let catalog = ManuallyDrop::new(session.catalog_of(capability.family(), printer));
    let providers = catalog.list(capability);
    if printer.json() {
        printer.document(&providers);
    } else {
        printer.text(&table(&providers));
    }
}

pub(super) fn table(providers: &[ProviderRecord]) -> String {
    let mut table = Table::new(["PROVIDER", "LABEL", "STATE", "DEFAULT MODEL", "NOTE"]);
    for provider in providers {
        let state = match (provider.available, provider.configured, provider.selected) {
            (false, ..) => "not available",
            (_, false, _) => "not configured",
            (_, _, true) => "selected",
            _ => "configured",
        };
        let notes = [&provider.selected_because, &provider.reason, &provider.hint];
        let note: Vec<&str> = notes.into_iter().flatten().map(String::as_str).collect();
        table.row([
            &provider.id,
            &provider.label,
            state,
            provider.default_model.as_deref().unwrap_or("-"),
            &note.join("; "),
        ]);
    }
    table.render()
}
