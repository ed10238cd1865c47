//! Answers by plain rules, tried in order.

mod arithmetic;
mod media;
mod schema;

use chela_sdk::model::{
    Answerer, Content, Event, EventStream, Events, FinishReason, MediaKind, Request, Role,
};
use chela_sdk::{Failure, Result};

use crate::{MODEL, those_set};

/// The words that make the rest of a prompt the answer.
const EXACTLY: [&str; 4] = [
    "reply with exactly:",
    "respond with exactly:",
    "answer with exactly:",
    "say exactly:",
];

const GREETINGS: [&str; 8] = [
    "hello",
    "hi",
    "hey",
    "greetings",
    "good morning",
    "good evening",
    "hallo",
    "hola",
];

/// Answers the last thing the user said.
pub(crate) fn answer(request: &Request) -> Result<impl EventStream + use<>> {
    let said = request
        .messages
        .iter()
        .rev()
        .find(|message| matches!(message.role, Role::User));
    let said = said.ok_or_else(|| Failure::invalid_request("nobody has said anything"))?;
    let mut prompt = String::new();
    let mut pictures = Vec::new();
    for content in &said.content {
        match content {
            Content::Text(text) => {
                if !prompt.is_empty() {
                    prompt.push('\n');
                }
                prompt.push_str(text);
            }
            Content::Media(part) => match part.kind {
                MediaKind::Image => pictures.push(media::describe(&part.source)?),
                MediaKind::Audio | MediaKind::Video | MediaKind::File => {
                    return Err(Failure::unsupported(
                        "the demo looks at pictures, not at other media",
                    ));
                }
            },
            Content::Reasoning(_) | Content::ToolCall(_) | Content::ToolResult(_) => {}
        }
    }
    let text = match &request.response_schema {
        Some(schema) => schema::example(schema)?,
        None => words(&prompt, &pictures),
    };
    let (text, finish) = cut(text, &request.stop, request.max_output_tokens);
    let mut events = vec![Event::Answerer(Answerer {
        model: Some(MODEL.to_owned()),
        request_id: None,
    })];
    // It neither reasons nor samples, and calls no tools.
    let ignored = those_set(&[
        (request.thinking.is_some(), "thinking"),
        (request.temperature.is_some(), "temperature"),
        (!request.tools.is_empty(), "tools"),
    ]);
    if !ignored.is_empty() {
        events.push(Event::Ignored(ignored));
    }
    for piece in text.split_inclusive(' ') {
        events.push(Event::Text(piece.to_owned()));
    }
    // No usage: the demo has no tokens, and nothing that was not counted is reported.
    events.push(Event::Finish(finish));
    Ok(Events::new(events))
}

