//! `chela man`: the manual pages, made of the tree, so that they say what the program does.

use crate::args::{self, Man};
use crate::paths;
use crate::printer::Printer;
use chela_envelope::{ErrorBody, ErrorType};
use std::io;

/// Prints a page, or writes all of them.
///
/// # Errors
///
/// `usage` for a command that there is not and a folder that cannot be written.
pub(crate) fn run(arguments: &Man, printer: &mut Printer) -> Result<(), ErrorBody> {
    let tree = args::tree();
    if let Some(folder) = &arguments.output {
        let mut pages = Vec::new();
        collect("chela", &tree, &mut pages);
        let names: Vec<String> = pages.iter().map(|(name, _)| name.clone()).collect();
        paths::write_all(folder, pages)?;
        if printer.json() {
            printer.document(&names);
        } else {
            printer.text(&names.join("\n"));
        }
        return Ok(());
    }
    let mut command = &tree;
    let mut name = "chela".to_owned();
    for word in &arguments.command {
        command = command.find_subcommand(word).ok_or_else(|| {
            ErrorBody::new(
                ErrorType::Usage,
                format!("there is no command `{}`", arguments.command.join(" ")),
            )
            .hint("`chela list` names the commands; write one as `chela man image generate`")
        })?;
        name = format!("{name}-{}", command.get_name());
    }
    let page = page(&name, command).map_err(|error| unmade(&error))?;
    if printer.json() {
        #[derive(serde::Serialize)]
        struct Page<'a> {
            name: &'a str,
            roff: std::borrow::Cow<'a, str>,
        }
        printer.document(&Page {
            name: &name,
            roff: String::from_utf8_lossy(&page),
        });
    } else {
        printer.bytes(&mut page.as_slice());
    }
    Ok(())
}

/// The pages of a command and of those below it, each under its file name.
fn collect(name: &str, command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) {
    // `infer` is the same tree once more.
    if command.is_hide_set() || name == "chela-infer" {
        return;
    }
    if let Ok(page) = page(name, command) {
        pages.push((format!("{name}.1"), page));
    }
    for below in command.get_subcommands() {
        collect(&format!("{name}-{}", below.get_name()), below, pages);
    }
}

fn page(name: &str, command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let command = command
        .clone()
        .display_name(name.to_owned())
        .version(env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(command)
        .source(concat!("chela ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)?;
    Ok(page)
}

fn unmade(error: &io::Error) -> ErrorBody {
    ErrorBody::new(
        ErrorType::Internal,
        format!("the page cannot be made: {error}"),
    )
}
