//! What goes through a proxy: who may be reached, what the proxy sees, and what is said of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use chela_egress::{EgressError, EgressOptions, ErrorKind, Proxies, Resolver, Roots, Rule};

use crate::support::{
    CANARY, Names, Server, bearer, body_of, call, declared, download, get, grant, named, ok,
    provider_with,
};
use crate::tls::server_with;

/// A proxy that connects everything to one server, whatever it is asked for, and remembers what it was asked.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// `refusal` is said in place of connecting.
    fn start(server: Option<SocketAddr>, refusal: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || {
                    let Some(head) = head_of(&stream) else { return };
                    seen.lock().unwrap().push(head);
                    match server {
                        Some(server) => {
                            let _ = (&stream).write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
                            join(&stream, server);
                        }
                        None => {
                            let _ = (&stream).write_all(refusal.as_bytes());
                        }
                    }
                });
            }
        });
        Self { address, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn head_of(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::with_capacity(1, stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// Passes bytes on in both directions until one side closes.
fn join(stream: &TcpStream, server: SocketAddr) {
    let server = TcpStream::connect(server).unwrap();
    let (mut up, mut up_to) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut up, &mut up_to);
        let _ = up_to.shutdown(std::net::Shutdown::Write);
    });
    let _ = std::io::copy(&mut &server, &mut &*stream);
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

fn through(proxy: &str, no: &str) -> Proxies {
    Proxies::of_variables(|name| match name {
        "ALL_PROXY" => Some(proxy),
        "NO_PROXY" => Some(no),
        _ => None,
    })
    .unwrap()
}

fn options(proxy: &Proxy, names: &Arc<Names>) -> EgressOptions {
    let resolver: Arc<dyn Resolver> = Arc::<Names>::clone(names);
    EgressOptions {
        resolver,
        roots: named_authority(),
        proxies: through(&format!("http://us%40er:hunter2@{}", proxy.address), ""),
        ..EgressOptions::default()
    }
}

fn named_authority() -> Roots {
    Roots::read(Some(&tls("named-authority.pem")), &[]).unwrap()
}

fn tls(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/egress/tls")
        .join(name)
}

fn secure_server() -> Server {
    server_with(
        include_bytes!("tls/named-server.der"),
        include_bytes!("tls/named-server-key.der"),
        |_| ok("hello"),
    )
}

const API: &str = "https://api.acme.example/v1";

#[tokio::test]
async fn a_tunnel_is_asked_for_and_tls_goes_from_end_to_end() {
    let server = secure_server();
    let proxy = Proxy::start(Some(server.address), "");
    let names = Names::new([("api.acme.example", &[&["93.184.216.34"]])]);
    let (provider, events) = provider_with(
        grant([("api", declared(API, bearer(CANARY)))], &[]),
        options(&proxy, &names),
    );
    let mut response = provider.send(get("/a"), &call()).await.unwrap();
    assert_eq!(body_of(&mut response).await.unwrap(), b"hello");
    drop(response);
    assert_eq!(
        server.only().field("authorization"),
        Some(format!("Bearer {CANARY}").as_str())
    );
    let [head] = &proxy.heads()[..] else {
        panic!("{:?}", proxy.heads())
    };
    assert!(
        head.starts_with("CONNECT api.acme.example:443 HTTP/1.1\r\n"),
        "{head}"
    );
    // us@er:hunter2
    assert!(
        head.to_lowercase()
            .contains("proxy-authorization: basic dxnazxi6ahvudgvymg=="),
        "{head}"
    );
    assert!(!head.contains(CANARY) && !head.contains("Bearer"));
    let [event] = &events.all()[..] else { panic!() };
    assert_eq!(event.proxy, Some(format!("http://{}", proxy.address)));
    assert_eq!(
        event.address, None,
        "the proxy's address is not the server's"
    );
    assert!(!format!("{event:?}").contains("hunter2"));
}

#[tokio::test]
async fn what_may_not_be_reached_is_not_named_to_the_proxy() {
    let proxy = Proxy::start(None, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let names = Names::new([
        ("inside.example", &[&["10.0.0.1"]]),
        ("both.example", &[&["93.184.216.34", "192.168.0.1"]]),
    ]);
    let (provider, events) = provider_with(grant([], &["public"]), options(&proxy, &names));
    for (url, rule) in [
        ("https://inside.example/", Rule::AddressPrivate),
        ("https://both.example/", Rule::AddressPrivate),
        ("http://inside.example/", Rule::AddressPrivate),
        ("https://10.0.0.1/", Rule::AddressPrivate),
        ("http://0x7f.1/", Rule::AddressLoopback),
        ("http://169.254.169.254/latest/", Rule::AddressMetadata),
        ("http://[::ffff:169.254.169.254]/", Rule::AddressMetadata),
        ("http://metadata.google.internal/", Rule::MetadataName),
        ("http://Instance-Data./latest/", Rule::MetadataName),
        ("http://localhost:1/", Rule::LocalName),
        ("http://intranet/", Rule::PrivateName),
        ("http://printer.local/", Rule::PrivateName),
        ("http://vault.corp.internal./", Rule::PrivateName),
        ("http://nas.home.arpa/", Rule::PrivateName),
    ] {
        let error = provider.send(download(url), &call()).await.unwrap_err();
        assert_eq!(error.rule(), Some(rule), "{url}: {error}");
    }
    assert_eq!(proxy.heads(), Vec::<String>::new());
    assert!(
        events
            .all()
            .iter()
            .all(|event| event.outcome == chela_egress::Outcome::Denied)
    );
    // What cannot be resolved here may be resolved there, where it can be a public name.
    provider
        .send(download("http://far.example/"), &call())
        .await
        .unwrap();
    assert!(
        proxy.heads()[0].starts_with("GET http://far.example/ HTTP/1.1\r\n"),
        "{:?}",
        proxy.heads()
    );
}

#[tokio::test]
async fn a_key_does_not_cross_a_proxy_in_clear() {
    let proxy = Proxy::start(None, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let names = Names::new([]);
    for (key, refused) in [(bearer(CANARY), true), (None, false)] {
        let (provider, _) = provider_with(
            grant([("api", named("http://10.9.8.7/v1", key))], &[]),
            options(&proxy, &names),
        );
        let sent = provider.send(get("/a"), &call()).await;
        assert_eq!(
            sent.err().and_then(|error| error.rule()),
            refused.then_some(Rule::ProxyInClear)
        );
        assert_eq!(proxy.heads().is_empty(), refused);
    }
}

#[tokio::test]
async fn this_machine_and_what_is_excepted_is_reached_without() {
    let server = Server::saying(ok("direct"));
    let proxy = Proxy::start(
        None,
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    );
    let names = Names::new([("api.acme.example", &[&["127.0.0.1"]])]);
    for (base, no) in [
        (server.url("/v1"), ""),
        (format!("http://localhost:{}/v1", server.address.port()), ""),
        (
            format!("http://api.acme.example:{}/v1", server.address.port()),
            "acme.example",
        ),
    ] {
        let resolver: Arc<dyn Resolver> = if base.contains("localhost") {
            Names::new([("localhost", &[&["127.0.0.1"]])])
        } else {
            Arc::<Names>::clone(&names)
        };
        let (provider, events) = provider_with(
            grant([("api", named(&base, bearer(CANARY)))], &[]),
            EgressOptions {
                resolver,
                proxies: through(&proxy.address.to_string(), no),
                ..EgressOptions::default()
            },
        );
        let mut response = provider.send(get("/a"), &call()).await.unwrap();
        assert_eq!(body_of(&mut response).await.unwrap(), b"direct", "{base}");
        drop(response);
        assert_eq!(events.all()[0].proxy, None);
    }
    assert!(proxy.heads().is_empty());
}

#[tokio::test]
async fn what_a_proxy_refuses_is_said_to_be_its_doing() {
    let names = Names::new([("api.acme.example", &[&["93.184.216.34"]])]);
    for (refusal, url, words) in [
        (
            "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
            API,
            "wants a user name and a password",
        ),
        (
            "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
            API,
            "refuses to connect",
        ),
        ("<html>Sign in</html>\r\n\r\n", API, "refuses to connect"),
        ("", API, "closed before it had connected"),
        (
            "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
            "http://api.acme.example/v1",
            "wants a user name and a password",
        ),
    ] {
        let proxy = Proxy::start(None, refusal);
        let (provider, _) = provider_with(
            grant([("api", declared(url, None))], &[]),
            options(&proxy, &names),
        );
        let error = provider.send(get("/a"), &call()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let said = error.to_string();
        let place = format!("through the proxy http://{}", proxy.address);
        assert!(said.contains(words) && said.contains(&place), "{said}");
        assert!(!said.contains("hunter2"));
    }
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (provider, _) = provider_with(
        grant([("api", declared("http://api.acme.example/v1", None))], &[]),
        EgressOptions {
            proxies: through(&closed.to_string(), ""),
            resolver: Arc::<Names>::clone(&names),
            ..EgressOptions::default()
        },
    );
    let error = provider.send(get("/a"), &call()).await.unwrap_err();
    assert!(
        error.to_string().ends_with(": connection refused"),
        "{error}"
    );
}

/// A SOCKS5 proxy (RFC 1928) that tells where it was to connect to, and connects to this server.
fn socks(server: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut greeting = [0; 2];
            stream.read_exact(&mut greeting).unwrap();
            let mut methods = vec![0; usize::from(greeting[1])];
            stream.read_exact(&mut methods).unwrap();
            stream.write_all(&[5, 0]).unwrap();
            let mut head = [0; 4];
            stream.read_exact(&mut head).unwrap();
            let host = match head[3] {
                1 => {
                    let mut octets = [0; 4];
                    stream.read_exact(&mut octets).unwrap();
                    IpAddr::from(octets).to_string()
                }
                _ => {
                    let mut length = [0; 1];
                    stream.read_exact(&mut length).unwrap();
                    let mut name = vec![0; usize::from(length[0])];
                    stream.read_exact(&mut name).unwrap();
                    String::from_utf8(name).unwrap()
                }
            };
            let mut port = [0; 2];
            stream.read_exact(&mut port).unwrap();
            seen.lock()
                .unwrap()
                .push(format!("{host}:{}", u16::from_be_bytes(port)));
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            std::thread::spawn(move || join(&stream, server));
        }
    });
    (address, asked)
}

#[tokio::test]
async fn socks5_is_told_the_judged_address_and_socks5h_the_name() {
    let server = secure_server();
    for (scheme, told) in [
        ("socks5", "93.184.216.34:443"),
        ("socks5h", "api.acme.example:443"),
    ] {
        let (address, asked) = socks(server.address);
        let names = Names::new([("api.acme.example", &[&["93.184.216.34"]])]);
        let resolver: Arc<dyn Resolver> = Arc::<Names>::clone(&names);
        let (provider, _) = provider_with(
            grant([("api", declared(API, bearer(CANARY)))], &[]),
            EgressOptions {
                resolver,
                roots: named_authority(),
                proxies: through(&format!("{scheme}://{address}"), ""),
                ..EgressOptions::default()
            },
        );
        let mut response = provider.send(get("/a"), &call()).await.unwrap();
        assert_eq!(body_of(&mut response).await.unwrap(), b"hello");
        assert_eq!(*asked.lock().unwrap(), [told], "{scheme}");
        let here = !names.asked.lock().unwrap().is_empty();
        assert_eq!(here, scheme == "socks5", "who resolves");
    }
}

#[test]
fn certificates_that_are_named_and_not_there_are_a_mistake() {
    let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
    folder.write("empty.pem", "").unwrap();
    folder
        .write("words.pem", "-----BEGIN CERTIFICATE-----\nno\n")
        .unwrap();
    let beside = |name: &str| {
        let path = std::env::temp_dir().join(format!("chela-{}-{name}", std::process::id()));
        std::fs::write(&path, folder.read(name).unwrap()).unwrap();
        path
    };
    for (path, words) in [
        (beside("empty.pem"), "holds no certificate"),
        (beside("words.pem"), "holds no certificate"),
        (tls("none.pem"), "cannot be read"),
        (Path::new("").to_owned(), "cannot be read"),
    ] {
        let error = Roots::read(Some(&path), &[]).unwrap_err();
        assert_eq!(error.variable, "SSL_CERT_FILE");
        assert!(error.to_string().contains(words), "{error}");
        let _ = std::fs::remove_file(path);
    }
    let error = Roots::read(None, &["/nowhere/at/all".into()]).unwrap_err();
    assert_eq!(error.variable, "SSL_CERT_DIR");
    // A folder counts for the certificates in it, and without a word it is the system's.
    assert!(Roots::read(None, &[tls("")]).is_ok());
    assert!(Roots::read(None, &[]).is_ok());
}

/// Certificates that the operator names take the place of the system's.
#[tokio::test]
async fn who_is_not_among_the_named_certificates_is_not_known() {
    let server = secure_server();
    let proxy = Proxy::start(Some(server.address), "");
    let names = Names::new([("api.acme.example", &[&["93.184.216.34"]])]);
    let options = EgressOptions {
        roots: Roots::default(),
        ..options(&proxy, &names)
    };
    let (provider, _) = provider_with(
        grant([("api", declared(API, bearer(CANARY)))], &[]),
        options,
    );
    let error = provider.send(get("/a"), &call()).await.unwrap_err();
    assert!(matches!(error, EgressError::Unavailable { .. }), "{error}");
    assert!(server.seen().is_empty());
}
