//! An HTTP/1.1 server on loopback that follows a script.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::BufReader;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::Request;
use crate::answer::{Answer, Reply};
use crate::gate::PATIENCE;

/// A server. It answers what it was told to; being asked anything else fails the test when the server is dropped, so a
/// server without a script shows that nobody called.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// How a server is set up, apart from what it answers.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The loopback address to listen on.
    pub ip: IpAddr,
    /// The port to listen at; one of the system's choice when it is 0.
    pub port: u16,
    /// How many bytes of each request's body to keep. The rest is read and counted.
    pub keep_body: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ip: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            keep_body: usize::MAX,
        }
    }
}

struct Shared {
    keep_body: usize,
    stopping: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    routes: Vec<Route>,
    requests: Vec<Request>,
    strays: Vec<String>,
    accepted: usize,
    departed: Vec<usize>,
    open: Vec<(usize, TcpStream)>,
}

struct Route {
    method: String,
    path: String,
    replies: VecDeque<Reply>,
    repeats: bool,
}

/// An address on loopback at which nobody listens: a port that was just given back.
///
/// # Panics
/// When loopback has no free port.
#[must_use]
pub fn nobody() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener
        .local_addr()
        .expect("a bound socket has an address")
}

/// A place on loopback where connections are made and requests taken, and nobody is there.
///
/// # Panics
/// When loopback has no free port.
#[must_use]
pub fn deaf() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port")
}

impl Server {
    /// A server on 127.0.0.1, at a port of the system's choice, that has no answer yet.
    #[must_use]
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// A server set up otherwise.
    ///
    /// # Panics
    /// When the address is not loopback or cannot be had.
    #[must_use]
    pub fn with(options: Options) -> Self {
        assert!(options.ip.is_loopback(), "tests stay on loopback");
        let listener = TcpListener::bind((options.ip, options.port)).expect("the port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            keep_body: options.keep_body,
            stopping: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let accepting = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self {
            address,
            shared,
            accepting: Some(accepting),
        }
    }

    /// Gives this answer every time.
    pub fn on(&self, method: &str, path: &str, reply: impl Into<Reply>) -> &Self {
        self.route(method, path, VecDeque::from([reply.into()]), true)
    }

    /// Gives an answer made from what was asked, every time.
    pub fn on_request(
        &self,
        method: &str,
        path: &str,
        make: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> &Self {
        self.on(method, path, Reply::computed(make))
    }

    /// Gives these answers one after the other, each once.
    pub fn on_each<R: Into<Reply>>(
        &self,
        method: &str,
        path: &str,
        replies: impl IntoIterator<Item = R>,
    ) -> &Self {
        self.route(
            method,
            path,
            replies.into_iter().map(Into::into).collect(),
            false,
        )
    }

    fn route(&self, method: &str, path: &str, replies: VecDeque<Reply>, repeats: bool) -> &Self {
        self.shared.state().routes.push(Route {
            method: method.to_owned(),
            path: path.to_owned(),
            replies,
            repeats,
        });
        self
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// An http URL below it. `path` starts with a slash or is empty.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All requests so far that were read whole, in the order they came in.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// The one request that came.
    ///
    /// # Panics
    /// When there was none, or more than one.
    #[must_use]
    pub fn only_request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one request is expected: {requests:#?}");
        requests.remove(0)
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().accepted
    }

    /// Waits until so many requests have come.
    ///
    /// # Panics
    /// When they do not come.
    pub fn await_requests(&self, count: usize) {
        self.await_state("requests", |state| state.requests.len() >= count);
    }

    /// Waits until a connection has ended.
    ///
    /// # Panics
    /// When it stays.
    pub fn await_departure(&self, connection: usize) {
        self.await_state("the client to leave", |state| {
            state.departed.contains(&connection)
        });
    }

    fn await_state(&self, what: &str, done: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shared.state();
        while !done(&state) {
            let left = deadline
                .checked_duration_since(Instant::now())
                .unwrap_or_else(|| panic!("waited for {what} in vain"));
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .expect("no holder of the lock panics")
                .0;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which looks at the flag.
        drop(TcpStream::connect(self.address));
        let open = std::mem::take(&mut self.shared.state().open);
        for (_, stream) in &open {
            // A connection that has ended already cannot be shut down, which is as good.
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(thread) = self.accepting.take() {
            let _ = thread.join();
        }
        let strays = std::mem::take(&mut self.shared.state().strays);
        if !strays.is_empty() && !std::thread::panicking() {
            panic!(
                "the server was asked what it has no answer for:\n{}",
                strays.join("\n")
            );
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock panics")
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.changed.notify_all();
        result
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(handle) = stream.try_clone() else {
            continue;
        };
        let connection = shared.change(|state| {
            state.accepted += 1;
            state.open.push((state.accepted - 1, handle));
            state.accepted - 1
        });
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            serve(stream, connection, &shared);
            shared.change(|state| {
                state.open.retain(|(own, _)| *own != connection);
                state.departed.push(connection);
            });
        });
    }
}

/// Answers what comes over one connection, until one side has enough.
fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) {
    // A chunk is to arrive as the chunk it was sent as.
    let _ = stream.set_nodelay(true);
    let Ok(reading) = stream.try_clone() else {
        return;
    };
    let mut reading = BufReader::new(reading);
    while let Ok(Some(request)) = Request::read(&mut reading, connection, shared.keep_body) {
        let reply = shared.change(|state| {
            state.requests.push(request.clone());
            next_reply(state, &request)
        });
        let answer = reply.map_or_else(no_answer, |reply| reply.answer(&request));
        let head_only = request.method() == "HEAD";
        let client_closes = request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if !matches!(answer.write(&mut stream, head_only), Ok(true)) || client_closes {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn next_reply(state: &mut State, request: &Request) -> Option<Reply> {
    let matching = state.routes.iter_mut().filter(|route| {
        route.method == request.method()
            && route.path == request.path()
            && !route.replies.is_empty()
    });
    // The newest rule wins, so that a test can change its mind.
    if let Some(route) = matching.last() {
        return if route.repeats {
            route.replies.front().cloned()
        } else {
            route.replies.pop_front()
        };
    }
    let mut stray = format!("{} {}", request.method(), request.target());
    for (name, value) in request.headers() {
        let _ = write!(stray, "\n    {name}: {value}");
    }
    state.strays.push(stray);
    None
}

/// What a stray request gets: a status that no client retries and no test expects.
fn no_answer() -> Answer {
    Answer::new(418).body("the test's server has no answer for this")
}
