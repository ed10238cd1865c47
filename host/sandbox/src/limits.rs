//! What a component may use. Every limit is on by default. `wit/README.md` tells authors the numbers.

use std::time::{Duration, Instant};

use wasmtime::ResourceLimiter;

use crate::error::{LimitHit, LimitKind};

/// How often the engine looks at a running component.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// The limits of one call into a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, in all memories together.
    pub memory: u64,
    /// Elements of tables, in all tables together.
    pub table_elements: u64,
    /// Core instances. A Rust component has 1 to 4; a Python one around 40.
    pub instances: usize,
    /// Linear memories.
    pub memories: usize,
    /// Tables.
    pub tables: usize,
    /// Time the component itself may compute; time the host spends for it does not count.
    pub guest_time: Duration,
    /// Bytes of arguments of one host call, and of one result handed to the host.
    pub host_call_bytes: usize,
    /// Handles open at the same time.
    pub handles: usize,
    /// Bytes of media handed to the host in one call.
    pub media_bytes: u64,
    /// Lines of log.
    pub log_lines: u32,
    /// Bytes of log.
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 128 << 20,
            table_elements: 200_000,
            instances: 64,
            memories: 8,
            tables: 64,
            guest_time: Duration::from_secs(10),
            host_call_bytes: 96 << 20,
            handles: 1024,
            media_bytes: 512 << 20,
            log_lines: 1000,
            log_bytes: 256 << 10,
        }
    }
}

impl Limits {
    /// These limits with what a manifest asks for in place of the defaults, but never above `ceiling`.
    #[must_use]
    pub fn asked(self, asks: &chela_manifest::Limits, ceiling: &Self) -> Self {
        Self {
            memory: asks.memory.unwrap_or(self.memory).min(ceiling.memory),
            guest_time: asks
                .guest
                .unwrap_or(self.guest_time)
                .min(ceiling.guest_time),
            // What comes as an answer is kept as media: a film.
            media_bytes: asks
                .response
                .map_or(self.media_bytes, |response| response.max(self.media_bytes))
                .min(ceiling.media_bytes),
            ..self
        }
    }
}

/// The largest that an operator's ceiling is when nothing else is set.
pub const CEILING: Limits = Limits {
    memory: 512 << 20,
    table_elements: 1_000_000,
    instances: 128,
    memories: 64,
    tables: 256,
    guest_time: Duration::from_secs(60),
    host_call_bytes: 96 << 20,
    handles: 4096,
    media_bytes: 4 << 30,
    log_lines: 1000,
    log_bytes: 256 << 10,
};

/// Counts what a store has allocated and stops it at the limit, so that the message can name the limit.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    memory: u64,
    elements: u64,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory: 0,
            elements: 0,
        }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let after = self.memory + (desired - current) as u64;
        if after > self.limits.memory {
            return Err(wasmtime::Error::new(LimitHit(LimitKind::Memory)));
        }
        self.memory = after;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let after = self.elements + (desired - current) as u64;
        if after > self.limits.table_elements {
            return Err(wasmtime::Error::new(LimitHit(LimitKind::Tables)));
        }
        self.elements = after;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}

/// Measures the time a component computes, apart from the time the host spends for it.
///
/// The engine looks every [`TICK`]. A stretch between two looks counts at most twice that, because the rest of it was
/// spent by others: the component gave way to them at the look.
#[derive(Debug)]
pub(crate) struct GuestClock {
    running_since: Option<Instant>,
    spent: Duration,
    budget: Duration,
}

impl GuestClock {
    pub(crate) fn new(budget: Duration) -> Self {
        Self {
            running_since: None,
            spent: Duration::ZERO,
            budget,
        }
    }

    /// The component starts or goes on computing.
    pub(crate) fn resume(&mut self) {
        self.running_since = Some(Instant::now());
    }

    /// The host takes over.
    pub(crate) fn pause(&mut self) {
        if let Some(since) = self.running_since.take() {
            self.spent += since.elapsed().min(TICK * 2);
        }
    }

    /// A look while the component computes. Fails when its time is used up.
    pub(crate) fn look(&mut self) -> Result<(), LimitHit> {
        self.pause();
        self.resume();
        if self.spent > self.budget {
            Err(LimitHit(LimitKind::GuestTime))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_counts_over_all_memories_of_a_store() {
        let mut limiter = Limiter::new(Limits {
            memory: 100,
            ..Limits::default()
        });
        assert!(limiter.memory_growing(0, 60, None).expect("within"));
        let error = limiter.memory_growing(0, 60, None).expect_err("over");
        assert_eq!(
            error.downcast_ref::<LimitHit>().expect("a limit").0,
            LimitKind::Memory
        );
        assert!(
            limiter.memory_growing(60, 100, None).expect("within"),
            "a refused growth counts nothing"
        );
    }

    #[test]
    fn a_manifest_gets_what_it_asks_for_up_to_the_ceiling() {
        let limits = |response| {
            let asks = chela_manifest::Limits {
                response,
                ..chela_manifest::Limits::default()
            };
            Limits::default().asked(&asks, &CEILING).media_bytes
        };
        let usual = Limits::default().media_bytes;
        assert_eq!(limits(None), usual);
        assert_eq!(limits(Some(1 << 20)), usual, "it is never less");
        assert_eq!(limits(Some(2 << 30)), 2 << 30, "a film");
        assert_eq!(limits(Some(16 << 30)), CEILING.media_bytes);
    }

    #[test]
    fn a_growth_over_its_own_maximum_is_the_components_affair() {
        let mut limiter = Limiter::new(Limits::default());
        assert!(
            !limiter
                .memory_growing(0, 20, Some(10))
                .expect("no limit of ours")
        );
        assert!(
            !limiter
                .table_growing(0, 20, Some(10))
                .expect("no limit of ours")
        );
    }

    #[test]
    fn a_manifest_cannot_ask_above_the_ceiling() {
        let asks = chela_manifest::Limits {
            memory: Some(u64::MAX),
            ..Default::default()
        };
        assert_eq!(
            Limits::default().asked(&asks, &CEILING).memory,
            CEILING.memory
        );
    }

    #[test]
    fn time_of_the_host_does_not_count_as_the_components() {
        let mut clock = GuestClock::new(Duration::ZERO);
        clock.pause();
        assert_eq!(clock.spent, Duration::ZERO);
        clock.resume();
        clock.pause();
        let spent = clock.spent;
        clock.pause();
        assert_eq!(clock.spent, spent, "a second pause counts nothing");
    }
}
