//! Which names the overlay shows, and what each leads to.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
};

use super::Inner;
use crate::{FileType, Metadata, SymlinkLoop, VPath, Vfs};

/// How many symbolic links one path may lead through, as on Linux.
const MAX_LINKS: usize = 40;

/// The root's number, which [`native_number`] gives to nothing.
const ROOT: u64 = 1;

/// What the overlay knows beyond what its two filesystems hold.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Paths at and below which lower is not shown. None of them is below another.
    hidden: BTreeSet<String>,
    /// The numbers of what is in upper and had its number before it came to where it is.
    carried: HashMap<Key, u64>,
}

/// What tells a file of upper from the others.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Inode(u64),
    /// Where upper has no inode numbers.
    Path(VPath),
}

impl Key {
    fn of(metadata: &Metadata, path: &VPath) -> Self {
        match metadata.inode {
            0 => Self::Path(path.clone()),
            inode => Self::Inode(inode),
        }
    }
}

/// What a path leads to, with no symbolic link left on the way.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: VPath,
    /// Upper's metadata if it is there, else lower's. A placeholder for the root.
    pub(super) shown: Metadata,
    pub(super) in_upper: bool,
    /// What lower has here and would show without upper.
    pub(super) lower: Option<Metadata>,
}

impl Found {
    fn root() -> Self {
        let dir = Metadata::new(FileType::Dir, 0);
        Self { path: VPath::root(), shown: dir, in_upper: true, lower: Some(dir) }
    }

    /// Whether it is a folder, part or all of which is in lower.
    pub(super) fn is_lower_dir(&self) -> bool {
        self.shown.is_dir() && self.lower.is_some_and(|lower| lower.is_dir())
    }
}

/// Where a path leads: a name in a folder, and what is there, if there is something.
#[derive(Debug)]
pub(super) struct Place {
    /// The folders from the root to the one that the name is in.
    pub(super) dirs: Vec<Found>,
    /// Empty where there is no name: for the root, and behind a link to `.` or `..`.
    pub(super) name: String,
    pub(super) found: Option<Found>,
}

impl Place {
    pub(super) fn path(&self) -> io::Result<VPath> {
        let dir = self.dirs.last().map_or_else(VPath::root, |dir| dir.path.clone());
        Ok(dir.join(&self.name)?)
    }

    /// The path, if nothing is there yet.
    pub(super) fn new_path(&self) -> io::Result<VPath> {
        if self.found.is_some() { Err(io::ErrorKind::AlreadyExists.into()) } else { self.path() }
    }

    /// What is there, if it has a name to be taken away.
    pub(super) fn named(&self) -> io::Result<&Found> {
        let found = self.found.as_ref().ok_or(io::ErrorKind::NotFound)?;
        if self.name.is_empty() { Err(io::ErrorKind::ResourceBusy.into()) } else { Ok(found) }
    }
}

/// A number for what has this number in its own filesystem: even for lower, odd for upper.
fn native_number(metadata: &Metadata, path: &VPath, in_upper: bool) -> u64 {
    match metadata.inode.checked_mul(2) {
        Some(inode) if inode > 0 => inode + u64::from(in_upper),
        // There is no number, or one with all its bits in use.
        _ => {
            let mut hasher = DefaultHasher::new();
            (in_upper, metadata.inode).hash(&mut hasher);
            if metadata.inode == 0 {
                path.hash(&mut hasher);
            }
            hasher.finish().max(ROOT + 1)
        }
    }
}

impl Names {
    /// The overlay's own inode number of what was found: the same for as long as it exists, in lower or upper.
    pub(super) fn number(&self, found: &Found) -> u64 {
        if found.path.is_root() {
            return ROOT;
        }
        if let Some(number) = self.carried.get(&Key::of(&found.shown, &found.path)).filter(|_| found.in_upper)
        {
            return *number;
        }
        match &found.lower {
            Some(lower) if !found.in_upper || found.is_lower_dir() => {
                native_number(lower, &found.path, false)
            }
            _ => native_number(&found.shown, &found.path, true),
        }
    }

    /// Keeps `number` for what is in upper at `path` now.
    pub(super) fn carry(&mut self, upper: &Metadata, path: &VPath, number: u64) {
        self.carried.insert(Key::of(upper, path), number);
    }

    /// Forgets the number of what upper has lost, if that was its last name.
    pub(super) fn forget(&mut self, found: &Found) {
        if found.shown.nlink <= 1 {
            self.carried.remove(&Key::of(&found.shown, &found.path));
        }
    }

