pub(super) mod cancel;
pub(super) mod describe;
pub(super) mod generate;
pub(super) mod providers;
pub(super) mod resume;
