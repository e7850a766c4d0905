//! Facts about files, such as a hash, that are kept until the file changes.

use std::{
    fs::{self, File, FileTimes},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Stamp, Store};

/// How often a use of an entry is recorded: not at every start.
const USE_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// The longest memo that is read, in bytes. Ours have a few hundred.
const MAX_MEMO: u64 = 64 << 10;

/// A fact about a file, and the file's stamp when it was found.
#[derive(Debug, Serialize, Deserialize)]
struct Memo<T> {
    stamp: Stamp,
    is: T,
}

impl Store {
    /// Returns the fact that `find` finds about the file at `path`, from its memo if the file has not changed since.
    pub(crate) fn once<T: Serialize + DeserializeOwned, E>(
        &self,
        path: &Path,
        stamp: Option<Stamp>,
        find: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let memo = self.memo_path(path);
        if let Some(stamp) = &stamp
            && let Some(kept) = read_memo::<T>(&memo).filter(|kept| kept.stamp == *stamp)
        {
            return Ok(kept.is);
        }
        let is = find()?;
        if let Some(stamp) = stamp {
            let text = serde_json::to_vec(&Memo { stamp, is: &is });
            let kept = text.map_err(io::Error::from).and_then(|text| {
                let mut temporary = tempfile::NamedTempFile::new_in(&self.folder)?;
                temporary.write_all(&text)?;
                // Not synced: a memo that a crash has cut off is not JSON, and is ignored.
                temporary.persist(&memo).map_err(io::Error::from)
            });
            if let Err(error) = kept {
                tracing::debug!(path = %memo.display(), %error, "cannot keep a memo: the next start reads the file");
            }
        }
        Ok(is)
    }

    /// The path of the memo: beside an entry of the store; named after the path of a file elsewhere.
    fn memo_path(&self, path: &Path) -> PathBuf {
        if path.parent() == Some(&self.folder) {
            return path.with_extension("note");
        }
        let name = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
        self.folder.join(format!("{}.note", &name[..32]))
    }

    /// Records that the entry at `path` was used, so that it is not removed as an old one.
    pub(crate) fn record_use(&self, path: &Path) {
        let memo = self.memo_path(path);
        let now = SystemTime::now();
        let is_recent = |metadata: fs::Metadata| {
            metadata.modified().is_ok_and(|time| now.duration_since(time).is_ok_and(|age| age < USE_INTERVAL))
        };
        if fs::metadata(&memo).is_ok_and(is_recent) {
            return;
        }
        let recorded = File::options()
            .create(true)
            .append(true)
            .open(&memo)
            .and_then(|file| file.set_times(FileTimes::new().set_modified(now)));
        if let Err(error) = recorded {
            tracing::debug!(path = %memo.display(), %error, "cannot record the use of an entry");
        }
    }
}

fn read_memo<T: DeserializeOwned>(path: &Path) -> Option<Memo<T>> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(MAX_MEMO).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
