//! Results on their way out. They were paid for, so none is thrown away because its place is taken.

use chela_egress::Blob;
use chela_envelope::MediaOutput;

use crate::fault::Fault;
use crate::output::{Destination, Finished, Folder, write_all};
use crate::report::Report;

/// What became of results.
#[derive(Debug)]
pub(crate) struct Delivered {
    /// Those that are on the disk, in order.
    pub(crate) outputs: Vec<MediaOutput>,
    /// What the caller is to write to its standard output.
    pub(crate) stdout: Option<Blob>,
    /// Why they are not where they were to go.
    pub(crate) misplaced: Option<Misplaced>,
}

/// Why results are not where they were to go.
#[derive(Debug)]
pub(crate) struct Misplaced {
    pub(crate) fault: Fault,
    /// Not all of them are in the media folder either.
    pub(crate) lost: bool,
}

/// Writes results where they are to go, numbered where several were `asked` for; what cannot go there, into the media folder.
pub(crate) async fn deliver(
    report: &mut Report,
    destination: &Destination,
    media_folder: &Folder,
    capability: &str,
    asked: usize,
    results: &[Finished<'_>],
) -> Delivered {
    let (written, unwritten) =
        write_all(destination, media_folder, capability, asked, results).await;
    for (asked, is) in &written.renamed {
        report.renamed(asked, is);
    }
    let mut delivered = Delivered {
        outputs: written.outputs,
        stdout: written.stdout,
        misplaced: None,
    };
    if let Some(mut fault) = unwritten {
        let rest = &results[delivered.outputs.len()..];
        let (kept, lost) = write_all(
            &Destination::MediaFolder,
            media_folder,
            capability,
            asked,
            rest,
        )
        .await;
        delivered.outputs.extend(kept.outputs);
        delivered.stdout = None;
        if lost.is_none() {
            fault
                .message
                .push_str("; what was made is in the media folder");
        }
        delivered.misplaced = Some(Misplaced {
            fault,
            lost: lost.is_some(),
        });
    }
    delivered
}
