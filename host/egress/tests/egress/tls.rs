//! TLS: who is trusted, what may be sent over it, and what may not follow it.

use std::sync::Arc;

use chela_egress::{EgressOptions, ErrorKind, Rule};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{
    CANARY, Names, Seen, Server, bearer, body_of, call, get, grant, named, ok, provider,
    provider_with, to, with_names,
};

const AUTHORITY: &[u8] = include_bytes!("tls/authority.der");
const CERTIFICATE: &[u8] = include_bytes!("tls/server.der");
const KEY: &[u8] = include_bytes!("tls/server-key.der");

/// A server that speaks TLS and is called `localhost` and `127.0.0.1`.
fn server(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Server {
    server_with(CERTIFICATE, KEY, answer)
}

/// A server that speaks TLS with this certificate and key (DER).
pub(crate) fn server_with(
    certificate: &'static [u8],
    key: &'static [u8],
    answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static,
) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate)],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key)),
        )
        .unwrap();
    let config = Arc::new(config);
    let wrap = move |stream| -> Box<dyn crate::support::Stream> {
        Box::new(StreamOwned::new(
            ServerConnection::new(Arc::clone(&config)).unwrap(),
            stream,
        ))
    };
    Server::over(wrap, move |seen, out| {
        let _ = out.write_all(&answer(seen)).and_then(|()| out.flush());
        true
    })
}

fn trusting() -> EgressOptions {
    EgressOptions {
        extra_roots: vec![AUTHORITY.to_vec()],
        ..EgressOptions::default()
    }
}

fn base(server: &Server) -> String {
    format!("https://127.0.0.1:{}/v1", server.address.port())
}

#[tokio::test]
async fn a_credential_goes_over_tls_to_a_server_that_is_known() {
    let server = server(|_| ok("hello"));
    let (provider, _) = provider_with(
        grant([("api", named(&base(&server), bearer(CANARY)))], &[]),
        trusting(),
    );
    for _ in 0..2 {
        let mut response = provider.send(get("/a"), &call()).await.unwrap();
        assert_eq!(body_of(&mut response).await.unwrap(), b"hello");
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(
        server.seen()[1].field("authorization"),
        Some(format!("Bearer {CANARY}").as_str())
    );
}

#[tokio::test]
async fn a_server_that_nobody_knows_gets_nothing() {
    let server = server(|_| ok("hello"));
    let (provider, _) = provider(grant([("api", named(&base(&server), bearer(CANARY)))], &[]));
    let error = provider.send(get("/a"), &call()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.to_string().contains("TLS") || error.to_string().contains("root certificates"),
        "{error}"
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_certificate_for_another_name_is_none() {
    let server = server(|_| ok("hello"));
    let names = Names::new([("other.test", &[&["127.0.0.1"]])]);
    let other = format!("https://other.test:{}", server.address.port());
    let resolver: Arc<dyn chela_egress::Resolver> = Arc::<Names>::clone(&names);
    let options = EgressOptions {
        resolver,
        ..trusting()
    };
    let (provider, _) = provider_with(
        grant([("api", named(&other, bearer(CANARY)))], &[]),
        options,
    );
    let error = provider.send(get("/a"), &call()).await.unwrap_err();
    assert!(error.to_string().contains("TLS"), "{error}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn plain_http_is_no_answer_to_tls_and_the_other_way_round() {
    let plain = Server::saying(ok("hello"));
    let (provider_one, _) = provider_with(
        grant([("api", named(&base(&plain), bearer(CANARY)))], &[]),
        trusting(),
    );
    assert_eq!(
        provider_one
            .send(get("/a"), &call())
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Unavailable
    );
    assert!(plain.seen().is_empty());
}

#[tokio::test]
async fn no_redirect_leads_from_https_to_http() {
    let plain = Server::saying(ok("in the clear"));
    for status in [301, 302, 303, 307, 308] {
        let location = plain.url("/v1/there");
        let secure = server(move |_| to(status, &location));
        let origin = plain.url("");
        let endpoints = [
            ("api", named(&base(&secure), bearer(CANARY))),
            ("plain", named(&origin, None)),
        ];
        let (provider, _) = provider_with(grant(endpoints, &[&origin]), trusting());
        let error = provider.send(get("/a"), &call()).await.unwrap_err();
        assert_eq!(error.rule(), Some(Rule::RedirectDowngrade));
        // The same host and port in plain http is another origin as well.
        let secure = server(move |seen| {
            to(
                status,
                &format!("http://{}/v1/there", seen.field("host").unwrap()),
            )
        });
        let (provider, _) = provider_with(
            grant([("api", named(&base(&secure), bearer(CANARY)))], &[]),
            trusting(),
        );
        assert_eq!(
            provider.send(get("/a"), &call()).await.unwrap_err().rule(),
            Some(Rule::RedirectDowngrade)
        );
    }
    assert_eq!(plain.connections(), 0);
}

#[tokio::test]
async fn plain_http_loads_no_certificates() {
    // A root that cannot be used makes every TLS connection fail, and plain http does not notice.
    let plain = Server::saying(ok("hello"));
    let options = || EgressOptions {
        extra_roots: vec![b"no certificate".to_vec()],
        ..EgressOptions::default()
    };
    let (provider, _) = provider_with(
        grant([("api", named(&plain.url(""), None))], &[]),
        options(),
    );
    provider.send(get("/a"), &call()).await.unwrap();
    let secure = server(|_| ok("hello"));
    let (provider, _) = provider_with(
        grant([("api", named(&base(&secure), None))], &[]),
        options(),
    );
    let error = provider.send(get("/a"), &call()).await.unwrap_err();
    assert!(error.to_string().contains("root certificate"), "{error}");
}

#[tokio::test]
async fn a_public_name_over_tls_is_judged_like_any_other() {
    let secure = server(|_| ok("hello"));
    let names = Names::new([("localhost.test", &[&["127.0.0.1"]])]);
    let url = format!("https://localhost.test:{}/", secure.address.port());
    let (provider, _) = with_names(grant([], &["public"]), &names);
    let error = provider
        .send(crate::support::download(&url), &call())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Denied(Rule::AddressLoopback) | ErrorKind::Unavailable
        ),
        "{error}"
    );
    assert_eq!(secure.connections(), 0);
}
