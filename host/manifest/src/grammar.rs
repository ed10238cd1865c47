//! The grammar of `provider.toml`.
