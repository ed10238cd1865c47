//! `Retry-After` (RFC 9110 section 10.2.3), without a clock.

/// Milliseconds to wait: seconds as they are, a date as the time between the response's own `Date` and it.
pub(super) fn retry_after_ms(value: &str, date: Option<&str>) -> Option<u64> {
    let value = value.trim();
    if let Some(milliseconds) = seconds(value) {
        return Some(milliseconds);
    }
    let until = unix_time(value)?;
    let now = unix_time(date?)?;
    Some(u64::try_from(until - now).unwrap_or(0).saturating_mul(1000))
}

/// Whole seconds by the standard; some servers send a fraction.
fn seconds(value: &str) -> Option<u64> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let thousandths = fraction
        .bytes()
        .chain(*b"000")
        .take(3)
        .fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'));
    Some(
        whole
            .parse::<u64>()
            .unwrap_or(u64::MAX)
            .saturating_mul(1000)
            .saturating_add(thousandths),
    )
}

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the one format that servers still send.
fn unix_time(value: &str) -> Option<i64> {
    let (_, date) = value.trim().split_once(", ")?;
    let mut words = date.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|number| number.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next() != Some("GMT") || words.next().is_some() || clock.next().is_some() {
        return None;
    }
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let within = (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    within.then(|| days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_from_march = (month + 9) % 12;
    let day_of_year = (153 * months_from_march + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{retry_after_ms, unix_time};

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(retry_after_ms("20", None), Some(20_000));
        assert_eq!(retry_after_ms(" 0 ", None), Some(0));
        assert_eq!(retry_after_ms("1.25", None), Some(1250));
        assert_eq!(retry_after_ms("99999999999999999999", None), Some(u64::MAX));
    }

    #[test]
    fn a_date_is_held_against_the_date_of_the_response() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(
            retry_after_ms("Sun, 06 Nov 1994 08:50:07 GMT", date),
            Some(30_000)
        );
        assert_eq!(
            retry_after_ms("Mon, 07 Nov 1994 08:49:37 GMT", date),
            Some(86_400_000)
        );
        assert_eq!(
            retry_after_ms("Sun, 06 Nov 1994 08:49:00 GMT", date),
            Some(0),
            "past is now"
        );
        assert_eq!(
            retry_after_ms("Sun, 06 Nov 1994 08:50:07 GMT", None),
            None,
            "no clock"
        );
    }

    #[test]
    fn dates_agree_with_the_calendar() {
        assert_eq!(unix_time("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(
            unix_time("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
        assert_eq!(
            unix_time("Tue, 29 Feb 2000 12:00:00 GMT"),
            Some(951_825_600)
        );
        assert_eq!(
            unix_time("Thu, 31 Dec 2026 23:59:59 GMT"),
            Some(1_798_761_599)
        );
    }

    #[test]
    fn nonsense_is_no_time() {
        for value in [
            "",
            "soon",
            "-1",
            "1e3",
            ".5",
            "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
        ] {
            assert_eq!(
                retry_after_ms(value, Some("Sun, 06 Nov 1994 08:49:37 GMT")),
                None,
                "{value}"
            );
        }
    }
}
