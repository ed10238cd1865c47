//! What came of a job, held against its bytes.

use chela_egress::Blob;
use chela_envelope::Usage;
use chela_sandbox::families::video::Response;

use super::film::film;
use crate::fault::{Fault, short};
use crate::media::Seen;
use crate::told::usage_of;

/// What came of a job.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) clips: Vec<(Blob, Seen)>,
    pub(super) usage: Option<Usage>,
    pub(super) request_id: Option<String>,
}

impl Made {
    /// Looks at what came. What the provider says of size and length is not passed on: what is told is what the bytes say.
    ///
    /// # Errors
    ///
    /// The first clip that is no film, or not all of one. All of them can be had again.
    pub(super) async fn of(response: Response) -> Result<Self, Fault> {
        let request_id = response.request_id.as_deref().map(short);
        let mut clips = Vec::with_capacity(response.clips.len());
        for clip in response.clips {
            let seen = film(&clip.media).await.map_err(|fault| Fault {
                request_id: request_id.clone(),
                ..fault
            })?;
            clips.push((clip.media, seen));
        }
        Ok(Self {
            clips,
            usage: response.usage.map(usage_of),
            request_id,
        })
    }
}
