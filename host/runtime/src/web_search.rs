//! `web.search`: pages for a query.

use std::time::Duration;

use chela_catalog::Capability;
use chela_envelope::{
    Envelope, ErrorType, Normalized, Output, SearchOutput, SearchResult, Untrusted, capability,
};
use chela_manifest::SearchSpec;
use chela_sandbox::families::search::{Freshness, Hit, Request, Response};
use serde_json::Value;
use url::Url;

use crate::candidate::Candidate;
use crate::check::{Selection, domain, language_tag, not_blank, region};
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

pub use chela_config::MOST_RESULTS;

/// The longest address of a result, in bytes. Egress would refuse a longer one.
const LONGEST_URL: usize = 32 << 10;

/// The most domains that one search names, those to look in and those to leave out together.
const MOST_DOMAINS: usize = 100;

/// A search of the web.
#[derive(Clone, Debug, Default)]
pub struct WebSearch {
    /// What to look for, not blank. Never altered, but for white space around it, which a pipe ends with.
    pub query: String,
    /// The most results to give, 1 to [`MOST_RESULTS`]; the usual number when there is none.
    pub limit: Option<u32>,
    /// How old results may be.
    pub freshness: Option<Freshness>,
    /// Where the searcher is, as an ISO 3166-1 alpha-2 code.
    pub region: Option<String>,
    /// The language of results, as a BCP 47 tag.
    pub language: Option<String>,
    /// Only results from these domains, when there are any.
    pub include_domains: Vec<String>,
    /// No results from these domains.
    pub exclude_domains: Vec<String>,
    /// Who is asked, and for how long.
    pub selection: Selection,
}

/// What one candidate found.
struct Found {
    response: Response,
    /// How many results it was asked for.
    limit: u32,
    /// The options that it does not take, by their names in the contract.
    left_out: Vec<String>,
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
        let ignored = found.response.ignored.iter().chain(&found.left_out);
        report.ignored(ignored, |name| request.option(name));
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
        let (ask, left_out) = request.ask(spec, limit);
        let response = self
            .tries(candidate, deadline, ledger, async |instance| {
                let response = instance.search(ask.clone()).await?;
                hold(&response)?;
                Ok(response)
            })
            .await?;
        Ok(Found {
            response,
            limit,
            left_out,
        })
    }
}

impl WebSearch {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        not_blank(&self.query, "the query")?;
        self.region.as_deref().map_or(Ok(()), region)?;
        self.language.as_deref().map_or(Ok(()), language_tag)?;
        let domains = || self.include_domains.iter().chain(&self.exclude_domains);
        if domains().count() > MOST_DOMAINS {
            return Err(
                Fault::usage(format!("more than {MOST_DOMAINS} domains are named"))
                    .hint("name fewer"),
            );
        }
        domains().try_for_each(|name| domain(name))?;
        if let Some(both) = self
            .include_domains
            .iter()
            .find(|one| self.exclude_domains.contains(one))
        {
            return Err(
                Fault::usage(format!("`{both}` is to be looked in and to be left out"))
                    .hint("name it once"),
            );
        }
        match self.limit {
            Some(0) => Err(Fault::usage("the limit is 0").hint("give 1 or more, or leave it out")),
            Some(limit) if limit > MOST_RESULTS => Err(Fault::usage(format!(
                "the limit of {limit} is more than {MOST_RESULTS}"
            ))
            .hint(format!("give a limit from 1 to {MOST_RESULTS}"))),
            _ => Ok(()),
        }
    }

    /// The request as one provider takes it, and the names of the options that it does not take.
    fn ask(&self, spec: Option<&SearchSpec>, limit: u32) -> (Request, Vec<String>) {
        let mut left_out = Vec::new();
        let mut offers = |name: &str, asked: bool, offered: fn(&SearchSpec) -> bool| {
            let offered = spec.is_none_or(offered);
            if asked && !offered {
                left_out.push(name.to_owned());
            }
            offered
        };
        let freshness = offers("freshness", self.freshness.is_some(), |spec| spec.freshness);
        let region = offers("region", self.region.is_some(), |spec| spec.region);
        let language = offers("language", self.language.is_some(), |spec| spec.language);
        let included = !self.include_domains.is_empty();
        let include = offers("include-domains", included, |spec| spec.domains);
        let excluded = !self.exclude_domains.is_empty();
        let exclude = offers("exclude-domains", excluded, |spec| spec.domains);
        let domains = |offered: bool, domains: &[String]| {
            if offered {
                domains.to_vec()
            } else {
                Vec::new()
            }
        };
        let request = Request {
            query: self.query.trim().to_owned(),
            limit,
            freshness: self.freshness.filter(|_| freshness),
            region: self.region.clone().filter(|_| region),
            language: self.language.clone().filter(|_| language),
            include_domains: domains(include, &self.include_domains),
            exclude_domains: domains(exclude, &self.exclude_domains),
            extra: Vec::new(),
        };
        (request, left_out)
    }

    /// The name in the envelope, and the value, of an option of the contract that the caller set.
    fn option(&self, name: &str) -> Option<(&'static str, Value)> {
        let domains = |domains: &[String]| (!domains.is_empty()).then(|| Value::from(domains));
        Some(match name {
            "limit" => ("limit", self.limit?.into()),
            "freshness" => ("freshness", word_of(self.freshness?).into()),
            "region" => ("region", self.region.clone()?.into()),
            "language" => ("language", self.language.clone()?.into()),
            "include-domains" => ("includeDomains", domains(&self.include_domains)?),
            "exclude-domains" => ("excludeDomains", domains(&self.exclude_domains)?),
            _ => return None,
        })
    }
}

