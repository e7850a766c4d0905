use std::{
    borrow::{Borrow, Cow},
    fmt, io,
    str::FromStr,
};

use crate::{name, path_limits::MAX_FOUND};

/// A path on a [`Vfs`](crate::Vfs): UTF-8, absolute and normalised.
///
/// Names that are not UTF-8, such as those of old systems, are represented by a private-use character for each invalid
/// byte: see [`text_of`](VPath::text_of) and [`bytes_of`](VPath::bytes_of).
///
/// A path starts with `/`, has no empty, `.` or `..` component, and ends in `/` only if it is the root. A relative
/// path starts at the root; `..` at the root is the root, as in POSIX. The normalisation is lexical.
///
/// ```
/// use afmpeg_vfs::VPath;
///
/// assert_eq!(VPath::new("a//b/./c/..").unwrap().as_str(), "/a/b");
/// assert_eq!(VPath::new("/../../etc").unwrap().as_str(), "/etc");
/// assert_eq!(VPath::root().join("in/clip.mp4").unwrap().as_str(), "/in/clip.mp4");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VPath(String);

/// The reason that a text is not a path.
///
/// ```
/// use afmpeg_vfs::{PathError, VPath};
///
/// assert!(matches!(VPath::new("a\0b"), Err(PathError::Nul(_))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The path has a NUL byte, which no filesystem supports.
    #[error("the path {0:?} has a NUL byte")]
    Nul(String),
}

impl From<PathError> for io::Error {
    fn from(error: PathError) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, error)
    }
}

impl VPath {
    /// Returns the root, `/`.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Normalises `path`, which starts at the root with or without a leading `/`.
    ///
    /// # Errors
    ///
    /// [`PathError::Nul`] if the path has a NUL byte.
    pub fn new(path: impl AsRef<str>) -> Result<Self, PathError> {
        Self::root().join(path)
    }

    /// Resolves `path` relative to the folder `self`; an absolute path replaces it.
    ///
    /// # Errors
    ///
    /// [`PathError::Nul`] if the path has a NUL byte.
    ///
    /// ```
    /// use afmpeg_vfs::VPath;
    ///
    /// let folder = VPath::new("/a/b").unwrap();
    /// assert_eq!(folder.join("../c").unwrap().as_str(), "/a/c");
    /// assert_eq!(folder.join("/c").unwrap().as_str(), "/c");
    /// ```
    pub fn join(&self, path: impl AsRef<str>) -> Result<Self, PathError> {
        let path = path.as_ref();
        if path.contains('\0') {
            return Err(PathError::Nul(path.to_owned()));
        }
        let mut normal =
            if path.starts_with('/') { String::new() } else { self.0.trim_end_matches('/').to_owned() };
        for component in path.split('/') {
            match component {
                "" | "." => {}
                ".." => normal.truncate(normal.rfind('/').unwrap_or(0)),
                name => {
                    normal.push('/');
                    normal.push_str(name);
                }
            }
        }
        if normal.is_empty() {
            normal.push('/');
        }
        Ok(Self(normal))
    }

