//! The audit log: one event for every request and every refusal, saying what went where.

use chela_egress::limits::{ASKED_BEYOND, REFUSALS_RECORDED};
use chela_egress::{AuditTarget, CallLimits, ErrorKind, Method, Outcome, Rule};

use crate::support::{
    CANARY, Names, Server, bearer, body_of, call, download, get, grant, limited, named, ok, post,
    provider, to, with_names,
};

#[tokio::test]
async fn an_event_says_what_went_where() {
    let server = Server::saying(ok("hello"));
    let (provider, events) = provider(grant(
        [("api", named(&server.url("/v1"), bearer(CANARY)))],
        &[],
    ));
    let provider = provider.for_component("sha256:abc");
    let mut response = provider
        .send(
            post("/secret-path?".trim_end_matches('?'), "12345678"),
            &call(),
        )
        .await
        .unwrap();
    assert!(events.all().is_empty(), "it is not over yet");
    body_of(&mut response).await.unwrap();
    let all = events.all();
    assert_eq!(all.len(), 1);
    let event = &all[0];
    assert_eq!(event.provider.as_str(), "acme");
    assert_eq!(event.component.as_deref(), Some("sha256:abc"));
    assert_eq!(event.target, AuditTarget::Endpoint("api".into()));
    assert_eq!(
        (event.method, event.hop, event.rule),
        (Method::Post, 0, Rule::Endpoint)
    );
    assert_eq!(event.origin.as_deref(), Some(server.url("").as_str()));
    assert_eq!(
        (event.address, event.status),
        (Some(server.address), Some(200))
    );
    assert_eq!((event.bytes_sent, event.bytes_received), (8, 5));
    assert_eq!(event.credential.as_deref(), Some("api-key"));
    assert_eq!(event.outcome, Outcome::Completed);
    assert!(!event.duration.is_zero());
    assert!(!format!("{event:?}").contains("secret-path"));
    drop(response);
    assert_eq!(events.all().len(), 1, "an event is recorded once");
}

#[tokio::test]
async fn every_ending_has_its_event() {
    let server = Server::new(|seen| {
        if seen.line().contains("/from") {
            to(302, "/there")
        } else {
            ok("hello")
        }
    });
    let (provider_one, events) = provider(grant([("api", named(&server.url(""), None))], &[]));
    drop(provider_one.send(get("/from"), &call()).await.unwrap());
    provider_one.send(get("/../a"), &call()).await.unwrap_err();
    provider_one
        .send(
            download("https://user:pass@evil.example/path?query"),
            &call(),
        )
        .await
        .unwrap_err();
    provider_one
        .send(download("not a url"), &call())
        .await
        .unwrap_err();
    let (provider_two, gone) = provider(grant([("api", named("http://127.0.0.1:1", None))], &[]));
    provider_two.send(get("/"), &call()).await.unwrap_err();
    let events = events.all();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event.outcome,
                event.rule,
                event.hop,
                event.origin.as_deref(),
            )
        })
        .collect();
    let here = server.url("");
    assert_eq!(
        told,
        [
            (Outcome::Completed, Rule::Endpoint, 0, Some(here.as_str())),
            (Outcome::Abandoned, Rule::Endpoint, 1, Some(here.as_str())),
            (Outcome::Denied, Rule::PathClimbs, 0, None),
            (
                Outcome::Denied,
                Rule::UrlUserInfo,
                0,
                Some("https://evil.example")
            ),
            (Outcome::Denied, Rule::UrlSyntax, 0, None),
        ]
    );
    assert_eq!(events[3].target, AuditTarget::Download);
    assert_eq!(
        gone.all()[0].outcome,
        Outcome::Failed(ErrorKind::Unavailable)
    );
}

#[tokio::test]
async fn a_cancelled_request_has_its_event() {
    let server = Server::raw(|_, _| true);
    let (provider, events) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let call = call();
    let sending = provider.send(get("/"), &call);
    let stopped = tokio::time::timeout(std::time::Duration::from_millis(50), sending).await;
    assert!(stopped.is_err());
    assert_eq!(events.all()[0].outcome, Outcome::Abandoned);
}

#[tokio::test]
async fn refusals_use_up_a_calls_requests_and_do_not_fill_the_log() {
    let limits = CallLimits {
        requests: 50,
        ..CallLimits::default()
    };
    let (provider, events) = provider(grant([], &[]));
    let call = limited(limits);
    let mut asked = 0;
    while !call.is_flooding() {
        let error = provider.send(get("/"), &call).await.unwrap_err();
        let expected = if asked < limits.requests {
            Rule::UnknownEndpoint
        } else {
            Rule::RequestCount
        };
        assert_eq!(error.rule(), Some(expected), "request {asked}");
        asked += 1;
        assert!(asked < 1000, "it goes on for ever");
    }
    assert_eq!(asked, limits.requests + ASKED_BEYOND);
    assert_eq!(call.requests(), 0, "nothing was sent");
    assert_eq!(events.all().len(), REFUSALS_RECORDED as usize);
    drop(call);
    let events = events.all();
    let (last, first) = events.split_last().unwrap();
    assert_eq!(first.len(), REFUSALS_RECORDED as usize);
    assert!(first.iter().all(|event| event.count == 1));
    assert_eq!(
        (last.outcome, last.rule, last.count),
        (
            Outcome::Denied,
            Rule::UnknownEndpoint,
            u64::from(asked - REFUSALS_RECORDED)
        )
    );
}

#[tokio::test]
async fn refusals_of_an_address_do_not_fill_the_log_either() {
    let names = Names::new([("a.example", &[&["127.0.0.1"]])]);
    let (provider, events) = with_names(grant([], &["public"]), &names);
    let call = call();
    for _ in 0..REFUSALS_RECORDED + 5 {
        provider
            .send(download("https://a.example/"), &call)
            .await
            .unwrap_err();
    }
    drop(call);
    let events = events.all();
    assert_eq!(events.len(), REFUSALS_RECORDED as usize + 1);
    assert_eq!(events.last().unwrap().count, 5);
}

#[tokio::test]
async fn a_component_does_not_choose_the_words_of_the_log() {
    let (provider, events) = provider(grant([], &[]));
    for endpoint in ["near-miss", "a\u{1b}[31m", "b b", &"c".repeat(100)] {
        let target = chela_egress::Target::Endpoint {
            endpoint: endpoint.into(),
            path: "/".into(),
            query: vec![],
        };
        let request = chela_egress::Request { target, ..get("") };
        provider.send(request, &call()).await.unwrap_err();
    }
    let told: Vec<_> = events
        .all()
        .iter()
        .map(|event| event.target.to_string())
        .collect();
    assert_eq!(
        told,
        [
            "endpoint near-miss",
            "endpoint ?",
            "endpoint ?",
            "endpoint ?"
        ]
    );
}