/// The flag's word for an age.
fn word_of(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Day => "day",
        Freshness::Week => "week",
        Freshness::Month => "month",
        Freshness::Year => "year",
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
            ..WebSearch::default()
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
    fn filters_have_a_form() {
        let search = |change: fn(&mut WebSearch)| {
            let mut search = WebSearch {
                query: "x".into(),
                ..WebSearch::default()
            };
            change(&mut search);
            search.check().map_err(|fault| fault.kind)
        };
        assert_eq!(search(|it| it.region = Some("is".into())), Ok(()));
        assert_eq!(search(|it| it.language = Some("pt-BR".into())), Ok(()));
        assert_eq!(
            search(|it| it.include_domains = vec!["a.example".into()]),
            Ok(())
        );
        let wrong: [fn(&mut WebSearch); 9] = [
            |it| it.region = Some("Iceland".into()),
            |it| it.region = Some("1s".into()),
            |it| it.region = Some(String::new()),
            |it| it.language = Some("en us".into()),
            |it| it.include_domains = vec!["https://a.example/".into()],
            |it| it.include_domains = vec!["a b".into()],
            |it| it.exclude_domains = vec![String::new()],
            |it| it.exclude_domains = vec!["a.example".into(); MOST_DOMAINS + 1],
            |it| {
                it.include_domains = vec!["a.example".into()];
                it.exclude_domains = vec!["a.example".into()];
            },
        ];
        for wrong in wrong {
            assert_eq!(search(wrong), Err(ErrorType::Usage));
        }
    }

    #[test]
    fn filters_that_are_not_offered_are_left_out_and_told() {
        let search = WebSearch {
            query: "x".into(),
            freshness: Some(Freshness::Week),
            region: Some("is".into()),
            include_domains: vec!["a.example".into()],
            ..WebSearch::default()
        };
        let spec = SearchSpec {
            region: true,
            ..SearchSpec::default()
        };
        let (request, left_out) = search.ask(Some(&spec), 3);
        assert_eq!(request.region.as_deref(), Some("is"));
        assert!(request.freshness.is_none() && request.include_domains.is_empty());
        assert_eq!(left_out, ["freshness", "include-domains"]);
        assert_eq!(
            search.option("freshness"),
            Some(("freshness", "week".into()))
        );
        assert_eq!(search.option("exclude-domains"), None);
        let (request, left_out) = search.ask(None, 3);
        assert_eq!(request.include_domains, ["a.example"]);
        assert!(left_out.is_empty());
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
