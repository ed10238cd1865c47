//! A fault in chela itself ends like every other failure: one sentence, an envelope under `--json`, an exit code.

use chela_envelope::{ErrorBody, ErrorType};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What the first panic said, on whichever thread it was.
static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// Does the work and turns a panic in it into an `internal` error. A panic on another thread, which the work survived, comes
/// back beside its result.
///
/// # Errors
///
/// `internal`, when the work panicked.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<(T, Option<String>), ErrorBody> {
    panic::set_hook(Box::new(|info| {
        FIRST
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| describe(info));
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    drop(panic::take_hook());
    let said = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
    result.map(|value| (value, said.clone())).map_err(|_| {
        let said = said.unwrap_or_else(|| "no reason was given".to_owned());
        ErrorBody::new(ErrorType::Internal, format!("a fault in chela: {said}"))
            .hint("this is a bug; please report it with the command line that led to it")
    })
}

/// The message and the place. Only the file's name: the rest of the path tells of the machine that built the program.
fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("no reason was given");
    match info.location() {
        Some(place) => {
            let file = Path::new(place.file())
                .file_name()
                .unwrap_or_default()
                .display();
            format!("{message} ({file}:{})", place.line())
        }
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::caught;
    use chela_envelope::ErrorType;

    // One test, because a panic hook belongs to the whole process.
    #[test]
    fn a_panic_becomes_an_internal_error_with_its_place() {
        assert_eq!(caught(|| 7).expect("nothing panics"), (7, None));
        let error = caught(|| -> u8 { panic!("the invariant is gone") }).expect_err("it panics");
        assert_eq!(error.kind, ErrorType::Internal);
        assert!(
            error.message.contains("the invariant is gone (panics.rs:"),
            "{}",
            error.message
        );
        let (value, said) = caught(|| {
            let other = std::thread::spawn(|| panic!("aside"));
            assert!(other.join().is_err());
            8
        })
        .expect("the work went on");
        assert_eq!(value, 8);
        assert!(said.expect("it is told").contains("aside"));
    }
}
