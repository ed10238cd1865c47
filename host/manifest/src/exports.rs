//! What a component really imports and exports, held against what its manifests claim.

use wasmparser::{Parser, Payload};

use crate::{ContractVersion, Family, Manifest, ManifestError};

/// The outside of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// The names of its imports, in its order: `chela:provider/http@0.1.0`.
    pub imports: Vec<String>,
    /// The names of its exports, in its order.
    pub exports: Vec<String>,
    /// The families it exports, in the order of the contract, in whatever version.
    pub families: Vec<Family>,
    /// The newest version of the contract that a name among its imports and exports carries; none when there is no such name.
    pub contract: Option<ContractVersion>,
}

/// Reads the imports and exports of a component. It reads the structure and compiles nothing.
///
/// # Errors
///
/// [`ManifestError::NotAComponent`] for a core module and for other files, [`ManifestError::Damaged`] when the structure is not well-formed.
pub fn inspect(component: &[u8]) -> Result<Surface, ManifestError> {
    if !component.starts_with(b"\0asm") {
        return Err(ManifestError::NotAComponent(
            "it does not start with the magic bytes of WebAssembly",
        ));
    }
    if !Parser::is_component(component) {
        return Err(ManifestError::NotAComponent(
            "it is a core module; make a component of it with chela-pack",
        ));
    }
    let damaged = |error: wasmparser::BinaryReaderError| {
        ManifestError::Damaged(format!("{} at byte {}", error.message(), error.offset()))
    };
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    // Modules and components nest; only the outermost one's names count.
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(damaged)? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import.map_err(damaged)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export.map_err(damaged)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    let families = Family::ALL
        .into_iter()
        .filter(|family| {
            exports.iter().any(|name| {
                provider_interface(name).is_some_and(|(name, _)| name == family.as_str())
            })
        })
        .collect();
    let contract = imports
        .iter()
        .chain(&exports)
        .filter_map(|name| provider_interface(name).and_then(|(_, version)| version))
        .max();
    Ok(Surface {
        imports,
        exports,
        families,
        contract,
    })
}

/// Holds a component against one of its manifests: it imports nothing but the contract and WASI, it wants a contract that this host serves, and
/// it exports every family that the manifest declares. A component may export more: another manifest of it can declare that.
///
/// # Errors
///
/// [`ManifestError::ForeignImport`], [`ManifestError::UnsupportedContract`] or [`ManifestError::MissingExport`].
pub fn check(surface: &Surface, manifest: &Manifest) -> Result<(), ManifestError> {
    for name in &surface.imports {
        let allowed = match provider_interface(name) {
            Some((_, version)) => version.is_some(),
            None => name
                .split_once(':')
                .is_some_and(|(namespace, rest)| namespace == "wasi" && rest.contains('/')),
        };
        if !allowed {
            return Err(ManifestError::ForeignImport(
                name.escape_debug().take(256).collect(),
            ));
        }
    }
    for wanted in surface.contract.into_iter().chain([manifest.contract]) {
        if !wanted.is_supported() {
            return Err(ManifestError::UnsupportedContract { wanted });
        }
    }
    match manifest
        .families()
        .into_iter()
        .find(|family| !surface.families.contains(family))
    {
        Some(family) => Err(ManifestError::MissingExport {
            provider: manifest.id.to_string(),
            family,
        }),
        None => Ok(()),
    }
}

/// Holds a component against all its manifests: each passes [`check`], and together they declare every family it exports.
///
/// # Errors
///
/// As [`check`], [`ManifestError::NoManifest`] when there are none, and [`ManifestError::UndeclaredExport`].
pub fn check_all(surface: &Surface, manifests: &[Manifest]) -> Result<(), ManifestError> {
    if manifests.is_empty() {
        return Err(ManifestError::NoManifest);
    }
    for manifest in manifests {
        check(surface, manifest)?;
    }
    let declared = |family: &Family| manifests.iter().any(|manifest| manifest.serves(*family));
    match surface.families.iter().find(|family| !declared(family)) {
        Some(family) => Err(ManifestError::UndeclaredExport { family: *family }),
        None => Ok(()),
    }
}

/// The interface and the version of a name of the contract; the version is none when it is missing or not one.
fn provider_interface(name: &str) -> Option<(&str, Option<ContractVersion>)> {
    let rest = name.strip_prefix("chela:provider/")?;
    match rest.split_once('@') {
        Some((interface, version)) => Some((interface, ContractVersion::parse(version))),
        None => Some((rest, None)),
    }
}
