//! What of the environment cargo gets to see.

use std::ffi::{OsStr, OsString};

/// Variables of cargo that say where and how it gets its packages and talks to people. All other `CARGO_*` either come from a
/// cargo that runs this one (a build script, `cargo clippy`) or would change what is built.
const KEPT: &[&str] = &[
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
    "CARGO_SOURCE_",
    "CARGO_TERM_",
];

/// Variables that a cargo sets for build scripts, wrappers and tests, and those that change what the compiler makes.
const DROPPED: &[&str] = &[
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "CLIPPY_TERMINAL_WIDTH",
    "DEBUG",
    "HOST",
    "MAKEFLAGS",
    "MFLAGS",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "RUST_RECURSION_COUNT",
    "TARGET",
];

/// The variables for a cargo that is to build as if it were started by hand.
pub(crate) fn clean(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    variables
        .into_iter()
        .filter(|(name, _)| name.to_str().is_none_or(is_kept))
        .collect()
}

fn is_kept(name: &str) -> bool {
    if name == "CARGO" || name.starts_with("CARGO_") {
        return KEPT.iter().any(|kept| name.starts_with(kept));
    }
    !DROPPED.contains(&name) && !name.starts_with("DEP_")
}

/// The value of a variable.
pub(crate) fn get<'a>(variables: &'a [(OsString, OsString)], name: &str) -> Option<&'a OsStr> {
    let found = variables.iter().find(|(variable, _)| variable == name);
    found
        .map(|(_, value)| value.as_os_str())
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_build_script_leaves_no_trace_on_the_build_inside_it() {
        let given = [
            "CARGO",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_HOME",
            "CARGO_MANIFEST_DIR",
            "CARGO_NET_OFFLINE",
            "CARGO_PROFILE_GUEST_OPT_LEVEL",
            "CARGO_TARGET_DIR",
            "DEP_Z_ROOT",
            "HOME",
            "OUT_DIR",
            "PATH",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
            "TARGET",
        ];
        let left = clean(given.map(|name| (name.into(), "x".into())));
        let left: Vec<_> = left.iter().filter_map(|(name, _)| name.to_str()).collect();
        assert_eq!(
            left,
            [
                "CARGO_HOME",
                "CARGO_NET_OFFLINE",
                "HOME",
                "PATH",
                "RUSTUP_TOOLCHAIN"
            ]
        );
    }
}
