//! A key, while it is in this process.

use zeroize::Zeroizing;

use crate::{CredentialError, MAX_KEY_SIZE};

/// A key. It cannot be shown, compared, cloned or serialised, and it is wiped from memory when it is dropped. Share it as
/// `Arc<Secret>`.
///
/// It holds what can stand in a header field: visible ASCII, without blanks around it.
///
/// ```compile_fail
/// fn shown(secret: &chela_credentials::Secret) -> String {
///     format!("{secret:?}")
/// }
/// ```
///
/// ```compile_fail
/// fn copied(secret: &chela_credentials::Secret) -> chela_credentials::Secret {
///     secret.clone()
/// }
/// ```
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a key as it was found. Line breaks and blanks around it go: files end in one, and so do pasted values.
    ///
    /// None when nothing is left, or when something in it cannot stand in a header field. The caller says which.
    pub(crate) fn new(text: Zeroizing<String>) -> Option<Self> {
        let key = text.trim_matches([' ', '\t', '\r', '\n']);
        let visible = key.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        (visible && !key.is_empty()).then(|| Self(Zeroizing::new(key.to_owned())))
    }

    /// Takes a key that a person gave.
    ///
    /// # Errors
    ///
    /// Why it cannot be one, without any part of it.
    pub fn read(text: String) -> Result<Self, CredentialError> {
        let place = || "what was given".to_owned();
        let text = Zeroizing::new(text);
        if text.len() > MAX_KEY_SIZE {
            return Err(CredentialError::TooLong { place: place() });
        }
        Self::new(text).ok_or_else(|| CredentialError::NotAKey { place: place() })
    }

    /// The key itself. Only egress calls this, to attach it to a request and to strip it out of what comes back, and the store, to
    /// keep it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
