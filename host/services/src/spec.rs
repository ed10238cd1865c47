//! What a keeper is told.

use std::collections::BTreeMap;
use std::time::Duration;

use chela_config::LocalService;
use serde::{Deserialize, Serialize};

/// The server that a keeper keeps, as it is told on standard input: arguments of a process can be read by everyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The provider's id, which names the shared files.
    pub id: String,
    /// The program, by absolute path.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its working folder; the folder of the one who started it when there is none.
    pub cwd: Option<String>,
    /// Variables to add to its environment.
    pub env: BTreeMap<String, String>,
    /// How long it is kept when nobody needs it.
    pub idle: Duration,
}

impl Spec {
    /// What the configuration says of the server of a provider.
    pub fn new(id: &str, service: &LocalService) -> Self {
        Self {
            id: id.to_owned(),
            command: service.command.clone(),
            args: service.args.clone(),
            cwd: service.cwd.clone(),
            env: service.env.clone(),
            idle: service.idle_stop.unwrap_or_default(),
        }
    }
}
