//! What each command does: one verb, one file. A command is added here, in [`crate::args`], and in a file of its own.

mod audio;
pub(crate) mod completions;
mod embedding;
mod files;
mod image;
mod inspect;
mod list;
mod making;
mod man;
mod model;
mod named;
mod plugin;
mod prompt;
mod providers;
mod tts;
mod video;
mod web;

use crate::args::{
    self, Arguments, Audio, Auth, Command, Embedding, Image, Model, Plugin, Root, Shared, Stop,
    Tts, Video, Web,
};
use crate::capabilities;
use crate::environment::{self, Process};
use crate::paths::{self, Paths};
use crate::printer::{self, Printer};
use crate::session::Session;
use crate::trace;
use chela_catalog::Capability;
use chela_envelope::{Envelope, ErrorBody, ErrorType, exit};
use serde::Serialize;

/// Does what the arguments say and gives the exit code.
pub(crate) fn run(arguments: Arguments, process: &Process, printer: &mut Printer) -> u8 {
    let Shared { verbose, quiet, .. } = arguments.shared;
    printer.quiet(quiet);
    if verbose > 0 {
        trace::start(verbose);
    } else if process.watched && !quiet && !printer.json() {
        printer.show_waiting();
    }
    let command = match arguments.command {
        Root::Direct(command) | Root::Infer { command } => command,
        Root::Plugin(Plugin::Inspect(arguments)) => {
            return ended(plugin::inspect::run(&arguments, printer), process, printer);
        }
        Root::Completions(arguments) => {
            return ended(completions::run(&arguments, printer), process, printer);
        }
        Root::Man(arguments) => return ended(man::run(&arguments, printer), process, printer),
        Root::Compile => return compile(printer),
        Root::Keep => return keep(&arguments.shared, printer),
    };
    dispatch(command, &arguments.shared, process, printer)
        .unwrap_or_else(|error| failed(&error, process, printer))
}

fn dispatch(
    command: Command,
    shared: &Shared,
    process: &Process,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let open = || Session::open(shared, process, printer);
    match command {
        Command::List => list::run(printer),
        Command::Inspect(arguments) => inspect::run(&arguments, printer)?,
        Command::Model(Model::Providers) => {
            providers::run(Capability::ModelRun, &open()?, printer);
        }
        Command::Image(Image::Providers) => {
            providers::run(Capability::ImageGenerate, &open()?, printer);
        }
        Command::Audio(Audio::Providers) => {
            providers::run(Capability::AudioTranscribe, &open()?, printer);
        }
        Command::Embedding(Embedding::Providers) => {
            providers::run(Capability::EmbeddingCreate, &open()?, printer);
        }
        Command::Web(Web::Providers) => web::providers::run(&open()?, printer),
        Command::Model(Model::List(arguments)) => {
            model::list::run(&arguments, &open()?, printer)?;
        }
        Command::Model(Model::Inspect(arguments)) => {
            model::inspect::run(&arguments, &open()?, printer)?;
        }
        Command::Model(Model::Auth(Auth::Login(arguments))) => {
            model::auth::login::run(&arguments, &open()?, printer)?;
        }
        Command::Model(Model::Auth(Auth::Logout(arguments))) => {
            model::auth::logout::run(&arguments, &open()?, printer)?;
        }
        Command::Model(Model::Auth(Auth::Status(arguments))) => {
            model::auth::status::run(&arguments, &open()?, printer)?;
        }
        Command::Model(Model::Run(arguments)) => {
            return model::run::run(arguments, &open()?, printer);
        }
        Command::Image(Image::Generate(arguments)) => {
            return image::generate::run(arguments, &open()?, printer);
        }
        Command::Image(Image::Edit(arguments)) => {
            return image::edit::run(arguments, &open()?, printer);
        }
        Command::Image(Image::Describe(arguments)) => {
            return image::describe::run(arguments, &open()?, printer);
        }
        Command::Image(Image::DescribeMany(arguments)) => {
            return image::describe_many::run(arguments, &open()?, printer);
        }
        Command::Audio(Audio::Transcribe(arguments)) => {
            return audio::transcribe::run(arguments, &open()?, printer);
        }
        Command::Tts(Tts::Convert(arguments)) => {
            return tts::convert::run(arguments, &open()?, printer);
        }
        Command::Tts(Tts::Voices(arguments)) => {
            return tts::voices::run(&arguments, &open()?, printer);
        }
        Command::Tts(Tts::Providers) => tts::providers::run(&open()?, printer)?,
        Command::Tts(Tts::Personas) => tts::personas::run(&open()?, printer)?,
        Command::Tts(Tts::Status) => tts::state::status(&open()?, printer)?,
        Command::Tts(Tts::Enable) => tts::state::enable(true, &open()?, printer)?,
        Command::Tts(Tts::Disable) => tts::state::enable(false, &open()?, printer)?,
        Command::Tts(Tts::SetProvider(arguments)) => {
            tts::state::set_provider(&arguments, &open()?, printer)?;
        }
        Command::Tts(Tts::SetPersona(arguments)) => {
            tts::state::set_persona(&arguments, &open()?, printer)?;
        }
        Command::Video(Video::Generate(arguments)) => {
            return video::generate::run(arguments, &open()?, printer);
        }
        Command::Video(Video::Resume(arguments)) => {
            return video::resume::run(arguments, &open()?, printer);
        }
        Command::Video(Video::Cancel(arguments)) => {
            return video::cancel::run(arguments, &open()?, printer);
        }
        Command::Video(Video::Describe(arguments)) => {
            return video::describe::run(arguments, &open()?, printer);
        }
        Command::Video(Video::Providers) => video::providers::run(&open()?, printer),
        Command::Web(Web::Search(arguments)) => {
            return web::search::run(arguments, &open()?, printer);
        }
        Command::Web(Web::Fetch(arguments)) => {
            return web::fetch::run(arguments, &open()?, printer);
        }
        Command::Embedding(Embedding::Create(arguments)) => {
            return embedding::create::run(arguments, &open()?, printer);
        }
    }
    Ok(exit::OK)
}

