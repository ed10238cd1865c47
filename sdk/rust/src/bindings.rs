//! What `wit-bindgen` makes of the contract. Only [`register!`](crate::register) reaches in from outside.
//!
//! The imports are generated once, in `base`; each family is a world of its own that points back at them, so that a
//! [`Blob`](crate::Blob) is one type everywhere and a provider exports the families it registers and no other.

#![allow(
    clippy::all,
    clippy::allow_attributes,
    clippy::semicolon_if_nothing_returned,
    clippy::uninlined_format_args,
    clippy::undocumented_unsafe_blocks,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_unsafe,
    unused_qualifications,
    reason = "generated: the canonical ABI is pointers and lengths; what is public is documented where it is re-exported"
)]

/// Types, media, HTTP, context and log.
pub mod base {
    // Outside WebAssembly there is no host behind these functions. Blobs are then plain memory, so that a provider's logic
    // can be tested with `cargo test`; see `crate::testing`.
    #[cfg(target_arch = "wasm32")]
    wit_bindgen::generate!({
        path: "../../wit",
        world: "imports",
        generate_all,
        generate_unused_types: true,
        additional_type_attributes: {
            "chela:provider/types@0.1.0/failure": [#[derive(PartialEq)]],
            "chela:provider/types@0.1.0/named-value": [#[derive(PartialEq)]],
            "chela:provider/types@0.1.0/usage": [#[derive(PartialEq, Default)]],
            "chela:provider/types@0.1.0/dimensions": [#[derive(PartialEq, Eq)]],
            "chela:provider/types@0.1.0/aspect-ratio": [#[derive(PartialEq, Eq)]],
        },
    });

    #[cfg(not(target_arch = "wasm32"))]
    wit_bindgen::generate!({
        path: "../../wit",
        world: "imports",
        with: { "chela:provider/media@0.1.0": crate::testing::media },
        generate_all,
        generate_unused_types: true,
        additional_type_attributes: {
            "chela:provider/types@0.1.0/failure": [#[derive(PartialEq)]],
            "chela:provider/types@0.1.0/named-value": [#[derive(PartialEq)]],
            "chela:provider/types@0.1.0/usage": [#[derive(PartialEq, Default)]],
            "chela:provider/types@0.1.0/dimensions": [#[derive(PartialEq, Eq)]],
            "chela:provider/types@0.1.0/aspect-ratio": [#[derive(PartialEq, Eq)]],
        },
    });
}

// `default` names the records of which nothing has to be said, so that an author writes what there is to say and
// `..Default::default()`.
macro_rules! family {
    ($module:ident, $world:literal, $export:literal, $path:literal, default: [$($record:literal),* $(,)?]) => {
        pub mod $module {
            wit_bindgen::generate!({
                path: "../../wit",
                world: $world,
                with: {
                    "chela:provider/types@0.1.0": crate::bindings::base::chela::provider::types,
                    "chela:provider/media@0.1.0": crate::media,
                    "chela:provider/http@0.1.0": crate::bindings::base::chela::provider::http,
                    "chela:provider/context@0.1.0": crate::bindings::base::chela::provider::context,
                    "chela:provider/log@0.1.0": crate::bindings::base::chela::provider::log,
                },
                pub_export_macro: true,
                export_macro_name: $export,
                default_bindings_module: $path,
                generate_unused_types: true,
                additional_type_attributes: { $($record: [#[derive(Default)]]),* },
            });
        }
    };
}

family!(
    model,
    "model-provider",
    "export_model",
    "chela_sdk::bindings::model",
    default: ["chela:provider/model@0.1.0/request", "chela:provider/model@0.1.0/reasoning", "chela:provider/model@0.1.0/citation"]
);
family!(
    image,
    "image-provider",
    "export_image",
    "chela_sdk::bindings::image",
    default: ["chela:provider/image@0.1.0/response"]
);
family!(
    transcription,
    "transcription-provider",
    "export_transcription",
    "chela_sdk::bindings::transcription",
    default: ["chela:provider/transcription@0.1.0/response", "chela:provider/transcription@0.1.0/segment"]
);
family!(
    speech,
    "speech-provider",
    "export_speech",
    "chela_sdk::bindings::speech",
    default: []
);
family!(
    video,
    "video-provider",
    "export_video",
    "chela_sdk::bindings::video",
    default: ["chela:provider/video@0.1.0/progress", "chela:provider/video@0.1.0/response"]
);
family!(
    search,
    "search-provider",
    "export_search",
    "chela_sdk::bindings::search",
    default: ["chela:provider/search@0.1.0/response", "chela:provider/search@0.1.0/hit"]
);
family!(
    fetch,
    "fetch-provider",
    "export_fetch",
    "chela_sdk::bindings::fetch",
    default: ["chela:provider/fetch@0.1.0/response"]
);
family!(
    embedding,
    "embedding-provider",
    "export_embedding",
    "chela_sdk::bindings::embedding",
    default: ["chela:provider/embedding@0.1.0/request", "chela:provider/embedding@0.1.0/response"]
);
