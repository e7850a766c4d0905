use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime},
};

use bytes::Bytes;
use tracing::{Level, event, level_enabled};

use crate::{DirEntry, Metadata, OpenOptions, Operation, VFile, VPath, Vfs};

/// A wrapper that emits an event of the `tracing` crate for every operation (feature `trace`).
///
/// Operations on paths have the level `DEBUG`, and those on open files `TRACE`; both have the target `afmpeg_vfs`, and
/// are emitted when the operation has ended. The fields:
///
/// | field | |
/// |---|---|
/// | `fs` | the [name](Trace::named) of the filesystem, empty by default |
/// | `operation` | an [`Operation`], as text |
/// | `call` | the method |
/// | `path` | the path; for an open file, the path that it was opened with |
/// | `to` | the second path of a rename or a link |
/// | `handle` | the number of the open file, counted from 1 |
/// | `options` | the options that a file was opened with |
/// | `offset`, `requested`, `bytes` | the offset, the requested number of bytes, and the actual one |
/// | `micros` | the duration in microseconds |
/// | `error` | the error of a failed operation |
///
/// Without a subscriber, a call costs one more comparison.
///
/// ```
/// use afmpeg_vfs::{MemFs, Trace, VfsExt as _};
///
/// let fs = Trace::new(MemFs::new()).named("outputs");
/// fs.write("/a", "reported to subscribers").unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Trace<V> {
    inner: V,
    name: Arc<str>,
    handles: Arc<AtomicU64>,
}

impl<V: Vfs> Trace<V> {
    /// Emits events for the operations of `inner`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Trace};
    /// let fs = Trace::new(MemFs::new());
    /// ```
    pub fn new(inner: V) -> Self {
        Self { inner, name: "".into(), handles: Arc::default() }
    }

