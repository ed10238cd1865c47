//! Searching the web: a model searches with Google, and says what it found.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/google-search>. The addresses of pages are Google's own, which lead on to the pages;
//! their titles are the pages' domains.

use chela_dialect::extra;
use chela_dialect::loose::{object, set, text_field};
use chela_dialect::{levels, sentence};
use chela_sdk::http::{self, Blobs};
use chela_sdk::search::{Hit, Request, Response};
use chela_sdk::{Failure, Result};
use serde_json::{Map, Value};

use crate::failure::{accept, read, without};
use crate::{content, method, usage};

/// What makes an answer a search: a model that thinks it knows does not look.
const TASK: &str = "Search the web with Google for what the user asks, and say briefly what the pages you found say about it.";

/// Fields of the grounding that the contract has no word for.
const SAID: &[&str] = &["webSearchQueries", "searchEntryPoint"];

/// Searches.
pub(crate) fn search(request: &Request) -> Result<Response> {
    let model = levels::setting("searchModel");
    let model = model
        .as_str()
        .ok_or_else(|| Failure::internal("the manifest names no model that searches"))?;
    let response = http::endpoint("api")
        .post(method(model, "generateContent"))
        .json_with_blobs(&body(request)?, &Blobs::new())
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let answer = read(response, &envelope)?;
    let words = content::words(&answer);
    let grounding = answer
        .pointer("/candidates/0/groundingMetadata")
        .unwrap_or(&Value::Null);
    let hits = hits(grounding, request.limit);
    if hits.is_empty() && words.trim().is_empty() {
        return Err(without(&answer, "", &envelope, "answer"));
    }
    let request_id = envelope.request_id.clone();
    Ok(Response {
        hits,
        answer: Some(words).filter(|words| !words.trim().is_empty()),
        usage: answer.get("usageMetadata").and_then(usage::parse),
        request_id: request_id.or_else(|| text_field(&answer, "responseId")),
        ignored: ignored(request),
        extra: extra::named(grounding, SAID),
    })
}

fn body(request: &Request) -> Result<Value> {
    let mut fields = Map::new();
    let search = object! {"google_search": Value::Object(Map::new())};
    set(&mut fields, "tools", vec![search]);
    let task = object! {"parts": vec![content::text_part(TASK)]};
    set(&mut fields, "systemInstruction", task);
    let turn = content::turn("user", vec![content::text_part(&request.query)]);
    content::request(vec![turn], Map::new(), fields, &request.extra)
}

/// The API has no word for any of them.
fn ignored(request: &Request) -> Vec<String> {
    [
        ("freshness", request.freshness.is_some()),
        ("region", request.region.is_some()),
        ("language", request.language.is_some()),
        ("include-domains", !request.include_domains.is_empty()),
        ("exclude-domains", !request.exclude_domains.is_empty()),
    ]
    .into_iter()
    .filter(|(_, asked)| *asked)
    .map(|(name, _)| name.to_owned())
    .collect()
}

/// The pages that the answer leans on, each once, and as snippets what it says by them.
fn hits(grounding: &Value, limit: u32) -> Vec<Hit> {
    let list = |name: &str| {
        let list = grounding.get(name).and_then(Value::as_array);
        list.map_or(&[][..], Vec::as_slice)
    };
    let mut hits: Vec<Hit> = Vec::new();
    // Which hit each chunk is part of; supports count chunks.
    let mut places = Vec::new();
    for chunk in list("groundingChunks") {
        let page = chunk.get("web").unwrap_or(&Value::Null);
        let place = text_field(page, "uri").and_then(|url| {
            let known = hits.iter().position(|hit| hit.url == url);
            known.or_else(|| {
                (hits.len() < limit as usize).then(|| {
                    let title = text_field(page, "title");
                    hits.push(Hit {
                        title: title.clone().unwrap_or_default(),
                        url,
                        source: text_field(page, "domain").or(title),
                        ..Hit::default()
                    });
                    hits.len() - 1
                })
            })
        });
        places.push(place);
    }
    for support in list("groundingSupports") {
        let Some(said) = support
            .get("segment")
            .and_then(|segment| text_field(segment, "text"))
        else {
            continue;
        };
        let chunks = support
            .get("groundingChunkIndices")
            .and_then(Value::as_array);
        let mut told: Vec<usize> = Vec::new();
        for place in chunks
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .filter_map(|index| *places.get(usize::try_from(index).ok()?)?)
        {
            // Two chunks of one page say it once.
            if !told.contains(&place) {
                told.push(place);
                let snippet = hits[place].snippet.take().unwrap_or_default();
                hits[place].snippet = Some(sentence::joined(snippet, " ", &said));
            }
        }
    }
    hits
}

#[cfg(test)]
mod tests;
