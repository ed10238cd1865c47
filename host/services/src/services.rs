//! Having a server up for as long as it is needed.
#![expect(
    clippy::disallowed_types,
    reason = "a keeper is this program, started again"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use cap_std::fs::Dir;
use chela_config::LocalService;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

use crate::files::{open, tail};
use crate::{ServiceError, Spec};

/// How long a server may take to serve when the configuration does not say.
const USUAL_TIME: Duration = Duration::from_secs(120);

/// How long between two looks at a lock that another process holds.
const LOOK: Duration = Duration::from_millis(20);

/// How long between two questions whether the server serves, at first and at most.
const ASK: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// How a keeper is started.
#[derive(Debug, Clone)]
pub struct KeeperCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables that no server gets to see: those that hold keys.
    pub withheld: Vec<String>,
}

/// The servers that are needed. Dropping it lets go of all of them.
#[derive(Debug)]
pub struct Services {
    folder: Dir,
    keeper: KeeperCommand,
    /// The locks that say that a server is needed, by provider.
    needed: Mutex<BTreeMap<String, File>>,
}

impl Services {
    /// None is needed yet. `folder` is private to the user and the same for all processes that share servers.
    pub fn new(folder: Dir, keeper: KeeperCommand) -> Self {
        Self {
            folder,
            keeper,
            needed: Mutex::default(),
        }
    }

    /// Has the server of a provider up, and keeps it until this is dropped. One that serves already is used as it is; else it is
    /// started, unless another process is at that, and waited for.
    ///
    /// `serves` asks the server once whether it serves. Dropping the future stops what it has started.
    ///
    /// # Errors
    ///
    /// When it does not come up by its configured time or the deadline; its keeper is stopped then.
    pub async fn up(
        &self,
        id: &str,
        service: &LocalService,
        deadline: Instant,
        serves: impl AsyncFn() -> bool,
    ) -> Result<(), ServiceError> {
        let began = Instant::now();
        let late = || ServiceError::NotReady {
            waited: began.elapsed(),
            tail: tail(&self.folder, id),
        };
        let mut needed = timeout_at(deadline, self.needed.lock())
            .await
            .map_err(|_| late())?;
        let deadline = deadline.min(Instant::now() + service.ready_timeout.unwrap_or(USUAL_TIME));
        if !needed.contains_key(id) {
            let file = open(&self.folder, id, "use")?;
            // A keeper holds it only while its server goes.
            if !locked(|| file.try_lock_shared(), deadline).await? {
                return Err(late());
            }
            needed.insert(id.to_owned(), file);
        }
        needed[id].set_modified(SystemTime::now())?;
        if serves().await {
            return Ok(());
        }
        let start = open(&self.folder, id, "start")?;
        if !locked(|| start.try_lock(), deadline).await? {
            return Err(late());
        }
        // Another process may have started it meanwhile.
        if serves().await {
            return Ok(());
        }
        tracing::info!(
            provider = id,
            command = service.command,
            "starts its server"
        );
        let mut keeper = self.start(id, service)?;
        let mut pause = ASK.0;
        loop {
            if serves().await {
                keeper.leave();
                tracing::info!(provider = id, "its server serves");
                return Ok(());
            }
            if keeper.has_ended() {
                return Err(ServiceError::Ended {
                    tail: tail(&self.folder, id),
                });
            }
            if Instant::now() >= deadline {
                return Err(late());
            }
            sleep(pause.min(deadline - Instant::now())).await;
            pause = (pause * 2).min(ASK.1);
        }
    }

    fn start(&self, id: &str, service: &LocalService) -> Result<Keeper, ServiceError> {
        let mut command = Command::new(&self.keeper.program);
        command
            .args(&self.keeper.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for name in &self.keeper.withheld {
            command.env_remove(name);
        }
        // What is typed at this terminal is not for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| ServiceError::Unstartable {
            command: self.keeper.program.display().to_string(),
            problem: error.to_string(),
        })?;
        let spec = serde_json::to_vec(&Spec::new(id, service)).map_err(io::Error::from)?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(&spec)?;
        }
        Ok(Keeper { child, left: false })
    }
}

/// Waits for a lock until the deadline. False when it is another's until then.
async fn locked(
    lock: impl Fn() -> Result<(), std::fs::TryLockError>,
    deadline: Instant,
) -> io::Result<bool> {
    loop {
        match lock() {
            Ok(()) => return Ok(true),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
            Err(std::fs::TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Ok(false);
            }
            Err(std::fs::TryLockError::WouldBlock) => sleep(LOOK).await,
        }
    }
}

/// A keeper that was started. Dropping it has it stop its server, unless it was left to itself.
struct Keeper {
    child: Child,
    left: bool,
}

impl Keeper {
    /// From here on it goes by who needs the server.
    fn leave(&mut self) {
        self.left = true;
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if self.left || self.has_ended() {
            return;
        }
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process};
            if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::TERM);
            }
        }
        #[cfg(not(unix))]
        let _ = self.child.kill();
    }
}
