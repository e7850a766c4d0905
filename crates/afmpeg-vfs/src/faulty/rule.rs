use std::{
    io,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use parking_lot::Mutex;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

use crate::{Operation, VPath};

/// A rule of a [`Faulty`](crate::Faulty) filesystem: an effect, and the calls that it applies to.
///
/// A rule applies to every call unless it is restricted: to one [operation](FaultRule::on), to paths at and
/// [below](FaultRule::below) a folder, and among the remaining calls to the [nth](FaultRule::nth), to the nth [and
/// later ones](FaultRule::from_nth), or to a [random choice](FaultRule::one_in).
///
/// ```
/// use std::time::Duration;
///
/// use afmpeg_vfs::{FaultRule, Operation, VPath};
///
/// let slow_network = FaultRule::stall(Duration::from_millis(50)).on(Operation::Read);
/// let flaky = FaultRule::error(std::io::ErrorKind::ConnectionReset, "reset").one_in(100, 42);
/// let tiny_reads = FaultRule::short(7).on(Operation::Read).below(VPath::new("/in").unwrap());
/// ```
#[derive(Debug, Clone)]
pub struct FaultRule {
    effect: Effect,
    operation: Option<Operation>,
    below: VPath,
    when: When,
}

#[derive(Debug, Clone)]
enum Effect {
    Error(io::ErrorKind, String),
    Stall(Duration),
    Short(usize),
    ShortAtRandom(u64),
    Panic(String),
}

#[derive(Debug, Clone, Copy)]
enum When {
    Always,
    Nth(u64),
    FromNth(u64),
    OneIn(u32, u64),
}

impl FaultRule {
    fn new(effect: Effect) -> Self {
        Self { effect, operation: None, below: VPath::root(), when: When::Always }
    }

    /// Fails the call with an error of this kind and text, without effect.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// # use std::io::ErrorKind;
    /// let fs = Faulty::new(MemFs::new()).with(FaultRule::error(ErrorKind::TimedOut, "no answer"));
    /// assert_eq!(fs.read("/a").unwrap_err().to_string(), "no answer");
    /// ```
    pub fn error(kind: io::ErrorKind, message: impl Into<String>) -> Self {
        Self::new(Effect::Error(kind, message.into()))
    }

    /// Delays the call.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs};
    /// # use std::time::Duration;
    /// let fs = Faulty::new(MemFs::new()).with(FaultRule::stall(Duration::from_millis(1)));
    /// ```
    pub fn stall(duration: Duration) -> Self {
        Self::new(Effect::Stall(duration))
    }

    /// Limits reads and writes to this many bytes; other calls are unaffected. With 0, a read returns the end of the
    /// file, and a write makes no progress.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, OpenOptions, VPath, Vfs as _};
    /// let fs = Faulty::new(MemFs::new()).with(FaultRule::short(2));
    /// let file = fs.open(&VPath::new("/a").unwrap(), OpenOptions::new().write(true).create(true)).unwrap();
    /// assert_eq!(file.write_at(b"abc", 0).unwrap(), 2);
    /// ```
    pub fn short(bytes: usize) -> Self {
        Self::new(Effect::Short(bytes))
    }

    /// Limits each read and write to a random length of at least 1 byte, from a generator seeded with `seed`.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, OpenOptions, VPath, Vfs as _};
    /// let fs = Faulty::new(MemFs::new()).with(FaultRule::short_at_random(1));
    /// let file = fs.open(&VPath::new("/a").unwrap(), OpenOptions::new().write(true).create(true)).unwrap();
    /// assert!((1..=3).contains(&file.write_at(b"abc", 0).unwrap()));
    /// ```
    pub fn short_at_random(seed: u64) -> Self {
        Self::new(Effect::ShortAtRandom(seed))
    }

    /// Panics with this text.
    ///
    /// ```should_panic
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// Faulty::new(MemFs::new()).with(FaultRule::panic("on purpose")).exists("/a");
    /// ```
    pub fn panic(message: impl Into<String>) -> Self {
        Self::new(Effect::Panic(message.into()))
    }

    /// Restricts the rule to this operation.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Operation};
    /// let rule = FaultRule::short(1).on(Operation::Write);
    /// ```
    #[must_use]
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Restricts the rule to calls that name a path at or below `path`. A rename and a hard link name two paths.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, VPath};
    /// let rule = FaultRule::short(1).below(VPath::new("/in").unwrap());
    /// ```
    #[must_use]
    pub fn below(mut self, path: VPath) -> Self {
        self.below = path;
        self
    }

    /// Restricts the rule to the `n`th of the remaining calls, counted from 1.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// let rule = FaultRule::error(std::io::ErrorKind::TimedOut, "").nth(2);
    /// let fs = Faulty::new(MemFs::new()).with(rule);
    /// assert_eq!([fs.exists("/"), fs.exists("/"), fs.exists("/")], [true, false, true]);
    /// ```
    #[must_use]
    pub fn nth(mut self, n: u64) -> Self {
        self.when = When::Nth(n);
        self
    }

    /// Restricts the rule to the `n`th of the remaining calls, counted from 1, and later ones.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// let rule = FaultRule::error(std::io::ErrorKind::TimedOut, "").from_nth(2);
    /// let fs = Faulty::new(MemFs::new()).with(rule);
    /// assert_eq!([fs.exists("/"), fs.exists("/"), fs.exists("/")], [true, false, false]);
    /// ```
    #[must_use]
    pub fn from_nth(mut self, n: u64) -> Self {
        self.when = When::FromNth(n);
        self
    }

    /// Restricts the rule to one in `calls` of the remaining calls, on average, from a generator seeded with `seed`;
    /// to none for 0.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// let rule = FaultRule::error(std::io::ErrorKind::TimedOut, "").one_in(10, 1);
    /// let fs = Faulty::new(MemFs::new()).with(rule);
    /// let failed = (0..1000).filter(|_| !fs.exists("/")).count();
    /// assert!((50..150).contains(&failed));
    /// ```
    #[must_use]
    pub fn one_in(mut self, calls: u32, seed: u64) -> Self {
        self.when = When::OneIn(calls, seed);
        self
    }
}

