//! Keys as the configuration names them. Nothing is looked up here.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Where the configuration says a provider's key is: `apiKey`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum KeySource {
    /// In the configuration itself: `"sk-…"`.
    Literal(LiteralKey),
    /// In the environment variable of that name: `"${ACME_API_KEY}"`, or `{source: "env", id: "ACME_API_KEY"}`.
    Env(String),
    /// In the file of that path, alone: `{source: "file", path: "/run/secrets/acme"}`. An absolute path.
    File(String),
    /// Where this version of chela cannot look. An error when the key is needed, and not before.
    Unsupported {
        /// The `source` that is named: `exec`.
        source: String,
        /// What to write instead.
        help: String,
    },
}

/// A key that stands in the configuration. It is wiped when the last holder lets go, and Debug shows none of it.
#[derive(Clone)]
pub struct LiteralKey(Arc<Zeroizing<String>>);

impl LiteralKey {
    /// Takes a key.
    pub fn new(key: String) -> Self {
        Self(Arc::new(Zeroizing::new(key)))
    }

    /// The key itself. Only what makes a secret of it calls this.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LiteralKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiteralKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_key() {
        let source = KeySource::Literal(LiteralKey::new("sk-canary".to_owned()));
        assert!(!format!("{source:?}").contains("canary"));
    }
}
