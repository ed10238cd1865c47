//! A gate: one side waits at it, the other sees that and opens it. No test sleeps.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long anything here waits before it calls the test broken.
///
/// It bounds a hang, it times nothing: no test depends on its value.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A gate, closed at first. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    open: bool,
    arrivals: usize,
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens it, for everyone and for good.
    pub fn open(&self) {
        self.with(|state| state.open = true);
    }

    /// Waits until it is open. Gives `false` when [`PATIENCE`] ran out.
    pub fn pass(&self) -> bool {
        self.with(|state| state.arrivals += 1);
        self.wait_until(|state| state.open)
    }

    /// Waits until someone stands at it, or has passed.
    ///
    /// # Panics
    /// When nobody comes within [`PATIENCE`].
    pub fn await_arrival(&self) {
        assert!(
            self.wait_until(|state| state.arrivals > 0),
            "nobody came to the gate"
        );
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (state, changed) = &*self.0;
        let result = change(&mut state.lock().expect("no holder of the lock panics"));
        changed.notify_all();
        result
    }

    fn wait_until(&self, done: impl Fn(&State) -> bool) -> bool {
        let (state, changed) = &*self.0;
        let deadline = Instant::now() + PATIENCE;
        let mut state = state.lock().expect("no holder of the lock panics");
        while !done(&state) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return false;
            };
            state = changed
                .wait_timeout(state, left)
                .expect("no holder of the lock panics")
                .0;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;

    #[test]
    fn a_closed_gate_holds_until_it_is_opened() {
        let gate = Gate::new();
        let other = gate.clone();
        let waiter = std::thread::spawn(move || other.pass());
        gate.await_arrival();
        assert!(!waiter.is_finished());
        gate.open();
        assert!(waiter.join().unwrap());
    }
}
