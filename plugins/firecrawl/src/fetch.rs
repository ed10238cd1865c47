//! `/v2/scrape`.

use chela_sdk::fetch::{Format, Request, Response};
use chela_sdk::{Failure, FailureKind, Result};
use serde_json::{Value, json};

use crate::{ask, one_request, text};

pub(crate) fn fetch(request: Request) -> Result<Response> {
    let format = match request.format {
        Format::Markdown => "markdown",
        Format::Html => "rawHtml",
        Format::Text => {
            return Err(Failure::unsupported(
                "it gives pages as Markdown and as HTML",
            ));
        }
    };
    let body = json!({ "url": request.url, "formats": [format], "onlyMainContent": true });
    let (answer, request_id) = ask("/v2/scrape", &body)?;
    let page = &answer["data"];
    let about = &page["metadata"];
    refuse_error_page(about)?;
    let Some(content) = page[format].as_str() else {
        return Err(Failure::bad_response("the answer holds no page"));
    };
    let mut content = content.to_owned();
    let truncated = request
        .max_bytes
        .is_some_and(|most| cut(&mut content, usize::try_from(most).unwrap_or(usize::MAX)));
    Ok(Response {
        final_url: text(about, "url").unwrap_or(request.url),
        title: text(about, "title"),
        content,
        mime_type: text(about, "contentType").map(|kind| essence(&kind)),
        truncated,
        usage: one_request(),
        request_id: text(about, "scrapeId").or(request_id),
        ..Response::default()
    })
}

/// What the page's own server said is in the answer; what it says of a missing page is no page.
fn refuse_error_page(about: &Value) -> Result<()> {
    let status = about["statusCode"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let Some(status) = status.filter(|status| *status >= 400) else {
        return Ok(());
    };
    let kind = match status {
        // The page wants a login; the key of this provider was accepted.
        401 | 403 => FailureKind::Permission,
        404 | 410 => FailureKind::NotFound,
        500.. => FailureKind::Unavailable,
        _ => FailureKind::BadResponse,
    };
    Err(Failure::new(kind, format!("the page's server answered {status}")).with_status(status))
}

fn essence(kind: &str) -> String {
    kind.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Cuts at a border of characters; whether there was more.
fn cut(text: &mut String, most: usize) -> bool {
    if text.len() <= most {
        return false;
    }
    text.truncate(text.floor_char_boundary(most));
    true
}
