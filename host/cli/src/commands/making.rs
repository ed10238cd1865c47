//! What commands that make or describe media have in common: how pictures are to come out, and where results go.

use crate::args::{Background, Format, ImageOptions, Moderation, Resolution};
use crate::printer::{self, Printer};
use crate::{paths, render, work};
use chela_envelope::{Envelope, ErrorBody, ErrorType};
use chela_runtime::{Destination, ImageHints, MediaAnswer};
use std::path::Path;

/// The flags as the runtime takes them.
pub(super) fn hints(options: &ImageOptions) -> ImageHints {
    ImageHints {
        count: options.count,
        size: options.size,
        aspect_ratio: options.aspect_ratio,
        resolution: options.resolution.map(|class| {
            match class {
                Resolution::OneK => "1K",
                Resolution::TwoK => "2K",
                Resolution::FourK => "4K",
            }
            .to_owned()
        }),
        output_format: options.output_format.map(|format| match format {
            Format::Png => chela_runtime::Format::Png,
            Format::Jpeg => chela_runtime::Format::Jpeg,
            Format::Webp => chela_runtime::Format::Webp,
        }),
        background: options.background.map(background),
        openai_background: options.openai_background.map(background),
        quality: options.quality.clone(),
        openai_moderation: options.openai_moderation.map(|level| {
            match level {
                Moderation::Low => "low",
                Moderation::Auto => "auto",
            }
            .to_owned()
        }),
    }
}

fn background(background: Background) -> chela_runtime::Background {
    match background {
        Background::Transparent => chela_runtime::Background::Transparent,
        Background::Opaque => chela_runtime::Background::Opaque,
        Background::Auto => chela_runtime::Background::Auto,
    }
}

/// Where results go; `what` is one of them in a word.
///
/// # Errors
///
/// A `usage` error for standard output where it is a terminal or has to be a document, and for a path that names no file.
pub(super) fn destination(
    output: Option<&Path>,
    what: &str,
    printer: &Printer,
) -> Result<Destination, ErrorBody> {
    match output {
        None => Ok(Destination::MediaFolder),
        Some(path) if path == Path::new("-") => {
            let refuse = |message: &str| ErrorBody::new(ErrorType::Usage, message);
            if printer.json() {
                Err(refuse("`--output -` and --json both want standard output")
                    .hint("leave out one of them"))
            } else if printer::stdout_is_terminal() {
                Err(
                    refuse(&format!("`--output -` would write a {what} to a terminal"))
                        .hint(format!("redirect it, as in: --output - > {what}.out")),
                )
            } else {
                Ok(Destination::Stdout)
            }
        }
        Some(path) => paths::destination(path),
    }
}

/// A file that words are written to besides, and its path as it was given. The words are on standard output anyway, so `-` names none.
///
/// # Errors
///
/// A `usage` error for a path that names no file.
pub(super) fn words_to(
    output: Option<&Path>,
) -> Result<(Option<Destination>, Option<String>), ErrorBody> {
    let output = output.filter(|path| *path != Path::new("-"));
    let place = output.map(|path| path.display().to_string());
    Ok((output.map(paths::destination).transpose()?, place))
}

/// Prints a description, or where it is.
pub(super) fn describe(
    capability: &str,
    done: Result<Envelope, ErrorBody>,
    place: Option<String>,
    printer: &mut Printer,
) -> u8 {
    let envelope = work::envelope_of(capability, done);
    let elsewhere = place.filter(|_| envelope.ok);
    if let (Some(place), false) = (&elsewhere, printer.json()) {
        printer.text(place);
    }
    render::envelope(&envelope, elsewhere.is_some(), printer)
}

/// Prints what came of it.
pub(super) fn deliver(
    capability: &str,
    done: Result<MediaAnswer, ErrorBody>,
    printer: &mut Printer,
) -> u8 {
    let (envelope, stdout) = match done {
        Ok(MediaAnswer { envelope, stdout }) => (Ok(envelope), stdout),
        Err(error) => (Err(error), None),
    };
    if let Some(media) = stdout {
        printer.bytes(&mut media.reader());
    }
    render::envelope(&work::envelope_of(capability, envelope), false, printer)
}
