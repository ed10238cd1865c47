//! `tavily`: web search by Tavily.
//!
//! Follows <https://docs.tavily.com/documentation/api-reference/endpoint/search>.
#![forbid(unsafe_code)]

use chela_sdk::search::{Freshness, Hit, Request, Response};
use chela_sdk::{Failure, FailureKind, Result, Search, Usage, context, http};
use serde_json::{Value, json};

struct Tavily;

impl Search for Tavily {
    fn search(request: Request) -> Result<Response> {
        let setting = |name: &str| context::setting::<Value>(name).map(Option::unwrap_or_default);
        let mut body = json!({
            "query": request.query,
            "max_results": request.limit,
            "search_depth": setting("searchDepth")?,
            "include_answer": setting("includeAnswer")?,
        });
        if let Some(freshness) = request.freshness {
            body["time_range"] = json!(match freshness {
                Freshness::Day => "day",
                Freshness::Week => "week",
                Freshness::Month => "month",
                Freshness::Year => "year",
            });
        }
        for (name, domains) in [
            ("include_domains", &request.include_domains),
            ("exclude_domains", &request.exclude_domains),
        ] {
            if !domains.is_empty() {
                body[name] = json!(domains);
            }
        }
        let response = http::endpoint("api")
            .post("/search")
            .json(&body)
            .send()
            .map_err(told)?;
        let request_id = response.request_id();
        let answer: Value = response.json()?;
        let Some(results) = answer["results"].as_array() else {
            return Err(Failure::bad_response(
                "the answer holds no results of a search",
            ));
        };
        // Its `country` is a name in English, so a region and a language have no place.
        let mut ignored = Vec::new();
        if request.region.is_some() {
            ignored.push("region".to_owned());
        }
        if request.language.is_some() {
            ignored.push("language".to_owned());
        }
        Ok(Response {
            hits: results.iter().filter_map(hit).collect(),
            answer: text(&answer, "answer"),
            usage: Some(Usage {
                requests: Some(1),
                ..Usage::default()
            }),
            request_id: text(&answer, "request_id").or(request_id),
            ignored,
            ..Response::default()
        })
    }
}

chela_sdk::register!(Tavily: search);

fn text(value: &Value, name: &str) -> Option<String> {
    let text = value[name].as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn hit(found: &Value) -> Option<Hit> {
    Some(Hit {
        url: text(found, "url")?,
        title: text(found, "title").unwrap_or_default(),
        snippet: text(found, "content"),
        published: text(found, "published_date"),
        source: None,
        extra: Vec::new(),
    })
}

/// Two statuses of Tavily's own: the plan's limit is spent, or that of paying as one goes.
fn told(mut failure: Failure) -> Failure {
    if matches!(failure.status, Some(432 | 433)) {
        failure.kind = FailureKind::Quota;
    }
    failure
}

#[cfg(test)]
mod tests;
