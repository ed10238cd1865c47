//! `page`: one page of the web, asked of its own server.
//!
//! The request is a plain GET of the page's address. What comes back was written by strangers: it is decoded and converted here,
//! inside the sandbox, and given on as text.
#![forbid(unsafe_code)]

mod body;
mod charset;
mod link;
mod markdown;
mod text;

use chela_sdk::fetch::{Format, Request, Response};
use chela_sdk::{Failure, Fetch, Result, context, http};

use crate::body::Kind;

/// What a server is asked for. Text as it is comes before pages made for a browser.
const ACCEPT: &str = "text/html,application/xhtml+xml,text/markdown;q=0.9,text/plain;q=0.9,application/json;q=0.8,*/*;q=0.1";

struct PageItself;

impl Fetch for PageItself {
    fn fetch(request: Request) -> Result<Response> {
        let mut response = ask(&request.url)?.header("Accept", ACCEPT).send()?;
        let declared = response.header("content-type").unwrap_or_default();
        let mime_type = response.content_type().filter(|kind| !kind.is_empty());
        let final_url = response.url();
        let kind = Kind::declared(mime_type.as_deref())?;
        let (bytes, more) = body::read(&mut response)?;
        let kind = kind.held_against(&bytes)?;
        let page = charset::decode(&bytes, &declared, kind == Kind::Html);
        let (title, mut content) = match (kind, request.format) {
            (Kind::Html, format) => {
                let title = text::title(&page);
                let content = match format {
                    Format::Markdown => markdown::of(&page, &final_url),
                    Format::Text => text::of(&page),
                    Format::Html => page,
                };
                (title, content)
            }
            (Kind::Text, _) => (None, page),
        };
        let most = request.max_bytes.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        });
        let cut = content.len() > most;
        if cut {
            content.truncate(content.floor_char_boundary(most));
        }
        Ok(Response {
            final_url,
            title,
            content,
            mime_type,
            truncated: more || cut,
            ..Response::default()
        })
    }
}

chela_sdk::register!(PageItself: fetch);

/// A request for the page: below the site that the operator named, or of any public server.
fn ask<'a>(url: &str) -> Result<http::RequestBuilder<'a>> {
    let site = context::setting::<String>("baseUrl")?;
    let below = site.as_deref().and_then(|site| {
        let rest = url.strip_prefix(site.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
    });
    let Some(below) = below else {
        return Ok(http::download(url));
    };
    let (path, query) = below.split_once('?').unwrap_or((below, ""));
    let path = if path.is_empty() { "/" } else { path };
    let request = http::endpoint("site").get(path);
    Ok(http::query_pairs(query)
        .into_iter()
        .fold(request, |request, (name, value)| request.query(name, value)))
}

/// What is no text.
fn no_text(what: &str) -> Failure {
    Failure::unsupported(format!("the address leads to {what}, not to text"))
}

#[cfg(test)]
mod tests;
