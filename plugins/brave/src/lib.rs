//! `brave`: web search by Brave.
//!
//! Follows <https://api-dashboard.search.brave.com/api-reference/web/search/get>.
#![forbid(unsafe_code)]

use chela_sdk::search::{Freshness, Hit, Request, Response};
use chela_sdk::{Failure, FailureKind, Result, Search, html, http};
use serde_json::Value;

struct Brave;

impl Search for Brave {
    fn search(request: Request) -> Result<Response> {
        let mut ask = http::endpoint("api")
            .get("/web/search")
            .header("Accept", "application/json")
            .query("q", request.query)
            .query("count", request.limit.to_string())
            .query("result_filter", "web")
            .query("text_decorations", "false");
        if let Some(freshness) = request.freshness {
            let age = match freshness {
                Freshness::Day => "pd",
                Freshness::Week => "pw",
                Freshness::Month => "pm",
                Freshness::Year => "py",
            };
            ask = ask.query("freshness", age);
        }
        if let Some(region) = request.region {
            ask = ask.query("country", region.to_ascii_uppercase());
        }
        if let Some(language) = &request.language {
            let primary = language.split('-').next().unwrap_or_default();
            ask = ask.query("search_lang", primary.to_ascii_lowercase());
        }
        let response = ask.send().map_err(told)?;
        let request_id = response.request_id();
        let answer: Value = response.json()?;
        let mut ignored = Vec::new();
        if !request.include_domains.is_empty() {
            ignored.push("include-domains".to_owned());
        }
        if !request.exclude_domains.is_empty() {
            ignored.push("exclude-domains".to_owned());
        }
        Ok(Response {
            hits: hits(&answer)?,
            request_id,
            ignored,
            ..Response::default()
        })
    }
}

chela_sdk::register!(Brave: search);

/// The pages of an answer. One that found nothing has no `web` at all.
fn hits(answer: &Value) -> Result<Vec<Hit>> {
    let Some(found) = answer.pointer("/web/results").and_then(Value::as_array) else {
        return if answer["type"] == "search" {
            Ok(Vec::new())
        } else {
            Err(Failure::bad_response(
                "the answer holds no results of a search",
            ))
        };
    };
    Ok(found.iter().filter_map(hit).collect())
}

fn hit(found: &Value) -> Option<Hit> {
    let words = |pointer: &str| {
        found
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(html::text)
            .filter(|words| !words.is_empty())
    };
    Some(Hit {
        url: found["url"]
            .as_str()
            .filter(|url| !url.is_empty())?
            .to_owned(),
        title: words("/title").unwrap_or_default(),
        snippet: words("/description"),
        published: words("/page_age").or_else(|| words("/age")),
        source: words("/profile/name").or_else(|| words("/meta_url/hostname")),
        extra: Vec::new(),
    })
}

/// Brave refuses a wrong key with 422, and a spent plan with 429 as it does haste; the code tells.
fn told(mut failure: Failure) -> Failure {
    match failure.code.as_deref() {
        Some("SUBSCRIPTION_TOKEN_INVALID") => failure.kind = FailureKind::Auth,
        Some("QUOTA_LIMITED" | "USAGE_LIMIT_EXCEEDED") => failure.kind = FailureKind::Quota,
        Some("OPTION_NOT_IN_PLAN" | "RESOURCE_NOT_ALLOWED") => {
            failure.kind = FailureKind::Permission;
        }
        _ => {}
    }
    failure
}

#[cfg(test)]
mod tests;
