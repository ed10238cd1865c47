//! `chela web providers`: who searches and who reads pages, and how each stands. Reads manifests: starts no component, opens no
//! connection.

use crate::commands::providers::table;
use crate::printer::Printer;
use crate::session::Session;
use chela_catalog::Capability;
use chela_catalog::record::ProviderRecord;
use serde::Serialize;

/// The providers of both capabilities.
#[derive(Serialize)]
struct Providers {
    search: Vec<ProviderRecord>,
    fetch: Vec<ProviderRecord>,
}

/// Lists them: two arrays with `--json`, two tables for people.
pub(crate) fn run(session: &Session, printer: &mut Printer) {
    let catalog = session.catalog(printer);
    let providers = Providers {
        search: catalog.list(Capability::WebSearch),
        fetch: catalog.list(Capability::WebFetch),
    };
    if printer.json() {
        printer.document(&providers);
    } else {
        printer.text(&format!(
            "web search\n{}\nweb fetch\n{}",
            table(&providers.search),
            table(&providers.fetch)
        ));
    }
}
