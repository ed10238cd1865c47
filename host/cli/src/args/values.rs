//! The form of single values: what a flag takes, and what is said when it gets something else.

use chela_manifest::ProviderId;
use chela_runtime::{AspectRatio, LONGEST_FILM, MOST_PICTURES, MOST_RESULTS, Size, is_blank};
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The longest deadline: a day, in milliseconds. Longer ones are a mistake in the unit.
const LONGEST_TIMEOUT_MS: u64 = 24 * 60 * 60 * 1000;

/// Why a value is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueError {
    /// What is wrong, as a fragment that follows "`--flag value`: ".
    pub(crate) problem: String,
    /// What to write in its place.
    pub(crate) hint: Option<String>,
}

impl ValueError {
    fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.problem)
    }
}

impl std::error::Error for ValueError {}

/// A text in a person's words, which may begin with a hyphen. A lone `--flag` is taken for a forgotten text.
pub(crate) fn text(value: &str) -> Result<String, ValueError> {
    let flag = value.strip_prefix("--").unwrap_or_default();
    if flag.starts_with(|c: char| c.is_ascii_lowercase())
        && flag.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    {
        return Err(ValueError::new("is a flag where a text is needed")
            .hint("put the text after the flag; a text that looks like a flag goes in with a space before it"));
    }
    Ok(value.to_owned())
}

/// A single word of a provider's own.
pub(crate) fn word(value: &str) -> Result<String, ValueError> {
    if is_blank(value) {
        let problem = if value.is_empty() {
            "is empty"
        } else {
            "is blank"
        };
        return Err(ValueError::new(problem).hint("give it a value, or leave the flag out"));
    }
    Ok(value.to_owned())
}

/// A path, in any encoding the system has.
pub(crate) fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|value| {
        if value.to_str().is_some_and(is_blank) {
            let problem = if value.is_empty() {
                "is empty"
            } else {
                "is blank"
            };
            // A name of blanks alone is a slip far more often than a name; `./ ` still names it.
            Err(ValueError::new(format!("{problem} where a path is needed")).hint("name a file"))
        } else {
            Ok(PathBuf::from(value))
        }
    })
}

/// A whole number from 1.
pub(crate) fn positive(value: &str) -> Result<u32, ValueError> {
    number(value, 1, u32::MAX)
}

/// How many pictures.
pub(crate) fn pictures(value: &str) -> Result<u32, ValueError> {
    number(value, 1, MOST_PICTURES)
}

/// How many results of a search.
pub(crate) fn results(value: &str) -> Result<u32, ValueError> {
    number(value, 1, MOST_RESULTS)
}

/// How many bytes.
pub(crate) fn bytes(value: &str) -> Result<u64, ValueError> {
    number(value, 1, u64::MAX)
}

/// A deadline in milliseconds.
pub(crate) fn milliseconds(value: &str) -> Result<u64, ValueError> {
    number(value, 1, LONGEST_TIMEOUT_MS)
}

fn number<N: FromStr + PartialOrd + fmt::Display>(
    value: &str,
    least: N,
    most: N,
) -> Result<N, ValueError> {
    let wanted = || format!("give a whole number from {least} to {most}");
    if value.trim().is_empty() {
        return Err(ValueError::new("is empty where a number is needed").hint(wanted()));
    }
    // FromStr takes a plus sign; nobody means one.
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ValueError::new("is not a whole number").hint(wanted()));
    }
    match value.parse() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(ValueError::new("is out of range").hint(wanted())),
    }
}

/// A sampling temperature: a finite number, 0 or more.
pub(crate) fn temperature(value: &str) -> Result<f64, ValueError> {
    const WANTED: &str = "give a number from 0, such as 0.7";
    if value.trim().is_empty() {
        return Err(ValueError::new("is empty where a number is needed").hint(WANTED));
    }
    match value.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        Ok(_) => Err(ValueError::new("is out of range").hint(WANTED)),
        Err(_) => Err(ValueError::new("is not a number").hint(WANTED)),
    }
}

