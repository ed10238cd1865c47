//! What commands that make or describe media have in common: how pictures are to come out, and where results go.

use crate::args::{Background, Format, ImageOptions, Moderation, Resolution};
use crate::printer::{self, Printer};
use crate::session::Session;
use crate::{environment, paths, picture, render, work};
use chela_envelope::{Envelope, ErrorBody, ErrorType, Output};
use chela_runtime::{Destination, ImageHints, MediaAnswer};
use std::io::Read as _;
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
    let elsewhere = place.filter(|_| envelope.ok && envelope.dry_run.is_none());
    if let (Some(place), false) = (&elsewhere, printer.json()) {
        printer.text(place);
    }
    render::envelope(&envelope, elsewhere.is_some(), printer)
}

/// Whether what is made is to be drawn too.
///
/// # Errors
///
/// A `usage` error for `--show` with `--json`.
pub(super) fn show(options: &ImageOptions, printer: &Printer) -> Result<bool, ErrorBody> {
    if options.show && printer.json() {
        return Err(
            ErrorBody::new(ErrorType::Usage, "`--show` and --json exclude each other")
                .hint("leave out one of them"),
        );
    }
    Ok(options.show)
}

/// Prints what came of it, and draws the pictures of it.
pub(super) fn deliver_pictures(
    capability: &str,
    done: Result<MediaAnswer, ErrorBody>,
    show: bool,
    session: &Session,
    printer: &mut Printer,
) -> u8 {
    let made = match (&done, show) {
        (Ok(answer), true) => answer.envelope.outputs.clone(),
        _ => Vec::new(),
    };
    let code = deliver(capability, done, printer);
    for output in made {
        let Output::Media(media) = output else {
            continue;
        };
        let drawn = match session.canvas {
            None if printer::stdout_is_terminal() => {
                Err("this terminal does not say that it can".to_owned())
            }
            None => Err("standard output is no terminal".to_owned()),
            Some(canvas) => {
                read(Path::new(&media.path)).and_then(|file| canvas.draw(&file, printer::columns()))
            }
        };
        match drawn {
            Ok(drawing) => printer.drawing(&drawing),
            Err(why) => {
                printer.warning(&format!("--show: {} is not drawn: {why}", media.path));
            }
        }
    }
    code
}

/// A picture that was written.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut file = Vec::new();
    paths::open(path)
        .and_then(|from| from.take(picture::LARGEST + 1).read_to_end(&mut file))
        .map_err(|error| environment::problem(&error))?;
    if file.len() as u64 > picture::LARGEST {
        return Err("it is too large for a terminal".to_owned());
    }
    Ok(file)
}

/// Prints what came of it.
pub(super) fn deliver(
    capability: &str,
    done: Result<MediaAnswer, ErrorBody>,
    printer: &mut Printer,
) -> u8 {
    let (envelope, stdout, pending) = match done {
        Ok(answer) => (Ok(answer.envelope), answer.stdout, answer.pending),
        Err(error) => (Err(error), None, None),
    };
    let whole = stdout.is_none_or(|media| printer.bytes(&mut media.reader()));
    match pending {
        Some(job) if whole => job.done(),
        Some(job) => printer.warning(&format!(
            "the film was not taken whole; this fetches it again: {}",
            job.resume()
        )),
        None => {}
    }
    render::envelope(&work::envelope_of(capability, envelope), false, printer)
}
