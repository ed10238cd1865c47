//! How long a server asks callers to wait, where it says so in words alone.

/// The longest wait that is believed, in milliseconds: a day. More is a broken clock.
const LONGEST: u64 = 24 * 60 * 60 * 1000;

/// The wait that a message speaks of: `try again in 1m2.5s`, `retry in 48.9s`, `try again in 250ms`.
pub(crate) fn from_message(message: &str) -> Option<u64> {
    let lower = message.to_ascii_lowercase();
    let start = ["try again in ", "retry in ", "retry after "]
        .iter()
        .find_map(|lead| lower.find(lead).map(|at| at + lead.len()))?;
    let mut rest = &lower[start..];
    let mut total = None;
    loop {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let Ok(amount) = rest[..digits].parse::<f64>() else {
            break;
        };
        let unit = rest[digits..].trim_start();
        let (scale, length) = if unit.starts_with("ms") || unit.starts_with("millisecond") {
            (1.0, unit.find(|c: char| !c.is_ascii_alphabetic()))
        } else if unit.starts_with('s') {
            (1000.0, unit.find(|c: char| !c.is_ascii_alphabetic()))
        } else if unit.starts_with("min") {
            (60_000.0, unit.find(|c: char| !c.is_ascii_alphabetic()))
        } else if unit.starts_with('m') {
            (60_000.0, Some(1))
        } else if unit.starts_with('h') {
            (3_600_000.0, Some(1))
        } else {
            break;
        };
        total = Some(total.unwrap_or(0.0) + amount * scale);
        rest = &unit[length.unwrap_or(unit.len())..];
    }
    bounded(total?)
}

fn bounded(milliseconds: f64) -> Option<u64> {
    (milliseconds.is_finite() && milliseconds >= 0.0)
        .then(|| (milliseconds.ceil() as u64).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_name_a_wait() {
        for (message, wait) in [
            ("Rate limit reached. Please try again in 20s.", Some(20_000)),
            ("Please try again in 1m2.5s.", Some(62_500)),
            ("Please retry in 48.939935699s.", Some(48_940)),
            ("try again in 250ms", Some(250)),
            ("Please try again in 2 minutes", Some(120_000)),
            ("Please try again later", None),
            ("try again in a while", None),
            ("try again in ..s", None),
        ] {
            assert_eq!(from_message(message), wait, "{message}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read(value in ".*|[0-9.msh ]*") {
            if let Some(wait) = from_message(&format!("try again in {value}")) {
                prop_assert!(wait <= LONGEST);
            }
        }
    }
}
