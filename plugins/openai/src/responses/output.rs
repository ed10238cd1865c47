//! The output of an answer: its items, told as they come, and what of them is still to be told.
//!
//! Follows <https://platform.openai.com/docs/api-reference/responses/object#responses/object-output>. A stream says everything several
//! times: as pieces, as a whole part, as a whole item and once more in the response at its end. Servers of this dialect leave out one or
//! the other, so each is taken for what the ones before it did not say.

use std::collections::VecDeque;

use chela_dialect::extra;
use chela_dialect::loose::{self, count_field, object, text_field};
use chela_dialect::sentence::joined;
use chela_sdk::model::{Citation, Event, Reasoning, ToolCall};
use serde_json::Value;

use super::{PHASE, REASONING};

/// What is to be told, and what was.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// What is ready.
    pub(super) events: VecDeque<Event>,
    /// What the model said in place of an answer.
    pub(super) refusal: String,
    /// Items of which not all was told.
    open: Vec<Item>,
    /// The ids of items of which all was.
    ended: Vec<String>,
    /// The ids of the calls that were told, and whether there was one.
    called: Vec<String>,
    /// How many characters of the answer were told.
    characters: u64,
    /// Whether any reasoning was told.
    thought: bool,
}

/// An item on its way.
#[derive(Debug, Default)]
struct Item {
    place: u64,
    id: Option<String>,
    /// The parts whose text was told, with the number of the character that each begins at.
    parts: Vec<(u64, u64)>,
    call: Option<ToolCall>,
    thought: bool,
    refused: bool,
    cited: bool,
}

impl Output {
    /// Whether the model wants tools called.
    pub(super) fn has_calls(&self) -> bool {
        !self.called.is_empty()
    }

    /// The item at that place.
    fn at(&mut self, place: u64) -> &mut Item {
        let known = self.open.iter().position(|item| item.place == place);
        let at = known.unwrap_or_else(|| {
            self.open.push(Item {
                place,
                ..Item::default()
            });
            self.open.len() - 1
        });
        &mut self.open[at]
    }

    /// Takes the beginning of an item. Another one in its place had its end left out.
    pub(super) fn begin(&mut self, place: u64, item: &Value) {
        let id = text_field(item, "id");
        let open = self.at(place);
        if open.id.is_some() && open.id == id {
            return;
        }
        if open.call.is_some() {
            self.leave(place);
        }
        let call = is_call(item).then(|| call_of(item));
        *self.at(place) = Item {
            place,
            id,
            call,
            ..Item::default()
        };
    }

    /// More of a text.
    pub(super) fn say(&mut self, place: u64, part: u64, more: &str) {
        if more.is_empty() {
            return;
        }
        let start = self.characters;
        let item = self.at(place);
        if !item.parts.iter().any(|(told, _)| *told == part) {
            item.parts.push((part, start));
        }
        self.characters = self.characters.saturating_add(length(more));
        self.events.push_back(Event::Text(more.to_owned()));
    }

    /// A whole text, unless pieces of it were told.
    pub(super) fn say_unsaid(&mut self, place: u64, part: u64, whole: &str) {
        if !self.at(place).parts.iter().any(|(told, _)| *told == part) {
            self.say(place, part, whole);
        }
    }

    /// More of what is said in place of an answer.
    pub(super) fn refuse(&mut self, place: u64, more: &str) {
        self.at(place).refused |= !more.is_empty();
        self.refusal.push_str(more);
    }

    /// All of what is said in place of an answer, unless pieces of it were.
    pub(super) fn refuse_unsaid(&mut self, place: u64, whole: &str) {
        if !self.at(place).refused {
            self.refuse(place, whole);
        }
    }

    /// Takes the beginning of a part of reasoning: an empty line stands between it and the one before.
    pub(super) fn begin_thought(&mut self, place: u64) {
        if self.at(place).thought {
            self.events.push_back(Event::reasoning("\n\n"));
        }
    }

    /// More of a reasoning.
    pub(super) fn think(&mut self, place: u64, more: &str) {
        if !more.is_empty() {
            self.at(place).thought = true;
            self.thought = true;
            self.events.push_back(Event::reasoning(more));
        }
    }

    /// More of the arguments of a call, or, with `whole`, all of them.
    pub(super) fn argue(&mut self, place: u64, arguments: &str, whole: bool) {
        let Some(call) = &mut self.at(place).call else {
            return;
        };
        if whole && !arguments.is_empty() {
            call.arguments.clear();
        }
        if !whole || !arguments.is_empty() {
            call.arguments.push_str(arguments);
        }
    }

    /// A source of a text that was told.
    pub(super) fn cite(&mut self, place: u64, part: u64, annotation: &Value) {
        let item = self.at(place);
        item.cited = true;
        let told = item.parts.iter().find(|(told, _)| *told == part);
        let start = told.map(|(_, start)| *start);
        self.events.extend(citation(annotation, start));
    }

    /// Takes a whole item at its end.
    pub(super) fn end(&mut self, place: u64, item: &Value) {
        let id = text_field(item, "id");
        if id.as_ref().is_some_and(|id| self.ended.contains(id)) {
            return;
        }
        match item.get("type").and_then(Value::as_str) {
            Some("message") => self.message(place, item),
            Some("function_call") => self.call(place, item),
            Some("reasoning") => self.reasoning(place, item),
            _ => {}
        }
        self.open.retain(|open| open.place != place);
        self.ended.extend(id);
    }

