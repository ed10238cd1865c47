//! Recordings in words: a model is asked to write down what it hears.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/audio> and <https://ai.google.dev/gemini-api/docs/structured-output>. The answer has a form, so
//! that nothing stands around the transcript, and silence is no words in place of some about it.

use chela_dialect::loose::{self, number_field, object, set, text_field};
use chela_dialect::sentence;
use chela_sdk::Result;
use chela_sdk::http;
use chela_sdk::transcription::{Request, Response, Segment, Timestamps};
use serde_json::{Map, Value};

use crate::content::{self, Inputs};
use crate::failure::{accept, read, without};
use crate::{method, usage};

/// What is asked for.
const TASK: &str = "Write down word for word what is said in the recording, in the language that is spoken, \
    without leaving out, translating, summing up or explaining anything.";

/// Writes down what is said.
pub(crate) fn transcribe(request: &Request) -> Result<Response> {
    // A model tells seconds, and not when each word was said.
    let timed = request.timestamps == Timestamps::Segment || request.diarize;
    let mut ignored = Vec::new();
    if request.timestamps == Timestamps::Word {
        ignored.push("timestamps".to_owned());
    }
    let mut inputs = Inputs::new();
    let parts = vec![
        inputs.part(&request.audio)?,
        content::text_part(&task(request, timed)),
    ];
    let mut config = Map::new();
    set(&mut config, "responseMimeType", "application/json");
    set(&mut config, "responseJsonSchema", form(request, timed));
    let turn = content::turn("user", parts);
    let body = content::request(vec![turn], config, Map::new(), &request.extra)?;
    let response = http::endpoint("api")
        .post(method(&request.model, "generateContent"))
        .json_with_blobs(&body, inputs.blobs())
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let answer = read(response, &envelope)?;
    let written = content::words(&answer);
    let ended = answer
        .pointer("/candidates/0")
        .and_then(|candidate| text_field(candidate, "finishReason"));
    if ended.as_deref() == Some("MAX_TOKENS") {
        return Err(
            envelope.bad("the transcript is longer than what the model writes in one answer")
        );
    }
    if written.trim().is_empty() {
        return Err(without(&answer, "", &envelope, "transcript"));
    }
    let said = loose::read(written.trim().as_bytes())
        .filter(Value::is_object)
        .ok_or_else(|| envelope.bad("the model did not keep to the form of a transcript"))?;
    let segments = segments(&said, timed).map_err(|message| envelope.bad(message))?;
    let request_id = envelope.request_id.clone();
    Ok(Response {
        text: text(&said, &segments, request.diarize),
        language: text_field(&said, "language"),
        segments,
        model: text_field(&answer, "modelVersion"),
        usage: answer.get("usageMetadata").and_then(usage::parse),
        request_id: request_id.or_else(|| text_field(&answer, "responseId")),
        ignored,
        ..Response::default()
    })
}

/// The request in words.
fn task(request: &Request, timed: bool) -> String {
    let mut task = TASK.to_owned();
    if let Some(language) = &request.language {
        task = sentence::joined(task, " ", &format!("The language spoken is `{language}`."));
    }
    if timed {
        task.push_str(
            " Cut it into segments of a sentence or two, and say of each when it begins and ends as MM:SS.mmm from the start of the recording.",
        );
    }
    if request.diarize {
        task.push_str(" Begin a new segment where somebody else speaks, and name the speaker, the same name for the same voice throughout.");
    }
    if let Some(count) = request.speaker_count {
        task = sentence::joined(task, " ", &format!("{count} people speak."));
    }
    task.push_str(" Where nobody speaks, give no words.");
    if let Some(prompt) = &request.prompt {
        task = sentence::joined(task, "\n\nWords, names or a style to expect: ", prompt);
    }
    task
}

/// The form of the answer, as a JSON Schema.
fn form(request: &Request, timed: bool) -> Value {
    let text = || object! {"type": "string"};
    let mut fields = Map::new();
    let mut names = vec![Value::from("language")];
    let language =
        object! {"type": "string", "description": "the language spoken, as a BCP 47 tag"};
    set(&mut fields, "language", language);
    if timed {
        let mut segment = Map::new();
        // Models write fields in the order in which they come here, which is that of the alphabet.
        let mut needed = vec!["begin", "end", "text"];
        set(&mut segment, "begin", text());
        set(&mut segment, "end", text());
        if request.diarize {
            set(&mut segment, "speaker", text());
            needed.push("speaker");
        }
        set(&mut segment, "text", text());
        let needed: Vec<Value> = needed.into_iter().map(Value::from).collect();
        let segment =
            object! {"type": "object", "properties": Value::Object(segment), "required": needed};
        set(
            &mut fields,
            "segments",
            object! {"type": "array", "items": segment},
        );
        names.push(Value::from("segments"));
    } else {
        set(&mut fields, "text", text());
        names.push(Value::from("text"));
    }
    object! {"type": "object", "properties": Value::Object(fields), "required": names}
}

/// Everything that is said, each speaker on a line.
fn text(said: &Value, segments: &[Segment], diarize: bool) -> String {
    let mut all = text_field(said, "text").unwrap_or_default();
    let mut last: Option<&Segment> = None;
    for segment in segments {
        let turns = diarize && last.is_some_and(|last| last.speaker != segment.speaker);
        all = sentence::joined(all, if turns { "\n" } else { " " }, segment.text.trim());
        last = Some(segment);
    }
    all
}

/// The segments of a transcript, where they were asked for; what is wrong with them otherwise.
fn segments(said: &Value, timed: bool) -> std::result::Result<Vec<Segment>, &'static str> {
    if !timed {
        return Ok(Vec::new());
    }
    said.get("segments")
        .and_then(Value::as_array)
        .ok_or("the model gave no segments")?
        .iter()
        .filter(|segment| text_field(segment, "text").is_some_and(|text| !text.trim().is_empty()))
        .map(|segment| {
            let start = time(segment, "begin").ok_or("a segment of the model has no beginning")?;
            Ok(Segment {
                start,
                end: time(segment, "end").ok_or("a segment of the model has no end")?,
                text: text_field(segment, "text").unwrap_or_default(),
                speaker: text_field(segment, "speaker"),
                ..Segment::default()
            })
        })
        .collect()
}

/// Seconds, of a number or of hours, minutes and seconds with colons between them.
fn time(segment: &Value, name: &str) -> Option<f64> {
    if let Some(seconds) = number_field(segment, name) {
        return (seconds >= 0.0).then_some(seconds);
    }
    let written = text_field(segment, name)?;
    let mut seconds = 0.0;
    let mut pieces = written.trim().split(':').peekable();
    let mut count = 0;
    while let Some(piece) = pieces.next() {
        let (whole, fraction) = piece.split_once(['.', ',']).unwrap_or((piece, ""));
        let last = pieces.peek().is_none();
        if whole.is_empty() || (!fraction.is_empty() && !last) {
            return None;
        }
        seconds = seconds * 60.0 + digits(whole)?;
        if !fraction.is_empty() {
            seconds += digits(fraction)? / 10f64.powi(i32::try_from(fraction.len()).ok()?);
        }
        count += 1;
    }
    (count <= 3).then_some(seconds)
}

/// A whole number of a few digits.
fn digits(text: &str) -> Option<f64> {
    let few = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    few.then(|| {
        text.bytes()
            .fold(0.0, |sum, byte| sum * 10.0 + f64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests;
