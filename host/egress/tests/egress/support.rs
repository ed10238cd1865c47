//! A server that says exactly what it is told to say, and grants to reach it by.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chela_credentials::{Environment, Secret, find};
use chela_egress::{
    AuditEvent, AuditSink, Body, Call, CallLimits, CredentialGrant, Egress, EgressError,
    EgressOptions, EndpointGrant, Grant, Method, Part, ProviderEgress, Request, Resolver,
    Resolving, Response, Target,
};
use chela_manifest::{Credential, Downloads, Inject};
use tokio::time::Instant;
use url::Url;

/// The key that must never turn up where it does not belong.
pub(crate) const CANARY: &str = "sk-canary/0123456789+abcdefghij=";

/// What a server saw of one request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Which connection it came on, counted from 1.
    pub(crate) connection: usize,
    /// The request line and the fields, as they came.
    pub(crate) head: String,
    /// The beginning of the body.
    pub(crate) body: Vec<u8>,
    /// The length of the whole body.
    pub(crate) length: u64,
    /// The largest piece of the body that one read gave.
    pub(crate) sum: u64,
}

impl Seen {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    /// The values of a field.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .filter(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }
}

#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    connections: usize,
}

/// A server on a free port of this machine.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl Server {
    /// A server that answers each request with what `answer` gives, byte for byte, and then goes on listening on the same
    /// connection if the answer has a length, or else closes it.
    pub(crate) fn new(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::raw(move |seen, out| {
            let bytes = answer(seen);
            let _ = out.write_all(&bytes);
            bytes
                .windows(15)
                .any(|window| window.eq_ignore_ascii_case(b"content-length:"))
        })
    }

    /// A server that always says the same.
    pub(crate) fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |_| answer.clone())
    }

    /// A server that writes by itself, and says whether the connection stays open.
    pub(crate) fn raw(
        write: impl Fn(&Seen, &mut dyn Write) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::over(|stream| Box::new(stream), write)
    }

    /// A server over something that wraps a connection.
    pub(crate) fn over(
        wrap: impl Fn(TcpStream) -> Box<dyn Stream> + Send + Sync + 'static,
        write: impl Fn(&Seen, &mut dyn Write) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let (wrap, write, shared) = (Arc::new(wrap), Arc::new(write), Arc::clone(&log));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (wrap, write, log) =
                    (Arc::clone(&wrap), Arc::clone(&write), Arc::clone(&shared));
                log.lock().unwrap().connections += 1;
                let connection = log.lock().unwrap().connections;
                std::thread::spawn(move || {
                    let mut stream = BufReader::with_capacity(256 * 1024, wrap(stream));
                    while let Some(seen) = read_request(&mut stream, connection) {
                        log.lock().unwrap().seen.push(seen.clone());
                        if !write(&seen, stream.get_mut()) {
                            break;
                        }
                    }
                });
            }
        });
        Self { address, log }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log.lock().unwrap().seen.clone()
    }

    /// The only request that there was.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// What a connection is.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn read_request(stream: &mut BufReader<Box<dyn Stream>>, connection: usize) -> Option<Seen> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut seen = Seen {
        connection,
        head,
        body: Vec::new(),
        length: 0,
        sum: 0,
    };
    let length: u64 = seen
        .field("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while seen.length < length {
        let piece = stream.fill_buf().ok()?;
        let read = piece
            .len()
            .min(usize::try_from(length - seen.length).unwrap());
        if read == 0 {
            return None;
        }
        seen.body
            .extend_from_slice(&piece[..read.min((1 << 20) - seen.body.len().min(1 << 20))]);
        seen.sum = piece[..read].iter().fold(seen.sum, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
        });
        seen.length += read as u64;
        stream.consume(read);
    }
    Some(seen)
}

/// An answer with a length.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "", body.as_bytes())
}