    fn message(&mut self, place: u64, item: &Value) {
        let parts = item.get("content").and_then(Value::as_array);
        let parts = parts.map_or(&[][..], Vec::as_slice);
        for (number, part) in (0..).zip(parts) {
            match part.get("type").and_then(Value::as_str) {
                Some("refusal") => {
                    self.refuse_unsaid(place, &text_field(part, "refusal").unwrap_or_default());
                }
                _ => self.say_unsaid(place, number, &text_field(part, "text").unwrap_or_default()),
            }
        }
        if !self.at(place).cited {
            for (number, part) in (0..).zip(parts) {
                let annotations = part.get("annotations").and_then(Value::as_array);
                for annotation in annotations.into_iter().flatten() {
                    self.cite(place, number, annotation);
                }
            }
        }
        if let Some(phase) = text_field(item, "phase") {
            self.give_back(PHASE, &phase);
        }
    }

    fn call(&mut self, place: u64, item: &Value) {
        let mut call = call_of(item);
        if let Some(begun) = self.at(place).call.take() {
            let or = |said: String, before: String| if said.is_empty() { before } else { said };
            call.id = or(call.id, begun.id);
            call.name = or(call.name, begun.name);
            call.arguments = or(call.arguments, begun.arguments);
        }
        let cut = text_field(item, "status").as_deref() == Some("incomplete");
        self.tell(call, cut);
    }

    /// Tells a call, unless it was told or, being `cut`, its arguments are not all there.
    fn tell(&mut self, mut call: ToolCall, cut: bool) {
        if !call.id.is_empty() && self.called.contains(&call.id) {
            return;
        }
        if call.arguments.trim().is_empty() {
            call.arguments = "{}".into();
        }
        if cut && loose::read(call.arguments.as_bytes()).is_none() {
            return;
        }
        self.called.push(call.id.clone());
        self.events.push_back(Event::ToolCall(call));
    }

    fn reasoning(&mut self, place: u64, item: &Value) {
        if !self.at(place).thought {
            let said = ["summary", "content"]
                .iter()
                .filter_map(|name| item.get(name)?.as_array())
                .flatten()
                .filter_map(|part| text_field(part, "text"))
                .fold(String::new(), |all, more| joined(all, "\n\n", &more));
            self.think(place, &said);
        }
        let field = |name: &str| text_field(item, name);
        if let (Some(id), Some(encrypted)) = (field("id"), field("encrypted_content")) {
            let again = object! {"id": id.as_str(), "encrypted_content": encrypted.as_str()};
            self.give_back(REASONING, &loose::write(&again));
        }
    }

    fn give_back(&mut self, kind: &str, opaque: &str) {
        self.thought |= kind == REASONING;
        self.events.push_back(Event::Reasoning(Reasoning {
            text: String::new(),
            opaque: Some([kind, opaque].concat()),
        }));
    }

    /// Leaves an item whose end was left out.
    fn leave(&mut self, place: u64) {
        if let Some(at) = self.open.iter().position(|item| item.place == place)
            && let Some(call) = self.open.remove(at).call
        {
            self.tell(call, true);
        }
    }

    /// Takes the items of the response at its end. Proxies give them other ids than they had in the stream, so of each kind they
    /// count only where the stream had none; calls are told apart by the ids that callers need.
    pub(super) fn catch_up(&mut self, items: &[Value]) {
        let nothing_said = self.characters == 0 && self.refusal.is_empty();
        let nothing_thought = !self.thought;
        let nothing_called = self.called.is_empty();
        for (place, item) in (0..).zip(items) {
            match item.get("type").and_then(Value::as_str) {
                Some("message") if nothing_said => self.end(place, item),
                Some("reasoning") if nothing_thought => self.end(place, item),
                Some("function_call") => {
                    let known = text_field(item, "call_id").is_some();
                    if known || nothing_called {
                        self.end(place, item);
                    }
                }
                _ => {}
            }
        }
        while let Some(place) = self.open.first().map(|item| item.place) {
            self.leave(place);
            self.open.retain(|item| item.place != place);
        }
    }
}

fn is_call(item: &Value) -> bool {
    item.get("type").and_then(Value::as_str) == Some("function_call")
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

/// A call as far as its item knows it.
fn call_of(item: &Value) -> ToolCall {
    let field = |name: &str| text_field(item, name).unwrap_or_default();
    let arguments = match item.get("arguments") {
        // A server that has them parsed already writes them as an object.
        Some(whole @ (Value::Object(_) | Value::Array(_))) => loose::write(whole),
        _ => field("arguments"),
    };
    let mut call = ToolCall::new(field("call_id"), field("name"), arguments);
    call.extra = extra::named(item, &["namespace", "caller"]);
    call
}

/// A source: a page, or a file that the answer leans on. Its places are counted from the start of the part that begins at `start`.
fn citation(annotation: &Value, start: Option<u64>) -> Option<Event> {
    if !annotation.is_object() {
        return None;
    }
    let place = |name: &str| start?.checked_add(count_field(annotation, name)?);
    Some(Event::Citation(Citation {
        url: text_field(annotation, "url"),
        title: text_field(annotation, "title").or_else(|| text_field(annotation, "filename")),
        quote: None,
        start: place("start_index"),
        end: place("end_index"),
        extra: extra::named(annotation, &["file_id", "container_id"]),
    }))
}
