//! `/v2/search`.

use chela_sdk::search::{Freshness, Hit, Request, Response};
use chela_sdk::{Failure, Result};
use serde_json::{Value, json};

use crate::{ask, one_request, text};

pub(crate) fn search(request: &Request) -> Result<Response> {
    let mut body = json!({
        "query": request.query,
        "limit": request.limit,
        "sources": ["web"],
    });
    if let Some(freshness) = request.freshness {
        body["tbs"] = json!(match freshness {
            Freshness::Day => "qdr:d",
            Freshness::Week => "qdr:w",
            Freshness::Month => "qdr:m",
            Freshness::Year => "qdr:y",
        });
    }
    if let Some(region) = &request.region {
        body["country"] = json!(region.to_ascii_uppercase());
    }
    let (answer, request_id) = ask("/v2/search", &body)?;
    // A list by source; servers of one's own that are older give the list itself.
    let data = &answer["data"];
    let found = match data["web"].as_array().or_else(|| data.as_array()) {
        Some(found) => found.as_slice(),
        None if data.is_object() => &[],
        None => {
            return Err(Failure::bad_response(
                "the answer holds no results of a search",
            ));
        }
    };
    let mut ignored = Vec::new();
    for (name, given) in [
        ("language", request.language.is_some()),
        ("include-domains", !request.include_domains.is_empty()),
        ("exclude-domains", !request.exclude_domains.is_empty()),
    ] {
        if given {
            ignored.push(name.to_owned());
        }
    }
    Ok(Response {
        hits: found.iter().filter_map(hit).collect(),
        usage: one_request(),
        request_id: text(&answer, "id").or(request_id),
        ignored,
        ..Response::default()
    })
}

fn hit(found: &Value) -> Option<Hit> {
    Some(Hit {
        url: text(found, "url")?,
        title: text(found, "title").unwrap_or_default(),
        snippet: text(found, "description"),
        published: text(found, "date"),
        source: None,
        extra: Vec::new(),
    })
}
