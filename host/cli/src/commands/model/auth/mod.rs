//! `chela model auth …`: the keys that are kept on disk, and where keys are found.

pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod status;

use crate::commands::named::no_such_provider;
use crate::session::Session;
use chela_catalog::{Auth, Catalog, Provider};
use chela_envelope::{ErrorBody, ErrorType};
use chela_manifest::ProviderId;
use serde::Serialize;

/// How a provider stands with its key. The fields are those that `model providers` gives too.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthRecord {
    id: String,
    label: String,
    configured: bool,
    auth: Option<Auth>,
}

impl From<&Provider> for AuthRecord {
    fn from(provider: &Provider) -> Self {
        Self {
            id: provider.id().to_string(),
            label: provider.label().into_owned(),
            configured: provider.status().configured,
            auth: provider.auth(),
        }
    }
}

/// A provider that takes a key.
///
/// # Errors
///
/// `not_found` for a provider that is not there, `unsupported` for one that takes no key.
fn with_a_key<'c>(catalog: &'c Catalog, id: &ProviderId) -> Result<&'c Provider, ErrorBody> {
    let Some(provider) = catalog.provider(id.as_str()) else {
        return Err(no_such_provider(
            catalog,
            id,
            "`chela model auth status` lists those that take a key",
        ));
    };
    if provider.auth().is_none() {
        return Err(ErrorBody::new(
            ErrorType::Unsupported,
            format!("the provider `{id}` takes no key"),
        )
        .hint("`chela model auth status` lists those that do"));
    }
    Ok(provider)
}

/// What is said after keys changed: how the provider stands now.
fn now(session: &Session, id: &ProviderId) -> Option<AuthRecord> {
    session
        .providers()
        .provider(id.as_str())
        .map(AuthRecord::from)
}
