//! What can be wrong with a configuration or a model reference.

use chela_manifest::document::Problem;
use thiserror::Error;

/// Why a configuration or a reference to a model was refused.
///
/// The text is one sentence that names the place, what is wrong and, after a semicolon, what to write instead.
/// [`ConfigError::problem`] and [`ConfigError::hint`] give the two halves apart.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is not JSON5, or a value in it is not what chela takes there.
    #[error("{label}{}{problem}", if problem.position.is_some() { ":" } else { ": " })]
    Invalid {
        /// What was read: a file name, or what stands for one.
        label: String,
        /// What is wrong in it.
        problem: Box<Problem>,
    },

    /// The file could not be read.
    #[error("{label} cannot be read: {reason}")]
    Unreadable {
        /// What was to be read.
        label: String,
        /// Why it could not.
        reason: String,
    },

    /// A reference to a model names no provider, and is no alias either.
    #[error("`{given}` names no provider; write `<provider>/{given}`, such as `openai/{given}`")]
    BareModel {
        /// What stood there, without control characters.
        given: String,
    },

    /// A reference to a model is malformed.
    #[error(
        "`{given}` is not a model reference: {problem}; write `<provider>/<model>`, such as `{suggestion}`"
    )]
    ModelRef {
        /// What stood there, without control characters.
        given: String,
        /// What is wrong with it.
        problem: &'static str,
        /// One that reads.
        suggestion: String,
    },
}

impl ConfigError {
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
            Self::Unreadable { .. } => self.to_string(),
            Self::BareModel { given } => format!("`{given}` names no provider"),
            Self::ModelRef { given, problem, .. } => {
                format!("`{given}` is not a model reference: {problem}")
            }
        }
    }

    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid { problem, .. } => problem.help.clone(),
            Self::Unreadable { .. } => None,
            Self::BareModel { given } => Some(format!(
                "write `<provider>/{given}`, such as `openai/{given}`"
            )),
            Self::ModelRef { suggestion, .. } => Some(format!(
                "write `<provider>/<model>`, such as `{suggestion}`"
            )),
        }
    }
}
