//! Settings of the provider under test.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

thread_local! {
    static SETTINGS: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
    static REPLACED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Gives this thread's provider a setting, as JSON.
pub fn set(name: &str, value: impl Into<serde_json::Value>) {
    SETTINGS.with_borrow_mut(|settings| settings.insert(name.to_owned(), value.into().to_string()));
}

/// Says that the operator replaced the base URL of that endpoint.
pub fn replace_endpoint(endpoint: &str) {
    REPLACED.with_borrow_mut(|replaced| replaced.insert(endpoint.to_owned()));
}

pub(crate) fn provider_id() -> String {
    "test".to_owned()
}

pub(crate) fn setting(name: &str) -> Option<String> {
    SETTINGS.with_borrow(|settings| settings.get(name).cloned())
}

pub(crate) fn credential_present(_: &str) -> bool {
    true
}

pub(crate) fn endpoint_replaced(endpoint: &str) -> bool {
    REPLACED.with_borrow(|replaced| replaced.contains(endpoint))
}
