//! What every bundled component is held to.

use chela_bundled::components;
use chela_manifest::{exports, section};
use sha2::{Digest, Sha256};

/// The most bytes of a bundled component: 250 KiB.
const MOST: usize = 250 * 1024;

/// Those that may have more, with the reason.
const LARGER: &[(&str, usize)] = &[
    // It reads what the whole web writes: half of it is tables (the encodings of the web, the named characters of HTML), a third the
    // parser of browsers. Less would read less. Tables cost nothing to compile.
    ("page", 900_000),
    // It reads what dozens of servers make of one dialect, and it is compiled once for all of them.
    ("openai-compatible", 260_000),
    // It serves six families, models in two dialects: OpenAI does more than the others.
    ("openai", 370_000),
    // It serves seven families: five of them are one method of Google's API, and two more components would each carry it again.
    ("google", 350_000),
];

/// The most bytes in which a listing finds the manifests.
const HEAD: usize = 64 << 10;

#[test]
fn each_folder_is_a_component() {
    let ids: Vec<_> = components().iter().map(|component| component.id).collect();
    assert_eq!(
        ids,
        [
            "anthropic",
            "brave",
            "deepgram",
            "demo",
            "duckduckgo",
            "elevenlabs",
            "fal",
            "firecrawl",
            "google",
            "ollama",
            "openai",
            "openai-compatible",
            "page",
            "runway",
            "searxng",
            "tavily"
        ]
    );
}

#[test]
fn they_import_the_contract_and_nothing_else() {
    for component in components() {
        let surface = exports::inspect(component.bytes).unwrap();
        assert!(
            !surface.imports.is_empty(),
            "{} reaches no host",
            component.id
        );
        for import in &surface.imports {
            assert!(
                import.starts_with("chela:provider/"),
                "{} imports {import}",
                component.id
            );
        }
        for export in &surface.exports {
            assert!(
                export.starts_with("chela:provider/"),
                "{} exports {export}",
                component.id
            );
        }
    }
}

#[test]
fn they_are_small() {
    for component in components() {
        let size = component.bytes.len();
        let most = LARGER
            .iter()
            .find(|(id, _)| *id == component.id)
            .map_or(MOST, |(_, most)| *most);
        assert!(
            size < most,
            "{} has {size} bytes, more than {most}",
            component.id
        );
    }
}

#[test]
fn their_manifests_stand_at_the_head_and_fit() {
    for component in components() {
        let head = &component.bytes[..HEAD.min(component.bytes.len())];
        let manifests = section::read_head(head).unwrap();
        assert!(
            !manifests.is_empty(),
            "{} says nothing of itself",
            component.id
        );
        let surface = exports::inspect(component.bytes).unwrap();
        exports::check_all(&surface, &manifests).unwrap();
    }
}

#[test]
fn only_the_demo_is_a_demonstration_and_it_asks_for_nothing() {
    for component in components() {
        for manifest in section::read_head(component.bytes).unwrap() {
            assert_eq!(
                manifest.demonstration,
                component.id == "demo",
                "{}",
                manifest.id
            );
            if manifest.demonstration {
                assert!(
                    manifest.name.contains("not a real model"),
                    "{}",
                    manifest.name
                );
                assert!(manifest.endpoints.is_empty() && manifest.credentials.is_empty());
            }
        }
    }
}

#[test]
fn digests_are_those_of_the_bytes() {
    for component in components() {
        let hex: String = Sha256::digest(component.bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            component.digest,
            format!("sha256:{hex}"),
            "{}",
            component.id
        );
    }
}

#[test]
fn they_carry_no_path_of_the_machine_that_built_them() {
    let folder = env!("CARGO_MANIFEST_DIR").as_bytes();
    let root = &folder[..folder.len() - "/host/bundled".len()];
    for component in components() {
        let found = component
            .bytes
            .windows(root.len())
            .any(|window| window == root);
        assert!(!found, "{} names the folder it was built in", component.id);
    }
}

#[test]
fn the_providers_are_those_that_readme_names() {
    let mut ids = Vec::new();
    for component in components() {
        for manifest in section::read_head(component.bytes).unwrap() {
            if !manifest.is_template() {
                ids.push(manifest.id.to_string());
            }
        }
    }
    assert_eq!(
        ids,
        [
            "anthropic",
            "brave",
            "deepgram",
            "demo",
            "duckduckgo",
            "elevenlabs",
            "fal",
            "firecrawl",
            "google",
            "ollama",
            "groq",
            "mistral",
            "openai",
            "cerebras",
            "page",
            "runway",
            "searxng",
            "tavily"
        ]
    );
}
