//! The conformance vectors in `vectors/`, run on the judge.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chela_egress::{CredentialGrant, EndpointGrant, Grant, Method, Rule, Target, Verdict, judge};
use chela_manifest::Inject;
use serde::Deserialize;

use crate::support::{grant, secret};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "about")]
    _about: String,
    grants: BTreeMap<String, GrantText>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantText {
    #[serde(default)]
    endpoints: BTreeMap<String, EndpointText>,
    #[serde(default)]
    downloads: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct EndpointText {
    base: String,
    #[serde(default)]
    operator: bool,
    #[serde(default)]
    plain_http_credential: bool,
    credential: Option<CredentialText>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum CredentialText {
    Header { header: String, format: String },
    Query { query: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    grant: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    body: bool,
    endpoint: Option<String>,
    path: Option<String>,
    #[serde(default)]
    query: Vec<(String, String)>,
    url: Option<String>,
    #[serde(default)]
    resolved: Vec<IpAddr>,
    verdict: String,
    rule: String,
    to: Option<String>,
    #[serde(default)]
    credential: bool,
    connect: Option<Vec<IpAddr>>,
}

fn get() -> String {
    "GET".to_owned()
}

impl GrantText {
    fn read(self) -> Grant {
        let downloads: Vec<&str> = self.downloads.iter().map(String::as_str).collect();
        let mut grant = grant([], &downloads);
        for (name, endpoint) in self.endpoints {
            let inject = endpoint.credential.map(|credential| match credential {
                CredentialText::Header { header, format } => Inject::Header {
                    name: header,
                    format,
                },
                CredentialText::Query { query } => Inject::Query { name: query },
            });
            let credential = inject.map(|inject| CredentialGrant {
                name: "key".into(),
                inject,
                secret: secret("12345678"),
            });
            let endpoint = EndpointGrant {
                base: endpoint.base.parse().unwrap(),
                named_by_operator: endpoint.operator,
                plain_http_credential: endpoint.plain_http_credential,
                credential,
            };
            grant.endpoints.insert(name, endpoint);
        }
        grant
    }
}

fn run(text: &str) -> Vec<Rule> {
    let document: Document = serde_json::from_str(text).unwrap();
    let grants: BTreeMap<_, _> = document
        .grants
        .into_iter()
        .map(|(name, grant)| (name, grant.read()))
        .collect();
    let mut rules = Vec::new();
    for case in document.cases {
        let method = match case.method.as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            other => panic!("no case uses {other}"),
        };
        let target = match (&case.endpoint, &case.path, &case.url) {
            (Some(endpoint), Some(path), None) => Target::Endpoint {
                endpoint: endpoint.clone(),
                path: path.clone(),
                query: case.query.clone(),
            },
            (None, None, Some(url)) => Target::Url(url.clone()),
            _ => panic!("either an endpoint and a path or a URL: {case:?}"),
        };
        let rule = Rule::from_name(&case.rule).unwrap_or_else(|| panic!("no such rule: {case:?}"));
        let expected = match case.verdict.as_str() {
            "denied" => Verdict::Denied(rule),
            "allowed" => Verdict::Allowed {
                rule,
                url: case.to.clone().expect("an allowed case says where to"),
                credential: case.credential,
                addresses: case
                    .connect
                    .clone()
                    .unwrap_or_else(|| case.resolved.clone()),
            },
            _ => panic!("allowed or denied: {case:?}"),
        };
        assert_eq!(rule.allows(), case.verdict == "allowed", "{case:?}");
        let verdict = judge(
            &grants[&case.grant],
            method,
            case.body,
            &target,
            &case.resolved,
        );
        assert_eq!(verdict, expected, "{case:?}");
        rules.push(rule);
    }
    rules
}

#[test]
fn all_vectors_hold_and_every_rule_of_the_judge_has_one() {
    let mut rules = Vec::new();
    for text in [
        include_str!("../../vectors/addresses.json"),
        include_str!("../../vectors/endpoints.json"),
        include_str!("../../vectors/origins.json"),
        include_str!("../../vectors/urls.json"),
    ] {
        rules.extend(run(text));
    }
    for rule in Rule::ALL {
        let name = rule.name();
        // These are about more than a destination.
        let elsewhere = [
            "header-",
            "form-",
            "redirect-",
            "request-",
            "url-length",
            "private-name",
            "proxy-",
        ]
        .iter()
        .any(|start| name.starts_with(start));
        assert!(elsewhere || rules.contains(rule), "no vector shows {name}");
    }
}

#[test]
fn a_url_has_a_longest_length() {
    let long = "a".repeat(33_000);
    let grant = grant(
        [(
            "api",
            crate::support::declared("https://api.acme.example", None),
        )],
        &["public"],
    );
    let below = Target::Endpoint {
        endpoint: "api".into(),
        path: format!("/{long}"),
        query: vec![],
    };
    let query = Target::Endpoint {
        endpoint: "api".into(),
        path: "/".into(),
        query: vec![("q".into(), long.clone())],
    };
    for target in [
        below,
        query,
        Target::Url(format!("https://name.example/{long}")),
    ] {
        let verdict = judge(
            &grant,
            Method::Get,
            false,
            &target,
            &["1.1.1.1".parse().unwrap()],
        );
        assert_eq!(verdict, Verdict::Denied(Rule::UrlLength));
    }
}
