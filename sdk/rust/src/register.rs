//! The one line that turns a type into a provider component.

/// Exports a type's families.
///
/// Names the type that implements the family traits and the families to export, in any order:
/// `chela_sdk::register!(MyProvider: model, image)`. Write it once in the crate's root. The families named here and those in
/// `provider.toml` must be the same; packing checks it.
///
/// Built for another target than WebAssembly it only checks that the traits are implemented.
#[macro_export]
macro_rules! register {
    ($provider:ty: $($family:ident),+ $(,)?) => {
        $($crate::__register!($family, $provider);)+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    (model, $provider:ty) => { $crate::__export!(export_model, model, $provider); };
    (image, $provider:ty) => { $crate::__export!(export_image, image, $provider); };
    (transcription, $provider:ty) => { $crate::__export!(export_transcription, transcription, $provider); };
    (speech, $provider:ty) => { $crate::__export!(export_speech, speech, $provider); };
    (video, $provider:ty) => { $crate::__export!(export_video, video, $provider); };
    (search, $provider:ty) => { $crate::__export!(export_search, search, $provider); };
    (fetch, $provider:ty) => { $crate::__export!(export_fetch, fetch, $provider); };
    (embedding, $provider:ty) => { $crate::__export!(export_embedding, embedding, $provider); };
    ($other:ident, $provider:ty) => {
        ::core::compile_error!(::core::concat!(
            "`",
            ::core::stringify!($other),
            "` is no family; there are model, image, transcription, speech, video, search, fetch and embedding"
        ));
    };
}

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($export:ident, $family:ident, $provider:ty) => {
        const _: () = {
            type Registered = $crate::$family::Adapter<$provider>;
    $crate::bindings::$family::$export!(Registered with_types_in $crate::bindings::$family);
        };
    };
}

// A native object file has no names such as `chela:provider/model@0.1.0#start`.
#[cfg(not(target_arch = "wasm32"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($export:ident, $family:ident, $provider:ty) => {
        const _: () = {
            type Registered = $crate::$family::Adapter<$provider>;
            const fn implements<
                T: $crate::bindings::$family::exports::chela::provider::$family::Guest,
            >() {
            }
            implements::<Registered>()
        };
    };
}
