//! What goes out, and what does not.

use chela_egress::{
    Body, CallLimits, EgressError, ErrorKind, FormField, Method, Part, Request, Rule, Target,
};

use crate::support::{
    CANARY, Server, bearer, call, declared, download, fetch, get, grant, in_query, limited, named,
    ok, post, provider,
};

#[tokio::test]
async fn a_request_is_what_was_asked_for_and_the_credential() {
    let server = Server::saying(ok("hello"));
    let (provider, _) = provider(grant(
        [("api", named(&server.url("/v1"), bearer(CANARY)))],
        &[],
    ));
    let mut request = post("/chat", "{}");
    request.headers.push(("X-Note".into(), "a".into()));
    let mut response = provider.send(request, &call()).await.unwrap();
    assert_eq!(
        (response.status(), response.url()),
        (200, server.url("/v1/chat").as_str())
    );
    assert_eq!(response.read(100).await.unwrap(), "hello");
    assert_eq!(response.read(100).await.unwrap(), "");
    let seen = server.only();
    assert_eq!(seen.line(), "POST /v1/chat HTTP/1.1");
    assert_eq!(
        seen.field("authorization"),
        Some(format!("Bearer {CANARY}").as_str())
    );
    let mut names: Vec<_> = seen
        .head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    // Nothing else, and above all no User-Agent that names a product to a server that the operator chose.
    assert_eq!(
        names,
        [
            "accept",
            "accept-encoding",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "x-note"
        ]
    );
    assert_eq!(
        (seen.body.as_slice(), seen.field("content-length")),
        (&b"{}"[..], Some("2"))
    );
}

#[tokio::test]
async fn a_credential_can_go_in_the_query_and_does_not_show_there() {
    let server = Server::saying(ok(""));
    let (provider, _) = provider(grant(
        [("api", named(&server.url("/v1"), in_query(CANARY)))],
        &[],
    ));
    let query = vec![("q".to_owned(), "a b".to_owned())];
    let target = Target::Endpoint {
        endpoint: "api".into(),
        path: "/s".into(),
        query,
    };
    let response = provider
        .send(Request { target, ..get("") }, &call())
        .await
        .unwrap();
    assert_eq!(response.url(), server.url("/v1/s?q=a%20b"));
    let line = "GET /v1/s?q=a%20b&key=sk-canary%2F0123456789%2Babcdefghij%3D HTTP/1.1";
    assert_eq!(server.only().line(), line);
}

