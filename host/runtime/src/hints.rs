//! What to do about a failure: the one table of hints.

use std::time::Duration;

use chela_envelope::ErrorType;

use crate::fault::Fault;

/// What a person can do about a failure, where the place that failed had nothing better to say. `provider` is who failed.
pub(crate) fn hint(fault: &Fault, provider: Option<&str>) -> Option<String> {
    let retry_after = fault.retry_after;
    let provider = provider.unwrap_or("the provider");
    let hint = match fault.kind {
        ErrorType::Usage | ErrorType::Cancelled => return None,
        ErrorType::Config => "correct the configuration file; --config names another one".into(),
        ErrorType::Auth => format!("check the credential of {provider}: it was sent and not accepted"),
        ErrorType::Permission => format!("check what the account at {provider} may use, or name another model with --model"),
        ErrorType::NotFound if fault.message.to_ascii_lowercase().contains("model") => {
            "check the spelling of the model; `chela model list` shows those that are known".into()
        }
        ErrorType::NotFound if fault.message.to_ascii_lowercase().contains("voice") => {
            format!("check the id of the voice; `chela tts voices --provider {provider}` lists those there are")
        }
        // A server's own "not found" speaks of the path more often than of the model.
        ErrorType::NotFound => "check the provider's base URL (many end in /v1) and the spelling of the model".into(),
        ErrorType::RateLimited => match retry_after {
            Some(wait) => format!("wait {} and try again, or name another provider with --provider", in_words(wait)),
            None => "wait a moment and try again, or name another provider with --provider".into(),
        },
        ErrorType::Quota => format!("check plan and billing of the account at {provider}"),
        ErrorType::InvalidRequest if fault.status == Some(405) => {
            "check the provider's base URL: what answers there does not take such requests".into()
        }
        ErrorType::InvalidRequest => "change the request as the message says; chela sends it as it is".into(),
        ErrorType::ContentFiltered => "change the prompt or the input; chela does not alter them".into(),
        ErrorType::EmptyOutput => "try again, or name another model with --model".into(),
        ErrorType::Timeout if fault.message.contains("gave no answer for") || fault.message.contains("fell silent") => {
            format!("try again; if the server is that slow, set models.providers.{provider}.idleTimeoutSeconds to allow it a longer silence")
        }
        ErrorType::Timeout => "allow more time with --timeout-ms".into(),
        ErrorType::Unavailable => match retry_after {
            Some(wait) => format!("wait {} and try again", in_words(wait)),
            None if fault.status.is_some() => "the fault is the server's own: try again later".into(),
            None => "check the network and the provider's base URL, or try again later".into(),
        },
        ErrorType::BadResponse => {
            "try again; if it stays, check the provider's base URL: a web page, a proxy or another API may be answering there".into()
        }
        ErrorType::Denied if fault.code.as_deref() == Some("redirect-elsewhere") => {
            format!("set models.providers.{provider}.baseUrl to where the server's API is; a redirect to another place is not followed")
        }
        ErrorType::Denied if fault.code.as_deref() == Some("credential-in-clear") => {
            format!("write https:// in models.providers.{provider}.baseUrl, or set allowPlainHttp to true beside it to accept that")
        }
        ErrorType::Denied if fault.code.as_deref() == Some("proxy-in-clear") => {
            format!("name its host in NO_PROXY to reach it without the proxy, or write https:// in models.providers.{provider}.baseUrl")
        }
        ErrorType::Denied if fault.code.as_deref().is_some_and(|code| code.starts_with("address-") || matches!(code, "local-name" | "metadata-name" | "private-name")) => {
            format!("correct models.providers.{provider}.baseUrl if it leads there; otherwise the component asked for a place it may not reach")
        }
        ErrorType::Denied => {
            format!("the message says what was refused: a base URL under models.providers.{provider} may lead there, or the component asked for more than it may")
        }
        ErrorType::Unsupported => "name a provider or model that can do this with --model".into(),
        ErrorType::Internal => "this is a fault in chela or in the component: please report it with the message".into(),
    };
    Some(hint)
}

/// A wait in a person's units, rounded up, so that a caller who waits that long has waited long enough.
fn in_words(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match seconds {
        0 => "a moment".into(),
        1..=180 => format!("{seconds} s"),
        181..=10_800 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_in_units_that_one_reads_and_never_too_short() {
        for (milliseconds, words) in [
            (0, "a moment"),
            (1500, "2 s"),
            (180_000, "180 s"),
            (181_000, "4 min"),
            (10_800_001, "4 h"),
        ] {
            assert_eq!(in_words(Duration::from_millis(milliseconds)), words);
        }
    }
}
