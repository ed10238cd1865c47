//! The audit log: one event for every request and every refusal, saying what went where.

use chela_egress::{AuditTarget, ErrorKind, Method, Outcome, Rule};

use crate::support::{
    CANARY, Server, bearer, body_of, call, download, get, grant, named, ok, post, provider, to,
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
