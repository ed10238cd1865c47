//! What is happening while a caller waits.

use std::fmt;
use std::sync::Arc;

/// Where work that takes its time stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Who is asked.
    pub provider: String,
    /// The provider's id of the model; empty for providers without models.
    pub model: String,
    /// What they are doing.
    pub stage: Stage,
}

/// What a provider is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It was asked, and has not answered.
    Asked,
    /// It took on a job, which waits for its turn. How many come before it, where the provider tells.
    Queued(Option<u32>),
    /// It works on the job. How far it is, from 0 to 1, where the provider tells.
    Running(Option<f64>),
    /// What it made is being written.
    Writing,
}

/// Who is told of progress; nobody by default. It is called on the thread of the work, which waits for it.
#[derive(Clone, Default)]
pub struct Watcher(Option<Arc<dyn Fn(&Progress) + Send + Sync>>);

impl Watcher {
    /// Tells this function.
    pub fn new(told: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    pub(crate) fn tell(&self, provider: &str, model: &str, stage: Stage) {
        if let Self(Some(told)) = self {
            told(&Progress {
                provider: provider.to_owned(),
                model: model.to_owned(),
                stage,
            });
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Watcher")
            .field(&self.0.is_some())
            .finish()
    }
}
