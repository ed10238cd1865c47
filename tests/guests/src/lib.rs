//! Small components with one bad behaviour each, named after it, and what they share.
//!
//! Each file under `examples/` is one component that exports `search`, or `video` where that is what it does badly; `tests/sandbox`
//! says how each one ends. The query is the behaviour's argument where it needs one. To add one, copy a file and name it in `Cargo.toml`.
#![forbid(unsafe_code)]

/// Makes a component of a function that answers a search.
#[macro_export]
macro_rules! guest {
    ($behaviour:expr) => {
        struct Guest;

        impl chela_sdk::Search for Guest {
            fn search(
                request: chela_sdk::search::Request,
            ) -> chela_sdk::Result<chela_sdk::search::Response> {
                let behaviour: fn(&str) -> chela_sdk::Result<String> = $behaviour;
                let answer = behaviour(&request.query)?;
                Ok(chela_sdk::search::Response {
                    answer: Some(answer),
                    ..Default::default()
                })
            }
        }

        chela_sdk::register!(Guest: search);
    };
}
