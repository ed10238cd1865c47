//! `chela list`: every capability.

use crate::args;
use crate::capabilities;
use crate::printer::Printer;
use crate::render::Table;

/// Prints the tree as data.
pub(crate) fn run(printer: &mut Printer) {
    let all = capabilities::all(&args::tree());
    if printer.json() {
        return printer.document(&all);
    }
    let mut table = Table::new(["CAPABILITY", "DESCRIPTION"]);
    for capability in &all {
        table.row([&capability.id, &capability.description]);
    }
    printer.text(&table.render());
}