    /// Sets the name of this filesystem in events.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Trace};
    /// let fs = Trace::new(MemFs::new()).named("inputs");
    /// ```
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    fn call<T>(
        &self,
        (operation, call): (Operation, &'static str),
        path: &VPath,
        to: Option<&str>,
        run: impl FnOnce(&V) -> io::Result<T>,
    ) -> io::Result<T> {
        if !level_enabled!(Level::DEBUG) {
            return run(&self.inner);
        }
        let begun = Instant::now();
        let result = run(&self.inner);
        event!(
            target: "afmpeg_vfs",
            Level::DEBUG,
            fs = &*self.name,
            operation = %operation,
            call,
            path = path.as_str(),
            to,
            micros = micros(begun),
            error = result.as_ref().err().map(tracing::field::display),
        );
        result
    }
}

fn micros(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Trace<V> {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let begun = level_enabled!(Level::DEBUG).then(Instant::now);
        let opened = self.inner.open(path, options);
        let handle = match opened {
            Ok(_) => self.handles.fetch_add(1, Ordering::Relaxed) + 1,
            Err(_) => 0,
        };
        event!(
            target: "afmpeg_vfs",
            Level::DEBUG,
            fs = &*self.name,
            operation = %Operation::Open,
            call = "open",
            path = path.as_str(),
            options = %words(options),
            handle,
            micros = begun.map(micros),
            error = opened.as_ref().err().map(tracing::field::display),
        );
        Ok(Box::new(TracedFile { file: opened?, path: path.clone(), fs: Arc::clone(&self.name), handle }))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.call((Operation::Stat, "metadata"), path, None, |fs| fs.metadata(path))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.call((Operation::Stat, "symlink_metadata"), path, None, |fs| fs.symlink_metadata(path))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.call((Operation::List, "read_dir"), path, None, |fs| fs.read_dir(path))
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.call((Operation::Create, "create_dir"), path, None, |fs| fs.create_dir(path))
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.call((Operation::Remove, "remove_file"), path, None, |fs| fs.remove_file(path))
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.call((Operation::Remove, "remove_dir"), path, None, |fs| fs.remove_dir(path))
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.call((Operation::Rename, "rename"), from, Some(to.as_str()), |fs| fs.rename(from, to))
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        self.call((Operation::Create, "symlink"), link, Some(target), |fs| fs.symlink(target, link))
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.call((Operation::Stat, "read_link"), path, None, |fs| fs.read_link(path))
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        let to = Some(original.as_str());
        self.call((Operation::Create, "hard_link"), link, to, |fs| fs.hard_link(original, link))
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        self.call((Operation::Write, "set_times"), path, None, |fs| fs.set_times(path, accessed, modified))
    }

    fn keeps_in_memory(&self, path: &VPath) -> bool {
        self.inner.keeps_in_memory(path)
    }

    fn commit(&self) -> io::Result<()> {
        self.call((Operation::Sync, "commit"), &VPath::root(), None, |fs| fs.commit())
    }
}

/// Returns the options as words.
fn words(options: OpenOptions) -> String {
    let set = [
        (options.read, "read"),
        (options.write, "write"),
        (options.append, "append"),
        (options.create, "create"),
        (options.create_new, "create_new"),
        (options.truncate, "truncate"),
    ];
    set.into_iter().filter(|(set, _)| *set).map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

#[derive(Debug)]
struct TracedFile {
    file: Box<dyn VFile>,
    path: VPath,
    fs: Arc<str>,
    handle: u64,
}

impl TracedFile {
    /// `place` is the offset and the requested number of bytes; `bytes` returns the actual number.
    fn call<T>(
        &self,
        (operation, call): (Operation, &'static str),
        place: (Option<u64>, Option<u64>),
        bytes: impl FnOnce(&T) -> Option<u64>,
        run: impl FnOnce(&dyn VFile) -> io::Result<T>,
    ) -> io::Result<T> {
        if !level_enabled!(Level::TRACE) {
            return run(&*self.file);
        }
        let begun = Instant::now();
        let result = run(&*self.file);
        event!(
            target: "afmpeg_vfs",
            Level::TRACE,
            fs = &*self.fs,
            operation = %operation,
            call,
            path = self.path.as_str(),
            handle = self.handle,
            offset = place.0,
            requested = place.1,
            bytes = result.as_ref().ok().and_then(bytes),
            micros = micros(begun),
            error = result.as_ref().err().map(tracing::field::display),
        );
        result
    }
}

#[deny(clippy::missing_trait_methods)]
impl VFile for TracedFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let place = (Some(offset), Some(buf.len() as u64));
        self.call(
            (Operation::Read, "read_at"),
            place,
            |read| Some(*read as u64),
            |file| file.read_at(buf, offset),
        )
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.call((Operation::Stat, "metadata"), (None, None), |_| None, |file| file.metadata())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let place = (Some(offset), Some(bytes.len() as u64));
        let done = |written: &usize| Some(*written as u64);
        self.call((Operation::Write, "write_at"), place, done, |file| file.write_at(bytes, offset))
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let len = Some(bytes.len() as u64);
        self.call((Operation::Write, "append"), (None, len), |_| len, |file| file.append(bytes))
    }

    fn len(&self) -> io::Result<u64> {
        self.call((Operation::Stat, "len"), (None, None), |len| Some(*len), |file| file.len())
    }

    fn is_empty(&self) -> io::Result<bool> {
        self.call((Operation::Stat, "is_empty"), (None, None), |_| None, |file| file.is_empty())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.call((Operation::Truncate, "set_len"), (None, Some(len)), |()| None, |file| file.set_len(len))
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        let len = Some(contents.len() as u64);
        self.call((Operation::Write, "replace"), (Some(0), len), |()| len, |file| file.replace(contents))
    }

    fn contents(&self) -> io::Result<Bytes> {
        let done = |contents: &Bytes| Some(contents.len() as u64);
        self.call((Operation::Read, "contents"), (Some(0), None), done, |file| file.contents())
    }

    fn sync(&self) -> io::Result<()> {
        self.call((Operation::Sync, "sync"), (None, None), |()| None, |file| file.sync())
    }

    fn close(&self) -> io::Result<()> {
        self.call((Operation::Close, "close"), (None, None), |()| None, |file| file.close())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt};

    use parking_lot::Mutex;
    use tracing::{
        Event, Metadata, Subscriber,
        field::{Field, Visit},
        span,
    };

    use super::*;
    use crate::{MemFs, VfsExt as _};

    /// Collects events up to a level.
    struct Collector(Level, Arc<Mutex<Vec<Fields>>>);

    #[derive(Default)]
    struct Fields(BTreeMap<&'static str, String>);

    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.0.insert(field.name(), format!("{value:?}"));
        }
        fn record_str(&mut self, field: &Field, value: &str) {
            self.0.insert(field.name(), value.to_owned());
        }
    }

