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

/// What a [`Faulty`](crate::Faulty) filesystem does wrong, and when.
///
/// A rule takes effect on every call, unless it is narrowed down: to one [operation](FaultRule::on), to the paths
/// [below](FaultRule::below) a folder, and of the calls that are left to the [nth](FaultRule::nth), to the nth
/// [and all that follow](FaultRule::from_nth), or to a [random choice](FaultRule::one_in).
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

    /// The call fails with an error of this kind and text. Nothing is done.
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

    /// The call waits this long first.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs};
    /// # use std::time::Duration;
    /// let fs = Faulty::new(MemFs::new()).with(FaultRule::stall(Duration::from_millis(1)));
    /// ```
    pub fn stall(duration: Duration) -> Self {
        Self::new(Effect::Stall(duration))
    }

    /// Reads and writes are of at most so many bytes; other calls are left alone. 0 makes a read see the end, and a
    /// write make no progress.
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

    /// Each read and write is of between 1 byte and what was asked for, chosen by a generator that begins with `seed`.
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

    /// The call panics with this text.
    ///
    /// ```should_panic
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// Faulty::new(MemFs::new()).with(FaultRule::panic("on purpose")).exists("/a");
    /// ```
    pub fn panic(message: impl Into<String>) -> Self {
        Self::new(Effect::Panic(message.into()))
    }

    /// Only calls of this operation.
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

    /// Only calls that name `path`, or something below it. A rename and a hard link name two.
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

    /// Only the `n`th of the calls that are left, counted from 1.
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

    /// Only the `n`th of the calls that are left, counted from 1, and all after it.
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

    /// Only one in `calls` of those that are left, on average, chosen by a generator that begins with `seed`; none
    /// for 0.
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

/// A rule in use.
#[derive(Debug)]
pub(super) struct ArmedRule {
    rule: FaultRule,
    calls: AtomicU64,
    fired: AtomicU64,
    choice: Mutex<ChaCha8Rng>,
    lengths: Mutex<ChaCha8Rng>,
}

/// What a call that goes on meets with.
#[derive(Debug, Default)]
pub(super) struct Effects {
    max_len: Option<usize>,
    /// Dice for the length.
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

    /// Whether it may make such a call short.
    pub(super) fn shortens(&self, operation: Operation, path: &VPath) -> bool {
        self.makes_short() && self.is_about(operation, &[path], true)
    }

    fn makes_short(&self) -> bool {
        matches!(self.rule.effect, Effect::Short(_) | Effect::ShortAtRandom(_))
    }

    /// Takes effect on a call, if it is about it and the time has come.
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
            #[expect(clippy::panic, reason = "it was asked for")]
            Effect::Panic(message) => panic!("{message}"),
        }
        Ok(())
    }
}
