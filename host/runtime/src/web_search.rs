//! `web.search`: pages for a query.

use std::time::Duration;

use chela_catalog::Capability;
use chela_envelope::{
    Envelope, ErrorType, Normalized, Output, SearchOutput, SearchResult, Untrusted, capability,
};
use chela_sandbox::families::search::{Hit, Request, Response};
use url::Url;

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank};
use crate::choose::{Deadlines, first};
use crate::fault::{Fault, prose, short};
use crate::report::Report;
use crate::retry::Ledger;
use crate::runtime::Runtime;
use crate::told::usage_of;

/// How long one provider may take when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(60);

/// How many results are asked for when nobody says.
const USUAL_LIMIT: u32 = 10;

/// The most results of one search. No provider gives more in one answer, and a list that long is read by nobody.
pub const MOST_RESULTS: u32 = 50;

/// The longest address of a result, in bytes. Egress would refuse a longer one.
const LONGEST_URL: usize = 32 << 10;

/// A search of the web.
#[derive(Clone, Debug, Default)]
pub struct WebSearch {
    /// What to look for, not blank. Never altered, but for white space around it, which a pipe ends with.
    pub query: String,
    /// The most results to give, 1 to [`MOST_RESULTS`]; the usual number when there is none.
    pub limit: Option<u32>,
    /// Who is asked, and for how long.
    pub selection: Selection,
}

/// What one candidate found.
struct Found {
    response: Response,
    /// How many results it was asked for.
    limit: u32,
}

impl Runtime {
    /// Gives pages for a query, best first. None is an answer too.
    pub async fn web_search(&self, request: WebSearch) -> Envelope {
        let mut report = Report::new(capability::WEB_SEARCH);
        match self.search(request, &mut report).await {
            Ok(output) => report.succeed(vec![Output::Search(output)]),
            Err(fault) => report.fail(fault),
        }
    }

    async fn search(&self, request: WebSearch, report: &mut Report) -> Result<SearchOutput, Fault> {
        request.check()?;
        let candidates = self.candidates(Capability::WebSearch, &request.selection, report)?;
        let deadlines = Deadlines {
            started: report.started(),
            asked: request.selection.timeout,
            usual: USUAL_TIME,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate, deadline, ledger| {
                self.search_at(&request, candidate, deadline, ledger)
                    .await
                    .map_err(told)
            },
        )
        .await;
        let found = self.conclude(course, &candidates, report)?;
        report.usage(found.response.usage.clone().map(usage_of));
        report.envelope.request_id = found.response.request_id.as_deref().map(short);
        report.ignored(&found.response.ignored, |name| match name {
            "limit" => Some(("limit", request.limit?.into())),
            _ => None,
        });
        if let Some(asked) = request.limit.filter(|asked| *asked > found.limit) {
            report.envelope.normalization.insert(
                "limit".into(),
                Normalized {
                    requested: asked.to_string(),
                    applied: found.limit.to_string(),
                    derived_from: None,
                },
            );
        }
        Ok(output(found.response, found.limit))
    }

    async fn search_at(
        &self,
        request: &WebSearch,
        candidate: &Candidate<'_>,
        deadline: tokio::time::Instant,
        ledger: &Ledger,
    ) -> Result<Found, Fault> {
        let spec = candidate.manifest().search.as_ref();
        let most = spec
            .and_then(|spec| spec.max_results)
            .unwrap_or(MOST_RESULTS);
        let limit = request.limit.unwrap_or(USUAL_LIMIT).min(most.max(1));
        let response = self
            .tries(candidate, deadline, ledger, async |instance| {
                let response = instance
                    .search(Request {
                        query: request.query.trim().to_owned(),
                        limit,
                        freshness: None,
                        region: None,
                        language: None,
                        include_domains: Vec::new(),
                        exclude_domains: Vec::new(),
                        extra: Vec::new(),
                    })
                    .await?;
                hold(&response)?;
                Ok(response)
            })
            .await?;
        Ok(Found { response, limit })
    }
}

