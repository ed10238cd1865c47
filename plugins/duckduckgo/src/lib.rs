//! `duckduckgo`: web search by reading the page that DuckDuckGo has for browsers without scripts.
//!
//! There is no documented API. What is read is the markup of <https://html.duckduckgo.com/html/>: `result__a` is a result's link,
//! `result__snippet` what stands below it. Links lead over a redirect that carries the page's address.
#![forbid(unsafe_code)]

mod link;
mod page;

use chela_sdk::search::{Freshness, Request, Response};
use chela_sdk::{Failure, FailureKind, Result, Search, http};

use crate::page::Page;

/// How long a puzzle stands, in milliseconds. The page does not say; asking again at once makes it stand longer.
const PUZZLE: u64 = 5 * 60 * 1000;

struct DuckDuckGo;

impl Search for DuckDuckGo {
    fn search(request: Request) -> Result<Response> {
        let mut ask = http::endpoint("api")
            .get("/html/")
            .header("Accept", "text/html")
            .query("q", request.query);
        if let Some(freshness) = request.freshness {
            let age = match freshness {
                Freshness::Day => "d",
                Freshness::Week => "w",
                Freshness::Month => "m",
                Freshness::Year => "y",
            };
            ask = ask.query("df", age);
        }
        let response = ask.send()?;
        let status = response.status();
        let page = response.text()?;
        let hits = match page::read(&page, request.limit as usize) {
            Page::Hits(hits) => hits,
            Page::BotCheck => {
                return Err(Failure::new(
                    FailureKind::RateLimited,
                    "it takes this for a robot and asks for a puzzle to be solved",
                )
                .with_status(status)
                .with_retry_after_ms(PUZZLE)
                .with_code("bot-check"));
            }
            Page::Unknown => {
                let what = if page.trim().is_empty() {
                    "the server answered with an empty page"
                } else {
                    "the page is not one of results: it may have changed"
                };
                return Err(Failure::bad_response(what).with_status(status));
            }
        };
        let mut ignored = Vec::new();
        for (name, given) in [
            ("region", request.region.is_some()),
            ("language", request.language.is_some()),
            ("include-domains", !request.include_domains.is_empty()),
            ("exclude-domains", !request.exclude_domains.is_empty()),
        ] {
            if given {
                ignored.push(name.to_owned());
            }
        }
        Ok(Response {
            hits,
            ignored,
            ..Response::default()
        })
    }
}

chela_sdk::register!(DuckDuckGo: search);

#[cfg(test)]
mod tests;
