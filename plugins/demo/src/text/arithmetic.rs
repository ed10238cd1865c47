//! Sums that stand in a prompt.

/// The result of the first sum in a prompt that asks for one: `2 + 2 = 4.`
pub(super) fn answer(prompt: &str) -> Option<String> {
    let folded = prompt.to_ascii_lowercase();
    let spelled = [
        ("plus", "+"),
        ("minus", "-"),
        ("times", "*"),
        ("multiplied by", "*"),
        ("divided by", "/"),
        ("×", "*"),
        ("÷", "/"),
        ("−", "-"),
    ]
    .iter()
    .fold(folded.clone(), |text, (word, sign)| {
        text.replace(word, sign)
    });
    let asked = [
        "what is",
        "what's",
        "calculate",
        "compute",
        "how much is",
        "add",
        "evaluate",
    ]
    .iter()
    .any(|word| folded.contains(word));
    let sum = spelled
        .split(|c: char| !(c.is_ascii_digit() || " .+-*/()".contains(c)))
        .map(|piece| piece.trim().trim_end_matches(['.', ' ']))
        .find(|piece| is_sum(piece))?;
    // Outside a question, `2024-05-01` is a date.
    let bare = spelled.trim().trim_end_matches(['=', '?', '.', ' ']) == sum;
    if !(asked || bare) {
        return None;
    }
    let mut parser = Parser { rest: sum };
    let value = parser.sum(0)?;
    parser.skip();
    if !parser.rest.is_empty() {
        return None;
    }
    Some(format!("{} = {}.", spaced(sum), written(value)?))
}

/// A number, a sign between, a number.
fn is_sum(piece: &str) -> bool {
    let inner = piece.trim_start_matches(['-', '(', ' ']);
    inner.contains(['+', '-', '*', '/'])
        && inner.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && piece.ends_with(|c: char| c.is_ascii_digit() || c == ')')
}

/// One blank around each sign.
fn spaced(sum: &str) -> String {
    let mut text = String::new();
    let mut after_value = false;
    for c in sum.chars().filter(|c| *c != ' ') {
        if after_value && "+-*/".contains(c) {
            text.extend([' ', c, ' ']);
        } else {
            text.push(c);
        }
        after_value = c.is_ascii_digit() || c == ')' || c == '.';
    }
    text
}

/// Whole numbers as they are, others to six places; nothing for what a float cannot hold to that. By hand, because the standard
/// library's way is 12 KB of code in a component.
fn written(value: f64) -> Option<String> {
    const PLACES: u64 = 1_000_000;
    let scaled = (value.abs() * PLACES as f64).round();
    if scaled.is_nan() || scaled >= 9e15 {
        return None;
    }
    let scaled = scaled as u64;
    let sign = if value < 0.0 && scaled > 0 { "-" } else { "" };
    let whole = scaled / PLACES;
    let mut text = format!("{sign}{whole}.{:06}", scaled % PLACES);
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    Some(text)
}

/// A decimal number of digits with at most one point.
fn number(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || fraction.contains('.') {
        return None;
    }
    let digits = |text: &str| {
        text.bytes()
            .fold(0.0, |sum, digit| sum * 10.0 + f64::from(digit - b'0'))
    };
    let scale = fraction.bytes().fold(1.0, |scale, _| scale * 10.0);
    Some(digits(whole) + digits(fraction) / scale)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, signs: &[char]) -> Option<char> {
        self.skip();
        let sign = self.rest.chars().next().filter(|c| signs.contains(c))?;
        self.rest = &self.rest[1..];
        Some(sign)
    }

    /// `depth` keeps a flood of parentheses from using up the stack.
    fn sum(&mut self, depth: u8) -> Option<f64> {
        let mut value = self.product(depth)?;
        while let Some(sign) = self.take(&['+', '-']) {
            let next = self.product(depth)?;
            value += if sign == '+' { next } else { -next };
        }
        Some(value)
    }

    fn product(&mut self, depth: u8) -> Option<f64> {
        let mut value = self.factor(depth)?;
        while let Some(sign) = self.take(&['*', '/']) {
            let next = self.factor(depth)?;
            value = if sign == '*' {
                value * next
            } else {
                value / next
            };
        }
        Some(value)
    }

    fn factor(&mut self, depth: u8) -> Option<f64> {
        if depth > 50 {
            return None;
        }
        if self.take(&['-']).is_some() {
            return Some(-self.factor(depth + 1)?);
        }
        if self.take(&['(']).is_some() {
            let value = self.sum(depth + 1)?;
            return self.take(&[')']).map(|_| value);
        }
        self.skip();
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        number(digits)
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn sums_follow_the_rules_of_arithmetic() {
        for (prompt, expected) in [
            ("What is 2 + 2?", "2 + 2 = 4."),
            ("what is 7 times 6", "7 * 6 = 42."),
            ("Calculate (1+2)*3 - 4/8.", "(1 + 2) * 3 - 4 / 8 = 8.5."),
            ("12 / 8", "12 / 8 = 1.5."),
            ("What's -3 minus -4?", "-3 - -4 = 1."),
            ("compute 0.1+0.2", "0.1 + 0.2 = 0.3."),
        ] {
            assert_eq!(answer(prompt).as_deref(), Some(expected), "{prompt}");
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for prompt in [
            "Since 2024-05-01 it rains",
            "What is 7?",
            "what is 1/0",
            "What is love - or 3?",
            "what is 1.2.3+4",
            "what is -",
        ] {
            assert_eq!(answer(prompt), None, "{prompt}");
        }
    }

    #[test]
    fn a_flood_of_parentheses_is_no_sum() {
        let prompt = format!("what is {}1+1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(answer(&prompt), None);
    }
}