fn words(prompt: &str, pictures: &[String]) -> String {
    if let Some(exact) = exactly(prompt) {
        return exact.to_owned();
    }
    if !pictures.is_empty() {
        return format!("The demo sees no more than this: {}.", pictures.join("; "));
    }
    if let Some(result) = arithmetic::answer(prompt) {
        return result;
    }
    let folded = prompt.trim().to_ascii_lowercase();
    let greets = |greeting: &str| {
        folded
            .strip_prefix(greeting)
            .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    if GREETINGS.iter().any(|greeting| greets(greeting)) {
        return "Hello! This is chela's demo. It is no model: it answers by a few plain rules and needs no network.".to_owned();
    }
    let count = prompt.split_whitespace().count();
    let noun = if count == 1 { "word" } else { "words" };
    format!(
        "This is chela's demo, not a language model: it counted {count} {noun} and understood none. \
         Configure a provider to get an answer."
    )
}

/// What stands behind `Reply with exactly:`, wherever that is in the prompt.
fn exactly(prompt: &str) -> Option<&str> {
    // ASCII folding keeps every position.
    let folded = prompt.to_ascii_lowercase();
    let end = EXACTLY
        .iter()
        .find_map(|words| Some(folded.find(words)? + words.len()))?;
    let exact = prompt[end..].trim();
    (!exact.is_empty()).then_some(exact)
}

/// Ends the text before a stop sequence, or after as many words as tokens were allowed.
fn cut(mut text: String, stop: &[String], most: Option<u32>) -> (String, FinishReason) {
    let stops = stop
        .iter()
        .filter(|stop| !stop.is_empty())
        .filter_map(|stop| text.find(stop.as_str()));
    if let Some(end) = stops.min() {
        text.truncate(end);
    }
    let most = most.map_or(usize::MAX, |most| most as usize);
    if text.split_inclusive(' ').count() <= most {
        return (text, FinishReason::Stop);
    }
    (
        text.split_inclusive(' ').take(most).collect(),
        FinishReason::Length,
    )
}

#[cfg(test)]
mod tests {
    use super::{Event, EventStream, FinishReason, Request, Role, answer};
    use chela_sdk::model::{Content, MediaKind, MediaPart, Message};
    use chela_sdk::{FailureKind, media::Source, testing};

    fn request(content: Vec<Content>) -> Request {
        Request {
            model: "demo-1".to_owned(),
            messages: vec![Message::new(Role::User, content)],
            incremental: true,
            ..Request::default()
        }
    }

    fn collect(request: &Request) -> (Vec<String>, FinishReason) {
        let mut events = answer(request).unwrap();
        let (mut pieces, mut finish) = (Vec::new(), None);
        while let Some(event) = events.next().unwrap() {
            match event {
                Event::Text(text) => pieces.push(text),
                Event::Finish(reason) => finish = Some(reason),
                Event::Usage(_) => panic!("the demo counts no tokens"),
                _ => {}
            }
        }
        (pieces, finish.expect("an answer ends"))
    }

    fn say(prompt: &str) -> String {
        collect(&request(vec![Content::Text(prompt.to_owned())]))
            .0
            .concat()
    }

    #[test]
    fn says_exactly_what_it_is_told() {
        assert_eq!(say("Reply with exactly: smoke-ok"), "smoke-ok");
        assert_eq!(
            say("Please REPLY WITH EXACTLY:  two  words \n"),
            "two  words"
        );
        assert_ne!(
            say("Reply with exactly:"),
            "",
            "nothing to say is no answer"
        );
    }

    #[test]
    fn calculates() {
        assert_eq!(
            say("What is 2 + 2? Reply with one short sentence."),
            "2 + 2 = 4."
        );
    }

    #[test]
    fn admits_what_it_is() {
        let text = say("Summarize this changelog entry");
        assert!(
            text.contains("demo, not a language model") && text.contains("4 words"),
            "{text}"
        );
        assert!(say("Hi there").contains("no model"));
        assert!(
            say("High winds").contains("understood none"),
            "a greeting is a whole word"
        );
    }

    #[test]
    fn comes_in_pieces() {
        let (pieces, finish) = collect(&request(vec![Content::Text(
            "Reply with exactly: a b c".to_owned(),
        )]));
        assert_eq!(pieces, ["a ", "b ", "c"]);
        assert!(matches!(finish, FinishReason::Stop));
    }

    #[test]
    fn stops_where_it_is_told() {
        let mut asked = request(vec![Content::Text(
            "Reply with exactly: one two three".to_owned(),
        )]);
        asked.max_output_tokens = Some(2);
        let (pieces, finish) = collect(&asked);
        assert_eq!(pieces.concat(), "one two ");
        assert!(matches!(finish, FinishReason::Length));
        asked.stop = vec![" two".to_owned()];
        let (pieces, finish) = collect(&asked);
        assert_eq!(pieces.concat(), "one");
        assert!(matches!(finish, FinishReason::Stop));
    }

    #[test]
    fn tells_a_picture_by_its_header() {
        let gif = b"GIF89a\x40\x01\xf0\0";
        let picture = Content::Media(MediaPart {
            kind: MediaKind::Image,
            source: Source::Blob(testing::file("x.gif", "image/gif", gif)),
            extra: Vec::new(),
        });
        let (pieces, _) = collect(&request(vec![
            Content::Text("Describe this".to_owned()),
            picture,
        ]));
        let text = pieces.concat();
        assert!(
            text.contains("image/gif, 320 by 240 pixels, 10 bytes"),
            "{text}"
        );
    }

    #[test]
    fn answers_in_the_shape_of_a_schema() {
        let mut asked = request(vec![Content::Text("hi".to_owned())]);
        asked.response_schema = Some(r#"{"type":"object","properties":{"n":{"type":"integer","minimum":3}},"required":["n"]}"#.to_owned());
        let value: serde_json::Value = serde_json::from_str(&collect(&asked).0.concat()).unwrap();
        assert_eq!(value, serde_json::json!({ "n": 3 }));
    }

    #[test]
    fn listens_to_no_recording() {
        let recording = Content::Media(MediaPart {
            kind: MediaKind::Audio,
            source: Source::Url("https://a.example/b.mp3".to_owned()),
            extra: Vec::new(),
        });
        let failure = answer(&request(vec![recording])).err().unwrap();
        assert_eq!(failure.kind, FailureKind::Unsupported);
    }
}