#[tokio::test]
async fn the_methods_go_out_as_they_are() {
    let server = Server::saying(ok(""));
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    for method in [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ] {
        let mut response = provider
            .send(
                Request {
                    method,
                    ..get("/m")
                },
                &call(),
            )
            .await
            .unwrap();
        assert_eq!(response.read(10).await.unwrap(), "");
    }
    let lines: Vec<String> = server
        .seen()
        .iter()
        .map(|seen| seen.line().replace(" /m HTTP/1.1", ""))
        .collect();
    assert_eq!(lines, ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
}

#[tokio::test]
async fn what_is_refused_opens_no_connection() {
    let server = Server::saying(ok(""));
    let (provider, events) = provider(grant(
        [("api", named(&server.url("/v1"), bearer(CANARY)))],
        &[],
    ));
    let with = |name: &str, value: &str| Request {
        headers: vec![(name.into(), value.into())],
        ..get("/a")
    };
    let form = |name: &str, mime: &str| {
        let field = FormField {
            name: name.into(),
            file_name: None,
            mime_type: Some(mime.into()),
            value: Part::Bytes("x".into()),
        };
        Request {
            method: Method::Post,
            body: Body::Form(vec![field]),
            ..get("/a")
        }
    };
    let fields = |count| {
        let one = form("a", "text/plain");
        let Body::Form(mut fields) = one.body else {
            unreachable!("it is a form")
        };
        fields.resize(count, fields[0].clone());
        Request {
            body: Body::Form(fields),
            ..form("a", "text/plain")
        }
    };
    let parts = |count| Request {
        body: Body::Parts(vec![Part::Bytes("x".into()); count]),
        ..post("/a", "")
    };
    let many = Request {
        headers: vec![("x".into(), "y".into()); 10_000],
        ..get("/a")
    };
    let at = |endpoint: &str| Request {
        target: Target::Endpoint {
            endpoint: endpoint.into(),
            path: "/a".into(),
            query: vec![],
        },
        ..get("")
    };
    let cases = [
        (with("Host", "evil.example"), Rule::HeaderForbidden),
        (with("authorization", "Bearer mine"), Rule::HeaderOwned),
        (with("Content-Length", "0"), Rule::HeaderForbidden),
        (with("Transfer-Encoding", "chunked"), Rule::HeaderForbidden),
        (with("Proxy-Authorization", "x"), Rule::HeaderForbidden),
        (with("X\r\nHost", "evil.example"), Rule::HeaderName),
        (with("X: y\r\nZ", "x"), Rule::HeaderName),
        (with("", "x"), Rule::HeaderName),
        (with("X", "a\r\nHost: evil.example"), Rule::HeaderValue),
        (with("X", "a\nb"), Rule::HeaderValue),
        (with("X", "a\0b"), Rule::HeaderValue),
        (with("X", &"a".repeat(40_000)), Rule::HeaderSize),
        (many, Rule::HeaderSize),
        (get("/a\r\nX: y"), Rule::PathControl),
        (get("/a\0"), Rule::PathControl),
        (get("/../admin"), Rule::PathClimbs),
        (get("//evil.example/"), Rule::PathAuthority),
        (form("a\r\nb", "text/plain"), Rule::FormField),
        (form("a", "text/plain\r\nX: y"), Rule::FormField),
        (form(&"a".repeat(2000), "text/plain"), Rule::FormField),
        (
            form("a", &format!("text/plain;a={}", "b".repeat(2000))),
            Rule::FormField,
        ),
        (fields(1025), Rule::RequestParts),
        (parts(1025), Rule::RequestParts),
        (at("other"), Rule::UnknownEndpoint),
        (at(&"o".repeat(1_000_000)), Rule::UnknownEndpoint),
    ];
    let count = cases.len();
    for (request, rule) in cases {
        let error = provider.send(request, &call()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied(rule), "{error}");
    }
    assert_eq!(server.connections(), 0);
    let events = events.all();
    assert_eq!(events.len(), count, "every refusal is in the audit log");
    assert!(
        events
            .iter()
            .all(|event| event.target.to_string().len() < 100),
        "a component does not write the audit log"
    );
}

/// What is wrong in two ways is refused for the one that is seen without making anything of it.
#[tokio::test]
async fn what_is_too_long_is_refused_before_it_is_read() {
    let (provider, _) = provider(grant(
        [("api", declared("https://api.example/v1", in_query(CANARY)))],
        &["public"],
    ));
    let with_query = |query: &[(&str, &str)]| Request {
        target: Target::Endpoint {
            endpoint: "api".into(),
            path: "/a".into(),
            query: query
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        },
        ..get("")
    };
    let long = "x".repeat(40_000);
    let bad_field = FormField {
        name: "a\nb".into(),
        file_name: None,
        mime_type: None,
        value: Part::Bytes("x".into()),
    };
    let to_nowhere = Request {
        method: Method::Post,
        target: Target::Endpoint {
            endpoint: "other".into(),
            path: "/a".into(),
            query: vec![],
        },
        headers: vec![],
        body: Body::Form(vec![bad_field]),
    };
    let cases = [
        (get(&format!("/../{long}")), Rule::UrlLength),
        (with_query(&[("key", &long)]), Rule::UrlLength),
        (with_query(&[("", ""); 20_000]), Rule::UrlLength),
        (download(&long), Rule::UrlLength),
        (
            download(&format!("https://{}.example/", "a.".repeat(200))),
            Rule::UrlSyntax,
        ),
        (to_nowhere, Rule::UnknownEndpoint),
    ];
    for (request, rule) in cases {
        let error = provider.send(request, &call()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied(rule), "{error}");
    }
}

#[tokio::test]
async fn a_call_may_send_so_many_requests_and_so_many_bytes() {
    let server = Server::saying(ok(""));
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let call = limited(CallLimits {
        requests: 3,
        request_bytes: 4,
        ..CallLimits::default()
    });
    let error = provider.send(post("/", "12345"), &call).await.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::RequestSize));
    provider.send(post("/", "1234"), &call).await.unwrap();
    provider.send(get("/"), &call).await.unwrap();
    let error = provider.send(get("/"), &call).await.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::RequestCount));
    assert_eq!(
        (server.seen().len(), call.requests(), call.bytes_sent()),
        (2, 2, 4)
    );
}

#[tokio::test]
async fn a_credential_that_cannot_be_sent_says_which_one() {
    let server = Server::saying(ok(""));
    for name in ["Host", "Content-Length", "Transfer-Encoding", "bad name"] {
        let mut credential = bearer(CANARY);
        if let Some(credential) = &mut credential {
            credential.inject = chela_manifest::Inject::Header {
                name: name.into(),
                format: "{}".into(),
            };
        }
        let (provider, _) = provider(grant([("api", named(&server.url(""), credential))], &[]));
        let error = provider.send(get("/"), &call()).await.unwrap_err();
        assert!(
            matches!(&error, EgressError::Credential { name, .. } if name == "api-key"),
            "{error}"
        );
        assert!(!error.to_string().contains("canary"));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_server_of_the_manifest_is_told_the_product_and_a_private_one_is_not_reached() {
    let server = Server::saying(ok(""));
    let (provider, _) = provider(grant([("api", declared(&server.url(""), None))], &[]));
    let error = provider.send(get("/"), &call()).await.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::AddressLoopback));
    assert_eq!(server.connections(), 0);
    assert!(
        fetch(&server).await.is_ok(),
        "the same server, named by the operator"
    );
}
