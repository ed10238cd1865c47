//! Which connections are made, to which addresses, and who shares them.

use chela_egress::{EgressOptions, ErrorKind, Rule};

use crate::support::{
    CANARY, Names, Server, bearer, call, declared, download, get, grant, named, ok, provider,
    provider_with, with_names,
};

#[tokio::test]
async fn two_providers_never_share_a_connection() {
    let server = Server::saying(ok("x"));
    let egress = chela_egress::Egress::new(EgressOptions::default());
    let connect = || egress.connect(grant([("api", named(&server.url(""), None))], &[]));
    let (one, other) = (connect(), connect());
    for provider in [&one, &other, &one, &other] {
        let mut response = provider.send(get("/"), &call()).await.unwrap();
        while !response.read(10).await.unwrap().is_empty() {}
    }
    let seen: Vec<usize> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(
        seen,
        [1, 2, 1, 2],
        "each provider keeps its own connection and uses it again"
    );
}

#[tokio::test]
async fn an_endpoint_and_a_download_on_the_same_server_do_not_share_one_either() {
    let server = Server::saying(ok("x"));
    let origin = server.url("");
    let (provider, _) = provider(grant([("api", named(&origin, bearer(CANARY)))], &[&origin]));
    for request in [get("/a"), download(&server.url("/b"))] {
        let mut response = provider.send(request, &call()).await.unwrap();
        while !response.read(10).await.unwrap().is_empty() {}
    }
    let seen = server.seen();
    assert_ne!(
        seen[0].connection, seen[1].connection,
        "they were judged under different reaches"
    );
    assert!(seen[1].field("authorization").is_none());
}

#[tokio::test]
async fn a_name_is_judged_again_on_every_connection() {
    // No length, so that the connection ends with the answer and the next request needs another one.
    let server = Server::saying("HTTP/1.1 200 OK\r\n\r\nx");
    let port = server.address.port();
    let names = Names::new([(
        "gpu.test",
        &[
            &["127.0.0.1"],
            &["169.254.169.254"],
            &["169.254.169.254", "127.0.0.1"],
        ],
    )]);
    let (provider, events) = with_names(
        grant(
            [(
                "api",
                named(&format!("http://gpu.test:{port}"), bearer(CANARY)),
            )],
            &[],
        ),
        &names,
    );
    let mut results = Vec::new();
    for _ in 0..3 {
        match provider.send(get("/"), &call()).await {
            Ok(mut response) => {
                while !response.read(10).await.unwrap().is_empty() {}
                results.push(None);
            }
            Err(error) => results.push(error.rule()),
        }
    }
    assert_eq!(results, [None, Some(Rule::AddressMetadata), None]);
    assert_eq!(server.seen().len(), 2);
    let addresses: Vec<_> = events
        .all()
        .iter()
        .map(|event| event.address.map(|address| address.ip().to_string()))
        .collect();
    assert_eq!(
        addresses,
        [
            Some("127.0.0.1".to_owned()),
            None,
            Some("127.0.0.1".to_owned())
        ]
    );
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_without_a_connection() {
    let server = Server::saying(ok("inside"));
    let port = server.address.port();
    let names = Names::new([
        ("evil.test", &[&["127.0.0.1"]]),
        ("mapped.test", &[&["::ffff:127.0.0.1"]]),
        ("nat.test", &[&["64:ff9b::7f00:1"]]),
        ("empty.test", &[&[]]),
    ]);
    let endpoint = declared(&format!("http://evil.test:{port}"), None);
    let (provider, _) = with_names(grant([("api", endpoint)], &["public"]), &names);
    let error = provider.send(get("/"), &call()).await.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::AddressLoopback));
    for name in ["evil", "mapped", "nat"] {
        let error = provider
            .send(download(&format!("http://{name}.test:{port}/")), &call())
            .await
            .unwrap_err();
        assert_eq!(error.rule(), Some(Rule::AddressLoopback), "{name}");
    }
    for name in ["empty", "unknown"] {
        let error = provider
            .send(download(&format!("http://{name}.test:{port}/")), &call())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{name}");
        assert!(error.to_string().contains("cannot be resolved"), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn localhost_is_refused_without_asking_anyone() {
    let server = Server::saying(ok(""));
    let port = server.address.port();
    let names = Names::new([("localhost", &[&["127.0.0.1"]])]);
    let (provider, _) = with_names(grant([], &["public"]), &names);
    for host in ["localhost", "LocalHost.", "a.localhost"] {
        let error = provider
            .send(download(&format!("http://{host}:{port}/")), &call())
            .await
            .unwrap_err();
        assert_eq!(error.rule(), Some(Rule::LocalName));
    }
    assert!(names.asked.lock().unwrap().is_empty());
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn localhost_works_where_the_operator_named_it() {
    let server = Server::saying(ok("hello"));
    let base = format!("http://localhost:{}/v1", server.address.port());
    // The resolver of the operating system, which may say ::1 as well, where nobody listens.
    let (provider, _) = provider(grant([("api", named(&base, bearer(CANARY)))], &[]));
    let mut response = provider.send(get("/a"), &call()).await.unwrap();
    assert_eq!(response.read(10).await.unwrap(), "hello");
}

#[tokio::test]
async fn a_credential_does_not_follow_a_name_into_the_open_in_clear_text() {
    let names = Names::new([("gpu.test", &[&["93.184.216.34"]])]);
    let (provider, events) = with_names(
        grant([("api", named("http://gpu.test:9", bearer(CANARY)))], &[]),
        &names,
    );
    let error = provider.send(get("/"), &call()).await.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::CredentialInClear));
    assert_eq!(events.all()[0].credential, None);
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (provider, _) = provider_with(
        grant([("api", named(&base, None))], &[]),
        EgressOptions::default(),
    );
    let error = provider.send(get("/"), &call()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().ends_with("connection refused"), "{error}");
}
