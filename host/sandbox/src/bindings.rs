//! What wasmtime generates from `wit/`: one world per family, so that a component is asked only for what it exports.
//!
//! The shared interfaces are generated once, in [`imports`]; every family points there.

#![expect(
    unreachable_pub,
    reason = "generated; the contract's own documentation is in wit/"
)]

/// The interfaces the host offers.
pub mod imports {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "imports",
        imports: { default: async | trappable },
        with: {
            "chela:provider/media.blob": chela_egress::Blob,
            "chela:provider/http.response": crate::host::http::OpenResponse,
        },
    });
}

macro_rules! family {
    ($module:ident, $world:literal) => {
        #[doc = concat!("The world `", $world, "`.")]
        pub mod $module {
            wasmtime::component::bindgen!({
                path: "../../wit",
                world: $world,
                imports: { default: async | trappable },
                exports: { default: async },
                with: {
                    "chela:provider/types": crate::bindings::imports::chela::provider::types,
                    "chela:provider/media": crate::bindings::imports::chela::provider::media,
                    "chela:provider/http": crate::bindings::imports::chela::provider::http,
                    "chela:provider/context": crate::bindings::imports::chela::provider::context,
                    "chela:provider/log": crate::bindings::imports::chela::provider::log,
                },
            });
        }
    };
}

family!(model, "model-provider");
family!(image, "image-provider");
family!(transcription, "transcription-provider");
family!(speech, "speech-provider");
family!(video, "video-provider");
family!(search, "search-provider");
family!(fetch, "fetch-provider");
family!(embedding, "embedding-provider");
