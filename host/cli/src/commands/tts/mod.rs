//! `chela tts …`.

pub(super) mod convert;
pub(super) mod personas;
pub(super) mod providers;
pub(super) mod state;
pub(super) mod voices;
