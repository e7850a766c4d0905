//! Fault injection for tests.

mod rule;

use std::{io, sync::Arc, time::SystemTime};

use bytes::Bytes;

pub use self::rule::FaultRule;
use self::rule::{ArmedRule, Effects};
use crate::{DirEntry, Metadata, OpenOptions, Operation, VFile, VPath, Vfs};

/// A wrapper that injects faults into a filesystem: errors, delays, short reads and writes, panics.
///
/// [Rules](FaultRule) are applied in the order in which they were added. Each has a counter and a random generator, so
/// that the same calls have the same results. If several rules match a call, all delays add up, the first error or
/// panic ends the call before it reaches the inner filesystem, and the shortest length applies. Calls of concurrent
/// threads are counted in order of arrival. Clones share the counters.
///
/// `set_times` counts as a write, `commit` as a sync, and an open file keeps the path that it was opened with.
/// `append` and `replace` are one write each, which cannot be short; `contents` is one read, or several reads if a
/// rule shortens reads of that path.
///
/// ```
/// use std::io::ErrorKind;
///
/// use afmpeg_vfs::{FaultRule, Faulty, MemFs, Operation, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = Faulty::new(MemFs::new())
///     .with(FaultRule::error(ErrorKind::StorageFull, "the disk is full").on(Operation::Write).nth(2));
/// fs.write("/a", "the first write")?;
/// assert_eq!(fs.write("/b", "the second").unwrap_err().to_string(), "the disk is full");
/// fs.write("/c", "the third")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Faulty<V> {
    inner: V,
    rules: Rules,
}

#[derive(Debug, Clone, Default)]
struct Rules(Vec<Arc<ArmedRule>>);

impl Rules {
    /// Applies the rules to a call: delays it, or fails.
    fn meet(&self, operation: Operation, paths: &[&VPath], can_be_short: bool) -> io::Result<Effects> {
        let mut effects = Effects::default();
        for rule in &self.0 {
            rule.meet(operation, paths, can_be_short, &mut effects)?;
        }
        Ok(effects)
    }
}

impl<V: Vfs> Faulty<V> {
    /// Wraps `inner`, without rules.
    ///
    /// ```
    /// # use afmpeg_vfs::{Faulty, MemFs, VfsExt as _};
    /// Faulty::new(MemFs::new()).write("/a", "").unwrap();
    /// ```
    pub fn new(inner: V) -> Self {
        Self { inner, rules: Rules::default() }
    }

    /// Adds a rule.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// # use std::io::ErrorKind;
    /// let fs = Faulty::new(MemFs::new()).with(FaultRule::error(ErrorKind::ConnectionReset, "unplugged"));
    /// assert_eq!(fs.read("/a").unwrap_err().kind(), ErrorKind::ConnectionReset);
    /// ```
    #[must_use]
    pub fn with(mut self, rule: FaultRule) -> Self {
        self.rules.0.push(Arc::new(ArmedRule::new(rule)));
        self
    }

    /// Returns how often each rule took effect, in the order in which they were added.
    ///
    /// ```
    /// # use afmpeg_vfs::{FaultRule, Faulty, MemFs, VfsExt as _};
    /// let fs = Faulty::new(MemFs::new()).with(FaultRule::short(1));
    /// fs.write("/a", "abc").unwrap();
    /// let file = fs.read("/a").unwrap();
    /// assert_eq!((&file[..], fs.fired()[0]), (&b"abc"[..], 4), "three bytes, and the end");
    /// ```
    pub fn fired(&self) -> Vec<u64> {
        self.rules.0.iter().map(|rule| rule.fired()).collect()
    }

