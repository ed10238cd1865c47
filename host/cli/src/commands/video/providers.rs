//! `chela video providers`: who makes films and who describes them, and how each stands. Reads manifests: starts no component,
//! opens no connection.

use crate::commands::providers::table;
use crate::printer::Printer;
use crate::session::Session;
use chela_catalog::Capability;
use chela_catalog::record::ProviderRecord;
use serde::Serialize;

/// The providers of both capabilities.
#[derive(Serialize)]
struct Providers {
    generation: Vec<ProviderRecord>,
    description: Vec<ProviderRecord>,
}

/// Lists them: two arrays with `--json`, two tables for people.
pub(crate) fn run(session: &Session, printer: &mut Printer) {
    let catalog = session.catalog(printer);
    let providers = Providers {
        generation: catalog.list(Capability::VideoGenerate),
        description: catalog.list(Capability::VideoDescribe),
    };
    if printer.json() {
        printer.document(&providers);
    } else {
        printer.text(&format!(
            "video generation\n{}\nvideo description\n{}",
            table(&providers.generation),
            table(&providers.description)
        ));
    }
}
