//! `chela model list`: the models that manifests and the configuration name.

use crate::args::ModelList;
use crate::commands::named::no_such_provider;
use crate::printer::Printer;
use crate::render::Table;
use crate::session::Session;
use chela_catalog::record::ModelRecord;
use chela_envelope::ErrorBody;

/// Lists.
///
/// # Errors
///
/// `not_found` for a provider that there is not.
pub(crate) fn run(
    arguments: &ModelList,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    let catalog = session.catalog(printer);
    let mut models = catalog.models();
    if let Some(wanted) = &arguments.provider {
        if catalog.provider(wanted.as_str()).is_none() {
            let known: Vec<&str> = catalog
                .providers()
                .map(|provider| provider.id().as_str())
                .collect();
            let otherwise = format!(
                "there are {}; others can be configured under models.providers",
                known.join(", ")
            );
            return Err(no_such_provider(&catalog, wanted, otherwise));
        }
        models.retain(|model| model.provider == wanted.as_str());
    }
    if printer.json() {
        printer.document(&models);
    } else {
        printer.text(&table(&models));
    }
    Ok(())
}

/// Models as a table.
pub(super) fn table(models: &[ModelRecord]) -> String {
    let mut table = Table::new(["MODEL", "LABEL", "CAPABILITIES", "CONFIGURED", "SELECTED"]);
    for model in models {
        table.row([
            &model.id,
            &model.label,
            &model.capabilities.join(", "),
            if model.configured { "yes" } else { "no" },
            if model.selected { "yes" } else { "" },
        ]);
    }
    table.render()
}