/// An answer with a length and more fields, each ended by CRLF.
pub(crate) fn answer(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A redirect.
pub(crate) fn to(status: u16, location: &str) -> Vec<u8> {
    answer(
        &format!("{status} Moved"),
        &format!("Location: {location}\r\n"),
        b"moved",
    )
}

/// A credential, the way the program has one.
pub(crate) fn secret(value: &str) -> Arc<Secret> {
    let credential = Credential {
        env: vec!["KEY".into()],
        required: true,
        inject: Inject::Query {
            name: "unused".into(),
        },
    };
    let environment = Environment::new([("KEY".to_owned(), value.to_owned())]);
    find(&credential, None, &environment).found.unwrap().secret
}

pub(crate) fn bearer(value: &str) -> Option<CredentialGrant> {
    let inject = Inject::Header {
        name: "Authorization".into(),
        format: "Bearer {}".into(),
    };
    Some(CredentialGrant {
        name: "api-key".into(),
        inject,
        secret: secret(value),
    })
}

pub(crate) fn in_query(value: &str) -> Option<CredentialGrant> {
    Some(CredentialGrant {
        name: "api-key".into(),
        inject: Inject::Query { name: "key".into() },
        secret: secret(value),
    })
}

/// An endpoint that the operator named.
pub(crate) fn named(base: &str, credential: Option<CredentialGrant>) -> EndpointGrant {
    EndpointGrant {
        base: Url::parse(base).unwrap(),
        named_by_operator: true,
        plain_http_credential: false,
        credential,
    }
}

/// An endpoint of the manifest.
pub(crate) fn declared(base: &str, credential: Option<CredentialGrant>) -> EndpointGrant {
    EndpointGrant {
        named_by_operator: false,
        ..named(base, credential)
    }
}

pub(crate) fn grant<const N: usize>(
    endpoints: [(&str, EndpointGrant); N],
    downloads: &[&str],
) -> Grant {
    let downloads = match downloads {
        [] => Downloads::None,
        ["public"] => Downloads::Public,
        origins => Downloads::Origins(
            origins
                .iter()
                .map(|origin| origin.parse().unwrap())
                .collect(),
        ),
    };
    Grant {
        provider: "acme".parse().unwrap(),
        endpoints: endpoints
            .into_iter()
            .map(|(name, endpoint)| (name.to_owned(), endpoint))
            .collect::<BTreeMap<_, _>>(),
        downloads,
    }
}

/// The audit events of a test.
#[derive(Default)]
pub(crate) struct Events(Mutex<Vec<AuditEvent>>);

impl Events {
    pub(crate) fn all(&self) -> Vec<AuditEvent> {
        self.0.lock().unwrap().clone()
    }
}

impl AuditSink for Events {
    fn record(&self, event: &AuditEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A resolver that answers from a table: for each name one answer after the other, the last one again and again.
#[derive(Default)]
pub(crate) struct Names {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Names {
    pub(crate) fn new<const N: usize>(names: [(&str, &[&[&str]]); N]) -> Arc<Self> {
        let parse = |answer: &&[&str]| {
            answer
                .iter()
                .map(|address| address.parse().unwrap())
                .collect()
        };
        let answers = names
            .into_iter()
            .map(|(name, answers)| (name.to_owned(), answers.iter().map(parse).collect()));
        Arc::new(Self {
            answers: Mutex::new(answers.collect()),
            asked: Mutex::default(),
        })
    }
}

impl Resolver for Names {
    fn resolve(&self, name: &str) -> Resolving {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.get_mut(name) {
            Some(answers) if answers.len() > 1 => answers.pop_front(),
            Some(answers) => answers.front().cloned(),
            None => None,
        };
        Box::pin(async move { answer.ok_or_else(|| std::io::Error::other("no such name")) })
    }
}

/// A provider's way out, and its audit log.
pub(crate) fn provider(grant: Grant) -> (ProviderEgress, Arc<Events>) {
    provider_with(grant, EgressOptions::default())
}

pub(crate) fn provider_with(grant: Grant, options: EgressOptions) -> (ProviderEgress, Arc<Events>) {
    let events = Arc::new(Events::default());
    let egress = Egress::new(EgressOptions {
        audit: Arc::<Events>::clone(&events),
        ..options
    });
    (egress.connect(grant), events)
}

pub(crate) fn with_names(grant: Grant, names: &Arc<Names>) -> (ProviderEgress, Arc<Events>) {
    let resolver: Arc<dyn Resolver> = Arc::<Names>::clone(names);
    provider_with(
        grant,
        EgressOptions {
            resolver,
            ..EgressOptions::default()
        },
    )
}

/// A call that lasts longer than any test.
pub(crate) fn call() -> Call {
    limited(CallLimits::default())
}

pub(crate) fn limited(limits: CallLimits) -> Call {
    Call::new(Instant::now() + Duration::from_secs(120), limits)
}

pub(crate) fn get(path: &str) -> Request {
    let target = Target::Endpoint {
        endpoint: "api".into(),
        path: path.into(),
        query: vec![],
    };
    Request {
        method: Method::Get,
        target,
        headers: vec![],
        body: Body::None,
    }
}

pub(crate) fn post(path: &str, body: &'static str) -> Request {
    let body = Body::Parts(vec![Part::Bytes(body.into())]);
    let headers = vec![("Content-Type".into(), "text/plain".into())];
    Request {
        method: Method::Post,
        body,
        headers,
        ..get(path)
    }
}

pub(crate) fn download(url: &str) -> Request {
    Request {
        target: Target::Url(url.into()),
        ..get("")
    }
}

/// Sends a GET below the endpoint `api` of a provider whose operator named the server.
pub(crate) async fn fetch(server: &Server) -> Result<Response, EgressError> {
    let (provider, _) = provider(grant(
        [("api", named(&server.url("/v1"), bearer(CANARY)))],
        &[],
    ));
    provider.send(get("/a"), &call()).await
}

/// The whole body, read in small pieces.
pub(crate) async fn body_of(response: &mut Response) -> Result<Vec<u8>, EgressError> {
    let mut body = Vec::new();
    loop {
        let bytes = response.read(1000).await?;
        if bytes.is_empty() {
            return Ok(body);
        }
        assert!(bytes.len() <= 1000);
        body.extend_from_slice(&bytes);
    }
}