impl WebSearch {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        not_blank(&self.query, "the query")?;
        match self.limit {
            Some(0) => Err(Fault::usage("the limit is 0").hint("give 1 or more, or leave it out")),
            Some(limit) if limit > MOST_RESULTS => Err(Fault::usage(format!(
                "the limit of {limit} is more than {MOST_RESULTS}"
            ))
            .hint(format!("give a limit from 1 to {MOST_RESULTS}"))),
            _ => Ok(()),
        }
    }
}

/// Holds an answer against the contract: where there are results, one at least leads to a page.
fn hold(response: &Response) -> Result<(), Fault> {
    if !response.hits.is_empty() && !response.hits.iter().any(leads_to_a_page) {
        return Err(Fault {
            request_id: response.request_id.as_deref().map(short),
            ..Fault::new(
                ErrorType::BadResponse,
                "none of the results has the address of a page",
            )
        });
    }
    Ok(())
}

/// Hints that fit where there are no models.
fn told(fault: Fault) -> Fault {
    match fault.kind {
        ErrorType::Permission if fault.hint.is_none() => {
            fault.hint("check what the account may use, or name another provider with --provider")
        }
        _ => fault,
    }
}

fn leads_to_a_page(hit: &Hit) -> bool {
    hit.url.len() <= LONGEST_URL
        && Url::parse(&hit.url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn output(response: Response, limit: u32) -> SearchOutput {
    let text = |text: Option<String>| {
        text.map(|text| prose(text.trim()))
            .filter(|text| !text.is_empty())
    };
    let results = response
        .hits
        .into_iter()
        .filter(leads_to_a_page)
        .take(limit as usize)
        .map(|hit| SearchResult {
            title: text(Some(hit.title)).unwrap_or_else(|| hit.url.clone()),
            url: hit.url,
            snippet: text(hit.snippet),
            published_at: hit
                .published
                .map(|when| short(when.trim()))
                .filter(|when| !when.is_empty()),
        })
        .collect();
    SearchOutput {
        results,
        answer: text(response.answer),
        untrusted: Untrusted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(url: &str) -> Hit {
        Hit {
            title: " A page ".into(),
            url: url.into(),
            snippet: Some(" ".into()),
            published: None,
            source: None,
            extra: Vec::new(),
        }
    }

    fn response(urls: &[&str]) -> Response {
        Response {
            hits: urls.iter().map(|url| hit(url)).collect(),
            answer: None,
            usage: None,
            request_id: None,
            ignored: Vec::new(),
            extra: Vec::new(),
        }
    }

    #[test]
    fn blank_queries_and_odd_limits_are_refused() {
        let search = |query: &str, limit| WebSearch {
            query: query.into(),
            limit,
            selection: Selection::default(),
        };
        assert!(search("x", Some(MOST_RESULTS)).check().is_ok());
        for wrong in [
            search(" ", None),
            search("x", Some(0)),
            search("x", Some(MOST_RESULTS + 1)),
        ] {
            assert_eq!(wrong.check().unwrap_err().kind, ErrorType::Usage);
        }
    }

    #[test]
    fn what_leads_to_no_page_is_no_result() {
        let mixed = response(&[
            "javascript:alert(1)",
            "https://a.example/",
            "",
            "/relative",
            "http://b.example/x",
        ]);
        assert!(hold(&mixed).is_ok());
        let output = output(mixed, 1);
        assert_eq!(output.results.len(), 1, "the limit holds");
        assert_eq!(output.results[0].url, "https://a.example/");
        assert_eq!(output.results[0].title, "A page");
        assert_eq!(output.results[0].snippet, None);
        assert!(hold(&response(&[])).is_ok(), "nothing found is an answer");
        let nowhere = hold(&response(&["data:text/html,x"])).unwrap_err();
        assert_eq!(nowhere.kind, ErrorType::BadResponse);
    }
}
