//! `chela plugin inspect`: what a component asks for, and whether it fits, read from its bytes alone.

use crate::args::PluginInspect;
use crate::printer::Printer;
use crate::sanitize;
use crate::{environment, paths};
use chela_envelope::{ErrorBody, ErrorType};
use chela_manifest::exports::{self, Surface};
use chela_manifest::{Downloads, Family, Manifest, ManifestError, digest, section};
use serde::Serialize;
use std::io::Read;

/// What is shown of a component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginRecord {
    path: String,
    size: usize,
    digest: String,
    imports: Vec<String>,
    exports: Vec<String>,
    families: Vec<Family>,
    providers: Vec<Manifest>,
}

/// Shows a component.
///
/// # Errors
///
/// `usage` for a file that cannot be read or is no component, `config` for a component whose manifest is wrong or does not fit.
pub(crate) fn run(arguments: &PluginInspect, printer: &mut Printer) -> Result<(), ErrorBody> {
    let path = arguments.file.display().to_string();
    let bytes = read(arguments, &path)?;
    let (providers, surface) = judge(&bytes).map_err(|error| refuse(&path, &error))?;
    let record = PluginRecord {
        size: bytes.len(),
        digest: digest(&bytes),
        imports: surface.imports,
        exports: surface.exports,
        families: surface.families,
        providers,
        path,
    };
    if printer.json() {
        printer.document(&record);
    } else {
        printer.text(&text(&record));
    }
    Ok(())
}

fn read(arguments: &PluginInspect, path: &str) -> Result<Vec<u8>, ErrorBody> {
    let most = chela_sandbox::COMPONENT_BYTES;
    let mut bytes = Vec::new();
    let refuse = |problem: String| {
        ErrorBody::new(ErrorType::Usage, format!("{path} {problem}"))
            .hint("name a component, such as the .wasm file that chela-pack made")
    };
    paths::open_to_send(&arguments.file)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(format!("cannot be read: {}", environment::problem(&error))))?;
    if bytes.len() as u64 > most {
        return Err(refuse(format!("is larger than {most} bytes")));
    }
    Ok(bytes)
}

fn judge(bytes: &[u8]) -> Result<(Vec<Manifest>, Surface), ManifestError> {
    let manifests = section::read_head(bytes)?;
    let surface = exports::inspect(bytes)?;
    exports::check_all(&surface, &manifests)?;
    Ok((manifests, surface))
}

fn refuse(path: &str, error: &ManifestError) -> ErrorBody {
    let kind = match error {
        ManifestError::NotAComponent(_)
        | ManifestError::Truncated(_)
        | ManifestError::Damaged(_)
        | ManifestError::Unreadable(_) => ErrorType::Usage,
        _ => ErrorType::Config,
    };
    let hint = error.hint().unwrap_or_else(|| {
        "name a component, such as the .wasm file that chela-pack made".to_owned()
    });
    ErrorBody::new(kind, format!("{path}: {}", error.problem())).hint(hint)
}

fn text(record: &PluginRecord) -> String {
    let mut text = format!(
        "{}\n  {} bytes, {}\n  imports   {}\n",
        sanitize::line(&record.path),
        record.size,
        record.digest,
        listed(record.imports.iter().map(String::as_str)),
    );
    for manifest in &record.providers {
        let families = manifest.families();
        text.push_str(&format!(
            "{} {} ({})\n  serves    {}\n",
            manifest.id,
            sanitize::line(&manifest.version),
            sanitize::line(&manifest.name),
            listed(families.iter().map(|family| family.as_str())),
        ));
        for (name, endpoint) in &manifest.endpoints {
            let base = endpoint
                .base
                .as_ref()
                .map_or("set by the operator", |base| base.as_str());
            let credential = match &endpoint.credential {
                Some(credential) => format!(" with the credential {credential}"),
                None => String::new(),
            };
            text.push_str(&format!("  endpoint  {name}: {base}{credential}\n"));
        }
        match &manifest.downloads {
            Downloads::None => {}
            Downloads::Public => text.push_str("  downloads from every public address\n"),
            Downloads::Origins(origins) => {
                let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
                text.push_str(&format!("  downloads {}\n", origins.join(", ")));
            }
        }
        for (name, credential) in &manifest.credentials {
            text.push_str(&format!(
                "  key       {name}: {}\n",
                listed(credential.env.iter().map(String::as_str))
            ));
        }
    }
    text
}

fn listed<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<String> = items
        .map(|item| sanitize::line(item).into_owned())
        .collect();
    if items.is_empty() {
        "nothing".to_owned()
    } else {
        items.join(", ")
    }
}
