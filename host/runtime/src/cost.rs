//! What a call cost: prices per million tokens times tokens. Nothing is estimated: where a number or a price is missing, there is no cost.

use chela_config::Cost;
use chela_envelope::Usage;

/// What a usage costs in US dollars. `output` says that the model generates tokens, so that a usage without their number is not whole.
///
/// Tokens read from a cache and written to one have prices of their own; what a provider does not say of them is taken as none. A price
/// matters only where there are tokens for it.
pub(crate) fn of(cost: &Cost, usage: Usage, output: bool) -> Option<f64> {
    let input = usage.input_tokens?;
    let generated = match usage.output_tokens {
        Some(tokens) => tokens,
        None if output => return None,
        None => 0,
    };
    let read = usage.cached_input_tokens.unwrap_or_default();
    let written = usage.cache_write_input_tokens.unwrap_or_default();
    let fresh = input.checked_sub(read)?.checked_sub(written)?;
    let mut total = 0.0;
    for (tokens, price) in [
        (fresh, cost.input),
        (read, cost.cache_read),
        (written, cost.cache_write),
        (generated, cost.output),
    ] {
        if tokens > 0 {
            // Token counts are far below the 53 bits that a float holds exactly.
            total += tokens as f64 * price?;
        }
    }
    // A millionth of a millionth of a dollar, where floats would show their own noise.
    Some((total * 1e6).round() / 1e12).filter(|dollars| dollars.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: Cost = Cost {
        input: Some(2.0),
        output: Some(8.0),
        cache_read: Some(0.5),
        cache_write: None,
    };

    fn usage(input: u64, output: Option<u64>) -> Usage {
        Usage {
            input_tokens: Some(input),
            output_tokens: output,
            ..Usage::default()
        }
    }

    #[test]
    fn tokens_times_prices_each_with_its_own() {
        assert_eq!(of(&COST, usage(1_000_000, Some(500)), true), Some(2.004));
        let cached = Usage {
            cached_input_tokens: Some(600),
            ..usage(1000, Some(0))
        };
        assert_eq!(of(&COST, cached, true), Some(0.0011));
        assert_eq!(of(&COST, usage(3, Some(1)), true), Some(0.000_014));
    }

    #[test]
    fn what_is_not_known_costs_nothing_that_is_said() {
        assert_eq!(of(&COST, Usage::default(), true), None);
        assert_eq!(of(&COST, usage(5, None), true), None);
        assert_eq!(of(&COST, usage(5, None), false), Some(0.00001));
        assert_eq!(of(&Cost::default(), usage(5, Some(1)), true), None);
        let written = Usage {
            cache_write_input_tokens: Some(2),
            ..usage(5, Some(1))
        };
        assert_eq!(of(&COST, written, true), None, "no price is known for it");
        let more_cached_than_there_were = Usage {
            cached_input_tokens: Some(9),
            ..usage(5, Some(1))
        };
        assert_eq!(of(&COST, more_cached_than_there_were, true), None);
    }

    #[test]
    fn a_price_of_nothing_is_a_price() {
        let free = Cost {
            input: Some(0.0),
            output: Some(0.0),
            ..Cost::default()
        };
        assert_eq!(of(&free, usage(5, Some(1)), true), Some(0.0));
    }
}
