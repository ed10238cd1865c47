//! Plain tables: columns wide enough for what stands in them, two spaces apart, no lines.

use crate::sanitize;

/// Rows of cells under a head, for people.
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// An empty table.
    pub(crate) fn new(head: [&str; COLUMNS]) -> Self {
        Self {
            rows: vec![head.map(str::to_owned)],
        }
    }

    /// Adds a row. Cells can come from a manifest or a server: each stays on its line.
    pub(crate) fn row(&mut self, cells: [&str; COLUMNS]) {
        self.rows
            .push(cells.map(|cell| sanitize::line(cell).into_owned()));
    }

    /// The table as lines.
    pub(crate) fn render(&self) -> String {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                line.push_str(&format!("{cell:width$}  "));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_aligned_and_hold_their_line() {
        let mut table = Table::new(["ID", "STATE"]);
        table.row(["grüße", "ready\u{1B}[2J\nnow"]);
        table.row(["a", ""]);
        assert_eq!(table.render(), "ID     STATE\ngrüße  ready now\na\n");
    }
}
