//! Redirects: each hop judged from zero, with nothing that another origin has no business with.

use std::sync::Arc;

use chela_egress::{ErrorKind, Grant, Method, Outcome, Request, Rule};

use crate::support::{
    CANARY, Names, Server, answer, bearer, body_of, call, download, get, grant, in_query, named,
    ok, post, provider, to, with_names,
};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// A server whose `/v1/from` redirects and whose every other path answers.
fn redirecting(status: u16, location: &str) -> Server {
    let location = location.to_owned();
    Server::new(move |seen| {
        if seen.line().contains(" /v1/from") {
            to(status, &location)
        } else {
            ok("arrived")
        }
    })
}

/// What the provider of these tests may do: the endpoint, and a second server that it may download from.
fn grant_of(api: &Server, files: &Server) -> Grant {
    let origin = files.url("");
    grant(
        [
            ("api", named(&api.url("/v1"), bearer(CANARY))),
            ("files", named(&origin, None)),
        ],
        &[&origin],
    )
}

#[tokio::test]
async fn below_the_same_endpoint_everything_goes_along() {
    for status in STATUSES {
        for location in ["/v1/there", "there", "./there?x=1#fragment"] {
            let server = redirecting(status, location);
            let (provider, _) = provider(grant(
                [("api", named(&server.url("/v1"), bearer(CANARY)))],
                &[],
            ));
            for request in [get("/from"), post("/from", "body")] {
                let method = request.method;
                let mut response = provider.send(request, &call()).await.unwrap();
                assert!(
                    response.url().starts_with(&server.url("/v1/there")),
                    "{}",
                    response.url()
                );
                assert_eq!(body_of(&mut response).await.unwrap(), b"arrived");
                let seen = server.seen().pop().unwrap();
                assert_eq!(
                    seen.field("authorization"),
                    Some(format!("Bearer {CANARY}").as_str())
                );
                let kept = method == Method::Post && status >= 307;
                assert_eq!(seen.line().starts_with("POST"), kept, "{status} {method}");
                assert_eq!(seen.body, if kept { &b"body"[..] } else { b"" });
                assert_eq!(
                    seen.field("content-type").is_some(),
                    kept,
                    "what describes a body goes with it"
                );
            }
        }
    }
}

