//! An immutable tree of names, which read-only filesystems share. `F` is the location of a file's contents.
#![cfg_attr(
    not(any(feature = "tar", feature = "zip")),
    allow(dead_code, reason = "embedded files have no links and no times")
)]

mod file;

use std::{collections::BTreeMap, io, time::SystemTime};

pub(crate) use self::file::BytesFile;
use crate::{
    DirEntry, FileType, Metadata, VPath,
    path_limits::{MAX_LINK_TEXT, MAX_NAME},
    resolve::{self, resolve},
};

/// The most characters of a name that an error shows.
const SHOWN: usize = 120;

/// The reason that an archive is refused for a name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadName {
    #[error("the name {0:?} has a NUL byte")]
    Nul(String),
    #[error("the name {0:?} is the root, which is a folder")]
    Root(String),
    #[error("the path {0:?} is longer than {1} bytes")]
    LongPath(String, usize),
    #[error("the name {0:?} is longer than {MAX_NAME} bytes")]
    LongName(String),
    #[error("more than {0} files and folders; to permit more, raise the limit on entries")]
    TooMany(usize),
    #[error("{0:?} is below {1:?}, which is not a folder")]
    NotInFolder(String, String),
    #[error("{0:?} is both a file and a folder with contents")]
    FolderInTheWay(String),
    #[error(
        "the text of the symbolic link {0:?} is empty, longer than {MAX_LINK_TEXT} bytes or has a NUL byte"
    )]
    LinkText(String),
    #[error(
        "the symbolic links up to {0:?} exceed the limit on their total text; to permit more, raise the limit on entries"
    )]
    LinkTexts(String),
    #[error("the hard link {0:?} leads to {1:?}, which is not an earlier file")]
    HardLink(String, String),
}

/// Truncates a name for an error.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(SHOWN).collect()
}

/// Limits on the memory that the names of a hostile archive use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameLimits {
    /// The most files, folders and links.
    pub(crate) entries: usize,
    /// The longest path, in bytes.
    pub(crate) path: usize,
}

#[derive(Debug)]
enum Kind<F> {
    /// Sorted, so that lookups among a million names take logarithmic time.
    Dir {
        children: BTreeMap<Box<str>, usize>,
    },
    File {
        len: u64,
        source: F,
    },
    Symlink(Box<str>),
}

#[derive(Debug)]
struct Node<F> {
    kind: Kind<F>,
    modified: Option<SystemTime>,
    names: u64,
}

/// A tree of names.
#[derive(Debug)]
pub(crate) struct Index<F> {
    /// The root is the first. Replaced nodes stay without a name.
    nodes: Vec<Node<F>>,
    /// The number of names that may be added.
    names_left: usize,
    /// The bytes of symbolic links that may be added: few archived bytes can expand to many.
    text_left: usize,
    limits: NameLimits,
}

const ROOT: usize = 0;

impl<F> Index<F> {
    pub(crate) fn new(limits: NameLimits) -> Self {
        let root = Node { kind: Kind::Dir { children: BTreeMap::new() }, modified: None, names: 1 };
        let text_left = limits.entries.saturating_mul(MAX_NAME).saturating_add(MAX_LINK_TEXT);
        Self { nodes: vec![root], names_left: limits.entries, text_left, limits }
    }

    /// Adds a folder and its parents. An existing folder keeps its contents.
    pub(crate) fn add_dir(&mut self, path: &str, modified: Option<SystemTime>) -> Result<(), BadName> {
        let path = self.checked(path)?;
        let mut dir = ROOT;
        let mut names = path.components().peekable();
        while let Some(name) = names.next() {
            let last = names.peek().is_none();
            dir = self.child_dir(dir, name, &path, last)?;
        }
        self.nodes[dir].modified = modified.or(self.nodes[dir].modified);
        Ok(())
    }

    /// Adds a file and its parents, replacing an existing file.
    pub(crate) fn add_file(
        &mut self,
        path: &str,
        len: u64,
        modified: Option<SystemTime>,
        source: F,
    ) -> Result<(), BadName> {
        self.add(path, Node { kind: Kind::File { len, source }, modified, names: 0 })
    }

    /// Adds a symbolic link. Any text is valid; it is resolved within the tree.
    pub(crate) fn add_symlink(
        &mut self,
        path: &str,
        text: &str,
        modified: Option<SystemTime>,
    ) -> Result<(), BadName> {
        if text.is_empty() || text.len() > MAX_LINK_TEXT || text.contains('\0') {
            return Err(BadName::LinkText(shown(path)));
        }
        let left = self.text_left.checked_sub(text.len());
        self.text_left = left.ok_or_else(|| BadName::LinkTexts(shown(path)))?;
        self.add(path, Node { kind: Kind::Symlink(text.into()), modified, names: 0 })
    }