    /// Converts the bytes of a name or path to text. Valid UTF-8 is unchanged; each invalid byte becomes one of the
    /// characters U+10FE80 to U+10FEFF.
    ///
    /// ```
    /// use afmpeg_vfs::VPath;
    ///
    /// let latin1 = b"f\xFCr.mkv";
    /// let text = VPath::text_of(latin1);
    /// assert_eq!(text, "f\u{10FEFC}r.mkv");
    /// assert_eq!(&*VPath::bytes_of(&text), latin1);
    /// assert_eq!(VPath::text_of("für.mkv".as_bytes()), "für.mkv");
    /// ```
    pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
        name::text_of(bytes)
    }

    /// Converts text back to the bytes that [`VPath::text_of`] was given.
    pub fn bytes_of(text: &str) -> Cow<'_, [u8]> {
        name::bytes_of(text)
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    ///
    /// ```
    /// # use afmpeg_vfs::VPath;
    /// assert!(VPath::new("/a/..").unwrap().is_root());
    /// ```
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// Returns the folder that the path is in; `None` for the root.
    ///
    /// ```
    /// use afmpeg_vfs::VPath;
    ///
    /// assert_eq!(VPath::new("/a/b").unwrap().parent().unwrap().as_str(), "/a");
    /// assert!(VPath::root().parent().is_none());
    /// ```
    pub fn parent(&self) -> Option<Self> {
        match self.0.rfind('/')? {
            _ if self.is_root() => None,
            0 => Some(Self::root()),
            end => Some(Self(self.0[..end].to_owned())),
        }
    }

    /// Returns the last component; `None` for the root.
    ///
    /// ```
    /// use afmpeg_vfs::VPath;
    ///
    /// assert_eq!(VPath::new("/a/b.mp4").unwrap().file_name(), Some("b.mp4"));
    /// ```
    pub fn file_name(&self) -> Option<&str> {
        self.components().next_back()
    }

    /// Returns the components, from the root down.
    ///
    /// ```
    /// use afmpeg_vfs::VPath;
    ///
    /// let path = VPath::new("/a/b").unwrap();
    /// assert_eq!(path.components().collect::<Vec<_>>(), ["a", "b"]);
    /// ```
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|component| !component.is_empty())
    }

    /// Whether the path is at or below `folder`.
    ///
    /// ```
    /// use afmpeg_vfs::VPath;
    ///
    /// let path = VPath::new("/a/b").unwrap();
    /// assert!(path.starts_with(&VPath::new("/a").unwrap()));
    /// assert!(path.starts_with(&VPath::root()));
    /// assert!(!VPath::new("/ab").unwrap().starts_with(&VPath::new("/a").unwrap()));
    /// ```
    pub fn starts_with(&self, folder: &VPath) -> bool {
        self.strip_prefix(folder).is_some()
    }

    /// Returns the rest of the path below `folder`, without a leading `/`; empty for `folder` itself, `None` for a
    /// path that is not below it.
    ///
    /// ```
    /// use afmpeg_vfs::VPath;
    ///
    /// let path = VPath::new("/a/b/c").unwrap();
    /// assert_eq!(path.strip_prefix(&VPath::new("/a").unwrap()), Some("b/c"));
    /// assert_eq!(path.strip_prefix(&VPath::new("/a/b/c").unwrap()), Some(""));
    /// assert_eq!(path.strip_prefix(&VPath::new("/a/bb").unwrap()), None);
    /// ```
    pub fn strip_prefix(&self, folder: &VPath) -> Option<&str> {
        let rest = self.0.strip_prefix(folder.0.trim_end_matches('/'))?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }
}

/// Fails for a path that is too deep.
pub(crate) fn check_found(path: &VPath) -> io::Result<()> {
    if path.0.len() <= MAX_FOUND {
        return Ok(());
    }
    let text = format!("a path is longer than {MAX_FOUND} bytes; start from a deeper folder");
    Err(io::Error::new(io::ErrorKind::InvalidFilename, text))
}

/// Whether `name` can be one component of a path.
pub(crate) fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\0'])
}

impl AsRef<str> for VPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// For lookups by text in maps by path. A path compares and hashes as its text does.
impl Borrow<str> for VPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for VPath {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        Self::new(path)
    }
}

impl TryFrom<&str> for VPath {
    type Error = PathError;

    fn try_from(path: &str) -> Result<Self, PathError> {
        Self::new(path)
    }
}

impl fmt::Display for VPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for VPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nul_is_refused() {
        assert_eq!(VPath::new("a\0b"), Err(PathError::Nul("a\0b".to_owned())));
    }

    #[test]
    fn names_with_spaces_quotes_newlines_and_other_alphabets_are_kept() {
        let path = VPath::new("/my files/\"a\"\n/фильм.mp4").unwrap();
        assert_eq!(path.file_name(), Some("фильм.mp4"));
        assert_eq!(path.components().count(), 3);
    }

    proptest! {
        #[test]
        fn normalising_is_idempotent_and_no_dots_survive(text in "[a./\\\\ é]{0,24}") {
            let once = VPath::new(&text).unwrap();
            prop_assert_eq!(&VPath::new(&once).unwrap(), &once);
            prop_assert!(once.as_str().starts_with('/'));
            prop_assert!(once.components().all(|name| name != "." && name != ".."));
            prop_assert!(once.is_root() || !once.as_str().ends_with('/'));
        }

        #[test]
        fn a_path_is_its_parent_and_its_name(text in "[ab./]{0,24}") {
            let path = VPath::new(&text).unwrap();
            if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
                prop_assert_eq!(path.strip_prefix(&parent), Some(name));
                prop_assert_eq!(parent.join(name).unwrap(), path);
            }
        }
    }
}