/// Prints what stands in place of the work: help, version, or what is wrong with the command line.
pub(crate) fn stop(stop: Stop, process: &Process, printer: &mut Printer) -> u8 {
    match stop {
        Stop::Version => {
            #[derive(Serialize)]
            struct Version {
                name: &'static str,
                version: &'static str,
            }
            let version = Version {
                name: "chela",
                version: env!("CARGO_PKG_VERSION"),
            };
            if printer.json() {
                printer.document(&version);
            } else {
                printer.text(&format!("{} {}", version.name, version.version));
            }
            exit::OK
        }
        Stop::Help { text, words } => {
            if printer.json() {
                let id = words
                    .iter()
                    .filter(|word| *word != "infer")
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(".");
                let all = capabilities::all(&args::tree());
                match all.iter().find(|capability| capability.id == id) {
                    Some(capability) => printer.document(capability),
                    None => printer.document(&all),
                }
            } else {
                printer.text(&text);
            }
            exit::OK
        }
        Stop::Usage(error) => failed(&error, process, printer),
    }
}

/// The exit code of a command that prints what it has itself.
fn ended(done: Result<(), ErrorBody>, process: &Process, printer: &mut Printer) -> u8 {
    match done {
        Ok(()) => exit::OK,
        Err(error) => failed(&error, process, printer),
    }
}

/// Says why there is no result: as an envelope under `--json`, as a sentence and a hint on standard error otherwise.
pub(crate) fn failed(error: &ErrorBody, process: &Process, printer: &mut Printer) -> u8 {
    let tree = args::tree();
    let mut error = error.clone();
    if error.kind == ErrorType::Usage && error.hint.is_none() {
        error.hint = Some(args::right_form(&process.raw, &tree));
    }
    let code = exit::for_error(error.kind);
    if printer.json() && !printer.document_written() {
        let capability = process.raw.walk(&tree).capability();
        printer.document(&Envelope::failed(capability, error));
    } else {
        printer.error(&error);
    }
    code
}

/// The compiler process: a component comes in, compiled code goes out. No user calls it.
fn compile(printer: &Printer) -> u8 {
    match chela_sandbox::compile_child(environment::stdin_bytes(), printer::compiled_code()) {
        Ok(()) => exit::OK,
        Err(message) => {
            printer.plain(&message);
            exit::INTERNAL
        }
    }
}

fn keep(shared: &Shared, printer: &Printer) -> u8 {
    let kept = environment::stdin_text()
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
        .and_then(|spec| {
            let paths = Paths::find(shared.config.as_deref()).map_err(|error| error.message)?;
            let folder = paths::own(&paths.services()).map_err(|error| error.message)?;
            chela_services::keep(&spec, &folder).map_err(|error| error.to_string())
        });
    match kept {
        Ok(()) => exit::OK,
        Err(message) => {
            printer.plain(&message);
            exit::INTERNAL
        }
    }
}