    /// Adds a second name for a file or a symbolic link.
    #[cfg_attr(
        not(any(feature = "tar", test)),
        expect(dead_code, reason = "only tar archives have hard links")
    )]
    pub(crate) fn add_hard_link(&mut self, path: &str, original: &str) -> Result<(), BadName> {
        let missing = || BadName::HardLink(shown(path), shown(original));
        let target = self.checked(original)?;
        // Without resolving symbolic links: no earlier name leads through one.
        let found = target.components().try_fold(ROOT, |dir, name| self.child(dir, name));
        let found = found.ok_or_else(missing)?;
        if let Kind::Dir { .. } = self.nodes[found].kind {
            return Err(missing());
        }
        let link = self.checked(path)?;
        self.count()?;
        self.name(&link, found)
    }

    fn checked(&self, path: &str) -> Result<VPath, BadName> {
        if path.len() > self.limits.path {
            return Err(BadName::LongPath(shown(path), self.limits.path));
        }
        let path = VPath::new(path).map_err(|_| BadName::Nul(shown(path)))?;
        if let Some(name) = path.components().find(|name| name.len() > MAX_NAME) {
            return Err(BadName::LongName(shown(name)));
        }
        Ok(path)
    }

    fn count(&mut self) -> Result<(), BadName> {
        let left = self.names_left.checked_sub(1);
        self.names_left = left.ok_or(BadName::TooMany(self.limits.entries))?;
        Ok(())
    }

    fn push(&mut self, node: Node<F>) -> Result<usize, BadName> {
        self.count()?;
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    fn add(&mut self, path: &str, node: Node<F>) -> Result<(), BadName> {
        let path = self.checked(path)?;
        let node = self.push(node)?;
        self.name(&path, node)
    }

    /// Gives a node a name, and creates its parents.
    fn name(&mut self, path: &VPath, node: usize) -> Result<(), BadName> {
        let Some(name) = path.file_name() else {
            return Err(BadName::Root(path.to_string()));
        };
        let mut dir = ROOT;
        for folder in path.parent().iter().flat_map(VPath::components) {
            dir = self.child_dir(dir, folder, path, false)?;
        }
        if let Some(before) = self.child(dir, name) {
            if let Kind::Dir { children } = &self.nodes[before].kind
                && !children.is_empty()
            {
                return Err(BadName::FolderInTheWay(shown(path.as_str())));
            }
            self.nodes[before].names -= 1;
        }
        self.nodes[node].names += 1;
        if let Kind::Dir { children } = &mut self.nodes[dir].kind {
            children.insert(name.into(), node);
        }
        Ok(())
    }

    fn child(&self, dir: usize, name: &str) -> Option<usize> {
        match &self.nodes[dir].kind {
            Kind::Dir { children } => children.get(name).copied(),
            _ => None,
        }
    }

    /// Returns the folder `name` in `dir`, creating it if necessary; it replaces a file only if `replace` is set.
    fn child_dir(&mut self, dir: usize, name: &str, path: &VPath, replace: bool) -> Result<usize, BadName> {
        if let Some(child) = self.child(dir, name) {
            if let Kind::Dir { .. } = self.nodes[child].kind {
                return Ok(child);
            }
            if !replace {
                return Err(BadName::NotInFolder(shown(path.as_str()), name.to_owned()));
            }
            self.nodes[child].names -= 1;
        }
        let kind = Kind::Dir { children: BTreeMap::new() };
        let child = self.push(Node { kind, modified: None, names: 1 })?;
        if let Kind::Dir { children } = &mut self.nodes[dir].kind {
            children.insert(name.into(), child);
        }
        Ok(child)
    }

    /// Returns the node at `path`. A symbolic link in the last component is followed only if `follow` is set.
    fn find(&self, path: &VPath, follow: bool) -> io::Result<usize> {
        let found = resolve(self, path, follow)?.found;
        Ok(found.ok_or(io::ErrorKind::NotFound)?.number)
    }

    fn metadata_of(&self, node: usize) -> Metadata {
        let Node { kind, modified, names } = &self.nodes[node];
        let (file_type, len) = match kind {
            Kind::Dir { .. } => (FileType::Dir, 0),
            Kind::File { len, .. } => (FileType::File, *len),
            Kind::Symlink(text) => (FileType::Symlink, text.len() as u64),
        };
        let nlink = if file_type == FileType::Dir { 1 } else { *names };
        Metadata { inode: node as u64 + 1, nlink, modified: *modified, ..Metadata::new(file_type, len) }
    }

    pub(crate) fn metadata(&self, path: &VPath, follow: bool) -> io::Result<Metadata> {
        self.find(path, follow).map(|node| self.metadata_of(node))
    }

    /// Returns the file at `path`.
    pub(crate) fn file(&self, path: &VPath) -> io::Result<(Metadata, &F)> {
        let node = self.find(path, true)?;
        match &self.nodes[node].kind {
            Kind::File { source, .. } => Ok((self.metadata_of(node), source)),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    pub(crate) fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let Kind::Dir { children } = &self.nodes[self.find(path, true)?].kind else {
            return Err(io::ErrorKind::NotADirectory.into());
        };
        let entries = children.iter().map(|(name, node)| {
            let Metadata { file_type, inode, .. } = self.metadata_of(*node);
            DirEntry { inode, ..DirEntry::new(&**name, file_type) }
        });
        Ok(entries.collect())
    }

    pub(crate) fn read_link(&self, path: &VPath) -> io::Result<String> {
        let link = resolve(self, path, false)?.found.ok_or(io::ErrorKind::NotFound)?;
        resolve::Tree::link_text(self, &link)
    }
}

/// A node for path resolution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexNode {
    number: usize,
    file_type: FileType,
}