    fn call<T>(
        &self,
        operation: Operation,
        path: &VPath,
        run: impl FnOnce(&V) -> io::Result<T>,
    ) -> io::Result<T> {
        self.rules.meet(operation, &[path], false)?;
        run(&self.inner)
    }
}

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Faulty<V> {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let file = self.call(Operation::Open, path, |fs| fs.open(path, options))?;
        Ok(Box::new(FaultyFile { file, path: path.clone(), rules: self.rules.clone() }))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.call(Operation::Stat, path, |fs| fs.metadata(path))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.call(Operation::Stat, path, |fs| fs.symlink_metadata(path))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.call(Operation::List, path, |fs| fs.read_dir(path))
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.call(Operation::Create, path, |fs| fs.create_dir(path))
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.call(Operation::Remove, path, |fs| fs.remove_file(path))
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.call(Operation::Remove, path, |fs| fs.remove_dir(path))
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.rules.meet(Operation::Rename, &[from, to], false)?;
        self.inner.rename(from, to)
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        self.call(Operation::Create, link, |fs| fs.symlink(target, link))
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.call(Operation::Stat, path, |fs| fs.read_link(path))
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        self.rules.meet(Operation::Create, &[original, link], false)?;
        self.inner.hard_link(original, link)
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        self.call(Operation::Write, path, |fs| fs.set_times(path, accessed, modified))
    }

    fn keeps_in_memory(&self, path: &VPath) -> bool {
        self.inner.keeps_in_memory(path)
    }

    fn commit(&self) -> io::Result<()> {
        self.call(Operation::Sync, &VPath::root(), |fs| fs.commit())
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn VFile>,
    path: VPath,
    rules: Rules,
}

impl FaultyFile {
    fn meet(&self, operation: Operation) -> io::Result<()> {
        self.rules.meet(operation, &[&self.path], false).map(drop)
    }

    fn transfer(&self, operation: Operation, len: usize) -> io::Result<usize> {
        Ok(self.rules.meet(operation, &[&self.path], true)?.shorten(len))
    }
}

#[deny(clippy::missing_trait_methods)]
impl VFile for FaultyFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = self.transfer(Operation::Read, buf.len())?;
        self.file.read_at(buf.get_mut(..len).unwrap_or_default(), offset)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.meet(Operation::Stat)?;
        self.file.metadata()
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let len = self.transfer(Operation::Write, bytes.len())?;
        self.file.write_at(bytes.get(..len).unwrap_or_default(), offset)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.meet(Operation::Write)?;
        self.file.append(bytes)
    }

    fn len(&self) -> io::Result<u64> {
        self.meet(Operation::Stat)?;
        self.file.len()
    }

    fn is_empty(&self) -> io::Result<bool> {
        self.meet(Operation::Stat)?;
        self.file.is_empty()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.meet(Operation::Truncate)?;
        self.file.set_len(len)
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.meet(Operation::Write)?;
        self.file.replace(contents)
    }

    fn contents(&self) -> io::Result<Bytes> {
        if self.rules.0.iter().any(|rule| rule.shortens(Operation::Read, &self.path)) {
            return ByShortReads(self).contents();
        }
        self.meet(Operation::Read)?;
        self.file.contents()
    }

    fn sync(&self) -> io::Result<()> {
        self.meet(Operation::Sync)?;
        self.file.sync()
    }

    fn close(&self) -> io::Result<()> {
        self.meet(Operation::Close)?;
        self.file.close()
    }
}

/// Reads the contents by short reads, with the default implementation of the trait.
#[derive(Debug)]
struct ByShortReads<'a>(&'a FaultyFile);

