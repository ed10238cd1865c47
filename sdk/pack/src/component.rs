//! From a core module to a component with its manifests in it.

use chela_manifest::{Manifest, digest, exports, section};
use wasmparser::{Validator, WasmFeatures};
use wit_component::ComponentEncoder;

use crate::{PackError, sections};

/// Where `wit-bindgen` leaves the types of imports and exports for the encoder.
const TYPES: &str = "component-type";

/// A component, ready to be installed.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The package it was built from.
    pub package: String,
    /// The component, its manifests in it.
    pub component: Vec<u8>,
    /// `sha256:` and the digest of `component` in lower-case hexadecimal.
    pub digest: String,
    /// The manifests, in their order in the component.
    pub manifests: Vec<Manifest>,
}

/// Makes a component of a core module that was built for [`TARGET`](crate::TARGET) with `chela-sdk`. `package` names it in errors.
///
/// # Errors
///
/// [`PackError::Encode`] when the module imports what no component can give it, [`PackError::NothingRegistered`],
/// [`PackError::ForeignImport`].
pub fn encode(module: &[u8], package: &str) -> Result<Vec<u8>, PackError> {
    let failed = |reason: String| PackError::Encode {
        package: package.to_owned(),
        reason,
    };
    let module = sections::strip(module, |name| name.starts_with(TYPES))
        .map_err(|error| failed(error.to_string()))?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(ComponentEncoder::encode)
        .map_err(|error| failed(chain(&error)))?;
    let component =
        sections::strip(&component, |_| false).map_err(|error| failed(error.to_string()))?;
    let surface = exports::inspect(&component)?;
    if surface.families.is_empty() {
        return Err(PackError::NothingRegistered {
            package: package.to_owned(),
        });
    }
    let foreign = surface
        .imports
        .iter()
        .find(|import| !import.starts_with("chela:provider/"));
    match foreign {
        Some(import) => Err(PackError::ForeignImport {
            package: package.to_owned(),
            import: import.clone(),
        }),
        None => Ok(component),
    }
}

/// Embeds manifests into a component of any origin, after holding them against what it imports and exports. A component that was
/// built with the standard library of its language may import `wasi:*` too.
///
/// # Errors
///
/// [`PackError::Manifest`] when component and manifests do not fit, [`PackError::Encode`] when the component is not valid.
pub fn pack(
    component: &[u8],
    manifests: Vec<Manifest>,
    package: &str,
) -> Result<Packed, PackError> {
    exports::check_all(&exports::inspect(component)?, &manifests)?;
    let component = section::embed(component, &manifests)?;
    // What is handed out is what was checked: the bytes with the manifests in them.
    Validator::new_with_features(WasmFeatures::default())
        .validate_all(&component)
        .map_err(|error| PackError::Encode {
            package: package.to_owned(),
            reason: error.to_string(),
        })?;
    let manifests = section::read_head(&component)?;
    Ok(Packed {
        package: package.to_owned(),
        digest: digest(&component),
        component,
        manifests,
    })
}

/// An error and what caused it, on one line.
fn chain(error: &impl AsRef<dyn std::error::Error + Send + Sync>) -> String {
    let mut line = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error.as_ref());
    while let Some(error) = cause {
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(error.to_string().trim());
        cause = error.source();
    }
    line
}
