//! Dependencies: arrows point down only, and what a room is for, no other room depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use crate::source::top;

/// Each crate of the workspace and the crates of the workspace it may depend on, in code and in its build script. A row grows only
/// with a reason that ARCHITECTURE.md tells.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "chela",
        &[
            "chela-bundled",
            "chela-catalog",
            "chela-config",
            "chela-credentials",
            "chela-egress",
            "chela-envelope",
            "chela-manifest",
            "chela-runtime",
            "chela-sandbox",
            "chela-services",
        ],
    ),
    (
        "chela-runtime",
        &[
            "chela-catalog",
            "chela-config",
            "chela-credentials",
            "chela-egress",
            "chela-envelope",
            "chela-manifest",
            "chela-sandbox",
            "chela-services",
        ],
    ),
    (
        "chela-catalog",
        &[
            "chela-bundled",
            "chela-config",
            "chela-credentials",
            "chela-egress",
            "chela-envelope",
            "chela-manifest",
        ],
    ),
    (
        "chela-sandbox",
        &[
            "chela-credentials",
            "chela-egress",
            "chela-envelope",
            "chela-manifest",
        ],
    ),
    // Whether a server serves is asked by who has a way out.
    ("chela-services", &["chela-config"]),
    ("chela-egress", &["chela-credentials", "chela-manifest"]),
    ("chela-credentials", &["chela-config", "chela-manifest"]),
    ("chela-config", &["chela-manifest"]),
    ("chela-manifest", &[]),
    ("chela-envelope", &[]),
    // The bundled components are built and packed while chela is built.
    ("chela-bundled", &["chela-manifest", "chela-pack"]),
    ("chela-pack", &["chela-manifest"]),
    ("chela-sdk", &[]),
    ("chela-dialect", &["chela-sdk"]),
    ("anthropic", &["chela-dialect", "chela-sdk"]),
    ("demo", &["chela-sdk"]),
    ("google", &["chela-dialect", "chela-sdk"]),
    ("ollama", &["chela-dialect", "chela-sdk"]),
    ("chela-openai-dialect", &["chela-dialect", "chela-sdk"]),
    ("openai-compatible", &["chela-openai-dialect", "chela-sdk"]),
    ("brave", &["chela-sdk"]),
    ("duckduckgo", &["chela-sdk"]),
    ("firecrawl", &["chela-sdk"]),
    ("page", &["chela-sdk"]),
    ("searxng", &["chela-sdk"]),
    ("tavily", &["chela-sdk"]),
    // The same dialect, a second one for models, and two families more.
    (
        "openai",
        &["chela-dialect", "chela-openai-dialect", "chela-sdk"],
    ),
    ("deepgram", &["chela-sdk"]),
    ("elevenlabs", &["chela-sdk"]),
    ("hello", &["chela-sdk"]),
    ("chela-test-support", &[]),
    ("chela-test-guests", &["chela-sdk"]),
];

/// Crates by what they are for, and the only rooms that may depend on them directly.
const OWNED: &[(&str, &[&str], &[&str])] = &[
    (
        "the network",
        &[
            "reqwest",
            "hyper",
            "hyper-util",
            "hyper-rustls",
            "h2",
            "h3",
            "http",
            "quinn",
            "rustls",
            "tokio-rustls",
            "native-tls",
            "openssl",
            "rustls-native-certs",
            "webpki-roots",
            "ureq",
            "isahc",
            "curl",
            "attohttpc",
            "tungstenite",
            "tokio-tungstenite",
            "hickory-resolver",
            "socket2",
            "mio",
        ],
        &["chela-egress"],
    ),
    (
        "running WebAssembly",
        &[
            "wasmtime",
            "wasmtime-wasi",
            "wasmtime-wasi-http",
            "wasmtime-environ",
            "cranelift-codegen",
            "wasmi",
            "wasmer",
        ],
        &["chela-sandbox"],
    ),
    (
        "the terminal and the home directory",
        &[
            "clap",
            "anstyle",
            "anstream",
            "etcetera",
            "dirs",
            "directories",
            "home",
            "indicatif",
            "dialoguer",
            "rpassword",
            "crossterm",
            "terminal_size",
            "tracing-subscriber",
            "env_logger",
        ],
        &["chela"],
    ),
    (
        "system calls",
        &["libc", "nix", "rustix", "windows-sys"],
        &[
            "chela",
            "chela-credentials",
            "chela-sandbox",
            "chela-services",
        ],
    ),
];

/// Crates that speak HTTP or TLS. A room reaches them through egress or not at all.
const CLIENTS: &[&str] = &[
    "reqwest",
    "hyper",
    "hyper-util",
    "ureq",
    "curl",
    "isahc",
    "rustls",
    "native-tls",
    "h2",
    "quinn",
];