impl VFile for ByShortReads<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buf, offset)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.0.file.metadata()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::ErrorKind,
        panic::{AssertUnwindSafe, catch_unwind},
        time::{Duration, Instant},
    };

    use super::*;
    use crate::{MemFs, VfsExt as _};

    fn path(text: &str) -> VPath {
        VPath::new(text).unwrap()
    }

    #[test]
    fn error_occurs_at_the_nth_matching_call_without_effect() {
        let inner = MemFs::new();
        inner.create_dir_all("/out/deep").unwrap();
        let rule =
            FaultRule::error(ErrorKind::StorageFull, "full").on(Operation::Write).below(path("/out")).nth(2);
        let fs = Faulty::new(inner.clone()).with(rule);
        let options = OpenOptions::new().write(true).create(true);
        let (outside, inside) =
            (fs.open(&path("/a"), options).unwrap(), fs.open(&path("/out/deep/a"), options).unwrap());
        for offset in 0..5 {
            outside.write_at(b"x", offset).unwrap();
        }
        inside.write_at(b"x", 0).unwrap();
        assert_eq!(inside.write_at(b"y", 1).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(inner.read("/out/deep/a").unwrap(), "x");
        inside.write_at(b"z", 1).unwrap();
        assert_eq!(fs.fired(), [1]);
    }

    #[test]
    fn every_call_from_the_nth_on_fails_for_clones_too() {
        let fs =
            Faulty::new(MemFs::new()).with(FaultRule::error(ErrorKind::HostUnreachable, "gone").from_nth(3));
        fs.create_dir(&path("/a")).unwrap();
        fs.clone().metadata(&path("/a")).unwrap();
        for _ in 0..3 {
            assert_eq!(fs.metadata(&path("/")).unwrap_err().to_string(), "gone");
        }
        assert_eq!(fs.commit().unwrap_err().kind(), ErrorKind::HostUnreachable);
    }

    #[test]
    fn short_reads_and_writes_transfer_everything_and_repeat_for_a_seed() {
        let bytes: Vec<u8> = (0..=255).collect();
        let lengths = |seed| {
            let fs = Faulty::new(MemFs::new()).with(FaultRule::short_at_random(seed));
            let file = fs.open(&path("/a"), OpenOptions::new().read(true).write(true).create(true)).unwrap();
            let mut lengths = Vec::new();
            let mut offset = 0;
            while offset < bytes.len() {
                let written = file.write_at(&bytes[offset..], offset as u64).unwrap();
                assert!(written > 0);
                lengths.push(written);
                offset += written;
            }
            assert_eq!(fs.read("/a").unwrap(), bytes);
            lengths
        };
        assert_eq!(lengths(1), lengths(1));
        assert_ne!(lengths(1), lengths(2));
        assert!(lengths(1).len() > 1);
    }

    #[test]
    fn random_failures_match_their_probability_and_repeat_for_a_seed() {
        let failures = |seed| -> Vec<bool> {
            let rule = FaultRule::error(ErrorKind::TimedOut, "late").one_in(4, seed);
            let fs = Faulty::new(MemFs::new()).with(rule);
            (0..4000).map(|_| fs.metadata(&path("/")).is_err()).collect()
        };
        assert_eq!(failures(7), failures(7));
        assert_ne!(failures(7), failures(8));
        let count = failures(7).iter().filter(|failed| **failed).count();
        assert!((800..1200).contains(&count), "{count} of 4000");
    }

    #[test]
    fn stalled_call_waits_and_continues() {
        let wait = Duration::from_millis(20);
        let fs = Faulty::new(MemFs::new()).with(FaultRule::stall(wait).on(Operation::Create));
        let begun = Instant::now();
        fs.create_dir(&path("/a")).unwrap();
        assert!(begun.elapsed() >= wait && fs.exists("/a"));
    }

    #[test]
    fn panic_rule_panics() {
        let fs = Faulty::new(MemFs::new()).with(FaultRule::panic("on purpose").on(Operation::List));
        let panic = catch_unwind(AssertUnwindSafe(|| fs.read_dir(&path("/")))).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "on purpose");
    }

    #[test]
    fn buffer_is_not_copied_without_short_reads() {
        let fs = Faulty::new(MemFs::new()).with(FaultRule::short(1).below(path("/b")));
        let bytes = Bytes::from(vec![7; 1000]);
        for (name, is_same) in [("/a", true), ("/b", false)] {
            fs.write(name, bytes.clone()).unwrap();
            assert_eq!(fs.read(name).unwrap().as_ptr() == bytes.as_ptr(), is_same);
        }
    }
}
