//! How long a server asks callers to wait, where it says so in words alone.

/// The longest wait that is believed, in milliseconds: a day. More is a broken clock.
const LONGEST: u64 = 24 * 60 * 60 * 1000;

/// The wait that a message speaks of: `try again in 1m2.5s`, `retry in 48.9s`, `try again in 250ms`.
pub fn from_message(message: &str) -> Option<u64> {
    let lower = message.to_ascii_lowercase();
    let start = ["try again in ", "retry in ", "retry after "]
        .iter()
        .find_map(|lead| lower.find(lead).map(|at| at + lead.len()))?;
    let mut rest = &lower.as_bytes()[start..];
    let mut total: Option<u64> = None;
    loop {
        let (thousandths, after) = number(rest);
        let unit = after.trim_ascii_start();
        let letters = unit
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let (scale, length) = match &unit[..letters] {
            b"ms" | b"millisecond" | b"milliseconds" => (1, letters),
            [b's', ..] => (1000, letters),
            [b'm', b'i', b'n', ..] => (60_000, letters),
            // Of `1m2s`, where letters end at the digit.
            [b'm'] => (60_000, 1),
            [b'h', ..] => (3_600_000, letters),
            _ => break,
        };
        let Some(thousandths) = thousandths else {
            break;
        };
        let wait = thousandths.saturating_mul(scale).div_ceil(1000);
        total = Some(total.unwrap_or(0).saturating_add(wait));
        rest = &unit[length..];
    }
    total.map(|wait| wait.min(LONGEST))
}

/// The decimal number at the start of a text, in thousandths, and what follows it. None where there is no number.
fn number(text: &[u8]) -> (Option<u64>, &[u8]) {
    let mut thousandths = 0_u64;
    // How many digits of the fraction count; none before the point.
    let mut places = None;
    let mut digits = 0;
    let mut end = 0;
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                let digit = u64::from(byte - b'0');
                digits += 1;
                match &mut places {
                    None => {
                        thousandths = thousandths.saturating_mul(10).saturating_add(digit * 1000);
                    }
                    Some(0) => {}
                    Some(left) => {
                        *left -= 1;
                        thousandths = thousandths.saturating_add(digit * 10_u64.pow(*left));
                    }
                }
            }
            b'.' if places.is_none() => places = Some(3_u32),
            _ => break,
        }
        end += 1;
    }
    ((digits > 0).then_some(thousandths), &text[end..])
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
            ("Please retry in 48.939935699s.", Some(48_939)),
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
