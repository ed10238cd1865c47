//! Limits that a manifest asks for, and how sizes and durations are written.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// What a provider asks for in place of the host's defaults. The operator's ceiling wins where it is lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Limits {
    /// Linear memory of one instance, in bytes. At most 4 GiB. Written `"64MiB"`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "size")]
    pub memory: Option<u64>,
    /// The whole call, host time included. At most 24 h. Written `"120s"`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "duration")]
    pub wall: Option<Duration>,
    /// How long a server may be silent, before its answer and within it. At most 24 h.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "duration")]
    pub idle: Option<Duration>,
    /// Time spent in the component's own code. At most 24 h.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "duration")]
    pub guest: Option<Duration>,
    /// All response bodies of a call together, after decompression, in bytes. At most 64 GiB.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "size")]
    pub response: Option<u64>,
    /// HTTP requests in one call. At most 100 000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
}

impl Limits {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

const UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// Reads `64MiB`: a whole number and one of B, KiB, MiB, GiB. None for anything else, and for what does not fit 64 bits.
pub fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(factor)
}

/// Writes a size so that [`parse_size`] reads it back exactly, in the largest unit that does.
pub fn format_size(bytes: u64) -> String {
    let (unit, factor) = UNITS
        .into_iter()
        .find(|(_, factor)| bytes != 0 && bytes.is_multiple_of(*factor))
        .unwrap_or(("B", 1));
    format!("{}{unit}", bytes / factor)
}

/// Reads `120s`: a whole number and one of ms, s, m, h. None for anything else.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

/// Writes a duration so that [`parse_duration`] reads it back, in the largest unit that is exact to the millisecond.
pub fn format_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [("h", 3_600_000), ("m", 60_000), ("s", 1000)];
    match units
        .into_iter()
        .find(|(_, unit)| milliseconds != 0 && milliseconds.is_multiple_of(*unit))
    {
        Some((name, unit)) => format!("{}{name}", milliseconds / unit),
        None => format!("{milliseconds}ms"),
    }
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit))
}

#[expect(clippy::ref_option, reason = "the shape that serialize_with asks for")]
fn size<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(format_size).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the shape that serialize_with asks for")]
fn duration<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(format_duration).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("64MiB", 64 << 20),
            ("1GiB", 1 << 30),
            ("3KiB", 3072),
            ("1000B", 1000),
            ("0B", 0),
        ] {
            assert_eq!(parse_size(text), Some(bytes));
            assert_eq!(parse_size(&format_size(bytes)), Some(bytes));
        }
        for wrong in [
            "",
            "64",
            "MiB",
            "64MB",
            "64mib",
            " 64MiB",
            "64 MiB",
            "1.5GiB",
            "-1B",
            "+1B",
            "99999999999999999999B",
            "18446744073709551615KiB",
        ] {
            assert_eq!(parse_size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration("120s"), Some(Duration::from_secs(120)));
        assert_eq!(parse_duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(parse_duration("1500ms"), Some(Duration::from_millis(1500)));
        for (milliseconds, text) in [
            (1500, "1500ms"),
            (90_000, "90s"),
            (120_000, "2m"),
            (86_400_000, "24h"),
            (0, "0ms"),
        ] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(format_duration(duration), text);
            assert_eq!(parse_duration(text), Some(duration));
        }
        for wrong in ["", "120", "s", "1.5s", "1 s", "1d", "99999999999999999h"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
