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
        ErrorType::NotFound => "check the spelling of the model; `chela model list` shows those that are known".into(),
        ErrorType::RateLimited => match retry_after {
            Some(wait) => format!("wait {} s and try again, or name another provider with --provider", seconds(wait)),
            None => "wait a moment and try again, or name another provider with --provider".into(),
        },
        ErrorType::Quota => format!("check plan and billing of the account at {provider}"),
        ErrorType::InvalidRequest => "change the request as the message says; chela sends it as it is".into(),
        ErrorType::ContentFiltered => "change the prompt or the input; chela does not alter them".into(),
        ErrorType::EmptyOutput => "try again, or name another model with --model".into(),
        ErrorType::Timeout => "allow more time with --timeout-ms".into(),
        ErrorType::Unavailable => match retry_after {
            Some(wait) => format!("wait {} s and try again", seconds(wait)),
            None if fault.status.is_some() => "the fault is the server's own: try again later".into(),
            None => "check the network and the provider's base URL, or try again later".into(),
        },
        ErrorType::BadResponse => {
            "try again; if it stays, check the provider's base URL: a web page, a proxy or another API may be answering there".into()
        }
        ErrorType::Denied => {
            format!("the message says what was refused: a base URL under models.providers.{provider} may lead there, or the component asked for more than it may")
        }
        ErrorType::Unsupported => "name a provider or model that can do this with --model".into(),
        ErrorType::Internal => "this is a fault in chela or in the component: please report it with the message".into(),
    };
    Some(hint)
}

/// Whole seconds, rounded up, so that a caller who waits that long has waited long enough.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
