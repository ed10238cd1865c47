//! The tree that TOML, JSON and JSON5 are read into.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use toml::de::{DeTable, DeValue};

use super::{Position, Problem};

/// How deep tables and lists may nest.
pub const MAX_DEPTH: usize = 48;

/// A value and, where the format tells, the byte of the text at which it starts.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Where it starts in the text, in bytes.
    pub offset: Option<usize>,
}

/// A value of a document.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// JSON's null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number; in TOML and JSON5 also an infinity or not a number.
    Float(f64),
    /// A string.
    String(Cow<'a, str>),
    /// TOML's dates and times.
    Datetime,
    /// A list.
    Array(Vec<Node<'a>>),
    /// A table, or an object. In the order of the text; no key comes twice.
    Table(Vec<Entry<'a>>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The key.
    pub key: Cow<'a, str>,
    /// Where the key starts in the text, in bytes, where the format tells.
    pub offset: Option<usize>,
    /// The value.
    pub node: Node<'a>,
}

impl<'a> Node<'a> {
    /// Reads TOML.
    ///
    /// # Errors
    ///
    /// A [`Problem`] with its place when the text is not TOML, nests deeper than [`MAX_DEPTH`], or holds a number beyond 64 bits.
    pub fn from_toml(text: &'a str) -> Result<Self, Problem> {
        let table = DeTable::parse(text).map_err(|error| Problem {
            position: error.span().map(|span| Position::of(text, span.start)),
            path: String::new(),
            problem: format!("is not TOML: {}", error.message().replace('\n', ", ")),
            help: None,
        })?;
        toml_table(table.into_inner(), Some(0), text, 0)
    }

    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// A [`Problem`] with its place when the bytes are not JSON, nest deeper than [`MAX_DEPTH`], hold a key twice in one object, or a
    /// whole number beyond 64 bits.
    pub fn from_json(bytes: &'a [u8]) -> Result<Self, Problem> {
        serde_json::from_slice(bytes).map_err(|error| {
            let message = error.to_string();
            // serde_json ends its message with the place, which is given apart here.
            let message = message
                .rsplit_once(" at line ")
                .map_or(&*message, |(message, _)| message);
            Problem {
                position: (error.line() > 0).then(|| Position {
                    line: error.line(),
                    column: error.column().max(1),
                }),
                path: String::new(),
                problem: format!("is not JSON: {message}"),
                help: None,
            }
        })
    }

    /// The value as JSON; none when something in it has no form there (a date, an infinity).
    pub fn to_json(&self) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        Some(match &self.value {
            Value::Null => Json::Null,
            Value::Boolean(value) => Json::Bool(*value),
            Value::Integer(value) => Json::from(*value),
            Value::Float(value) => Json::Number(serde_json::Number::from_f64(*value)?),
            Value::String(value) => Json::String(value.to_string()),
            Value::Datetime => return None,
            Value::Array(items) => {
                Json::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?)
            }
            Value::Table(entries) => {
                let entries = entries
                    .iter()
                    .map(|entry| Some((entry.key.to_string(), entry.node.to_json()?)));
                Json::Object(entries.collect::<Option<_>>()?)
            }
        })
    }

    /// What kind of value it is, with its article.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Datetime => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

fn toml_table<'a>(
    table: DeTable<'a>,
    offset: Option<usize>,
    text: &str,
    depth: usize,
) -> Result<Node<'a>, Problem> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        let key_start = key.span().start;
        let start = value.span().start;
        // A table opened by a header spans the header; its key is the better place to point at.
        let start = if value.get_ref().is_table() {
            key_start
        } else {
            start
        };
        entries.push(Entry {
            key: key.into_inner(),
            offset: Some(key_start),
            node: toml_value(value.into_inner(), start, text, depth + 1)?,
        });
    }
    Ok(Node {
        value: Value::Table(entries),
        offset,
    })
}

fn toml_value<'a>(
    value: DeValue<'a>,
    offset: usize,
    text: &str,
    depth: usize,
) -> Result<Node<'a>, Problem> {
    let refused = |problem: &str| Problem {
        position: Some(Position::of(text, offset)),
        path: String::new(),
        problem: problem.to_owned(),
        help: None,
    };
    if depth > MAX_DEPTH {
        return Err(refused("nests too deep"));
    }
    let value = match value {
        DeValue::String(value) => Value::String(value),
        DeValue::Integer(value) => Value::Integer(
            i64::from_str_radix(value.as_str(), value.radix())
                .map_err(|_| refused("holds a number beyond 64 bits"))?,
        ),
        DeValue::Float(value) => Value::Float(
            value
                .as_str()
                .parse()
                .map_err(|_| refused("holds a number that cannot be read"))?,
        ),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for item in items {
                let start = item.span().start;
                nodes.push(toml_value(item.into_inner(), start, text, depth + 1)?);
            }
            Value::Array(nodes)
        }
        DeValue::Table(table) => return toml_table(table, Some(offset), text, depth),
    };
    Ok(Node {
        value,
        offset: Some(offset),
    })
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Build { depth: 0 }.deserialize(deserializer)
    }
}

