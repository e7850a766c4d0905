use std::{
    ffi::{OsStr, OsString},
    fs, io,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use afmpeg::{HostDir, Runtime};
use anyhow::Context as _;

use crate::{Failure, burn::burn};

/// The time between two looks into an empty inbox.
const PAUSE: Duration = Duration::from_millis(500);

/// The end of a [run](Bot::run).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The inbox is empty.
    Empty,
    /// The program ends.
    Stopped,
}

/// A bot and its folders.
#[derive(Debug)]
pub struct Bot {
    runtime: Runtime,
    fonts: HostDir,
    inbox: PathBuf,
    claimed: PathBuf,
    outbox: PathBuf,
}

impl Bot {
    /// Creates the folders `inbox`, `claimed` and `outbox` in `folder`, and returns its bot. The requests that an earlier
    /// bot had claimed are in the inbox again. Captions have the fonts of the folder `fonts`.
    ///
    /// ```no_run
    /// use afmpeg::{HostDir, Runtime};
    /// use afmpeg_captions::{Bot, Until};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().find_module().build()?;
    /// let bot = Bot::open(runtime, "bot", HostDir::open("/usr/share/fonts")?)?;
    /// bot.run(Until::Stopped, |name, failure| println!("{}: {failure:?}", name.display()))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The folders cannot be created or read.
    pub fn open(runtime: Runtime, folder: impl AsRef<Path>, fonts: HostDir) -> anyhow::Result<Self> {
        let [inbox, claimed, outbox] = ["inbox", "claimed", "outbox"].map(|name| folder.as_ref().join(name));
        for folder in [&inbox, &claimed, &outbox] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let bot = Self { runtime, fonts: fonts.read_only(), inbox, claimed, outbox };
        for name in requests(&bot.claimed)? {
            let (from, to) = (bot.claimed.join(&name), bot.inbox.join(&name));
            fs::rename(&from, to).with_context(|| format!("cannot move {} to the inbox", from.display()))?;
        }
        Ok(bot)
    }

    /// Answers requests, as many at once as the runtime has slots. Calls `answered` with the name of each, and the reason
    /// if it failed.
    ///
    /// # Errors
    ///
    /// The inbox cannot be read, or the outbox cannot be written; a request that fails is not an error. The requests in
    /// progress are answered first.
    pub fn run(
        &self,
        until: Until,
        answered: impl Fn(&OsStr, Option<&Failure>) + Sync,
    ) -> anyhow::Result<()> {
        let is_over = AtomicBool::new(false);
        let work = || {
            let result = self.work(until, &is_over, &answered);
            // A worker that fails stops the others, since they have the same folders.
            is_over.fetch_or(result.is_err(), Ordering::Relaxed);
            result
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.runtime.slots().get()).map(|_| scope.spawn(work)).collect();
            let results =
                workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            // All are awaited before the first error is returned.
            results.collect::<Vec<_>>().into_iter().collect()
        })
    }

    fn work(
        &self,
        until: Until,
        is_over: &AtomicBool,
        answered: &impl Fn(&OsStr, Option<&Failure>),
    ) -> anyhow::Result<()> {
        while !is_over.load(Ordering::Relaxed) {
            match self.claim()? {
                Some(name) => {
                    let failure = self.answer(&name)?;
                    answered(&name, failure.as_ref());
                }
                None if until == Until::Empty => break,
                None => thread::sleep(PAUSE),
            }
        }
        Ok(())
    }

    /// Moves the first request of the inbox to the claimed ones, and returns its name. Only one rename of each succeeds.
    fn claim(&self) -> anyhow::Result<Option<OsString>> {
        for name in requests(&self.inbox)? {
            match fs::rename(self.inbox.join(&name), self.claimed.join(&name)) {
                Ok(()) => return Ok(Some(name)),
                // Another worker was first, or has a request of the same name.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty) => {
                }
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot claim {}", self.inbox.join(name).display()));
                }
            }
        }
        Ok(None)
    }

    /// Answers a claimed request, and removes it.
    fn answer(&self, name: &OsStr) -> anyhow::Result<Option<Failure>> {
        let folder = self.claimed.join(name);
        let failure = match burn(&self.runtime, &self.fonts, &folder) {
            Ok(film) => {
                self.send(name, "mp4", &film)?;
                None
            }
            Err(failure) => {
                self.send(name, "json", &serde_json::to_vec_pretty(&failure)?)?;
                Some(failure)
            }
        };
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        Ok(failure)
    }

    /// Writes an answer, which appears under its name when it is complete.
    fn send(&self, name: &OsStr, extension: &str, answer: &[u8]) -> anyhow::Result<()> {
        let named = |extension: &str| {
            let mut file = name.to_owned();
            file.push(".");
            file.push(extension);
            self.outbox.join(file)
        };
        let (part, complete) = (named("part"), named(extension));
        fs::write(&part, answer).with_context(|| format!("cannot write {}", part.display()))?;
        fs::rename(&part, &complete).with_context(|| format!("cannot create {}", complete.display()))
    }
}

/// Returns the names of the folders in a folder, in order. Files and links are not requests.
fn requests(folder: &Path) -> anyhow::Result<Vec<OsString>> {
    let list = || -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                names.push(entry.file_name());
            }
        }
        names.sort();
        Ok(names)
    };
    list().with_context(|| format!("cannot read {}", folder.display()))
}
