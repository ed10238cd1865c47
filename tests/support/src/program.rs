//! A clean room for the `chela` program.
//!
//! Each room has a home, a state folder and a working folder of its own, and an environment with nothing in it but what
//! the test put there. What must hold on every run, whatever the test is about, is checked on every run: see
//! [`Room::run`].

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::checks;
use crate::gate::PATIENCE;

/// A key that no test may ever see again. Long enough to be found in any text, and in base64 of any text.
pub const CANARY: &str = "sk-canary-5e1f7b2c9d4a8036-do-not-print-me";

/// A room for the program.
pub struct Room {
    folder: TempDir,
    program: PathBuf,
    cache: PathBuf,
    environment: BTreeMap<String, OsString>,
    canaries: Vec<String>,
}

impl Room {
    /// An empty room for this program. Compiled components are shared with other rooms, because compiling is slow and most
    /// tests are about something else; see [`Room::with_own_cache`].
    ///
    /// # Panics
    /// When there is no place for it.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        let target = program
            .ancestors()
            .nth(2)
            .expect("cargo puts programs two folders deep");
        let shared = target.join("tmp").join("chela-tests");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for name in ["home", "work"] {
            private_folder(&folder.path().join(name));
        }
        let cache = shared.join("cache");
        share_seal(&shared.join("keys"), &folder.path().join("state"));
        Self {
            folder,
            program,
            cache,
            environment: BTreeMap::new(),
            canaries: vec![CANARY.to_owned()],
        }
    }

    /// The same room with compiled components of its own, none at first.
    #[must_use]
    pub fn with_own_cache(mut self) -> Self {
        self.cache = self.path("cache");
        // The seal that goes with the shared cache goes too.
        let _ = fs::remove_dir_all(self.state());
        self
    }

    /// With this configuration file.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn config(self, text: &str) -> Self {
        let path = self.path("config.json5");
        fs::write(&path, text).expect("the room is ours");
        self.variable("CHELA_CONFIG", path)
    }

    /// With this variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// With a key in this variable: [`CANARY`].
    #[must_use]
    pub fn key(self, variable: &str) -> Self {
        self.variable(variable, CANARY)
    }

    /// The same room without a variable.
    #[must_use]
    pub fn without(mut self, variable: &str) -> Self {
        self.environment.remove(variable);
        self
    }

    /// One more text that must never come out.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.canaries.push(secret.to_owned());
        self
    }

    /// Puts a file into the working folder.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.work(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder"))
            .expect("the room is ours");
        fs::write(path, bytes).expect("the room is ours");
        self
    }

    /// A path in the room.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in the working folder, where the program is started.
    #[must_use]
    pub fn work(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// The state folder. The program makes it when it needs it.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The folder of compiled components. The program makes it when it needs it.
    #[must_use]
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Runs the program and checks what has to hold on every run:
    ///
    /// - it ends by itself, without a panic;
    /// - no canary is in stdout, stderr or any file it wrote, plain or in base64;
    /// - with `--json`, stdout is one JSON document, no more; if that is an envelope, it fits its schema, its fields are in order
    ///   and it agrees with the exit code;
    /// - no control character is in stdout or stderr but line feed and tab, media on stdout apart.
    ///
    /// # Panics
    /// When one of these does not hold.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        self.start(arguments).finish()
    }

    /// Runs the program with this on its standard input; the checks are those of [`Room::run`].
    ///
    /// # Panics
    /// When one of the checks does not hold.
    pub fn run_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: impl Into<Vec<u8>>,
    ) -> Run {
        let mut running = self.launch(arguments, Stdio::piped());
        feed(
            running.child.stdin.take().expect("stdin is piped"),
            input.into(),
        );
        running.finish()
    }

    /// Starts the program without waiting for it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Running<'_> {
        self.launch(arguments, Stdio::null())
    }

    /// Starts the program, writes this to its standard input and leaves that open. What does not fit into a pipe has been
    /// read when this is back.
    ///
    /// # Panics
    /// When it cannot be started, or does not read.
    pub fn start_with_open_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Running<'_> {
        let mut running = self.launch(arguments, Stdio::piped());
        let pipe = running.child.stdin.as_mut().expect("stdin is piped");
        pipe.write_all(input).expect("the program reads its input");
        running
    }

    fn launch<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: Stdio,
    ) -> Running<'_> {
        let arguments: Vec<OsString> = arguments
            .into_iter()
            .map(|argument| argument.as_ref().to_owned())
            .collect();
        let mut child = Command::new(&self.program)
            .args(&arguments)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("CHELA_STATE_DIR", self.state())
            .env("CHELA_CACHE_DIR", &self.cache)
            .envs(&self.environment)
            .current_dir(self.path("work"))
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", self.program.display()));
        let stdout = drain(child.stdout.take().expect("stdout is piped"));
        let stderr = drain(child.stderr.take().expect("stderr is piped"));
        Running {
            room: self,
            arguments,
            child,
            stdout,
            stderr,
            seen_stdout: Vec::new(),
            seen_stderr: Vec::new(),
        }
    }

    /// Names in place of what differs from run to run: the room's folder, and each pair given.
    #[must_use]
    pub fn normalise(&self, text: &str, names: &[(String, String)]) -> String {
        let folder = self.folder.path().to_string_lossy();
        let mut text = text.replace(&*folder, "[room]");
        for (value, name) in names {
            text = text.replace(value, name);
        }
        text
    }
}