    impl Subscriber for Collector {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() <= self.0
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &Event<'_>) {
            let mut fields = Fields::default();
            event.record(&mut fields);
            fields.0.insert("level", event.metadata().level().to_string());
            self.1.lock().push(fields);
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    fn collect(level: Level, run: impl FnOnce()) -> Vec<BTreeMap<&'static str, String>> {
        let events = Arc::default();
        tracing::subscriber::with_default(Collector(level, Arc::clone(&events)), run);
        let events = std::mem::take(&mut *events.lock());
        events.into_iter().map(|fields| fields.0).collect()
    }

    #[test]
    fn events_have_the_operation_its_result_and_its_error() {
        let fs = Trace::new(MemFs::with_capacity_limit(10)).named("outputs");
        let (a, b) = (VPath::new("/a").unwrap(), VPath::new("/b").unwrap());
        let events = collect(Level::TRACE, || {
            let file = fs.open(&a, OpenOptions::new().write(true).create(true)).unwrap();
            file.write_at(b"abc", 4).unwrap();
            file.write_at(&[0; 100], 0).unwrap_err();
            drop(file);
            fs.rename(&a, &b).unwrap();
            fs.metadata(&a).unwrap_err();
        });
        let all = |field: &str| -> Vec<&str> {
            events.iter().map(|event| event.get(field).map_or("", String::as_str)).collect()
        };
        assert_eq!(all("call"), ["open", "write_at", "write_at", "rename", "metadata"]);
        assert_eq!(all("operation"), ["open", "write", "write", "rename", "stat"]);
        assert_eq!(all("level"), ["DEBUG", "TRACE", "TRACE", "DEBUG", "DEBUG"]);
        assert_eq!(all("path"), ["/a", "/a", "/a", "/a", "/a"]);
        assert_eq!(all("to"), ["", "", "", "/b", ""]);
        assert_eq!(all("fs"), ["outputs"; 5]);
        assert_eq!(all("options")[0], "write create");
        assert_eq!(all("handle"), ["1", "1", "1", "", ""]);
        assert_eq!((all("offset")[1], all("requested")[1], all("bytes")[1]), ("4", "3", "3"));
        let errors = all("error");
        assert_eq!((errors[1], errors[3]), ("", ""));
        assert_eq!(errors[2], io::Error::from(io::ErrorKind::StorageFull).to_string());
        assert_eq!(errors[4], io::Error::from(io::ErrorKind::NotFound).to_string());
        assert!(events.iter().all(|event| event["micros"].parse::<u64>().is_ok()));
    }

    #[test]
    fn reads_and_writes_are_not_emitted_at_debug_level() {
        let fs = Trace::new(MemFs::new());
        let events = collect(Level::DEBUG, || fs.write("/a", "abc").unwrap());
        let calls: Vec<&str> = events.iter().map(|event| &*event["call"]).collect();
        assert_eq!(calls, ["open"]);
    }
}
