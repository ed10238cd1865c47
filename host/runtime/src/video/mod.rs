//! `video.generate`, `video.resume` and `video.cancel`: films from words, by jobs that outlive the process that handed them in.
//!
//! A job is paid for when it is taken on. So it is kept on the disk before the first question after it, it is not handed in twice to
//! a provider that broke off, nobody else is asked while it may go on, and it is taken out of the store only when its film is written or it
//! came to nothing.

mod cancel;
mod film;
mod finish;
mod generate;
mod jobs;
mod made;
mod options;
mod resume;
mod wait;

use std::time::Duration;

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank};
use crate::choose::Asked;
use crate::fault::Fault;
use crate::input::InputFile;
use crate::output::Destination;

pub(crate) use film::is_film;
pub use finish::PendingJob;
pub use jobs::{JobStore, VideoJob, replace_private};
pub use options::VideoHints;
pub use wait::PollPolicy;

/// How long one film may take when nobody says. Most take one to five minutes, a busy provider's queue included.
const USUAL_TIME: Duration = Duration::from_secs(20 * 60);

/// The most seconds that a film can be asked to last: an hour. Longer ones are a mistake in the unit.
pub const LONGEST_FILM: u32 = 3600;

/// A request for a film.
#[derive(Debug)]
pub struct VideoGenerate {
    /// What to film. Never altered.
    pub prompt: String,
    /// Pictures or films to start from.
    pub files: Vec<InputFile>,
    /// How it is to come out.
    pub hints: VideoHints,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// Where the film goes.
    pub output: Destination,
    /// The same for a later process that resumes the job: an absolute path, `-` for standard output, none for the media folder.
    pub place: Option<String>,
}

/// A request for the film of a job that an earlier process handed in.
#[derive(Debug)]
pub struct VideoResume {
    /// The job's id.
    pub id: String,
    /// How long it is waited for.
    pub timeout: Option<Duration>,
    /// Where the film goes.
    pub output: Destination,
}

/// A request to stop a job.
#[derive(Debug)]
pub struct VideoCancel {
    /// The job's id.
    pub id: String,
    /// How long the provider has to answer.
    pub timeout: Option<Duration>,
    /// Only take it out of the store: the provider is not asked, and goes on.
    pub forget: bool,
}

impl VideoGenerate {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        not_blank(&self.prompt, "the prompt")?;
        if let Some(resolution) = &self.hints.resolution {
            not_blank(resolution, "the resolution")?;
        }
        let longest = f64::from(LONGEST_FILM);
        match self.hints.duration {
            Some(seconds) if !(seconds > 0.0 && seconds <= longest) => {
                let message = format!("a film cannot last {seconds} seconds");
                Err(Fault::usage(message).hint(format!("give up to {LONGEST_FILM} seconds")))
            }
            _ => Ok(()),
        }
    }
}

/// A candidate whose time is that of a whole film: what a manifest says, or the operator of the provider, is for a single call.
struct Patient<'p, 'c>(&'p Candidate<'c>);

impl Asked for Patient<'_, '_> {
    fn provider(&self) -> &str {
        self.0.provider()
    }

    fn model(&self) -> Option<&str> {
        self.0.model()
    }

    fn timeout(&self) -> Option<Duration> {
        self.0.chosen
    }
}
