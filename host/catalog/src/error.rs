//! Why a provider cannot be used.

use chela_envelope::ErrorType;
use thiserror::Error;

use crate::Capability;

/// Why a provider, or any provider, cannot be used for what was asked. Nothing was sent anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// There is no provider of that id.
    #[error("there is no provider `{id}`")]
    UnknownProvider {
        /// What was asked for.
        id: String,
        /// The nearest provider there is.
        nearest: Option<String>,
        /// The providers that serve the capability.
        known: Vec<String>,
    },

    /// The provider is there but cannot run.
    #[error("the provider `{id}` is not available: {reason}")]
    NotAvailable {
        /// The provider.
        id: String,
        /// Why.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },

    /// The provider's configuration does not hold together.
    #[error("the provider `{id}` cannot be used: {reason}")]
    Misconfigured {
        /// The provider.
        id: String,
        /// Why.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },

    /// The provider's credential was not found, or what was found is none.
    #[error("the provider `{id}` has no credential: {reason}")]
    NoCredential {
        /// The provider.
        id: String,
        /// What was looked for and not found, or what is wrong with what was.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },

    /// The provider does not serve the capability.
    #[error("the provider `{id}` does not serve {capability}")]
    Unsupported {
        /// The provider.
        id: String,
        /// What was asked for.
        capability: Capability,
        /// Providers that do.
        others: Vec<String>,
    },

    /// The provider has no model of its own choice for the capability, and none was named.
    #[error("the provider `{id}` has no default model for {capability}")]
    NoDefaultModel {
        /// The provider.
        id: String,
        /// What was asked for.
        capability: Capability,
    },

    /// Something is configured for the capability and none of it can be used, or nothing is.
    #[error("no provider is configured for {capability}")]
    NoneConfigured {
        /// What was asked for.
        capability: Capability,
        /// How one becomes configured.
        hint: String,
    },
}

impl CatalogError {
    /// The kind of error that a script acts on.
    pub fn error_type(&self) -> ErrorType {
        match self {
            Self::UnknownProvider { .. } => ErrorType::NotFound,
            Self::NotAvailable { .. } | Self::Unsupported { .. } => ErrorType::Unsupported,
            Self::Misconfigured { .. } => ErrorType::Config,
            Self::NoCredential { .. } | Self::NoneConfigured { .. } => ErrorType::Auth,
            Self::NoDefaultModel { .. } => ErrorType::Usage,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownProvider {
                nearest: Some(id), ..
            } => Some(format!("did you mean `{id}`?")),
            Self::UnknownProvider { known, .. } if known.is_empty() => {
                Some("configure one under models.providers".to_owned())
            }
            Self::UnknownProvider { known, .. } => Some(format!(
                "there are {}; others can be configured under models.providers",
                known.join(", ")
            )),
            Self::NotAvailable { hint, .. }
            | Self::Misconfigured { hint, .. }
            | Self::NoCredential { hint, .. } => hint.clone(),
            Self::Unsupported { others, .. } if others.is_empty() => None,
            Self::Unsupported { others, .. } => Some(format!("these do: {}", others.join(", "))),
            Self::NoDefaultModel { id, .. } => Some(format!("name one: --model {id}/<model>")),
            Self::NoneConfigured { hint, .. } => Some(hint.clone()),
        }
    }
}
