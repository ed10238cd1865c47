//! `web.fetch`: one page of the web as Markdown, text or HTML.

use std::time::Duration;

use chela_catalog::Capability;
use chela_envelope::{Envelope, ErrorType, FetchOutput, Output, Untrusted, capability};
use chela_manifest::Downloads;
use chela_sandbox::families::fetch::{Format, Request, Response};
use url::Url;

use crate::candidate::Candidate;
use crate::check::Selection;
use crate::choose::{Deadlines, first};
use crate::fault::{Fault, prose, short};
use crate::report::Report;
use crate::retry::Ledger;
use crate::runtime::Runtime;
use crate::told::usage_of;

/// How long one provider may take when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(60);

/// The longest address that is asked for, in bytes: what egress sends.
const LONGEST_URL: usize = 32 << 10;

/// What a page is turned into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageFormat {
    /// Markdown (CommonMark).
    #[default]
    Markdown,
    /// Text alone.
    Text,
    /// The page's HTML.
    Html,
}

impl PageFormat {
    /// Its name in manifests and in the envelope.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

/// A request for one page.
#[derive(Clone, Debug, Default)]
pub struct WebFetch {
    /// The page's address: http or https, without user information.
    pub url: String,
    /// What to turn it into.
    pub format: PageFormat,
    /// The most bytes of text to give, at least 1. More is cut where a character ends.
    pub max_bytes: Option<u64>,
    /// Who is asked, and for how long.
    pub selection: Selection,
}

impl Runtime {
    /// Reads one page.
    pub async fn web_fetch(&self, request: WebFetch) -> Envelope {
        let mut report = Report::new(capability::WEB_FETCH);
        match self.fetch(request, &mut report).await {
            Ok(output) => report.succeed(vec![Output::Fetch(output)]),
            Err(fault) => report.fail(fault),
        }
    }

    async fn fetch(&self, request: WebFetch, report: &mut Report) -> Result<FetchOutput, Fault> {
        let url = request.check()?;
        let candidates = self.candidates(Capability::WebFetch, &request.selection, report)?;
        let deadlines = Deadlines {
            started: report.started(),
            asked: request.selection.timeout,
            usual: USUAL_TIME,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate, deadline, ledger| {
                self.fetch_at(&url, &request, candidate, deadline, ledger)
                    .await
                    .map_err(|fault| told(fault, &url, candidate))
            },
        )
        .await;
        let page = self.conclude(course, &candidates, report)?;
        report.usage(page.usage.clone().map(usage_of));
        report.envelope.request_id = page.request_id.as_deref().map(short);
        Ok(output(request, page))
    }

