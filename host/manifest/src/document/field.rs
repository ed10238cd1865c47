//! Walking a document by key, with complaints that name the path.

use std::fmt;

use super::{Entry, Node, Position, Problem, Value, nearest};

/// One step from a value to the one above it. A chain of these is a path; no text is made of it unless something is wrong.
#[derive(Debug, Clone, Copy)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    segment: Segment<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Segment<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        let dot = |parent: Option<&Path<'_>>| match parent {
            Some(Path {
                segment: Segment::Root,
                ..
            })
            | None => "",
            Some(_) => ".",
        };
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Index(index) => write!(f, "[{index}]"),
            Segment::Key(key) => {
                let bare = !key.is_empty()
                    && key
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
                if bare {
                    write!(f, "{}{key}", dot(self.parent))
                } else {
                    // Debug escapes what could move a cursor.
                    write!(f, "{}{key:?}", dot(self.parent))
                }
            }
        }
    }
}

/// A value at its place in a document.
#[derive(Debug, Clone, Copy)]
pub struct Field<'p> {
    node: &'p Node<'p>,
    path: Path<'p>,
    /// The text, for places; none where nodes have no offsets.
    text: Option<&'p str>,
}

/// A table at its place in a document.
#[derive(Debug, Clone, Copy)]
pub struct Table<'p> {
    field: Field<'p>,
    entries: &'p [Entry<'p>],
}

impl<'p> Field<'p> {
    /// The whole document. `text` is what it was read from, when its nodes have offsets.
    pub fn root(node: &'p Node<'p>, text: Option<&'p str>) -> Self {
        let path = Path {
            parent: None,
            segment: Segment::Root,
        };
        Self { node, path, text }
    }

    /// The node itself.
    pub fn node(&self) -> &'p Node<'p> {
        self.node
    }

    /// The path of the key: `endpoints.api.base`.
    pub fn path(&self) -> String {
        self.path.to_string()
    }

    /// A complaint about this value: what is wrong, to be read after the path, and what to write instead.
    pub fn problem(&self, problem: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem {
            position: self
                .text
                .zip(self.node.offset)
                .map(|(text, offset)| Position::of(text, offset)),
            path: self.path(),
            problem: problem.into(),
            help: Some(help.into()).filter(|help| !help.is_empty()),
        }
    }

    /// The complaint that the value is of another kind than `wanted` (`a string`).
    pub fn wrong_kind(&self, wanted: &str, example: &str) -> Problem {
        self.problem(
            format!("is {}, not {wanted}", self.node.kind()),
            format!("write {example}"),
        )
    }

    /// The string. `example` is shown when it is none: `"Acme Images"`.
    ///
    /// # Errors
    ///
    /// The complaint when it is no string.
    pub fn string(&self, example: &str) -> Result<&'p str, Problem> {
        match &self.node.value {
            Value::String(value) => Ok(value),
            _ => Err(self.wrong_kind("a string", example)),
        }
    }

    /// The boolean.
    ///
    /// # Errors
    ///
    /// The complaint when it is no boolean.
    pub fn boolean(&self) -> Result<bool, Problem> {
        match self.node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(self.wrong_kind("a boolean", "true or false, without quotes")),
        }
    }

    /// The whole number, between `least` and `most`. `1.0` is the whole number 1.
    ///
    /// # Errors
    ///
    /// The complaint when it is no whole number or not between the two.
    pub fn integer(&self, least: i64, most: i64) -> Result<i64, Problem> {
        let range = || format!("write a whole number from {least} to {most}");
        let value = match self.node.value {
            Value::Integer(value) => value,
            // Exact: the comparison is between floats without a fraction, well inside 53 bits.
            Value::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => value as i64,
            Value::Float(_) => return Err(self.problem("is not a whole number", range())),
            _ => {
                return Err(self.problem(format!("is {}, not a number", self.node.kind()), range()));
            }
        };
        if (least..=most).contains(&value) {
            Ok(value)
        } else if value < least {
            Err(self.problem(format!("is {value}, less than {least}"), range()))
        } else {
            Err(self.problem(format!("is {value}, more than {most}"), range()))
        }
    }

    /// The items of a list. `example` is shown when it is none: `["1024x1024"]`.
    ///
    /// # Errors
    ///
    /// The complaint when it is no list.
    pub fn items<'t>(&'t self, example: &str) -> Result<impl Iterator<Item = Field<'t>>, Problem> {
        match &self.node.value {
            Value::Array(items) => Ok(items.iter().enumerate().map(|(index, node)| Field {
                node,
                path: Path {
                    parent: Some(&self.path),
                    segment: Segment::Index(index),
                },
                text: self.text,
            })),
            _ => Err(self.wrong_kind("a list", example)),
        }
    }

    /// The table, whatever its keys are.
    ///
    /// # Errors
    ///
    /// The complaint when it is no table.
    pub fn table(&self, example: &str) -> Result<Table<'p>, Problem> {
        match &self.node.value {
            Value::Table(entries) => Ok(Table {
                field: *self,
                entries,
            }),
            _ => Err(self.wrong_kind("a table", example)),
        }
    }
}