impl resolve::Node for IndexNode {
    fn file_type(&self) -> FileType {
        self.file_type
    }
}

impl<F> resolve::Tree for Index<F> {
    type Node = IndexNode;

    fn root(&self) -> io::Result<IndexNode> {
        Ok(IndexNode { number: ROOT, file_type: FileType::Dir })
    }

    fn look(&self, dir: &IndexNode, name: &str) -> io::Result<Option<IndexNode>> {
        let found = self.child(dir.number, name);
        Ok(found.map(|number| IndexNode { number, file_type: self.metadata_of(number).file_type }))
    }

    fn link_text(&self, link: &IndexNode) -> io::Result<String> {
        match &self.nodes[link.number].kind {
            Kind::Symlink(text) => Ok(text.to_string()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

/// Implements [`Vfs`](crate::Vfs) for a read-only type with an [`Index`] in `self.inner.index`, and a method
/// `open_file(&self, path, metadata, source)` of `self.inner`.
macro_rules! read_only_vfs {
    ($name:ident) => {
        impl $crate::Vfs for $name {
            fn open(
                &self,
                path: &$crate::VPath,
                options: $crate::OpenOptions,
            ) -> std::io::Result<Box<dyn $crate::VFile>> {
                if options.may_change() {
                    return Err(std::io::ErrorKind::ReadOnlyFilesystem.into());
                }
                options.check()?;
                let (metadata, source) = self.inner.index.file(path)?;
                self.inner.open_file(path, metadata, source)
            }
            fn metadata(&self, path: &$crate::VPath) -> std::io::Result<$crate::Metadata> {
                self.inner.index.metadata(path, true)
            }
            fn symlink_metadata(&self, path: &$crate::VPath) -> std::io::Result<$crate::Metadata> {
                self.inner.index.metadata(path, false)
            }
            fn read_dir(&self, path: &$crate::VPath) -> std::io::Result<Vec<$crate::DirEntry>> {
                self.inner.index.read_dir(path)
            }
            fn read_link(&self, path: &$crate::VPath) -> std::io::Result<String> {
                self.inner.index.read_link(path)
            }
            $crate::read_only::refuse_changes!();
        }
    };
}
pub(crate) use read_only_vfs;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SymlinkLoop;

    const FEW: NameLimits = NameLimits { entries: 10, path: 100 };

    fn path(text: &str) -> VPath {
        VPath::new(text).unwrap()
    }

    fn kind<T: std::fmt::Debug>(result: io::Result<T>) -> io::ErrorKind {
        result.unwrap_err().kind()
    }

    #[test]
    fn missing_parents_are_created_and_dots_stay_inside() {
        let mut index = Index::new(FEW);
        index.add_file("../../a/./b//c", 3, None, 'c').unwrap();
        index.add_dir("a/b/", Some(SystemTime::UNIX_EPOCH)).unwrap();
        let (metadata, source) = index.file(&path("/a/b/c")).unwrap();
        assert_eq!((metadata.len, metadata.nlink, *source), (3, 1, 'c'));
        assert_eq!(index.metadata(&path("/a/b"), true).unwrap().modified, Some(SystemTime::UNIX_EPOCH));
        assert_eq!(kind(index.file(&path("/a"))), io::ErrorKind::IsADirectory);
        assert_eq!(kind(index.file(&path("/a/b/c/d"))), io::ErrorKind::NotADirectory);
        assert_eq!(kind(index.read_dir(&path("/a/b/c"))), io::ErrorKind::NotADirectory);
        assert_eq!(kind(index.file(&path("/x/y"))), io::ErrorKind::NotFound);
    }

    #[test]
    fn later_names_replace_earlier_ones_and_keep_other_names_of_the_file() {
        let mut index = Index::new(FEW);
        index.add_file("a", 1, None, 1).unwrap();
        index.add_hard_link("b", "a").unwrap();
        assert_eq!(index.metadata(&path("/b"), true).unwrap().nlink, 2);
        index.add_file("./a", 2, None, 2).unwrap();
        assert_eq!(*index.file(&path("/a")).unwrap().1, 2);
        let (metadata, source) = index.file(&path("/b")).unwrap();
        assert_eq!((*source, metadata.nlink), (1, 1));
        index.add_dir("a", None).unwrap();
        assert!(index.metadata(&path("/a"), true).unwrap().is_dir());
    }

    #[test]
    fn invalid_names_are_refused() {
        let mut index = Index::new(FEW);
        index.add_file("file", 0, None, ()).unwrap();
        index.add_file("dir/x", 0, None, ()).unwrap();
        index.add_symlink("link", "dir", None).unwrap();
        assert!(matches!(index.add_file("file/below", 0, None, ()), Err(BadName::NotInFolder(..))));
        assert!(matches!(index.add_file("link/below", 0, None, ()), Err(BadName::NotInFolder(..))));
        assert!(matches!(index.add_file("dir", 0, None, ()), Err(BadName::FolderInTheWay(_))));
        assert!(matches!(index.add_file("..", 0, None, ()), Err(BadName::Root(_))));
        assert!(matches!(index.add_file("a\0b", 0, None, ()), Err(BadName::Nul(_))));
        assert!(matches!(index.add_file(&"x/".repeat(51), 0, None, ()), Err(BadName::LongPath(..))));
        assert!(matches!(index.add_hard_link("l", "none"), Err(BadName::HardLink(..))));
        assert!(matches!(index.add_hard_link("l", "dir"), Err(BadName::HardLink(..))));
        assert!(matches!(index.add_symlink("l", "", None), Err(BadName::LinkText(_))));
        let mut wide = Index::new(NameLimits { path: 1000, ..FEW });
        assert!(matches!(wide.add_file(&"x".repeat(256), 0, None, ()), Err(BadName::LongName(_))));
    }

    #[test]
    fn implied_folders_count_as_entries() {
        let mut index = Index::new(FEW);
        assert!(matches!(index.add_file(&"d/".repeat(11), 0, None, ()), Err(BadName::TooMany(10))));
    }

    #[test]
    fn hard_links_count_as_entries_and_do_not_resolve_symbolic_links() {
        let mut index = Index::new(FEW);
        index.add_file("d/f", 1, None, ()).unwrap();
        index.add_symlink("link", "d", None).unwrap();
        assert!(matches!(index.add_hard_link("l", "link/f"), Err(BadName::HardLink(..))));
        for number in 3..10 {
            index.add_hard_link(&number.to_string(), "d/f").unwrap();
        }
        assert!(matches!(index.add_hard_link("l", "d/f"), Err(BadName::TooMany(10))));
    }

    #[test]
    fn total_text_of_symbolic_links_is_limited() {
        let mut index = Index::<()>::new(FEW);
        index.add_symlink("a", &"x".repeat(MAX_LINK_TEXT), None).unwrap();
        assert!(matches!(index.add_symlink("b", &"x".repeat(2551), None), Err(BadName::LinkTexts(_))));
        index.add_symlink("b", &"x".repeat(2550), None).unwrap();
    }

    #[test]
    fn links_are_followed_inside_and_loops_are_errors() {
        let mut index = Index::new(NameLimits { entries: 100, path: 100 });
        index.add_file("d/f", 1, None, 'f').unwrap();
        index.add_symlink("d/up", "../../../d/f", None).unwrap();
        index.add_symlink("abs", "/d", None).unwrap();
        index.add_symlink("loop", "loop", None).unwrap();
        assert_eq!(*index.file(&path("/d/up")).unwrap().1, 'f');
        assert_eq!(*index.file(&path("/abs/up")).unwrap().1, 'f');
        assert_eq!(index.read_link(&path("/abs")).unwrap(), "/d");
        assert!(index.metadata(&path("/abs"), false).unwrap().is_symlink());
        assert!(SymlinkLoop::is(&index.metadata(&path("/loop"), true).unwrap_err()));
        assert_eq!(kind(index.read_link(&path("/d"))), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn lookups_in_a_folder_of_a_million_names_are_fast() {
        let mut index = Index::new(NameLimits { entries: 1_000_001, path: 100 });
        for number in 0..1_000_000u64 {
            index.add_file(&format!("d/{number}"), number, None, ()).unwrap();
        }
        let started = std::time::Instant::now();
        for number in (0..1_000_000u64).step_by(10) {
            assert_eq!(index.metadata(&path(&format!("/d/{number}")), true).unwrap().len, number);
        }
        // A hundred thousand lookups, which a linear search would take hours for.
        assert!(started.elapsed().as_secs() < 5);
        assert_eq!(index.read_dir(&path("/d")).unwrap().len(), 1_000_000);
    }
}