/// Up to how many keys of an object are compared rather than hashed.
const FEW_KEYS: usize = 24;

/// Builds a node, counting how deep it is.
#[derive(Clone, Copy)]
struct Build {
    depth: usize,
}

impl Build {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("it nests too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

fn plain<'de, E>(value: Value<'de>) -> Result<Node<'de>, E> {
    Ok(Node {
        value,
        offset: None,
    })
}

impl<'de> DeserializeSeed<'de> for Build {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        plain(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        plain(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        plain(Value::Boolean(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        plain(Value::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        self.visit_u128(value.into())
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Self::Value, E> {
        let value = i64::try_from(value).map_err(|_| E::custom("a number goes beyond 64 bits"))?;
        plain(Value::Integer(value))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Self::Value, E> {
        let value = i64::try_from(value).map_err(|_| E::custom("a number goes beyond 64 bits"))?;
        plain(Value::Integer(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        plain(Value::Float(value))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        plain(Value::String(Cow::Borrowed(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        plain(Value::String(Cow::Owned(value.to_owned())))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Self::Value, E> {
        plain(Value::String(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let deeper = self.deeper()?;
        let mut nodes = Vec::new();
        while let Some(node) = items.next_element_seed(deeper)? {
            nodes.push(node);
        }
        plain(Value::Array(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let deeper = self.deeper()?;
        let mut seen = HashSet::new();
        let mut nodes: Vec<Entry<'de>> = Vec::new();
        while let Some(key) = entries.next_key_seed(Key)? {
            // A second value for one key is what two readers disagree on: refused, not guessed.
            // Few keys are quicker compared than hashed; many must not be compared each with each.
            let twice = if nodes.len() < FEW_KEYS {
                nodes.iter().any(|entry| entry.key == key)
            } else {
                if seen.is_empty() {
                    seen.extend(nodes.iter().map(|entry| entry.key.clone()));
                }
                !seen.insert(key.clone())
            };
            if twice {
                return Err(de::Error::custom(format_args!(
                    "the key {key:?} comes twice"
                )));
            }
            nodes.push(Entry {
                key,
                offset: None,
                node: entries.next_value_seed(deeper)?,
            });
        }
        plain(Value::Table(nodes))
    }
}

/// A key, borrowed from the text where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_document_in_both_formats() {
        let toml = Node::from_toml("a = 1\nb = [true, 1.5]\n[c]\nd = \"x\"\n")
            .unwrap()
            .to_json()
            .unwrap();
        let json = Node::from_json(br#"{"a":1,"b":[true,1.5],"c":{"d":"x"}}"#)
            .unwrap()
            .to_json()
            .unwrap();
        assert_eq!(toml, json);
    }

    #[test]
    fn what_json_readers_disagree_on_is_refused() {
        let twice = Node::from_json(br#"{"a":1,"a":2}"#).unwrap_err();
        assert!(twice.problem.contains("comes twice"), "{twice}");
        let escaped = Node::from_json(br#"{"a":1,"\u0061":2}"#).unwrap_err();
        assert!(escaped.problem.contains("comes twice"), "{escaped}");
        // As far apart as they may be, with more keys between them than are compared.
        let many: Vec<String> = (0..100).map(|number| format!("\"k{number}\":0")).collect();
        let many = format!("{{{},\"k0\":1}}", many.join(","));
        let twice = Node::from_json(many.as_bytes()).unwrap_err();
        assert!(twice.problem.contains("comes twice"), "{twice}");
        let large = Node::from_json(b"[18446744073709551615]").unwrap_err();
        assert!(large.problem.contains("beyond 64 bits"), "{large}");
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(Node::from_json(&nested(MAX_DEPTH)).is_ok());
        assert!(
            Node::from_json(&nested(MAX_DEPTH + 1))
                .unwrap_err()
                .problem
                .contains("nests too deep")
        );
        let toml = format!(
            "a = {}{}",
            "[".repeat(MAX_DEPTH + 1),
            "]".repeat(MAX_DEPTH + 1)
        );
        assert!(Node::from_toml(&toml).is_err());
    }

    #[test]
    fn dates_and_infinities_have_no_json() {
        assert!(
            Node::from_toml("a = 1979-05-27")
                .unwrap()
                .to_json()
                .is_none()
        );
        assert!(Node::from_toml("a = inf").unwrap().to_json().is_none());
    }

    #[test]
    fn syntax_errors_have_a_place() {
        let error = Node::from_toml("a = 1\nb = \n").unwrap_err();
        assert_eq!(error.position.unwrap().line, 2, "{error}");
        let error = Node::from_json(b"{\"a\":\n  ]").unwrap_err();
        assert_eq!(error.position.unwrap().line, 2, "{error}");
        assert!(!error.problem.contains("line"), "{error}");
    }
}