struct Graph {
    metadata: Metadata,
    /// Normal and build dependencies, on this platform.
    arrows: BTreeMap<PackageId, Vec<PackageId>>,
}

impl Graph {
    fn load() -> Self {
        let metadata = MetadataCommand::new()
            .current_dir(top())
            // Other platforms' crates need not be there to run a test on this one.
            .other_options([
                "--locked".to_owned(),
                "--filter-platform".to_owned(),
                host(),
            ])
            .exec()
            .expect("cargo knows the workspace");
        let resolve = metadata
            .resolve
            .as_ref()
            .expect("cargo resolves unless told not to");
        let arrows = resolve
            .nodes
            .iter()
            .map(|node| {
                let shipped = node.deps.iter().filter(|dependency| {
                    dependency
                        .dep_kinds
                        .iter()
                        .any(|info| info.kind != DependencyKind::Development)
                });
                (
                    node.id.clone(),
                    shipped.map(|dependency| dependency.pkg.clone()).collect(),
                )
            })
            .collect();
        Self { metadata, arrows }
    }

    fn name(&self, id: &PackageId) -> &str {
        &self.metadata[id].name
    }

    /// Names of what a crate depends on directly.
    fn direct(&self, id: &PackageId) -> BTreeSet<&str> {
        self.arrows[id]
            .iter()
            .map(|dependency| self.name(dependency))
            .collect()
    }

    /// A way from a crate to one of these names that enters no other crate of the workspace.
    fn way_around(&self, from: &PackageId, targets: &[&str]) -> Option<String> {
        let mut ways = vec![(from, self.name(from).to_owned())];
        let mut seen = BTreeSet::new();
        while let Some((id, way)) = ways.pop() {
            for dependency in &self.arrows[id] {
                let name = self.name(dependency);
                if self.metadata.workspace_members.contains(dependency) || !seen.insert(dependency)
                {
                    continue;
                }
                let way = format!("{way} -> {name}");
                if targets.contains(&name) {
                    return Some(way);
                }
                ways.push((dependency, way));
            }
        }
        None
    }

    fn members(&self) -> impl Iterator<Item = (&PackageId, &str)> {
        self.metadata
            .workspace_members
            .iter()
            .map(|id| (id, self.name(id)))
    }
}

/// The platform that this test was built on.
fn host() -> String {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc built this test");
    let text = String::from_utf8(output.stdout).expect("rustc prints text");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc names its host");
    line.to_owned()
}

#[test]
fn arrows_point_down() {
    let graph = Graph::load();
    let table: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut faults = Vec::new();
    for (id, name) in graph.members() {
        let Some(allowed) = table.get(name) else {
            faults.push(format!("{name} has no row in the table of arrows"));
            continue;
        };
        for dependency in graph.direct(id) {
            if table.contains_key(dependency) && !allowed.contains(&dependency) {
                faults.push(format!("{name} may not depend on {dependency}"));
            }
        }
    }
    let members: BTreeSet<&str> = graph.members().map(|(_, name)| name).collect();
    faults.extend(
        table
            .keys()
            .filter(|name| !members.contains(*name))
            .map(|name| format!("{name} is no crate any more")),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_room_that_owns_a_power_depends_on_it() {
    let graph = Graph::load();
    let mut faults = Vec::new();
    for (id, name) in graph
        .members()
        .filter(|(_, name)| !name.starts_with("chela-test-"))
    {
        let direct = graph.direct(id);
        for (power, crates, owners) in OWNED {
            for owned in crates
                .iter()
                .filter(|owned| direct.contains(**owned) && !owners.contains(&name))
            {
                faults.push(format!(
                    "{name} depends on {owned}: {power} belongs to {}",
                    owners.join(", ")
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_reaches_an_http_client_but_through_egress() {
    let graph = Graph::load();
    for (id, name) in graph.members() {
        let way = graph.way_around(id, CLIENTS);
        if name == "chela-egress" {
            assert!(
                way.is_some(),
                "egress has a client; if it is a new one, CLIENTS has to name it"
            );
        } else {
            assert_eq!(way, None, "a way around egress");
        }
    }
}

#[test]
fn catalog_lists_without_the_power_to_run() {
    let graph = Graph::load();
    let (start, _) = graph
        .members()
        .find(|(_, name)| *name == "chela-catalog")
        .expect("there is a catalog");
    let mut ways = vec![start];
    let mut seen = BTreeSet::new();
    while let Some(id) = ways.pop() {
        for dependency in graph.arrows[id]
            .iter()
            .filter(|dependency| seen.insert(*dependency))
        {
            assert_ne!(
                graph.name(dependency),
                "wasmtime",
                "catalog can reach the sandbox"
            );
            ways.push(dependency);
        }
    }
}
