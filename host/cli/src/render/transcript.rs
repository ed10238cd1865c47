//! A transcript with its times and speakers, for people and for players of film.

use crate::sanitize;
use chela_envelope::Segment;
use std::fmt::Write as _;

/// How a transcript is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A line for each stretch; with its start, where times were asked for.
    Text {
        /// Whether each line begins with its time.
        times: bool,
    },
    /// SubRip: what most players read.
    SubRip,
    /// WebVTT (<https://www.w3.org/TR/webvtt1/>): what browsers read.
    WebVtt,
}

/// The stretches as text.
pub(crate) fn text(segments: &[Segment], manner: Manner) -> String {
    let mut text = String::new();
    if manner == Manner::WebVtt {
        text.push_str("WEBVTT\n\n");
    }
    // What a person says in several stretches is one line where nobody asked when.
    let mut speaking: Option<&str> = None;
    for (number, segment) in (1..).zip(segments) {
        // A line break in a stretch would end a cue.
        let said = sanitize::line(segment.text.trim());
        let speaker = segment.speaker.as_deref().map(sanitize::line);
        let named = |before: &str, after: &str| {
            let speaker = speaker.as_deref();
            speaker.map_or_else(String::new, |speaker| format!("{before}{speaker}{after}"))
        };
        let start = segment.start.max(0.0);
        let end = segment.end.max(start);
        // Writing to a string does not fail.
        let _ = match manner {
            Manner::Text { times: true } => {
                writeln!(text, "[{}] {}{said}", time(start, '.'), named("", ": "))
            }
            Manner::Text { times: false } => {
                let goes_on = segment.speaker.is_some() && speaking == segment.speaker.as_deref();
                speaking = segment.speaker.as_deref();
                if goes_on {
                    text.pop();
                    writeln!(text, " {said}")
                } else {
                    writeln!(text, "{}{said}", named("", ": "))
                }
            }
            Manner::SubRip => {
                let (start, end) = (time(start, ','), time(end, ','));
                writeln!(
                    text,
                    "{number}\n{start} --> {end}\n{}{said}\n",
                    named("", ": ")
                )
            }
            Manner::WebVtt => {
                let (start, end) = (time(start, '.'), time(end, '.'));
                let voice = escaped(&named("", ""));
                let voice = if voice.is_empty() {
                    voice
                } else {
                    format!("<v {voice}>")
                };
                writeln!(text, "{start} --> {end}\n{voice}{}\n", escaped(&said))
            }
        };
    }
    text
}

/// `01:02:03.456`, the mark before the milliseconds as the format wants it. A cast to an integer stops at its largest.
fn time(seconds: f64, mark: char) -> String {
    let milliseconds = (seconds * 1000.0).round() as u64;
    let (seconds, milliseconds) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, hours) = (seconds / 60 % 60, seconds / 3600);
    format!(
        "{hours:02}:{minutes:02}:{:02}{mark}{milliseconds:03}",
        seconds % 60
    )
}

/// A text in which nothing is markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Manner, text, time};
    use chela_envelope::Segment;
    use proptest::prelude::*;

    fn segment(start: f64, end: f64, text: &str, speaker: Option<&str>) -> Segment {
        Segment {
            start,
            end,
            text: text.to_owned(),
            speaker: speaker.map(str::to_owned),
        }
    }

    #[test]
    fn each_manner_has_its_form() {
        let segments = [
            segment(0.0, 1.5, " Hello\nthere", Some("A")),
            segment(1.5, 3661.25, "a < b --> c", Some("A")),
            segment(4.0, 3.0, "Bye.", Some("B")),
        ];
        assert_eq!(
            text(&segments, Manner::Text { times: false }),
            "A: Hello there a < b --> c\nB: Bye.\n"
        );
        assert_eq!(
            text(&segments[2..], Manner::Text { times: true }),
            "[00:00:04.000] B: Bye.\n"
        );
        assert_eq!(
            text(&segments[..2], Manner::SubRip),
            "1\n00:00:00,000 --> 00:00:01,500\nA: Hello there\n\n\
             2\n00:00:01,500 --> 01:01:01,250\nA: a < b --> c\n\n"
        );
        assert_eq!(
            text(&segments[1..], Manner::WebVtt),
            "WEBVTT\n\n00:00:01.500 --> 01:01:01.250\n<v A>a &lt; b --&gt; c\n\n\
             00:00:04.000 --> 00:00:04.000\n<v B>Bye.\n\n"
        );
    }

    #[test]
    fn times_round_and_never_overflow() {
        assert_eq!(time(59.9996, '.'), "00:01:00.000");
        assert!(time(f64::MAX, '.').len() > 12);
        assert_eq!(time(f64::NAN, '.'), "00:00:00.000");
    }

    proptest! {
        #[test]
        fn a_cue_is_three_lines_whatever_is_said(
            said in any::<String>(), speaker in any::<Option<String>>(), start in any::<f64>(), end in any::<f64>()
        ) {
            let cue = [segment(start, end, &said, speaker.as_deref())];
            let vtt = text(&cue, Manner::WebVtt);
            prop_assert_eq!(vtt.lines().count(), 5, "{}", vtt);
            prop_assert_eq!(vtt.matches("-->").count(), 1);
            prop_assert_eq!(text(&cue, Manner::SubRip).lines().count(), 4);
        }
    }
}