#[tokio::test]
async fn another_origin_gets_no_credential_no_body_and_no_fields() {
    for status in STATUSES {
        for request in [get("/from"), post("/from", "body")] {
            let files = Server::saying(ok("arrived"));
            let api = redirecting(status, &files.url("/there"));
            let (provider, _) = provider(grant_of(&api, &files));
            let method = request.method;
            let mut headers = request.headers.clone();
            headers.extend([
                ("X-Note".into(), "mine".into()),
                ("Accept".into(), "image/png".into()),
            ]);
            let result = provider.send(Request { headers, ..request }, &call()).await;
            if method == Method::Post && status >= 307 {
                assert_eq!(result.unwrap_err().rule(), Some(Rule::RedirectBody));
                assert_eq!(files.connections(), 0);
                continue;
            }
            let mut response = result.unwrap();
            assert_eq!(response.url(), files.url("/there"));
            assert_eq!(body_of(&mut response).await.unwrap(), b"arrived");
            let seen = files.only();
            assert_eq!(seen.line(), "GET /there HTTP/1.1");
            assert_eq!(
                (seen.field("accept"), seen.body.len()),
                (Some("image/png"), 0)
            );
            for name in [
                "authorization",
                "x-note",
                "content-type",
                "content-length",
                "referer",
                "cookie",
            ] {
                assert_eq!(seen.field(name), None, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn where_a_hop_may_not_go_no_connection_is_made() {
    let files = Server::saying(ok("arrived"));
    let port = files.address.port();
    let locations = [
        (format!("http://127.0.0.1:{port}/"), Rule::RedirectElsewhere),
        ("//evil.example/".into(), Rule::RedirectElsewhere),
        ("https://evil.example/".into(), Rule::RedirectElsewhere),
        ("/v2/there".into(), Rule::RedirectElsewhere),
        ("/v1beside".into(), Rule::RedirectElsewhere),
        ("/v1/../admin".into(), Rule::RedirectElsewhere),
        ("/v1/%2e%2e/admin".into(), Rule::RedirectElsewhere),
        ("/v1/%252e%252e/admin".into(), Rule::PathClimbs),
        ("/v1/a%2f..%2f..%2fadmin".into(), Rule::PathClimbs),
        ("/v1//evil.example".into(), Rule::PathAuthority),
        (
            format!("http://user:pass@127.0.0.1:{port}/"),
            Rule::UrlUserInfo,
        ),
        ("http://user@evil.example/".into(), Rule::UrlUserInfo),
        ("file:///etc/passwd".into(), Rule::UrlScheme),
        ("ftp://evil.example/".into(), Rule::UrlScheme),
        ("data:text/plain,x".into(), Rule::UrlScheme),
    ];
    for (location, rule) in locations {
        for status in STATUSES {
            let api = redirecting(status, &location);
            let other = ["https://cdn.acme.example"];
            let (provider, events) = provider(grant(
                [("api", named(&api.url("/v1"), bearer(CANARY)))],
                &other,
            ));
            let error = provider.send(get("/from"), &call()).await.unwrap_err();
            assert_eq!(error.rule(), Some(rule), "{location}");
            assert_eq!(api.seen().len(), 1);
            let events = events.all();
            assert_eq!(
                (events[0].outcome, events[1].outcome),
                (Outcome::Completed, Outcome::Denied)
            );
            assert_eq!((events[0].hop, events[1].hop, events[1].rule), (0, 1, rule));
        }
    }
    assert_eq!(files.connections(), 0);
}

#[tokio::test]
async fn no_hop_leads_inside() {
    let inside = Server::saying(ok("inside"));
    let port = inside.address.port();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "0.0.0.0",
        "[::1]",
        "localhost",
        "inside.test",
        "169.254.169.254",
        "[fd00:ec2::254]",
    ] {
        let api = redirecting(302, &format!("http://{host}:{port}/"));
        let names = Names::new([("inside.test", &[&["127.0.0.1"]])]);
        let (provider, _) = with_names(
            grant(
                [("api", named(&api.url("/v1"), bearer(CANARY)))],
                &["public"],
            ),
            &names,
        );
        let rule = provider
            .send(get("/from"), &call())
            .await
            .unwrap_err()
            .rule()
            .unwrap();
        assert!(
            rule.name().starts_with("address-") || rule == Rule::LocalName,
            "{host}: {rule}"
        );
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_download_is_redirected_to_declared_origins_only() {
    let end = Server::saying(ok("end"));
    let start = redirecting(302, &end.url("/b"));
    let (from, origin) = (start.url("/v1/from"), start.url(""));
    let (other, _) = provider(grant(
        [
            ("a", named(&origin, bearer(CANARY))),
            ("b", named(&end.url(""), None)),
        ],
        &[&origin],
    ));
    assert_eq!(
        other
            .send(download(&from), &call())
            .await
            .unwrap_err()
            .rule(),
        Some(Rule::DownloadForeign)
    );
    let both = [origin.as_str(), &end.url("")];
    let (provider, _) = provider(grant(
        [
            ("a", named(&origin, bearer(CANARY))),
            ("b", named(&end.url(""), bearer("another-key-00"))),
        ],
        &both,
    ));
    let mut response = provider.send(download(&from), &call()).await.unwrap();
    assert_eq!(body_of(&mut response).await.unwrap(), b"end");
    for seen in start.seen().iter().chain(&end.seen()) {
        assert_eq!(
            seen.field("authorization"),
            None,
            "a download never has a credential, not on an endpoint's origin either"
        );
    }
}

#[tokio::test]
async fn there_and_back_again_does_not_bring_the_credential_back() {
    let back: Arc<std::sync::Mutex<String>> = Arc::default();
    let location = Arc::clone(&back);
    let files = Server::new(move |_| to(302, &location.lock().unwrap()));
    let api = redirecting(302, &files.url("/there"));
    *back.lock().unwrap() = api.url("/v1/home");
    let (provider_one, _) = provider(grant_of(&api, &files));
    let error = provider_one.send(get("/from"), &call()).await.unwrap_err();
    assert_eq!(
        error.rule(),
        Some(Rule::DownloadForeign),
        "the endpoint is no download origin"
    );
    let (origin, other) = (api.url(""), files.url(""));
    let endpoints = [
        ("api", named(&api.url("/v1"), bearer(CANARY))),
        ("files", named(&other, None)),
    ];
    let (provider_two, _) = provider(grant(endpoints, &[&origin, &other]));
    provider_two.send(get("/from"), &call()).await.unwrap();
    let last = api.seen().pop().unwrap();
    assert_eq!(
        (last.line(), last.field("authorization")),
        ("GET /v1/home HTTP/1.1", None)
    );
}

#[tokio::test]
async fn circles_and_long_ways_end() {
    let circle = redirecting(302, "/v1/from");
    let counter = std::sync::atomic::AtomicUsize::new(0);
    let long = Server::new(move |_| {
        to(
            302,
            &format!(
                "/v1/{}",
                counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            ),
        )
    });
    let ping = Server::new(|seen| {
        to(
            307,
            if seen.line().contains("/v1/from") {
                "/v1/b"
            } else {
                "/v1/from"
            },
        )
    });
    for (server, words, requests) in [
        (circle, "in a circle", 1),
        (ping, "in a circle", 2),
        (long, "too often", 6),
    ] {
        let (provider, _) = provider(grant(
            [("api", named(&server.url("/v1"), bearer(CANARY)))],
            &[],
        ));
        let error = provider.send(get("/from"), &call()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadResponse);
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(server.seen().len(), requests);
    }
}

#[tokio::test]
async fn what_is_no_redirect_is_an_answer() {
    for (status, fields) in [
        ("300 Multiple Choices", "Location: /v1/b\r\n"),
        ("304 Not Modified", "Location: /v1/b\r\n"),
        ("305 Use Proxy", "Location: http://127.0.0.1:1/\r\n"),
        ("201 Created", "Location: /v1/b\r\n"),
        ("302 Found", ""),
        ("302 Found", "Refresh: 0; url=/v1/b\r\n"),
    ] {
        let server = Server::saying(answer(status, fields, b""));
        let response = crate::support::fetch(&server).await.unwrap();
        assert_eq!(response.status().to_string(), status[..3]);
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_location_that_makes_no_sense_is_a_bad_response() {
    for fields in [
        "Location: http://[\r\n",
        "Location: /v1/a\r\nLocation: /v1/b\r\n",
        "Location: /v1/\u{fffd}\r\n",
        "Location: http://a:99999/\r\n",
    ] {
        let fields = fields.replace('\u{fffd}', "x");
        let mut bytes = answer("302 Found", &fields, b"");
        if fields.contains("/v1/x") {
            let at = bytes
                .windows(5)
                .position(|window| window == b"/v1/x")
                .unwrap();
            bytes[at + 4] = 0xff;
        }
        let server = Server::saying(bytes);
        assert_eq!(
            crate::support::fetch(&server).await.unwrap_err().kind(),
            ErrorKind::BadResponse,
            "{fields}"
        );
    }
}

#[tokio::test]
async fn a_location_that_repeats_the_credential_takes_it_nowhere() {
    let encoded = "sk-canary%2F0123456789%2Babcdefghij%3D";
    let same = redirecting(302, &format!("/v1/there?a=b&KEY={encoded}"));
    let (keeper, _) = provider(grant(
        [("api", named(&same.url("/v1"), in_query(CANARY)))],
        &[],
    ));
    let response = keeper.send(get("/from"), &call()).await.unwrap();
    assert_eq!(response.url(), same.url("/v1/there?a=b"));
    assert_eq!(
        same.seen()[1].line(),
        format!("GET /v1/there?a=b&key={encoded} HTTP/1.1")
    );
    for location in [
        format!("/x?key={encoded}"),
        format!("/{encoded}"),
        "/x?note=tiny".into(),
    ] {
        let files = Server::saying(ok(""));
        let api = redirecting(302, &files.url(&location));
        let secret = if location.contains("tiny") {
            "tiny"
        } else {
            CANARY
        };
        let endpoints = [
            ("api", named(&api.url("/v1"), in_query(secret))),
            ("files", named(&files.url(""), None)),
        ];
        let (provider, _) = provider(grant(endpoints, &[&files.url("")]));
        let error = provider.send(get("/from"), &call()).await.unwrap_err();
        assert_eq!(error.rule(), Some(Rule::RedirectCredential), "{location}");
        assert_eq!(files.connections(), 0);
    }
}

#[tokio::test]
async fn every_hop_counts_as_a_request() {
    let server = redirecting(302, "/v1/there");
    let (provider, _) = provider(grant([("api", named(&server.url("/v1"), None))], &[]));
    let call = crate::support::limited(chela_egress::CallLimits {
        requests: 1,
        ..Default::default()
    });
    let error = provider.send(get("/from"), &call).await.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::RequestCount));
    assert_eq!(server.seen().len(), 1);
}
