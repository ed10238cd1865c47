//! Compiling in a child process: a component that is a bomb for the compiler takes a child with it and nothing else.
#![expect(
    clippy::disallowed_types,
    reason = "the one place that starts a program, to compile a component"
)]

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::engine::engine;
use crate::error::SandboxError;

/// The largest component that is compiled, in bytes. A Python provider has around 20 MB.
pub const COMPONENT_BYTES: u64 = 48 << 20;

/// How long a child may take.
const COMPILE_TIME: Duration = Duration::from_secs(120);

/// What a child says about a failure is kept up to here, in bytes.
const MESSAGE_BYTES: u64 = 4 << 10;

/// The program that compiles: this same one, called so that it ends up in [`compile_child`].
#[derive(Clone, Debug)]
pub struct CompilerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

impl CompilerCommand {
    /// Compiles `component` in a child process into `output`.
    ///
    /// The child has an empty environment, no standard input but the component, and limits of its own on memory, time, and
    /// file size.
    pub(crate) async fn compile(&self, component: &[u8], output: File) -> Result<(), SandboxError> {
        let size = component.len() as u64;
        if size > COMPONENT_BYTES {
            return Err(SandboxError::TooLarge {
                size,
                limit: COMPONENT_BYTES,
            });
        }
        let mut command = Command::new(&self.program);
        // Ctrl-C is for the program that a person sees: the child ends when that one drops it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command
            .args(&self.args)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let work = async {
            let write = async {
                // A child that ends early closes the pipe; its exit says why.
                let _ = stdin.write_all(component).await;
                drop(stdin);
            };
            let mut message = String::new();
            let mut bytes = Vec::new();
            let read = async {
                let mut stderr = stderr.take(MESSAGE_BYTES);
                let _ = stderr.read_to_end(&mut bytes).await;
                // Past the part that is kept, go on reading so that the child does not wait for us.
                let _ = tokio::io::copy(stderr.get_mut(), &mut tokio::io::sink()).await;
            };
            tokio::join!(write, read);
            message.push_str(String::from_utf8_lossy(&bytes).trim());
            (child.wait().await, message)
        };
        match tokio::time::timeout(COMPILE_TIME, work).await {
            Err(_elapsed) => Err(SandboxError::CompileTimeout {
                seconds: COMPILE_TIME.as_secs(),
            }),
            Ok((status, message)) => {
                let status = status?;
                if status.success() {
                    Ok(())
                } else if message.is_empty() {
                    Err(SandboxError::Compile(format!(
                        "the compiler ended with {status}, likely at a limit"
                    )))
                } else if let Some(problem) = message.strip_prefix(UNWRITTEN) {
                    Err(io::Error::other(problem.to_owned()).into())
                } else {
                    Err(SandboxError::Compile(message))
                }
            }
        }
    }
}

/// What the child's message begins with when the component compiled and there was no room for the outcome.
const UNWRITTEN: &str = "compiled code cannot be written: ";

/// What the child process does: takes a component from standard input and gives compiled code on standard output.
///
/// Before it reads a byte it limits itself: 4 GiB of address space, two minutes of processor time, 512 MiB a file, 64 open
/// files, no core dump.
///
/// # Errors
///
/// A sentence for standard error: the input cannot be read, is too large, or does not compile.
pub fn compile_child(input: impl Read, mut output: impl Write) -> Result<(), String> {
    limit(Resource::As, 4 << 30)?;
    limit(Resource::Cpu, COMPILE_TIME.as_secs())?;
    limit(Resource::Fsize, 512 << 20)?;
    limit(Resource::Nofile, 64)?;
    limit(Resource::Core, 0)?;
    let mut component = Vec::new();
    input
        .take(COMPONENT_BYTES + 1)
        .read_to_end(&mut component)
        .map_err(|error: io::Error| format!("the component cannot be read: {error}"))?;
    if component.len() as u64 > COMPONENT_BYTES {
        return Err(format!(
            "the component has more than {COMPONENT_BYTES} bytes"
        ));
    }
    let compiled = engine()
        .map_err(|error| error.to_string())?
        .precompile_component(&component)
        .map_err(|error| format!("{error:#}"))?;
    output
        .write_all(&compiled)
        .map_err(|error| format!("{UNWRITTEN}{error}"))?;
    output
        .flush()
        .map_err(|error| format!("{UNWRITTEN}{error}"))
}

fn limit(resource: Resource, most: u64) -> Result<(), String> {
    setrlimit(
        resource,
        Rlimit {
            current: Some(most),
            maximum: Some(most),
        },
    )
    .map_err(|error| format!("the compiler cannot limit itself: {error}"))
}
