//! `chela inspect --name <capability>`: one capability.

use crate::args::{self, Inspect};
use crate::capabilities::{self, Capability};
use crate::printer::Printer;
use crate::render::Table;
use chela_envelope::{ErrorBody, ErrorType};

/// Prints one capability.
///
/// # Errors
///
/// A `usage` error where there is no such capability.
pub(crate) fn run(arguments: &Inspect, printer: &mut Printer) -> Result<(), ErrorBody> {
    let all = capabilities::all(&args::tree());
    let Some(found) = all
        .iter()
        .find(|capability| capability.id == arguments.name)
    else {
        let ids: Vec<&str> = all
            .iter()
            .map(|capability| capability.id.as_str())
            .collect();
        let message = format!("there is no capability `{}`", arguments.name);
        let hint = match chela_manifest::document::nearest(&arguments.name, &ids) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", ids.join(", ")),
        };
        return Err(ErrorBody::new(ErrorType::Usage, message).hint(hint));
    };
    show(found, printer);
    Ok(())
}

/// Prints a capability that was found.
pub(crate) fn show(capability: &Capability, printer: &mut Printer) {
    if printer.json() {
        return printer.document(capability);
    }
    let mut text = format!(
        "{}: {}\n\ntransports  {}\nresult      {}\n",
        capability.id,
        capability.description,
        capability.transports.join(", "),
        capability.result.document
    );
    for (field, kind) in &capability.result.fields {
        text.push_str(&format!("            {field}: {kind}\n"));
    }
    let mut table = Table::new(["FLAG", "NOTE", "DESCRIPTION"]);
    for flag in capability.arguments.iter().chain(&capability.flags) {
        let name = match &flag.value {
            Some(value) => format!("{} <{value}>", flag.name),
            None => flag.name.clone(),
        };
        let note = match (flag.required, flag.repeatable) {
            (true, true) => "required, repeatable",
            (true, false) => "required",
            (false, true) => "repeatable",
            (false, false) => "",
        };
        let description = if flag.accepted.is_empty() {
            flag.description.clone()
        } else {
            format!("{}: {}", flag.description, flag.accepted.join(", "))
        };
        table.row([&name, note, &description]);
    }
    printer.text(&format!("{text}\n{}", table.render()));
}