    /// Upper has moved what was found to `target`.
    pub(super) fn moved(&mut self, found: &Found, target: &VPath, number: u64) {
        let by_path: Vec<VPath> = self.carried.keys().filter_map(|key| key.path_below(&found.path)).collect();
        for path in by_path {
            let below = path.below(&found.path).unwrap_or_default();
            let moved = if below.is_empty() { Ok(target.clone()) } else { target.join(below) };
            if let (Some(number), Ok(moved)) = (self.carried.remove(&Key::Path(path)), moved) {
                self.carried.insert(Key::Path(moved), number);
            }
        }
        if found.in_upper {
            self.carry(&found.shown, target, number);
        }
        if found.lower.is_some() {
            self.hide(&found.path);
        }
    }

    /// Shows nothing of lower at `path` and below from now on.
    pub(super) fn hide(&mut self, path: &VPath) {
        let below = format!("{path}/")..format!("{path}0");
        let inside: Vec<String> = self.hidden.range(below).cloned().collect();
        for path in inside {
            self.hidden.remove(&path);
        }
        self.hidden.insert(path.to_string());
    }

    /// Whether lower's `name` in a folder that it shows is shown.
    pub(super) fn shows(&self, dir: &VPath, name: &str) -> io::Result<bool> {
        Ok(self.hidden.is_empty() || !self.is_hidden(&dir.join(name)?))
    }

    /// Whether this very path is hidden; one below it is hidden too, but not asked for.
    pub(super) fn is_hidden(&self, path: &VPath) -> bool {
        self.hidden.contains(path.as_str())
    }

    pub(super) fn hidden(&self) -> impl Iterator<Item = &str> {
        self.hidden.iter().map(String::as_str)
    }
}

impl Key {
    fn path_below(&self, folder: &VPath) -> Option<VPath> {
        match self {
            Key::Path(path) if path.starts_with(folder) => Some(path.clone()),
            _ => None,
        }
    }
}

/// What `fs` has at a path whose parents are folders there.
pub(super) fn look_up(fs: &dyn Vfs, path: &VPath) -> io::Result<Option<Metadata>> {
    match fs.symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Inner {
    /// What `name` leads to in a folder.
    pub(super) fn look(&self, names: &Names, dir: &Found, name: &str) -> io::Result<Option<Found>> {
        let path = dir.path.join(name)?;
        let upper = if dir.in_upper { look_up(&*self.upper, &path)? } else { None };
        let lower =
            if dir.is_lower_dir() && !names.is_hidden(&path) { look_up(&*self.lower, &path)? } else { None };
        Ok(upper.or(lower).map(|shown| Found { path, shown, in_upper: upper.is_some(), lower }))
    }

    /// Follows `path`. Every folder on the way must exist; what it leads to need not. The last component is
    /// followed, if it is a link, only when `follow` says so.
    pub(super) fn resolve(&self, names: &Names, path: &VPath, follow: bool) -> io::Result<Place> {
        // What is left to do, the next at the end: links add to it.
        let mut pending: Vec<String> = path.components().rev().map(str::to_owned).collect();
        let mut dirs = vec![Found::root()];
        let mut last: Option<(String, Option<Found>)> = None;
        let mut links = 0;
        while let Some(name) = pending.pop() {
            // Something comes behind what was found: it must be a folder.
            match last.take() {
                None => {}
                Some((_, Some(found))) if found.shown.is_dir() => dirs.push(found),
                Some((_, Some(_))) => return Err(io::ErrorKind::NotADirectory.into()),
                Some((_, None)) => return Err(io::ErrorKind::NotFound.into()),
            }
            match &*name {
                "" | "." => continue,
                ".." => {
                    // The root is its own parent.
                    dirs.truncate((dirs.len() - 1).max(1));
                    continue;
                }
                _ => {}
            }
            let found = match dirs.last() {
                Some(dir) => self.look(names, dir, &name)?,
                None => None,
            };
            match found {
                Some(link) if link.shown.is_symlink() && (follow || !pending.is_empty()) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(SymlinkLoop::new().into());
                    }
                    let text = self.link_text(&link)?;
                    if text.starts_with('/') {
                        dirs.truncate(1);
                    }
                    pending.extend(text.split('/').rev().map(str::to_owned));
                }
                found => last = Some((name, found)),
            }
        }
        Ok(match last {
            Some((name, found)) => Place { dirs, name, found },
            None => Place { found: dirs.last().cloned(), dirs, name: String::new() },
        })
    }

    pub(super) fn link_text(&self, found: &Found) -> io::Result<String> {
        if !found.shown.is_symlink() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if found.in_upper { self.upper.read_link(&found.path) } else { self.lower.read_link(&found.path) }
    }
}
