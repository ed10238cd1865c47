//! Looking for a key.

use std::fmt;
use std::io;
use std::sync::Arc;

use chela_config::KeySource;
use chela_manifest::{Credential, ProviderId};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{Environment, Secret};

/// The longest key, in bytes. Service-account tokens have a few KB.
pub const MAX_KEY_SIZE: usize = 16 << 10;

/// A key that was found, and where.
#[derive(Clone)]
pub struct Found {
    /// The key.
    pub secret: Arc<Secret>,
    /// Where it was.
    pub source: Source,
}

/// Where a key was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// In an environment variable.
    Env(String),
    /// In the configuration itself.
    Config,
    /// In a file that the configuration names.
    File(String),
    /// Among the keys that a person had chela keep.
    Kept,
}

impl fmt::Display for Source {
    /// A fragment for people: `environment variable OPENAI_API_KEY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::Config => f.write_str("apiKey in the configuration"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Kept => f.write_str("key kept by `chela model auth login`"),
        }
    }
}

/// Why a place that was looked at gave no key although something was there. Never any part of a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// What is there cannot be a key.
    #[error(
        "{place} holds a character that no key has (a blank, a line break, or one that is not ASCII); store the key alone"
    )]
    NotAKey {
        /// Where.
        place: String,
    },
    /// What is there is too long to be a key.
    #[error("{place} holds more than {} bytes; store the key alone", MAX_KEY_SIZE)]
    TooLong {
        /// Where.
        place: String,
    },
    /// A file could not be read.
    #[error("{place} cannot be read: {reason}")]
    Unreadable {
        /// Where.
        place: String,
        /// Why.
        reason: String,
    },
    /// The configuration names a kind of place that this version does not know.
    #[error("apiKey with source \"{kind}\" is not supported by this version of chela; {help}")]
    Unsupported {
        /// The `source` it names.
        kind: String,
        /// What to write instead.
        help: String,
    },
}

/// What came of looking for a key.
#[derive(Clone, Default)]
pub struct Lookup {
    /// The key, when one was found.
    pub found: Option<Found>,
    /// The places that a key may be in, in the order in which they are asked, as fragments for people. All of them, also those after the one that
    /// answered.
    pub looked_for: Vec<String>,
    /// Why there is none although a place held something. The search ends there: the place was meant.
    pub error: Option<CredentialError>,
}

/// Looks for a credential. Where the configuration names a place, it is looked for there and nowhere else: a key meant for one
/// server is never sent in place of one meant for another. Otherwise the manifest's variables are asked in order. An empty value is no key.
pub fn find(
    credential: &Credential,
    configured: Option<&KeySource>,
    environment: &Environment,
) -> Lookup {
    let mut lookup = Lookup::default();
    let Some(configured) = configured else {
        lookup.looked_for = credential
            .env
            .iter()
            .map(|name| Source::Env(name.clone()).to_string())
            .collect();
        for name in &credential.env {
            if lookup.variable(name, environment) {
                break;
            }
        }
        return lookup;
    };
    match configured {
        KeySource::Literal(key) => {
            lookup.looked_for.push(Source::Config.to_string());
            lookup.accept(Zeroizing::new(key.expose().to_owned()), Source::Config);
        }
        KeySource::Env(name) => {
            lookup
                .looked_for
                .push(Source::Env(name.clone()).to_string());
            lookup.variable(name, environment);
        }
        KeySource::File(path) => {
            let source = Source::File(path.clone());
            lookup.looked_for.push(source.to_string());
            lookup.file(path, source, environment);
        }
        KeySource::Unsupported { source, help } => {
            lookup
                .looked_for
                .push(format!("apiKey with source \"{source}\""));
            lookup.error = Some(CredentialError::Unsupported {
                kind: source.clone(),
                help: help.clone(),
            });
        }
        // The enum grows with the places that a configuration can name.
        _ => {
            lookup.error = Some(CredentialError::Unsupported {
                kind: "unknown".to_owned(),
                help: "use an environment variable".to_owned(),
            });
        }
    }
    lookup
}

impl Lookup {
    /// The same, with the key that is kept for a provider where no other was found.
    #[must_use]
    pub fn or_kept(mut self, provider: &ProviderId, environment: &Environment) -> Self {
        let Some(kept) = environment.kept(provider) else {
            return self;
        };
        self.looked_for.push(Source::Kept.to_string());
        if self.found.is_some() || self.error.is_some() {
            return self;
        }
        match kept {
            Ok(Some(bytes)) => self.text(bytes, Source::Kept),
            Ok(None) => {}
            Err(error) => self.unreadable(&Source::Kept, &error),
        }
        self
    }

    /// Asks one variable; whether the search is over.
    fn variable(&mut self, name: &str, environment: &Environment) -> bool {
        match environment.var(name) {
            Some(value) => self.accept(
                Zeroizing::new(value.to_owned()),
                Source::Env(name.to_owned()),
            ),
            None => false,
        }
    }

    fn file(&mut self, path: &str, source: Source, environment: &Environment) {
        match environment.read(path) {
            Ok(bytes) => self.text(bytes, source),
            Err(error) => self.unreadable(&source, &error),
        }
    }

    /// Takes what a file holds.
    fn text(&mut self, bytes: Vec<u8>, source: Source) {
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.accept(Zeroizing::new(text), source);
            }
            Err(error) => {
                // What is not UTF-8 can still be half a key: wiped like one.
                drop(Zeroizing::new(error.into_bytes()));
                let place = source.to_string();
                self.error = Some(CredentialError::NotAKey { place });
            }
        }
    }

    fn unreadable(&mut self, source: &Source, error: &io::Error) {
        self.error = Some(CredentialError::Unreadable {
            place: source.to_string(),
            reason: error.to_string(),
        });
    }

    /// Takes what a place holds; whether the search is over.
    fn accept(&mut self, text: Zeroizing<String>, source: Source) -> bool {
        if text.trim().is_empty() {
            return false;
        }
        let place = source.to_string();
        if text.len() > MAX_KEY_SIZE {
            self.error = Some(CredentialError::TooLong { place });
        } else if let Some(secret) = Secret::new(text) {
            self.found = Some(Found {
                secret: Arc::new(secret),
                source,
            });
        } else {
            self.error = Some(CredentialError::NotAKey { place });
        }
        true
    }
}
