//! `firecrawl`: web search and pages by Firecrawl.
//!
//! Follows <https://docs.firecrawl.dev/api-reference/endpoint/search> and
//! <https://docs.firecrawl.dev/api-reference/endpoint/scrape>, version 2.
#![forbid(unsafe_code)]

mod fetch;
mod search;

use chela_sdk::{Failure, Fetch, Result, Search, Usage, http};
use serde_json::Value;

struct Firecrawl;

impl Search for Firecrawl {
    fn search(request: chela_sdk::search::Request) -> Result<chela_sdk::search::Response> {
        search::search(&request)
    }
}

impl Fetch for Firecrawl {
    fn fetch(request: chela_sdk::fetch::Request) -> Result<chela_sdk::fetch::Response> {
        fetch::fetch(request)
    }
}

chela_sdk::register!(Firecrawl: search, fetch);

/// What the server answers when it has done what it was asked: all of it, and the id of the request.
fn ask(path: &str, body: &Value) -> Result<(Value, Option<String>)> {
    let response = http::endpoint("api").post(path).json(body).send()?;
    let request_id = response.request_id();
    let answer: Value = response.json()?;
    // It says so with a status too, but for pages that it could not load.
    if answer["success"] == false {
        let mut failure = match text(&answer, "error") {
            Some(why) => Failure::bad_response(format!("the server answered with an error: {why}")),
            None => Failure::bad_response("the server answered with an error"),
        };
        failure.code = text(&answer, "code");
        failure.request_id = request_id;
        return Err(failure);
    }
    Ok((answer, request_id))
}

fn text(value: &Value, name: &str) -> Option<String> {
    let text = value[name].as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn one_request() -> Option<Usage> {
    Some(Usage {
        requests: Some(1),
        ..Usage::default()
    })
}

#[cfg(test)]
mod tests;