impl<'p> Table<'p> {
    /// The table as a value.
    pub fn field(&self) -> &Field<'p> {
        &self.field
    }

    /// The value of a key.
    pub fn get(&self, key: &'static str) -> Option<Field<'_>> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| self.child(key, &entry.node))
    }

    /// The value of a key that has to be there; `help` says what to write.
    ///
    /// # Errors
    ///
    /// The complaint when it is not there.
    pub fn required(&self, key: &'static str, help: &str) -> Result<Field<'_>, Problem> {
        self.get(key).ok_or_else(|| Problem {
            path: Path {
                parent: Some(&self.field.path),
                segment: Segment::Key(key),
            }
            .to_string(),
            ..self.field.problem("is missing", help)
        })
    }

    /// All entries, in the order of the text.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Field<'_>)> {
        self.entries
            .iter()
            .map(|entry| (&*entry.key, self.child(&entry.key, &entry.node)))
    }

    /// Complaints about the keys that are not among `known`, each with the nearest known one.
    pub fn unknown_keys(&self, known: &[&str]) -> impl Iterator<Item = Problem> {
        let unknown = self
            .entries
            .iter()
            .filter(|entry| !known.contains(&&*entry.key));
        unknown.map(|entry| {
            let help = match nearest(&entry.key, known) {
                Some(key) => format!("did you mean `{key}`?"),
                None if known.is_empty() => "take it out: nothing is configured here".to_owned(),
                None => format!("take it out, or write one of {}", known.join(", ")),
            };
            let field = self.child(&entry.key, &entry.node);
            Problem {
                // The key itself is what is wrong.
                position: field
                    .text
                    .zip(entry.offset)
                    .map(|(text, offset)| Position::of(text, offset)),
                ..field.problem("is not a key that is known here", help)
            }
        })
    }

    fn child<'t>(&'t self, key: &'t str, node: &'t Node<'t>) -> Field<'t> {
        Field {
            node,
            path: Path {
                parent: Some(&self.field.path),
                segment: Segment::Key(key),
            },
            text: self.field.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_names_path_and_place() {
        let text = "[endpoints.api]\nbase = 3\n\n[[models]]\nid = \"a b\"\n";
        let node = Node::from_toml(text).unwrap();
        let root = Field::root(&node, Some(text)).table("").unwrap();
        let endpoints = root.get("endpoints").unwrap();
        let endpoints = endpoints.table("").unwrap();
        let api = endpoints.get("api").unwrap();
        let api = api.table("").unwrap();
        let base = api
            .get("base")
            .unwrap()
            .string("\"https://api.acme.example/v1\"")
            .unwrap_err();
        assert_eq!(
            base.to_string(),
            "2:8: `endpoints.api.base` is a number, not a string; write \"https://api.acme.example/v1\""
        );
        let models = root.get("models").unwrap();
        let first = models.items("").unwrap().next().unwrap();
        let first = first.table("").unwrap();
        assert_eq!(first.get("id").unwrap().path(), "models[0].id");
        assert_eq!(
            first.required("name", "write it").unwrap_err().path,
            "models[0].name"
        );
    }

    #[test]
    fn strange_keys_are_quoted_and_escaped() {
        let node = Node::from_json(br#"{"a":{"b c\u001b":1}}"#).unwrap();
        let root = Field::root(&node, None).table("").unwrap();
        let a = root.get("a").unwrap();
        let a = a.table("").unwrap();
        let unknown = a.unknown_keys(&["d"]).next().unwrap();
        assert_eq!(unknown.path, "a.\"b c\\u{1b}\"");
    }

    #[test]
    fn whole_numbers() {
        let node = Node::from_json(b"[1, 1.0, 1.5, -1, 11, \"1\", 1e300]").unwrap();
        let root = Field::root(&node, None);
        let results: Vec<_> = root
            .items("")
            .unwrap()
            .map(|field| field.integer(0, 10).is_ok())
            .collect();
        assert_eq!(results, [true, true, false, false, false, false, false]);
    }
}
