//! What can be wrong with a manifest or with the component that carries it.

use thiserror::Error;

use crate::document::Problem;
use crate::{ContractVersion, Family};

/// Why a manifest, an id in it, or the component that carries it was refused.
///
/// The text of an error is one sentence that names the place, what is wrong and, after a semicolon, what to write instead.
/// [`ManifestError::problem`] and [`ManifestError::hint`] give the two halves apart.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The text is not TOML or not JSON, or a value in it is not what the grammar allows.
    #[error("{label}{}{problem}", if problem.position.is_some() { ":" } else { ": " })]
    Invalid {
        /// What was read: a file name, or what stands for one.
        label: String,
        /// What is wrong in it.
        problem: Box<Problem>,
    },

    /// A provider id is not one.
    #[error("`{given}` is not a provider id: it {problem}; write `{suggestion}`")]
    ProviderId {
        /// What stood there, without control characters.
        given: String,
        /// What is wrong with it.
        problem: &'static str,
        /// The nearest id that is one.
        suggestion: String,
    },

    /// There is no family of that name.
    #[error(
        "`{0}` is not a family; write one of model, image, transcription, speech, video, search, fetch, embedding"
    )]
    Family(String),

    /// An origin or a pattern of origins is not one.
    #[error("`{given}` {problem}; {help}")]
    Origin {
        /// What stood there, without control characters.
        given: String,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        help: String,
    },

    /// The bytes are no component.
    #[error("this is not a WebAssembly component: {0}")]
    NotAComponent(&'static str),

    /// The bytes could not be read.
    #[error("the component cannot be read: {0}")]
    Unreadable(String),

    /// The bytes end inside something.
    #[error("the component is cut short: it ends inside {0}; copy or download it again")]
    Truncated(&'static str),

    /// A number or a name in the component's outer structure is not well-formed.
    #[error("the component is damaged: {0}; build or download it again")]
    Damaged(String),

    /// A manifest section is larger than may be.
    #[error("a manifest section claims {size} bytes, more than the {limit} a manifest may have")]
    SectionTooLarge {
        /// What the section claims to hold, in bytes.
        size: u64,
        /// The most it may hold, in bytes.
        limit: u64,
    },

    /// There are more manifest sections than may be.
    #[error("the component carries more than {limit} manifests")]
    TooManySections {
        /// The most there may be.
        limit: usize,
    },

    /// Two manifests of one component have the same id.
    #[error(
        "the component carries two manifests for the provider `{0}`; give each provider an id of its own"
    )]
    DuplicateProvider(String),

    /// No manifest stands after the preamble.
    #[error(
        "the component carries no provider manifest; build it with chela-pack, which puts its provider.toml in"
    )]
    NoManifest,

    /// The component asks for something a component may not have.
    #[error(
        "the component imports `{0}`, which no provider gets; \
         it may import chela:provider/*@0.1 and, from the standard library of its language, wasi:*"
    )]
    ForeignImport(String),

    /// The component or its manifest was built for a contract that this host does not serve.
    #[error(
        "the component wants version {wanted} of chela:provider and this chela serves {}; \
         use a chela that serves {wanted}, or a build of the component for {}",
        ContractVersion::CURRENT,
        ContractVersion::CURRENT
    )]
    UnsupportedContract {
        /// The version it wants.
        wanted: ContractVersion,
    },

    /// A manifest declares a family that the component does not export.
    #[error(
        "the manifest of `{provider}` declares [{family}] but the component does not export chela:provider/{family}; \
         take the section out, or export the interface"
    )]
    MissingExport {
        /// The provider.
        provider: String,
        /// The family declared and not exported.
        family: Family,
    },

    /// The component exports a family that none of its manifests declares.
    #[error(
        "the component exports chela:provider/{family} but no manifest declares [{family}]; \
         add the section to provider.toml, or do not export the interface"
    )]
    UndeclaredExport {
        /// The family exported and not declared.
        family: Family,
    },
}

impl ManifestError {
    /// What is wrong, without what to do about it.
    pub fn problem(&self) -> String {
        match self {
            Self::Invalid { label, problem } => {
                let gap = if problem.position.is_some() {
                    ":"
                } else {
                    ": "
                };
                format!("{label}{gap}{}", problem.what())
            }
            _ => {
                let text = self.to_string();
                match text.split_once("; ") {
                    Some((problem, _)) => problem.to_owned(),
                    None => text,
                }
            }
        }
    }

    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid { problem, .. } => problem.help.clone(),
            _ => self
                .to_string()
                .split_once("; ")
                .map(|(_, hint)| hint.to_owned()),
        }
    }
}