    async fn fetch_at(
        &self,
        url: &Url,
        request: &WebFetch,
        candidate: &Candidate<'_>,
        deadline: tokio::time::Instant,
        ledger: &Ledger,
    ) -> Result<Response, Fault> {
        let format = request.format;
        let offered = candidate.manifest().fetch.as_ref();
        let offered = offered.map_or(&[][..], |spec| spec.formats.as_slice());
        if !offered.iter().any(|offered| offered == format.as_str()) {
            return Err(Fault::new(
                ErrorType::Unsupported,
                format!("it does not give pages as {}", format.as_str()),
            )
            .hint(format!("write --format {}", offered.join(" or --format "))));
        }
        self.tries(candidate, deadline, ledger, async |instance| {
            let page = instance
                .fetch(Request {
                    url: url.to_string(),
                    format: match format {
                        PageFormat::Markdown => Format::Markdown,
                        PageFormat::Text => Format::Text,
                        PageFormat::Html => Format::Html,
                    },
                    max_bytes: request.max_bytes,
                    extra: Vec::new(),
                })
                .await?;
            hold(&page)?;
            Ok(page)
        })
        .await
    }
}

impl WebFetch {
    pub(crate) fn check(&self) -> Result<Url, Fault> {
        self.selection.check()?;
        if self.max_bytes == Some(0) {
            return Err(Fault::usage("0 bytes of a page are nothing to read")
                .hint("give --max-bytes more, or leave it out"));
        }
        const EXAMPLE: &str = "write the page's address in full, such as https://example.com/page";
        let wrong = |problem: String| Err(Fault::usage(problem).hint(EXAMPLE));
        let text = self.url.trim();
        if text.is_empty() {
            return wrong("the URL is empty".into());
        }
        if text.len() > LONGEST_URL {
            return wrong(format!("the URL is longer than {LONGEST_URL} bytes"));
        }
        let mut url = match Url::parse(text) {
            Ok(url) => url,
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                return wrong("the URL has no scheme".into());
            }
            Err(error) => return wrong(format!("the URL is none: {error}")),
        };
        if !matches!(url.scheme(), "http" | "https") {
            return wrong(format!(
                "the URL's scheme is {}, not https or http",
                short(url.scheme())
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("the URL holds a user name or a password, and nothing carries it".into());
        }
        // It is for whoever shows the page: no server gets it.
        url.set_fragment(None);
        Ok(url)
    }
}

/// Holds an answer against the contract: there is something to read.
fn hold(page: &Response) -> Result<(), Fault> {
    if page.content.trim().is_empty() {
        return Err(Fault {
            request_id: page.request_id.as_deref().map(short),
            ..Fault::new(ErrorType::EmptyOutput, "there is no text on the page").hint(
                "the page may be made by a script in a browser; --format html gives what the server sends",
            )
        });
    }
    Ok(())
}

fn output(request: WebFetch, page: Response) -> FetchOutput {
    let is_page = Url::parse(&page.final_url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // A component that does not cut must not fill a context that was sized for less.
    let mut text = page.content;
    let most = request.max_bytes.map_or(usize::MAX, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    });
    let truncated = page.truncated || text.len() > most;
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
    }
    FetchOutput {
        final_url: if is_page && page.final_url.len() <= LONGEST_URL {
            page.final_url
        } else {
            request.url.clone()
        },
        url: request.url,
        title: page
            .title
            .map(|title| prose(title.trim()))
            .filter(|title| !title.is_empty()),
        text,
        format: request.format.as_str().to_owned(),
        truncated,
        untrusted: Untrusted,
    }
}

/// What a failure means for a page: hints that fit, as the usual ones speak of models and of the base URL of an API; and whether
/// the address may be told to the next provider.
fn told(mut fault: Fault, url: &Url, candidate: &Candidate<'_>) -> Fault {
    let manifest = candidate.manifest();
    // An address that this machine may not reach is often one of a private network, and so is a site that the operator had to name:
    // nobody else's to know.
    let base = manifest
        .main_endpoint()
        .and_then(|(_, endpoint)| endpoint.base.as_ref());
    let is_site = manifest.downloads == Downloads::Public
        && base.is_some_and(|base| base.origin() == url.origin());
    fault.ends |= fault.kind == ErrorType::Denied || is_site;
    if fault.hint.is_some() {
        return fault;
    }
    let has_key = !manifest.credentials.is_empty();
    match hint(&fault, has_key) {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

fn hint(fault: &Fault, has_key: bool) -> Option<&'static str> {
    let code = fault.code.as_deref().unwrap_or_default();
    Some(match fault.kind {
        ErrorType::NotFound => "check the URL: the page's server knows of no such page",
        ErrorType::Auth if has_key => return None,
        ErrorType::Auth | ErrorType::Permission => {
            "the page is not for everyone, and it is read as anyone could: without cookies and without a login"
        }
        ErrorType::Unavailable if fault.status.is_none() => {
            "check the URL and the network, or try again later"
        }
        ErrorType::BadResponse => "try again, or name another provider with --provider",
        ErrorType::Denied
            if code.starts_with("address-")
                || matches!(code, "local-name" | "metadata-name" | "private-name") =>
        {
            "pages of this machine and of private networks are read only where models.providers.page.baseUrl names their site"
        }
        // A limit was hit, not a rule.
        ErrorType::Denied if code.is_empty() => {
            "the page takes more to convert than any should: --format text or html may do"
        }
        ErrorType::Unsupported => "fetch reads text: use a downloader for other files",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(url: &str) -> WebFetch {
        WebFetch {
            url: url.into(),
            ..WebFetch::default()
        }
    }

    #[test]
    fn a_page_has_an_address_that_anyone_may_know() {
        for (given, asked) in [
            ("https://example.com", "https://example.com/"),
            (" http://example.com/a?b#c ", "http://example.com/a?b"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ] {
            assert_eq!(fetch(given).check().unwrap().as_str(), asked);
        }
        for wrong in [
            "",
            " ",
            "example.com",
            "/page",
            "ftp://example.com/a",
            "file:///etc/passwd",
            "data:text/html,x",
            "https://",
            "https://user@example.com/",
            "https://:secret@example.com/",
        ] {
            let fault = fetch(wrong).check().expect_err(wrong);
            assert_eq!(fault.kind, ErrorType::Usage, "{wrong}");
            assert!(fault.hint.is_some() && !fault.message.contains("secret"));
        }
        let long = format!("https://example.com/{}", "a".repeat(LONGEST_URL));
        assert!(fetch(&long).check().is_err());
    }

    #[test]
    fn a_page_that_says_nonsense_of_its_address_keeps_the_one_that_was_asked_for() {
        let page = |final_url: &str| Response {
            final_url: final_url.into(),
            title: Some("  ".into()),
            content: "text".into(),
            mime_type: None,
            truncated: true,
            usage: None,
            request_id: None,
            ignored: Vec::new(),
            extra: Vec::new(),
        };
        for (said, told) in [
            ("https://b.example/", "https://b.example/"),
            ("javascript:alert(1)", "https://a.example/"),
            ("", "https://a.example/"),
        ] {
            let output = output(fetch("https://a.example/"), page(said));
            assert_eq!(
                (output.final_url.as_str(), output.title, output.truncated),
                (told, None, true)
            );
        }
        let short = WebFetch {
            max_bytes: Some(3),
            ..fetch("https://a.example/")
        };
        let long = Response {
            content: "aéb".into(),
            truncated: false,
            ..page("")
        };
        assert_eq!(output(short.clone(), long.clone()).text, "aé");
        assert!(output(short, long.clone()).truncated);
        assert!(!output(fetch("https://a.example/"), long).truncated);
        let blank = Response {
            content: " \n".into(),
            ..page("https://a.example/")
        };
        assert_eq!(hold(&blank).unwrap_err().kind, ErrorType::EmptyOutput);
    }
}
