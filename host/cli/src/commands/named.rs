//! Names that are none: what a person perhaps meant.

use chela_catalog::Catalog;
use chela_envelope::{ErrorBody, ErrorType};
use chela_manifest::ProviderId;
use chela_manifest::document::nearest;

/// There is no such provider: the nearest one there is, else the hint that is given.
pub(super) fn no_such_provider(
    catalog: &Catalog,
    wanted: &ProviderId,
    otherwise: impl Into<String>,
) -> ErrorBody {
    let known: Vec<&str> = catalog
        .providers()
        .map(|provider| provider.id().as_str())
        .collect();
    let hint = match nearest(wanted.as_str(), &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise.into(),
    };
    ErrorBody::new(
        ErrorType::NotFound,
        format!("there is no provider `{wanted}`"),
    )
    .hint(hint)
}

/// The model that is known and nearest to what was typed, with its provider or without.
pub(super) fn nearest_model(catalog: &Catalog, wanted: &str) -> Option<String> {
    let models = catalog.models();
    let by = |name: fn(&chela_catalog::record::ModelRecord) -> &str| {
        let names: Vec<&str> = models.iter().map(name).collect();
        let near = nearest(wanted, &names)?;
        models.iter().find(|model| name(model) == near)
    };
    let found = by(|model| &model.id).or_else(|| by(|model| &model.model))?;
    Some(found.id.clone())
}