/// The program while it runs.
pub struct Running<'room> {
    room: &'room Room,
    arguments: Vec<OsString>,
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
    seen_stdout: Vec<u8>,
    seen_stderr: Vec<u8>,
}

impl Running<'_> {
    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until stdout holds this text.
    ///
    /// # Panics
    /// When the program ends first, or stays silent.
    pub fn await_stdout(&mut self, text: &str) {
        await_text("stdout", &self.stdout, &mut self.seen_stdout, text);
    }

    /// Waits until stderr holds this text.
    ///
    /// # Panics
    /// When the program ends first, or stays silent.
    pub fn await_stderr(&mut self, text: &str) {
        await_text("stderr", &self.stderr, &mut self.seen_stderr, text);
    }

    /// Sends it the signal that a terminal sends for Ctrl-C.
    ///
    /// # Panics
    /// When the system has no `kill`.
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// Sends it the signal of that name.
    ///
    /// # Panics
    /// When the system has no `kill`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(status.is_ok_and(|status| status.success()), "kill works");
    }

    /// Whether it has ended.
    ///
    /// # Panics
    /// When the system cannot tell.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_some()
    }

    /// Ends it as a crash of the machine would: it gets no chance to clean up.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("the child is ours");
        self.child.wait().expect("the child is ours");
    }

    /// Waits for its end and checks what [`Room::run`] checks.
    ///
    /// # Panics
    /// When one of the checks does not hold.
    pub fn finish(mut self) -> Run {
        let deadline = Instant::now() + PATIENCE;
        let mut stdout = std::mem::take(&mut self.seen_stdout);
        let ended = collect(&self.stdout, &mut stdout, deadline);
        let mut stderr = std::mem::take(&mut self.seen_stderr);
        if !(ended && collect(&self.stderr, &mut stderr, deadline)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
            panic!(
                "chela {:?} did not end\nstdout: {}\nstderr: {}",
                self.arguments,
                String::from_utf8_lossy(&stdout),
                String::from_utf8_lossy(&stderr)
            );
        }
        // Both pipes are closed, so what is left is to be reaped.
        let status = self.child.wait().expect("the child is ours");
        let run = Run {
            arguments: self.arguments,
            status,
            stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        };
        if let Err(fault) = checks::every_run(&run, &self.room.canaries, &self.room.written()) {
            panic!("{fault}\n{run}");
        }
        run
    }
}

impl Room {
    /// All files that the program may have written.
    fn written(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![
            self.path("home"),
            self.state(),
            self.path("work"),
            self.path("cache"),
        ];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                    Ok(kind) if kind.is_file() => files.push(entry.path()),
                    _ => {}
                }
            }
        }
        files
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    arguments: Vec<OsString>,
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: String,
}

impl Run {
    /// What the program was started with.
    #[must_use]
    pub fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    /// The exit code, or `None` when a signal ended it.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Standard output as bytes.
    #[must_use]
    pub fn stdout_bytes(&self) -> &[u8] {
        &self.stdout
    }

    /// Standard output as text.
    ///
    /// # Panics
    /// When it is not UTF-8.
    #[must_use]
    pub fn stdout(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("stdout is text")
    }

    /// Standard error.
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{self}"))
    }

    /// The same run, known to have ended with this code.
    ///
    /// # Panics
    /// When it ended otherwise.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "exit code\n{self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stdout = String::from_utf8_lossy(&self.stdout);
        write!(
            formatter,
            "chela {:?}\n{}\nstdout:\n{stdout}\nstderr:\n{}",
            self.arguments, self.status, self.stderr
        )
    }
}

/// Makes a folder for its user alone, with those above it.
fn private_folder(path: &Path) {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .expect("a folder can be made where the tests live");
}

/// Lets a room read what another room compiled: the seal on it is made with a key in the state folder.
fn share_seal(keys: &Path, state: &Path) {
    #[cfg(unix)]
    {
        private_folder(keys);
        private_folder(state);
        std::os::unix::fs::symlink(keys, state.join("keys")).expect("a new folder is empty");
    }
    // Elsewhere every room compiles for itself.
    #[cfg(not(unix))]
    let _ = (keys, state);
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// Takes what comes out of a pipe until it holds a text.
fn await_text(name: &str, from: &Receiver<Vec<u8>>, seen: &mut Vec<u8>, text: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !String::from_utf8_lossy(seen).contains(text) {
        match from.recv_timeout(left(deadline)) {
            Ok(more) => seen.extend(more),
            Err(_) => panic!(
                "{name} never held {text:?} but {:?}",
                String::from_utf8_lossy(seen)
            ),
        }
    }
}

fn feed(mut pipe: ChildStdin, input: Vec<u8>) {
    std::thread::spawn(move || {
        // A program that has read enough may close its end.
        let _ = pipe.write_all(&input);
    });
}

/// Hands on what comes out of a pipe as it comes; the channel closes with the pipe.
fn drain(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Takes all that comes until the pipe closes. Gives `false` when it stays open.
fn collect(from: &Receiver<Vec<u8>>, into: &mut Vec<u8>, deadline: Instant) -> bool {
    loop {
        match from.recv_timeout(left(deadline)) {
            Ok(more) => into.extend(more),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return true,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => return false,
        }
    }
}
