//! Reading `tools`.

use std::time::Duration;

use chela_manifest::document::{Field, Table};

use super::provider::{seconds, word};
use super::{Result, Warnings, given, named_provider, object};
use crate::{MOST_RESULTS, MediaModel, Tools, WebTool};

pub(super) fn read(field: &Field<'_>, warnings: &mut Warnings) -> Result<Tools> {
    let table = object(field, "{ web: { search: { provider: \"brave\" } } }")?;
    warnings.unknown(&table, &["web", "media"]);
    let mut tools = Tools::default();
    if let Some(field) = given(&table, "web") {
        let table = object(&field, "{ search: { provider: \"brave\" } }")?;
        warnings.unknown(&table, &["search", "fetch"]);
        if let Some(field) = given(&table, "search") {
            tools.search = web(
                &field,
                &["provider", "maxResults", "timeoutSeconds"],
                warnings,
            )?;
        }
        if let Some(field) = given(&table, "fetch") {
            tools.fetch = web(&field, &["provider", "timeoutSeconds"], warnings)?;
        }
    }
    if let Some(field) = given(&table, "media") {
        let table = object(&field, "{ audio: { models: [] } }")?;
        warnings.unknown(&table, &["image", "audio", "video"]);
        tools.image = media(&table, "image", warnings)?;
        tools.audio = media(&table, "audio", warnings)?;
        tools.video = media(&table, "video", warnings)?;
    }
    Ok(tools)
}

fn web(field: &Field<'_>, known: &[&str], warnings: &mut Warnings) -> Result<WebTool> {
    let table = object(field, "{ provider: \"brave\" }")?;
    warnings.unknown(&table, known);
    let max_results = given(&table, "maxResults")
        .filter(|_| known.contains(&"maxResults"))
        .map(|field| field.integer(1, MOST_RESULTS.into()))
        .transpose()?;
    Ok(WebTool {
        provider: named_provider(&table, warnings)?,
        max_results: max_results.and_then(|number| u32::try_from(number).ok()),
        timeout: timeout(&table)?,
    })
}

fn media(
    table: &Table<'_>,
    kind: &'static str,
    warnings: &mut Warnings,
) -> Result<Vec<MediaModel>> {
    let Some(field) = given(table, kind) else {
        return Ok(Vec::new());
    };
    let table = object(&field, "{ models: [{ provider: \"openai\" }] }")?;
    warnings.unknown(&table, &["models"]);
    let mut models = Vec::new();
    if let Some(field) = given(&table, "models") {
        for item in field.items("[{ provider: \"openai\", model: \"whisper-1\" }]")? {
            let entry = object(&item, "{ provider: \"openai\", model: \"whisper-1\" }")?;
            // Documented files have programs here too, as `type: "cli"`.
            let Some(provider) = named_provider(&entry, warnings)? else {
                warnings.add(&item, "names no provider and is passed over");
                continue;
            };
            warnings.unknown(&entry, &["type", "provider", "model", "timeoutSeconds"]);
            models.push(MediaModel {
                provider,
                model: given(&entry, "model")
                    .map(|field| word(&field, "\"whisper-1\""))
                    .transpose()?,
                timeout: timeout(&entry)?,
            });
        }
    }
    Ok(models)
}

fn timeout(table: &Table<'_>) -> Result<Option<Duration>> {
    given(table, "timeoutSeconds")
        .map(|field| seconds(&field))
        .transpose()
}
