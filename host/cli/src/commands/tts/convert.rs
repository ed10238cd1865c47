//! `chela tts convert`: a text as sound.

use crate::args::{SoundFormat, TtsConvert};
use crate::commands::making;
use crate::commands::prompt;
use crate::commands::tts::personas;
use crate::commands::tts::providers::Speaker;
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
    let named = selection.model.is_some() || selection.provider.is_some();
    let preferences = match Preferences::read(&session.paths) {
        Ok(preferences) => Some(preferences),
        // Who is named is asked, whatever is preferred.
        Err(error) if named => {
            printer.warning(&error.message);
            None
        }
        Err(error) => return Err(error),
    };
    let mut persona = session.config.tts.persona.as_deref();
    if let Some(preferences) = &preferences {
        persona = personas::active(session, preferences)?;
        if !named {
            // A preference is a name like any other: that one is asked, and no other behind its back.
            let speaker = Speaker::of(session, preferences, persona)?;
            selection.provider = speaker.map(|speaker| speaker.provider);
        }
    }
    let request = chela_runtime::TtsConvert {
        selection,
        output: making::destination(arguments.output.as_deref(), "sound", printer)?,
        voice: arguments.voice,
        channel: arguments.channel,
        speed: arguments.speed,
        instructions: arguments.instructions.map(prompt::of_flag).transpose()?,
        usual: session.config.tts.clone(),
        persona: persona.map(str::to_owned),
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
