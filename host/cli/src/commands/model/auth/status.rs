//! `chela model auth status`: where the key of each provider was looked for, and where it was found.

use super::{AuthRecord, with_a_key};
use crate::args::AuthStatus;
use crate::printer::Printer;
use crate::render::Table;
use crate::session::Session;
use chela_envelope::ErrorBody;

/// Lists the providers that take a key.
///
/// # Errors
///
/// For a provider that is not there or takes none.
pub(crate) fn run(
    arguments: &AuthStatus,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    let catalog = session.catalog(printer);
    let records: Vec<AuthRecord> = match &arguments.provider {
        Some(id) => vec![with_a_key(&catalog, id)?.into()],
        None => catalog
            .providers()
            .filter(|provider| provider.auth().is_some())
            .map(AuthRecord::from)
            .collect(),
    };
    if printer.json() {
        printer.document(&records);
        return Ok(());
    }
    let mut table = Table::new(["PROVIDER", "LABEL", "KEY", "LOOKED FOR"]);
    for record in &records {
        let auth = record.auth.as_ref();
        let found = match auth.and_then(|auth| auth.answered_by.as_deref()) {
            Some(place) => place,
            None if auth.is_some_and(|auth| auth.required) => "not found",
            None => "not found, not needed",
        };
        let places = auth.map(|auth| auth.looked_for.join(", "));
        table.row([
            record.id.as_str(),
            &record.label,
            found,
            places.as_deref().unwrap_or_default(),
        ]);
    }
    printer.text(&table.render());
    Ok(())
}
