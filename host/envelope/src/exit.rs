//! Exit codes: one for each group of failures that a script would treat differently.

use crate::{Envelope, ErrorType, Output};

/// There is a result, and all of it.
pub const OK: u8 = 0;
/// A fault in chela or in a component: `internal`.
pub const INTERNAL: u8 = 1;
/// The command line is wrong: `usage`.
pub const USAGE: u8 = 2;
/// The configuration is wrong: `config`.
pub const CONFIG: u8 = 3;
/// The credential is missing, wrong or not enough: `auth`, `permission`.
pub const AUTH: u8 = 4;
/// The request cannot be served as it is: `not_found`, `invalid_request`, `unsupported`.
pub const REQUEST: u8 = 5;
/// The same call can succeed later: `rate_limited`, `unavailable`, `timeout`.
pub const TRY_LATER: u8 = 6;
/// The account is spent: `quota`.
pub const QUOTA: u8 = 7;
/// The provider answered and there is no usable result in the answer: `content_filtered`, `empty_output`, `bad_response`.
pub const OUTPUT: u8 = 8;
/// The sandbox refused: `denied`.
pub const DENIED: u8 = 9;
/// Some of several results are there and some are not.
pub const PARTIAL: u8 = 10;
/// Interrupted: `cancelled`.
pub const INTERRUPTED: u8 = 130;

/// The table, for documentation: code, meaning, the error types it stands for.
pub const TABLE: [(u8, &str, &[ErrorType]); 12] = [
    (OK, "there is a result, and all of it", &[]),
    (
        INTERNAL,
        "a fault in chela or in a component",
        &[ErrorType::Internal],
    ),
    (USAGE, "the command line is wrong", &[ErrorType::Usage]),
    (CONFIG, "the configuration is wrong", &[ErrorType::Config]),
    (
        AUTH,
        "the credential is missing, wrong or not enough",
        &[ErrorType::Auth, ErrorType::Permission],
    ),
    (
        REQUEST,
        "the request cannot be served as it is",
        &[
            ErrorType::NotFound,
            ErrorType::InvalidRequest,
            ErrorType::Unsupported,
        ],
    ),
    (
        TRY_LATER,
        "the same call can succeed later",
        &[
            ErrorType::RateLimited,
            ErrorType::Unavailable,
            ErrorType::Timeout,
        ],
    ),
    (QUOTA, "the account is spent", &[ErrorType::Quota]),
    (
        OUTPUT,
        "the provider answered and there is no usable result in the answer",
        &[
            ErrorType::ContentFiltered,
            ErrorType::EmptyOutput,
            ErrorType::BadResponse,
        ],
    ),
    (DENIED, "the sandbox refused", &[ErrorType::Denied]),
    (
        PARTIAL,
        "some of several results are there and some are not",
        &[],
    ),
    (INTERRUPTED, "interrupted", &[ErrorType::Cancelled]),
];

/// The exit code of an error type.
pub fn for_error(kind: ErrorType) -> u8 {
    match kind {
        ErrorType::Internal => INTERNAL,
        ErrorType::Usage => USAGE,
        ErrorType::Config => CONFIG,
        ErrorType::Auth | ErrorType::Permission => AUTH,
        ErrorType::NotFound | ErrorType::InvalidRequest | ErrorType::Unsupported => REQUEST,
        ErrorType::RateLimited | ErrorType::Unavailable | ErrorType::Timeout => TRY_LATER,
        ErrorType::Quota => QUOTA,
        ErrorType::ContentFiltered | ErrorType::EmptyOutput | ErrorType::BadResponse => OUTPUT,
        ErrorType::Denied => DENIED,
        ErrorType::Cancelled => INTERRUPTED,
    }
}

/// The exit code of an envelope.
pub fn exit_code(envelope: &Envelope) -> u8 {
    if envelope.ok {
        return OK;
    }
    let failed = envelope
        .outputs
        .iter()
        .filter(|output| matches!(output, Output::Failed(_)))
        .count();
    let kind = envelope
        .error
        .as_ref()
        .map_or(ErrorType::Internal, |error| error.kind);
    // An interrupt says so even where results had been made.
    if kind != ErrorType::Cancelled && failed > 0 && failed < envelope.outputs.len() {
        return PARTIAL;
    }
    for_error(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorBody, FailedOutput, TextOutput, capability};

    #[test]
    fn table_and_function_agree() {
        for kind in ErrorType::ALL {
            let rows: Vec<u8> = TABLE
                .iter()
                .filter(|row| row.2.contains(&kind))
                .map(|row| row.0)
                .collect();
            assert_eq!(rows, [for_error(kind)], "{kind}");
        }
        assert!(TABLE.is_sorted_by_key(|row| row.0));
    }

    #[test]
    fn partial_needs_both() {
        let body = ErrorBody::new(ErrorType::Unavailable, "one of two files failed");
        let failed = Output::Failed(FailedOutput {
            path: None,
            kind: None,
            error: body.clone(),
        });
        let good = Output::Text(TextOutput { text: "yes".into() });
        let mut envelope = Envelope::failed(capability::IMAGE_DESCRIBE_MANY, body);
        assert_eq!(exit_code(&envelope), TRY_LATER);
        envelope.outputs = vec![failed.clone()];
        assert_eq!(exit_code(&envelope), TRY_LATER);
        // Text that came before a stream broke is not one of several results.
        envelope.outputs = vec![good.clone()];
        assert_eq!(exit_code(&envelope), TRY_LATER);
        envelope.outputs = vec![good, failed];
        assert_eq!(exit_code(&envelope), PARTIAL);
        envelope.error = Some(ErrorBody::new(ErrorType::Cancelled, "interrupted"));
        assert_eq!(exit_code(&envelope), INTERRUPTED);
        assert_eq!(exit_code(&Envelope::succeeded("model.run", Vec::new())), OK);
    }
}
