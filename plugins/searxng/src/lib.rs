//! `searxng`: web search by a SearXNG that the operator names.
//!
//! Follows <https://docs.searxng.org/dev/search_api.html>.
#![forbid(unsafe_code)]

use chela_sdk::search::{Freshness, Hit, Request, Response};
use chela_sdk::{Failure, FailureKind, Result, Search, html, http};
use serde_json::Value;

/// What a server says nothing of when it gives pages only.
const NO_JSON: &str = "the server gives no JSON: add json to search.formats in its settings.yml";

struct SearXng;

impl Search for SearXng {
    fn search(request: Request) -> Result<Response> {
        let mut ask = http::endpoint("api")
            .get("/search")
            .header("Accept", "application/json")
            .query("q", request.query)
            .query("format", "json");
        let age = request.freshness.and_then(|freshness| match freshness {
            Freshness::Day => Some("day"),
            // It knows no week.
            Freshness::Week => None,
            Freshness::Month => Some("month"),
            Freshness::Year => Some("year"),
        });
        if let Some(age) = age {
            ask = ask.query("time_range", age);
        }
        if let Some(language) = request.language {
            ask = ask.query("language", language);
        }
        let response = ask.send_any()?;
        let is_page = response
            .content_type()
            .is_some_and(|kind| kind == "text/html");
        // Where JSON is switched off, newer versions refuse and older ones give the page.
        if is_page && matches!(response.status(), 200 | 403) {
            return Err(Failure::bad_response(NO_JSON).with_status(response.status()));
        }
        let response = response.error_for_status()?;
        let answer: Value = response.json()?;
        let Some(results) = answer["results"].as_array() else {
            return Err(Failure::bad_response(
                "the answer holds no results of a search",
            ));
        };
        let mut hits: Vec<Hit> = results.iter().filter_map(hit).collect();
        hits.truncate(request.limit as usize);
        if hits.is_empty() {
            refuse_silence(&answer)?;
        }
        let mut ignored = Vec::new();
        for (name, given) in [
            ("freshness", request.freshness.is_some() && age.is_none()),
            ("region", request.region.is_some()),
            ("include-domains", !request.include_domains.is_empty()),
            ("exclude-domains", !request.exclude_domains.is_empty()),
        ] {
            if given {
                ignored.push(name.to_owned());
            }
        }
        Ok(Response {
            hits,
            answer: summary(&answer),
            ignored,
            ..Response::default()
        })
    }
}

chela_sdk::register!(SearXng: search);

fn words(value: &Value) -> Option<String> {
    let words = html::text(value.as_str()?);
    (!words.is_empty()).then_some(words)
}

/// A row. Some engines give rows without an address.
fn hit(found: &Value) -> Option<Hit> {
    Some(Hit {
        url: found["url"]
            .as_str()
            .filter(|url| !url.is_empty())?
            .to_owned(),
        title: words(&found["title"]).unwrap_or_default(),
        snippet: words(&found["content"]),
        published: words(&found["publishedDate"]),
        source: words(&found["engine"]),
        extra: Vec::new(),
    })
}

/// An instant answer: text in older versions, an object in newer ones.
fn summary(answer: &Value) -> Option<String> {
    let first = answer["answers"].as_array()?.first()?;
    words(first).or_else(|| words(&first["answer"]))
}

/// No results because no engine answered is no answer.
fn refuse_silence(answer: &Value) -> Result<()> {
    let silent: Vec<String> = answer["unresponsive_engines"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|engine| {
            let name = words(engine.get(0)?)?;
            Some(match engine.get(1).and_then(words) {
                Some(why) => format!("{name}: {why}"),
                None => name,
            })
        })
        .take(5)
        .collect();
    if silent.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Unavailable,
        format!(
            "nothing was found, and engines did not answer ({})",
            silent.join("; ")
        ),
    ))
}

#[cfg(test)]
mod tests;
