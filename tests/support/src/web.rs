//! Answers in the shapes of the services that search the web and read its pages, odd ones included.
//!
//! The shapes follow the documentation of each service and recordings of it; the words are ours.

use serde_json::{Value, json};

use crate::answer::Answer;

/// A page that was found: title, address, snippet.
pub type Hit<'a> = [&'a str; 3];

/// Brave: <https://api-dashboard.search.brave.com/api-reference/web/search/get>. One that finds nothing has no `web`.
#[must_use]
pub fn brave(hits: &[Hit<'_>]) -> Answer {
    let results: Vec<Value> = hits
        .iter()
        .map(|[title, url, snippet]| {
            json!({
                "title": title, "url": url, "is_source_local": false, "is_source_both": false, "description": snippet,
                "page_age": "2026-01-02T03:04:05", "profile": {"name": "Example", "url": url, "long_name": "example"},
                "language": "en", "family_friendly": true, "type": "search_result", "subtype": "generic",
                "meta_url": {"scheme": "https", "netloc": "example", "hostname": "example"}, "age": "January 2, 2026",
            })
        })
        .collect();
    let mut answer = json!({
        "type": "search",
        "query": {"original": "x", "show_strict_warning": false, "is_navigational": false, "more_results_available": true},
        "mixed": {"type": "mixed", "main": [], "top": [], "side": []},
    });
    if !results.is_empty() {
        answer["web"] = json!({"type": "search", "results": results, "family_friendly": true});
    }
    Answer::json(&answer).header("X-RateLimit-Remaining", "1, 1000")
}

/// A refusal of Brave's.
#[must_use]
pub fn brave_error(status: u16, code: &str, detail: &str) -> Answer {
    Answer::new(status).json_body(&json!({
        "type": "ErrorResponse",
        "error": {"id": "0123", "status": status, "code": code, "detail": detail, "meta": {"component": "authentication"}},
        "time": 1_795_000_000,
    }))
}

/// Tavily: <https://docs.tavily.com/documentation/api-reference/endpoint/search>.
#[must_use]
pub fn tavily(answer: Option<&str>, hits: &[Hit<'_>]) -> Answer {
    let results: Vec<Value> = hits
        .iter()
        .map(|[title, url, content]| {
            json!({"url": url, "title": title, "content": content, "score": 0.98, "raw_content": null})
        })
        .collect();
    Answer::json(&json!({
        "query": "x", "follow_up_questions": null, "answer": answer, "images": [], "results": results,
        "response_time": 0.89, "request_id": "3b2f7385-b01d-479e-9825-1ce0f8c59b93",
    }))
}

/// A refusal of Tavily's.
#[must_use]
pub fn tavily_error(status: u16, message: &str) -> Answer {
    Answer::new(status).json_body(&json!({"detail": {"error": message}}))
}

/// SearXNG: <https://docs.searxng.org/dev/search_api.html>. A row without an address comes first, as some engines give.
#[must_use]
pub fn searxng(hits: &[Hit<'_>]) -> Answer {
    let mut results: Vec<Value> = hits
        .iter()
        .map(|[title, url, content]| {
            json!({
                "url": url, "title": title, "content": content, "publishedDate": null, "thumbnail": "", "engine": "brave",
                "template": "default.html", "parsed_url": ["https", "example", "/", "", "", ""], "engines": ["brave"],
                "positions": [1], "score": 1.0, "category": "general",
            })
        })
        .collect();
    if !results.is_empty() {
        results.insert(
            0,
            json!({"url": null, "title": "A row without an address", "engine": "odd"}),
        );
    }
    Answer::json(&json!({
        "query": "x", "number_of_results": 0, "results": results, "answers": [], "corrections": [], "infoboxes": [],
        "suggestions": [], "unresponsive_engines": [],
    }))
}

/// SearXNG when no engine answered it.
#[must_use]
pub fn searxng_silent(engine: &str, why: &str) -> Answer {
    Answer::json(
        &json!({"query": "x", "results": [], "answers": [], "unresponsive_engines": [[engine, why]]}),
    )
}

/// DuckDuckGo's page for browsers without scripts: an advertisement, then the results behind its redirect.
#[must_use]
pub fn duckduckgo(hits: &[Hit<'_>]) -> Answer {
    let mut page = "<!DOCTYPE html>\n<html><head><title>x at DuckDuckGo</title></head><body><div id=\"links\" class=\"results\">\n".to_owned();
    let mut add = |class: &str, href: &str, title: &str, snippet: &str| {
        page.push_str(&format!(
            "<div class=\"result results_links results_links_deep {class}\"><div class=\"links_main links_deep result__body\">\n\
             <h2 class=\"result__title\"><a rel=\"nofollow\" class=\"result__a\" href=\"{href}\">{title}</a></h2>\n\
             <div class=\"result__extras\"><a class=\"result__url\" href=\"{href}\"> there </a></div>\n\
             <a class=\"result__snippet\" href=\"{href}\">{snippet}</a></div></div>\n"
        ));
    };
    if hits.is_empty() {
        page.push_str("<div class=\"no-results\">No results.</div>");
    } else {
        add(
            "result--ad",
            "//duckduckgo.com/y.js?ad_domain=shop.example",
            "Buy it",
            "Now.",
        );
        for [title, url, snippet] in hits {
            let url: String = url
                .bytes()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() {
                        char::from(byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                })
                .collect();
            add(
                "web-result",
                &format!("//duckduckgo.com/l/?uddg={url}&amp;rut=0123"),
                title,
                snippet,
            );
        }
    }
    page.push_str("</div></body></html>\n");
    self::page("text/html; charset=UTF-8", page)
}

/// DuckDuckGo when it takes the caller for a robot: 202 and a puzzle.
#[must_use]
pub fn duckduckgo_puzzle() -> Answer {
    page(
        "text/html; charset=UTF-8",
        "<html><body><form id=\"challenge-form\" action=\"//duckduckgo.com/anomaly.js\" method=\"POST\">\
         <div class=\"anomaly-modal__modal\"><div class=\"anomaly-modal__title\">Unfortunately, bots use DuckDuckGo too.</div>\
         </div></form></body></html>",
    )
    .status(202)
}

/// Firecrawl's search: <https://docs.firecrawl.dev/api-reference/endpoint/search>.
#[must_use]
pub fn firecrawl_search(hits: &[Hit<'_>]) -> Answer {
    let web: Vec<Value> = hits
        .iter()
        .enumerate()
        .map(|(at, [title, url, description])| {
            json!({"url": url, "title": title, "description": description, "position": at + 1})
        })
        .collect();
    Answer::json(
        &json!({"success": true, "data": {"web": web}, "id": "0199-search", "creditsUsed": 2, "warning": null}),
    )
}

/// Firecrawl's page: <https://docs.firecrawl.dev/api-reference/endpoint/scrape>. `status` is what the page's own server said.
#[must_use]
pub fn firecrawl_page(status: u16, title: &str, content: &str) -> Answer {
    Answer::json(&json!({
        "success": true,
        "data": {
            "markdown": content,
            "rawHtml": content,
            "metadata": {
                "title": title, "language": "en", "sourceURL": "https://example.com/", "url": "https://example.com/home",
                "statusCode": status, "contentType": "text/html; charset=utf-8", "scrapeId": "0199-page", "creditsUsed": 1,
            },
        },
    }))
}

/// A refusal of Firecrawl's.
#[must_use]
pub fn firecrawl_error(status: u16, message: &str) -> Answer {
    Answer::new(status).json_body(&json!({"success": false, "error": message}))
}

/// Anything that a server of the web gives.
#[must_use]
pub fn page(content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let answer = Answer::new(200);
    let answer = if content_type.is_empty() {
        answer
    } else {
        answer.header("Content-Type", content_type)
    };
    answer.body(body)
}
