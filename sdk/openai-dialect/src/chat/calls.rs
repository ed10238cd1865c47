//! Tool calls, put together from the pieces they arrive in.
//!
//! Follows <https://platform.openai.com/docs/api-reference/chat/streaming> (`delta.tool_calls`).

use chela_sdk::model::ToolCall;
use serde_json::Value;

use crate::extra;
use crate::loose::{self, count_field, text, text_field};

/// The field of a call that a server wants to see again with the call, such as Gemini's signature
/// (<https://ai.google.dev/gemini-api/docs/thought-signatures>).
const GIVEN_BACK: &str = "extra_content";

/// The calls of one answer, in the order in which they began.
#[derive(Debug, Default)]
pub(crate) struct Calls(Vec<Slot>);

#[derive(Debug)]
struct Slot {
    index: Option<u64>,
    call: ToolCall,
}

impl Calls {
    /// Whether there is no call.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what a `tool_calls` list says.
    pub(crate) fn add(&mut self, list: &Value) {
        for piece in list.as_array().into_iter().flatten() {
            if piece.is_object() {
                self.add_piece(piece);
            }
        }
    }

    /// The calls, complete.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = ToolCall> {
        std::mem::take(&mut self.0).into_iter().map(|slot| {
            let mut call = slot.call;
            if call.arguments.trim().is_empty() {
                call.arguments = "{}".into();
            }
            call
        })
    }

    fn add_piece(&mut self, piece: &Value) {
        let index = count_field(piece, "index");
        let id = text_field(piece, "id");
        let place = match self.find(index, id.as_deref()) {
            Some(place) => place,
            None => {
                self.0.push(Slot {
                    index,
                    call: ToolCall::new("", "", ""),
                });
                self.0.len() - 1
            }
        };
        let call = &mut self.0[place].call;
        if let Some(id) = id {
            call.id = id;
        }
        let again = extra::named(piece, &[GIVEN_BACK]);
        if !again.is_empty() {
            call.extra = again;
        }
        let function = piece.get("function").unwrap_or(piece);
        if call.name.is_empty()
            && let Some(name) = text_field(function, "name")
        {
            call.name = name;
        }
        match function.get("arguments") {
            // A server that has the arguments parsed already writes them as an object.
            Some(whole @ (Value::Object(_) | Value::Array(_))) => {
                call.arguments = loose::write(whole);
            }
            Some(more) => call.arguments.push_str(&text(more).unwrap_or_default()),
            None => {}
        }
    }

    /// The call that a piece goes on with: the one of its index, unless the id says that it is another one (some servers
    /// write index 0 on every call); without index, the one of its id; without both, the last.
    fn find(&self, index: Option<u64>, id: Option<&str>) -> Option<usize> {
        let same_id =
            |slot: &Slot| id.is_none_or(|id| slot.call.id.is_empty() || slot.call.id == id);
        match (index, id) {
            (Some(_), _) => self
                .0
                .iter()
                .rposition(|slot| slot.index == index && same_id(slot)),
            (None, Some(id)) => self.0.iter().rposition(|slot| slot.call.id == id),
            (None, None) => self.0.len().checked_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn calls(pieces: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        for piece in pieces {
            calls.add(piece);
        }
        calls
            .take()
            .map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.into(), name.into(), arguments.into())
    }

    #[test]
    fn pieces_are_joined_by_index() {
        let pieces = [
            json!([{"index": 0, "id": "a", "type": "function", "function": {"name": "find", "arguments": ""}}]),
            json!([{"index": 1, "id": "b", "function": {"name": "sum", "arguments": "{\"x\""}}]),
            json!([{"index": 0, "function": {"arguments": "{\"q\":"}}]),
            json!([{"index": 1, "function": {"arguments": ":1}"}}, {"index": 0, "function": {"arguments": "\"é\"}"}}]),
        ];
        assert_eq!(
            calls(&pieces),
            [
                call("a", "find", "{\"q\":\"é\"}"),
                call("b", "sum", "{\"x\":1}")
            ]
        );
    }

    #[test]
    fn calls_without_an_index_are_told_apart_by_id() {
        let pieces = [
            json!([{"id": "a", "function": {"name": "find", "arguments": "{}"}}]),
            json!([{"id": "b", "function": {"name": "find", "arguments": "{\"y\""}}]),
            json!([{"function": {"arguments": ":2}"}}]),
        ];
        assert_eq!(
            calls(&pieces),
            [call("a", "find", "{}"), call("b", "find", "{\"y\":2}")]
        );
    }

    #[test]
    fn what_is_to_be_given_back_is_kept() {
        let mut calls = Calls::default();
        calls.add(
            &json!([{"index": 0, "id": "a", "function": {"name": "find"},
            "extra_content": {"google": {"thought_signature": "c2ln"}}}]),
        );
        calls.add(&json!([{"index": 0, "function": {"arguments": "{}"}}]));
        let call = calls.take().next().expect("a call");
        assert_eq!(call.extra.len(), 1);
        assert_eq!(call.extra[0].name, "extra_content");
        assert_eq!(
            call.extra[0].value,
            "{\"google\":{\"thought_signature\":\"c2ln\"}}"
        );
    }

    #[test]
    fn one_index_for_every_call_is_seen_through() {
        let pieces = [
            json!([{"index": 0, "id": "a", "function": {"name": "find", "arguments": "{}"}}]),
            json!([{"index": 0, "id": "b", "function": {"name": "find", "arguments": "{}"}}]),
        ];
        assert_eq!(calls(&pieces).len(), 2);
    }

    #[test]
    fn arguments_may_be_missing_or_parsed() {
        let pieces = [json!([
            {"id": 7, "function": {"name": "now"}},
            {"id": "b", "function": {"name": "set", "arguments": {"z": [1]}}},
        ])];
        assert_eq!(
            calls(&pieces),
            [call("7", "now", "{}"), call("b", "set", "{\"z\":[1]}")]
        );
    }

    proptest! {
        #[test]
        fn anything_is_taken(list in crate::tests::any_json(), more in crate::tests::any_json()) {
            let _ = calls(&[list.clone(), json!([{"function": more, "index": list}])]);
        }
    }
}
