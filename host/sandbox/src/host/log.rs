//! `chela:provider/log`: diagnostics, bounded and made harmless.

use chela_manifest::ProviderId;

use super::HostState;
use crate::bindings::imports::chela::provider::log::{Host, Level};

/// The longest line that is kept, in bytes.
const LINE_BYTES: usize = 4 << 10;

/// How much of a message is looked at, in bytes. More than a line, so that a key across the end of the line is found.
const MESSAGE_BYTES: usize = 64 << 10;

/// What is left of a call's allowance of log.
pub(crate) struct LogBudget {
    lines: u32,
    bytes: usize,
    exhausted: bool,
}

impl LogBudget {
    pub(crate) fn new(lines: u32, bytes: usize) -> Self {
        Self {
            lines,
            bytes,
            exhausted: false,
        }
    }

    fn is_used_up(&self) -> bool {
        self.lines == 0 || self.bytes == 0
    }

    /// The line as it may be written, or none when the allowance is used up.
    fn admit(&mut self, message: &str) -> Option<String> {
        if self.is_used_up() {
            return None;
        }
        let line = harmless(message, LINE_BYTES.min(self.bytes));
        self.lines -= 1;
        self.bytes -= line.len().clamp(1, self.bytes);
        Some(line)
    }

    fn write(&mut self, provider: &ProviderId, level: Level, message: &str) {
        let Some(line) = self.admit(message) else {
            if !std::mem::replace(&mut self.exhausted, true) {
                tracing::warn!(target: "chela::guest", %provider, "further log lines of this call are dropped");
            }
            return;
        };
        match level {
            Level::Trace => tracing::trace!(target: "chela::guest", %provider, "{line}"),
            Level::Debug => tracing::debug!(target: "chela::guest", %provider, "{line}"),
            Level::Info => tracing::info!(target: "chela::guest", %provider, "{line}"),
            Level::Warn => tracing::warn!(target: "chela::guest", %provider, "{line}"),
            Level::Error => tracing::error!(target: "chela::guest", %provider, "{line}"),
        }
    }

    /// What a component with WASI wrote to its standard output and error.
    pub(super) fn output(&mut self, provider: &ProviderId, text: &str) {
        for line in text.lines() {
            self.write(provider, Level::Debug, line);
        }
    }
}

/// `text` without control characters and bidirectional overrides, at most `limit` bytes of it.
fn harmless(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit));
    for character in text.chars() {
        let shown = match character {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            character if character.is_control() => ' ',
            character => character,
        };
        if line.len() + shown.len_utf8() > limit {
            break;
        }
        line.push(shown);
    }
    line
}

impl Host for HostState {
    async fn write(&mut self, level: Level, mut message: String) -> wasmtime::Result<()> {
        // Looking for a key costs more than a line is worth that is as long as a host call may be, or that nobody will see.
        message.truncate(if self.log.is_used_up() {
            0
        } else {
            message.floor_char_boundary(MESSAGE_BYTES)
        });
        let message = self.provider.egress.redact(message);
        self.log.write(&self.provider.id, level, &message);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_ends_at_the_allowance_of_lines() {
        let mut budget = LogBudget::new(3, 1000);
        assert_eq!((0..10).filter_map(|_| budget.admit("x")).count(), 3);
    }

    #[test]
    fn a_flood_ends_at_the_allowance_of_bytes() {
        let mut budget = LogBudget::new(1000, 10);
        let written: usize = (0..10)
            .filter_map(|_| budget.admit("four"))
            .map(|line| line.len())
            .sum();
        assert_eq!(written, 10);
    }

    #[test]
    fn empty_lines_cost_something() {
        let mut budget = LogBudget::new(u32::MAX, 5);
        assert_eq!((0..10).filter_map(|_| budget.admit("")).count(), 5);
    }

    #[test]
    fn control_characters_never_reach_the_log() {
        assert_eq!(
            harmless("a\x1b[31m\r\nb\u{202e}c\u{9b}d", 100),
            "a [31m  b\u{fffd}c d"
        );
    }
}