/// How fast speech is: 1 is normal.
pub(crate) fn speed(value: &str) -> Result<f64, ValueError> {
    const WANTED: &str = "give a number above 0 and up to 10; 1 is normal";
    if value.trim().is_empty() {
        return Err(ValueError::new("is empty where a number is needed").hint(WANTED));
    }
    match value.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= 10.0 => Ok(number),
        Ok(_) => Err(ValueError::new("is out of range").hint(WANTED)),
        Err(_) => Err(ValueError::new("is not a number").hint(WANTED)),
    }
}

/// The length of a film in seconds: a number above 0.
pub(crate) fn seconds(value: &str) -> Result<f64, ValueError> {
    let wanted = || format!("give a number of seconds above 0 and up to {LONGEST_FILM}, such as 8");
    if value.trim().is_empty() {
        return Err(ValueError::new("is empty where a number is needed").hint(wanted()));
    }
    match value.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= f64::from(LONGEST_FILM) => Ok(number),
        Ok(_) => Err(ValueError::new("is out of range").hint(wanted())),
        Err(_) => Err(ValueError::new("is not a number").hint(wanted())),
    }
}

/// A size such as `1024x1536`.
pub(crate) fn size(value: &str) -> Result<Size, ValueError> {
    value.parse().map_err(|_| {
        ValueError::new("is not a size").hint("write width and height in pixels, such as 1024x1536")
    })
}

/// An aspect ratio such as `16:9`.
pub(crate) fn aspect_ratio(value: &str) -> Result<AspectRatio, ValueError> {
    value.parse().map_err(|_| {
        ValueError::new("is not an aspect ratio").hint("write width to height, such as 16:9")
    })
}

/// The id of a provider.
pub(crate) fn provider(value: &str) -> Result<ProviderId, ValueError> {
    value.parse::<ProviderId>().map_err(|error| {
        let hint = match value.split_once('/') {
            Some(_) => Some(format!(
                "--provider takes an id alone; for a model write --model {value}"
            )),
            None => error.hint(),
        };
        ValueError {
            problem: "is not the id of a provider".to_owned(),
            hint,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_and_in_range() {
        assert_eq!(positive("1"), Ok(1));
        assert_eq!(milliseconds("180000"), Ok(180_000));
        for (value, problem) in [
            ("", "is empty where a number is needed"),
            (" ", "is empty where a number is needed"),
            ("0", "is out of range"),
            ("4294967296", "is out of range"),
            ("-1", "is not a whole number"),
            ("+1", "is not a whole number"),
            ("1.5", "is not a whole number"),
            ("NaN", "is not a whole number"),
        ] {
            assert_eq!(
                positive(value).expect_err(value).problem,
                problem,
                "{value}"
            );
        }
        assert!(milliseconds("86400001").is_err());
    }

    #[test]
    fn a_temperature_is_finite_and_not_negative() {
        assert_eq!(temperature("0.7"), Ok(0.7));
        for value in ["", "warm", "-0.1", "NaN", "inf"] {
            assert!(temperature(value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_film_lasts_some_time_and_not_for_ever() {
        assert_eq!((seconds("8"), seconds("2.5")), (Ok(8.0), Ok(2.5)));
        for value in ["", " ", "0", "-1", "NaN", "inf", "8s", "3601"] {
            assert!(seconds(value).is_err(), "{value}");
        }
    }

    #[test]
    fn pairs_have_two_sides() {
        assert_eq!(
            size("2160x3840").map(|size| (size.width(), size.height())),
            Ok((2160, 3840))
        );
        assert_eq!(
            aspect_ratio("9:16").map(|ratio| (ratio.width(), ratio.height())),
            Ok((9, 16))
        );
        for value in [
            "",
            "1024",
            "1024x",
            "0x1",
            "x",
            "1x2x3",
            "1024 x 1024",
            "1:2",
        ] {
            assert!(size(value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_text_is_not_a_forgotten_flag() {
        assert_eq!(text("-1 + 2").as_deref(), Ok("-1 + 2"));
        assert_eq!(text("--- a list").as_deref(), Ok("--- a list"));
        assert_eq!(text(" --json").as_deref(), Ok(" --json"));
        assert!(text("--json").is_err());
        assert!(text("--max-tokens").is_err());
    }

    #[test]
    fn a_model_is_no_provider() {
        let error = provider("openai/gpt-5.4").expect_err("it is a model");
        assert!(
            error
                .hint
                .expect("it teaches")
                .contains("--model openai/gpt-5.4")
        );
    }
}
