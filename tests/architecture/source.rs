//! The repository's own files, and Rust source without what the compiler does not read.

use std::path::{Path, PathBuf};

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    top.canonicalize().expect("the repository is there")
}

/// A file of the repository: its path from the top, with slashes, and its text.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All files with this extension, build output and hidden folders apart, sorted by path.
pub(crate) fn files(extension: &str) -> Vec<File> {
    let top = top();
    let mut files = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the repository can be listed") {
            let path = entry
                .expect("a folder of the repository can be listed")
                .path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                let text = std::fs::read_to_string(&path).expect("a source file is text");
                let path = path.strip_prefix(&top).expect("it was found below the top");
                files.push(File {
                    path: path.to_string_lossy().replace('\\', "/"),
                    text,
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "there are .{extension} files");
    files
}

impl File {
    /// Whether the program is made of it: neither a test, a benchmark, an example nor a build script.
    pub(crate) fn ships(&self) -> bool {
        let inside = |folder: &str| self.path.contains(&format!("/{folder}/"));
        let name = self.path.rsplit('/').next().unwrap_or_default();
        !self.path.starts_with("tests/")
            && !inside("tests")
            && !inside("benches")
            && !inside("examples")
            && !inside("testing")
            && !matches!(name, "build.rs" | "tests.rs" | "testing.rs")
    }

    /// What the compiler sees outside tests: comments and literals left out, blanks too, up to the test module that
    /// ends the file.
    pub(crate) fn code(&self) -> String {
        let code = code(&self.text);
        code.split("#[cfg(test)]mod")
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

/// Rust source without comments, without the insides of literals, without blanks between symbols.
fn code(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest) {
            code.push_str("\"\"");
            length
        } else if rest.starts_with('"') {
            code.push_str("\"\"");
            quoted(rest, '"')
        } else if let Some(length) = character(rest) {
            code.push_str("''");
            length
        } else {
            let symbol = rest.chars().next().expect("at is before the end");
            if symbol.is_whitespace() {
                let joins = code.ends_with(is_word) && rest.trim_start().starts_with(is_word);
                if joins {
                    code.push(' ');
                }
                rest.len() - rest.trim_start().len()
            } else {
                code.push(symbol);
                symbol.len_utf8()
            }
        };
        at += length;
    }
    code
}

fn is_word(symbol: char) -> bool {
    symbol.is_alphanumeric() || symbol == '_'
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of `r"…"` or `r#"…"#` here, if one starts here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end)?;
    Some(rest.len() - body.len() + length + end.len())
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, symbol) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if symbol == '\\' {
            escaped = true;
        } else if symbol == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// The length of a character literal here. A lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let mut symbols = rest.strip_prefix('\'')?.chars();
    let first = symbols.next()?;
    if first == '\\' {
        return Some(quoted(rest, '\''));
    }
    (symbols.next()? == '\'').then_some(2 + first.len_utf8())
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = "use std :: env; // std::fs\n/* a /* b */ TcpStream */ let a = \"x\\\"Command\"; fn f<'a>() { '\"'; r#\"\"e\"#; }";
    assert_eq!(code(text), "use std::env;let a=\"\";fn f<'a>(){'';\"\";}");
}
