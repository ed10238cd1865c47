//! `chela tts convert`: a text as sound.

use crate::args::{SoundFormat, TtsConvert};
use crate::commands::making;
use crate::commands::prompt;
use crate::preferences::Preferences;
use crate::printer::Printer;
use crate::session::Session;
use crate::work;
use chela_envelope::{ErrorBody, capability};

/// Speaks and prints where the sound is.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: TtsConvert,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let mut selection = session.selection(&arguments.target)?;
    if selection.model.is_none() && selection.provider.is_none() {
        // A preference is a name like any other: that one is asked, and no other behind its back.
        selection.provider = Preferences::read(&session.paths)?.provider()?;
    }
    let request = chela_runtime::TtsConvert {
        selection,
        output: making::destination(arguments.output.as_deref(), "sound", printer)?,
        voice: arguments.voice,
        channel: arguments.channel,
        output_format: arguments.output_format.map(format),
        text: prompt::of_flag_or_stdin(
            arguments.text,
            arguments.stdin.is_some(),
            ["text", "chela tts convert --text"],
        )?,
    };
    request.problem().map_or(Ok(()), Err)?;
    let runtime = session.runtime(arguments.target.dry_run, printer)?;
    Ok(making::deliver(
        capability::TTS_CONVERT,
        work::until_done(runtime.cancellation(), runtime.tts_convert(request)),
        printer,
    ))
}

fn format(format: SoundFormat) -> chela_runtime::SoundFormat {
    match format {
        SoundFormat::Mp3 => chela_runtime::SoundFormat::Mp3,
        SoundFormat::Wav => chela_runtime::SoundFormat::Wav,
        SoundFormat::Opus => chela_runtime::SoundFormat::Opus,
        SoundFormat::Aac => chela_runtime::SoundFormat::Aac,
        SoundFormat::Flac => chela_runtime::SoundFormat::Flac,
        SoundFormat::Pcm => chela_runtime::SoundFormat::Pcm,
    }
}
