//! `chela completions <shell>`: what a shell has to read to complete chela's command lines.
//!
//! The shell then asks the program itself, with a variable set, what may come next ([`answer`]): so it knows the providers and models
//! that are configured now, not those of the day the script was written.

use crate::args::{self, Completions, Shared, Shell};
use crate::environment::{self, Process};
use crate::printer::Printer;
use crate::session::Session;
use chela_envelope::{ErrorBody, ErrorType};
use clap::ValueEnum as _;
use clap::builder::StyledStr;
use clap_complete::CompletionCandidate;
use clap_complete::engine::ArgValueCompleter;
use clap_complete::env::{EnvCompleter, Shells};
use std::collections::BTreeMap;
use std::ffi::OsStr;

/// The variable that holds the shell's name when a shell asks.
const ASKING: &str = "CHELA_COMPLETE";

/// Prints the script.
///
/// # Errors
///
/// `internal` when the script cannot be made.
pub(crate) fn run(arguments: &Completions, printer: &mut Printer) -> Result<(), ErrorBody> {
    let mut script = Vec::new();
    completer(arguments.shell)
        .and_then(|shell| {
            shell
                .write_registration(ASKING, "chela", "chela", "chela", &mut script)
                .ok()
        })
        .ok_or_else(|| ErrorBody::new(ErrorType::Internal, "the script cannot be made"))?;
    if printer.json() {
        #[derive(serde::Serialize)]
        struct Script<'a> {
            shell: &'static str,
            script: std::borrow::Cow<'a, str>,
        }
        printer.document(&Script {
            shell: arguments.shell.name(),
            script: String::from_utf8_lossy(&script),
        });
    } else {
        printer.bytes(&mut script.as_slice());
    }
    Ok(())
}

/// Answers a shell that asks what may come next. Whether one did.
pub(crate) fn answer(process: &Process, printer: &mut Printer) -> bool {
    let asking = process.variables.var(ASKING).unwrap_or_default();
    let Ok(shell) = Shell::from_str(asking, false) else {
        return false;
    };
    let Some(completer) = completer(shell) else {
        return false;
    };
    // Before the two hyphens stands how the shell was told to ask, behind them the line so far.
    let line = process.raw.all().iter().skip_while(|word| *word != "--");
    let line = line.skip(1).cloned().collect();
    let folder = environment::folder_of_work();
    let mut answer = Vec::new();
    let mut tree = with_values(args::tree(), process);
    let done = completer.write_complete(&mut tree, line, folder.as_deref(), &mut answer);
    if done.is_ok() {
        printer.bytes(&mut answer.as_slice());
    }
    true
}

fn completer(shell: Shell) -> Option<&'static dyn EnvCompleter> {
    const SHELLS: Shells<'static> = Shells::builtins();
    SHELLS
        .0
        .iter()
        .copied()
        .find(|completer| completer.is(shell.name()))
}

/// The tree with the providers, models, voices, personas and capabilities that are known now.
fn with_values(tree: clap::Command, process: &Process) -> clap::Command {
    let mut silent = Printer::new(false, false);
    silent.quiet(true);
    let Ok(session) = Session::open(&Shared::default(), process, &silent) else {
        return tree;
    };
    let catalog = session.providers();
    let providers = catalog
        .providers()
        .map(|provider| (provider.id().to_string(), provider.label().into_owned()))
        .collect();
    let models = catalog
        .models()
        .into_iter()
        .map(|model| (model.id, model.label))
        .collect();
    // Each of the voices that manifests name, with whose it is; a voice of several providers is offered once.
    let mut voices = BTreeMap::<String, Vec<String>>::new();
    for provider in catalog.providers() {
        for voice in provider
            .manifest()
            .speech
            .iter()
            .flat_map(|spec| &spec.voices)
        {
            let of = voices.entry(voice.clone()).or_default();
            of.push(provider.label().into_owned());
        }
    }
    let voices = voices.into_iter().map(|(voice, of)| (voice, of.join(", ")));
    let personas = session.config.tts.personas.iter();
    let personas = personas.map(|(id, it)| (id.clone(), it.label.clone().unwrap_or_default()));
    let (providers, models) = (offering(providers), offering(models));
    let (voices, personas) = (offering(voices.collect()), offering(personas.collect()));
    let capabilities = crate::capabilities::all(&tree)
        .into_iter()
        .map(|capability| (capability.id, capability.description));
    let capabilities = offering(capabilities.collect());
    over_all(tree, &|argument| match argument.get_id().as_str() {
        "provider" => argument.add(providers.clone()),
        "model" => argument.add(models.clone()),
        "voice" => argument.add(voices.clone()),
        "persona" => argument.add(personas.clone()),
        "name"
            if argument
                .get_value_names()
                .is_some_and(|names| names[0] == "CAPABILITY") =>
        {
            argument.add(capabilities.clone())
        }
        _ => argument,
    })
}

/// Offers those of the values that begin like what was typed.
fn offering(values: Vec<(String, String)>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy();
        values
            .iter()
            .filter(|(value, _)| value.starts_with(typed.as_ref()))
            .map(|(value, label)| {
                let label = crate::sanitize::line(label).into_owned();
                CompletionCandidate::new(value).help(Some(StyledStr::from(label)))
            })
            .collect::<Vec<_>>()
    })
}

fn over_all(tree: clap::Command, change: &dyn Fn(clap::Arg) -> clap::Arg) -> clap::Command {
    tree.mut_args(change)
        .mut_subcommands(|command| over_all(command, change))
}
