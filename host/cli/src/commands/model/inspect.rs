//! `chela model inspect`: what is known of one model. Under a bare name several providers can have one: each is shown.

use crate::args::ModelInspect;
use crate::commands::named::nearest_model;
use crate::printer::Printer;
use crate::sanitize;
use crate::session::Session;
use chela_catalog::record::ModelRecord;
use chela_envelope::{ErrorBody, ErrorType};

/// Shows the models that are meant, under `--json` always as an array.
///
/// # Errors
///
/// `not_found` where nothing goes by that name, `usage` for a model without a provider.
pub(crate) fn run(
    arguments: &ModelInspect,
    session: &Session,
    printer: &mut Printer,
) -> Result<(), ErrorBody> {
    let name = match &arguments.model {
        Some(text) => session.model(text)?.to_string(),
        None => arguments.name.clone().unwrap_or_default(),
    };
    let catalog = session.catalog(printer);
    let found = catalog.find_models(&name);
    if found.is_empty() {
        let hint = match nearest_model(&catalog, &name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`chela model list` shows the models that are known; any other is passed on as --model <provider>/<model>".to_owned(),
        };
        let message = format!("no model goes by `{name}`");
        return Err(ErrorBody::new(ErrorType::NotFound, message).hint(hint));
    }
    if printer.json() {
        printer.document(&found);
    } else {
        let texts: Vec<String> = found.iter().map(text).collect();
        printer.text(&texts.join("\n"));
    }
    Ok(())
}

/// A model as lines of a name and a value.
fn text(model: &ModelRecord) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let yes = |yes: bool| Some(if yes { "yes" } else { "no" }.to_owned());
    let lines = [
        ("label", Some(model.label.clone())),
        ("provider", Some(model.provider.clone())),
        ("alias", model.alias.clone()),
        ("capabilities", Some(model.capabilities.join(", "))),
        (
            "input",
            Some(model.input.join(", ")).filter(|input| !input.is_empty()),
        ),
        ("context window", number(model.context_window)),
        ("max output", number(model.max_output_tokens)),
        ("reasoning", model.reasoning.and_then(yes)),
        (
            "dimensions",
            model.dimensions.map(|dimensions| dimensions.to_string()),
        ),
        ("available", yes(model.available)),
        ("configured", yes(model.configured)),
        (
            "selected",
            model
                .selected_because
                .clone()
                .map(|because| format!("yes: {because}")),
        ),
        ("reason", model.reason.clone()),
        ("hint", model.hint.clone()),
    ];
    let mut text = format!("{}\n", sanitize::line(&model.id));
    for (name, value) in lines {
        if let Some(value) = value {
            text.push_str(&format!("  {name:14}  {}\n", sanitize::line(&value)));
        }
    }
    text
}
