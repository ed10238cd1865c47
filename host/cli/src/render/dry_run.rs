//! What a dry run shows a person: each request as it would stand on the wire, with JSON laid out to be read.

use crate::printer::Printer;
use crate::render::json;
use crate::sanitize;
use chela_envelope::{DryRun, PlannedBody, PlannedRequest};

/// Prints the requests on standard output, and what is to be known besides on standard error.
pub(super) fn in_words(dry_run: &DryRun, printer: &mut Printer) {
    let blocks: Vec<String> = dry_run.requests.iter().map(request).collect();
    printer.text(&blocks.join("\n"));
    if dry_run.requests.is_empty() {
        printer.warning("this is a dry run: the provider asks no server, and nothing was stored");
        return;
    }
    printer.warning("this is a dry run: nothing was sent");
    let credentials = dry_run
        .requests
        .iter()
        .filter_map(|request| request.credential.as_ref());
    if let Some(missing) = { credentials }.find(|credential| credential.missing) {
        printer.warning(&format!(
            "the credential {} is missing; looked for: {}",
            missing.name,
            missing.looked_for.join(", ")
        ));
    }
}

fn request(request: &PlannedRequest) -> String {
    let mut text = format!("{} {}\n", request.method, sanitize::line(&request.url));
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {}\n", sanitize::line(value)));
    }
    if let Some(proxy) = &request.proxy {
        text.push_str(&format!("(through the proxy {proxy})\n"));
    }
    if let Some(content) = &request.body {
        text.push('\n');
        text.push_str(&body(content));
    }
    text
}

fn body(body: &PlannedBody) -> String {
    if let Some(value) = &body.json {
        // JSON of JSON is always JSON.
        return json::document(value)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default();
    }
    let fields = body.form.iter().flatten().map(|field| {
        let file = field
            .file_name
            .as_ref()
            .map(|name| format!(" (file {})", sanitize::line(name)))
            .unwrap_or_default();
        format!("{}{file} = {}\n", sanitize::line(&field.name), field.value)
    });
    match &body.text {
        Some(text) => format!("{text}\n"),
        None => fields.collect(),
    }
}
