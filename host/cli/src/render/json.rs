//! The JSON that chela prints: indented, numbers of a list on one line, and safe to show on a terminal.

use crate::sanitize::is_hidden;
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// A value as one indented JSON document that ends with a line feed.
///
/// # Errors
///
/// Fails when the value cannot be serialised (a map with keys that are no strings), which no type of chela allows.
pub(crate) fn document<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1024);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Safe::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// serde_json's indented form, with two differences: every character that could steer a terminal is escaped, where
/// serde_json escapes only those below U+0020; and the numbers of an array stand on one line, because an embedding has
/// thousands of them.
#[derive(Default)]
struct Safe {
    pretty: PrettyFormatter<'static>,
    /// An array element is about to be written, and whether it is the first: its separator is written once its kind is known.
    pending: Option<bool>,
    /// Whether the array that is being written ends on the line of its last element.
    inline: bool,
}

impl Safe {
    /// Writes the separator before an element that is a number.
    fn before_number<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        match self.pending.take() {
            Some(first) => {
                self.inline = true;
                if first {
                    Ok(())
                } else {
                    writer.write_all(b", ")
                }
            }
            None => Ok(()),
        }
    }

    /// Writes the separator before an element of any other kind.
    fn before_other<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        match self.pending.take() {
            Some(first) => {
                self.inline = false;
                self.pretty.begin_array_value(writer, first)
            }
            None => Ok(()),
        }
    }
}

/// The number writers differ in their types alone.
macro_rules! numbers {
    ($($write:ident: $type:ty),* $(,)?) => {$(
        fn $write<W: Write + ?Sized>(&mut self, writer: &mut W, value: $type) -> io::Result<()> {
            self.before_number(writer)?;
            self.pretty.$write(writer, value)
        }
    )*};
}

impl Formatter for Safe {
    numbers! {
        write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_i128: i128,
        write_u8: u8, write_u16: u16, write_u32: u32, write_u64: u64, write_u128: u128,
        write_f32: f32, write_f64: f64, write_number_str: &str,
    }

    fn write_null<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.before_other(writer)?;
        self.pretty.write_null(writer)
    }

    fn write_bool<W: Write + ?Sized>(&mut self, writer: &mut W, value: bool) -> io::Result<()> {
        self.before_other(writer)?;
        self.pretty.write_bool(writer, value)
    }

    fn begin_string<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.before_other(writer)?;
        self.pretty.begin_string(writer)
    }

    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hidden) {
            let (plain, hidden) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut characters = hidden.chars();
            if let Some(character) = characters.next() {
                // All of them are in the basic plane: four digits do.
                write!(writer, "\\u{:04x}", u32::from(character))?;
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.pretty.write_char_escape(writer, escape)
    }

    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.before_other(writer)?;
        self.inline = true;
        self.pretty.begin_array(writer)
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        // The indented form was told of no number, so after numbers alone it closes on this line.
        self.inline = false;
        self.pretty.end_array(writer)
    }

    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        _writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.pending = Some(first);
        Ok(())
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.inline {
            Ok(())
        } else {
            self.pretty.end_array_value(writer)
        }
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.before_other(writer)?;
        self.pretty.begin_object(writer)
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inline = false;
        self.pretty.end_object(writer)
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.pretty.begin_object_key(writer, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::document;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn text<T: serde::Serialize>(value: &T) -> String {
        String::from_utf8(document(value).expect("a JSON value is serialised"))
            .expect("JSON is UTF-8")
    }

    #[test]
    fn numbers_stand_on_one_line_and_records_on_their_own() {
        let value = json!({"a": [1, 2.5, -3], "b": [], "c": ["x", "y"], "d": [[1], [2, 3]], "e": [{"f": [0]}, 7]});
        let expected = r#"{
  "a": [1, 2.5, -3],
  "b": [],
  "c": [
    "x",
    "y"
  ],
  "d": [
    [1],
    [2, 3]
  ],
  "e": [
    {
      "f": [0]
    }, 7
  ]
}
"#;
        assert_eq!(text(&value), expected);
    }

    #[test]
    fn a_vector_keeps_its_precision() {
        assert_eq!(
            text(&[0.1_f32, 1.0]),
            "[0.1, 1.0]
"
        );
    }

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        let value = json!("\u{1b}[31m\u{9b}0m\u{7f}a\u{202e}b\u{2066}\n");
        assert_eq!(
            text(&value),
            "\"\\u001b[31m\\u009b0m\\u007fa\\u202eb\\u2066\\n\"\n"
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(Value::from("\u{85}\u{202e}\u{1b}")),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_document_is_what_it_was_made_of_and_can_be_shown(value in any_json()) {
            let shown = text(&value);
            prop_assert!(!shown.contains(|c| crate::sanitize::is_hidden(c) && c != '\n'));
            prop_assert_eq!(serde_json::from_str::<Value>(&shown).expect("it is JSON"), value);
        }
    }
}