/// A rule with its state.
#[derive(Debug)]
pub(super) struct ArmedRule {
    rule: FaultRule,
    calls: AtomicU64,
    fired: AtomicU64,
    choice: Mutex<ChaCha8Rng>,
    lengths: Mutex<ChaCha8Rng>,
}

/// The effects on a call that continues.
#[derive(Debug, Default)]
pub(super) struct Effects {
    max_len: Option<usize>,
    /// A random number for the length.
    random: Option<u64>,
}

impl Effects {
    pub(super) fn shorten(&self, len: usize) -> usize {
        let mut shortened = self.max_len.map_or(len, |max| len.min(max));
        if let (Some(random), Ok(most)) = (self.random, u64::try_from(shortened))
            && most > 0
        {
            shortened = usize::try_from(1 + random % most).unwrap_or(shortened);
        }
        shortened
    }
}

impl ArmedRule {
    pub(super) fn new(rule: FaultRule) -> Self {
        let seed = |seed| Mutex::new(ChaCha8Rng::seed_from_u64(seed));
        let choice = seed(if let When::OneIn(_, seed) = rule.when { seed } else { 0 });
        let lengths = seed(if let Effect::ShortAtRandom(seed) = rule.effect { seed } else { 0 });
        Self { rule, calls: AtomicU64::new(0), fired: AtomicU64::new(0), choice, lengths }
    }

    pub(super) fn fired(&self) -> u64 {
        self.fired.load(Relaxed)
    }

    fn is_about(&self, operation: Operation, paths: &[&VPath], can_be_short: bool) -> bool {
        self.rule.operation.is_none_or(|only| only == operation)
            && paths.iter().any(|path| path.starts_with(&self.rule.below))
            && (can_be_short || !self.makes_short())
    }

    /// Whether the rule may shorten such a call.
    pub(super) fn shortens(&self, operation: Operation, path: &VPath) -> bool {
        self.makes_short() && self.is_about(operation, &[path], true)
    }

    fn makes_short(&self) -> bool {
        matches!(self.rule.effect, Effect::Short(_) | Effect::ShortAtRandom(_))
    }

    /// Applies the rule to a call, if it matches.
    pub(super) fn meet(
        &self,
        operation: Operation,
        paths: &[&VPath],
        can_be_short: bool,
        effects: &mut Effects,
    ) -> io::Result<()> {
        if !self.is_about(operation, paths, can_be_short) {
            return Ok(());
        }
        let number = self.calls.fetch_add(1, Relaxed) + 1;
        let is_time = match self.rule.when {
            When::Always => true,
            When::Nth(n) => number == n,
            When::FromNth(n) => number >= n,
            When::OneIn(calls, _) => calls > 0 && self.choice.lock().next_u32().is_multiple_of(calls),
        };
        if !is_time {
            return Ok(());
        }
        self.fired.fetch_add(1, Relaxed);
        match &self.rule.effect {
            Effect::Error(kind, message) => return Err(io::Error::new(*kind, message.clone())),
            Effect::Stall(duration) => std::thread::sleep(*duration),
            Effect::Short(bytes) => {
                effects.max_len = Some(effects.max_len.map_or(*bytes, |max| max.min(*bytes)));
            }
            Effect::ShortAtRandom(_) => effects.random = Some(self.lengths.lock().next_u64()),
            #[expect(clippy::panic, reason = "the rule injects a panic")]
            Effect::Panic(message) => panic!("{message}"),
        }
        Ok(())
    }
}
