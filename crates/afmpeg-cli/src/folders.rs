//! Which folders of this machine a guest sees, and under which paths.

use std::{
    ffi::OsStr,
    path::{Component, Path, PathBuf},
};

use afmpeg_vfs::{HostDir, MemFs, Mount, ReadOnly, VPath};

use crate::failure::Failure;

/// A folder of this machine that the guest may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    host: PathBuf,
    guest: String,
    read_only: bool,
}

impl Folder {
    /// The folder at `host`, under its own path.
    pub(crate) fn at_own_path(host: &Path, read_only: bool) -> Result<Self, Failure> {
        let host = host.canonicalize().map_err(|error| {
            Failure::usage(format!("cannot use the folder {}: {error}", host.display()), "it must exist")
        })?;
        let guest = guest_path(&host);
        Ok(Self { host, guest, read_only })
    }

    /// Reads `HOST[:GUEST][:ro]`.
    pub(crate) fn parse(text: &OsStr) -> Result<Self, Failure> {
        let (text, read_only) = match text.as_encoded_bytes().strip_suffix(b":ro") {
            Some(text) => (text, true),
            None => (text.as_encoded_bytes(), false),
        };
        // A GUEST is absolute, so the last ":/" parts the two; a colon inside a name does not.
        match text.windows(2).rposition(|pair| pair == b":/") {
            Some(colon) => {
                let folder = Self::at_own_path(&host_path(&text[..colon])?, read_only)?;
                Ok(Self { guest: VPath::text_of(&text[colon + 1..]).into_owned(), ..folder })
            }
            None => Self::at_own_path(&host_path(text)?, read_only),
        }
    }

    /// The folder's path in the guest.
    pub(crate) fn guest(&self) -> &str {
        &self.guest
    }

    /// Whether the guest may only read what is in it.
    #[cfg(unix)]
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Where `guest` is on this machine, if it is this folder or below it.
    #[cfg(unix)]
    pub(crate) fn host_path_of(&self, guest: &VPath) -> Option<PathBuf> {
        let below = guest.as_str().strip_prefix(self.guest.trim_end_matches('/'))?;
        let names = below.strip_prefix('/').or(below.is_empty().then_some(""))?;
        Some(self.host.join(host_path(&VPath::bytes_of(names)).ok()?))
    }

    /// Where the guest finds `host`, if it is this folder or below it.
    pub(crate) fn guest_path_of(&self, host: &Path) -> Option<String> {
        let below = host.strip_prefix(&self.host).ok()?;
        Some(match guest_path(below).as_str() {
            "/" => self.guest.clone(),
            below => format!("{}{below}", self.guest.trim_end_matches('/')),
        })
    }
}

/// The path of these bytes, which are part of an argument.
#[cfg(unix)]
fn host_path(bytes: &[u8]) -> Result<PathBuf, Failure> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn host_path(bytes: &[u8]) -> Result<PathBuf, Failure> {
    str::from_utf8(bytes).map(PathBuf::from).map_err(|_| {
        Failure::usage(
            format!("cannot use the folder {}: it is not Unicode", String::from_utf8_lossy(bytes)),
            "rename it",
        )
    })
}

/// A path of this machine as the guest writes it: `/` between names, and a drive letter as a first folder.
fn guest_path(host: &Path) -> String {
    let mut guest = String::new();
    for component in host.components() {
        match component {
            Component::Normal(name) => {
                guest.push('/');
                guest.push_str(&VPath::text_of(name.as_encoded_bytes()));
            }
            Component::Prefix(prefix) => {
                let letters = prefix.as_os_str().to_string_lossy().to_lowercase();
                guest.push('/');
                guest.extend(letters.chars().filter(char::is_ascii_alphanumeric));
            }
            Component::RootDir | Component::CurDir | Component::ParentDir => {}
        }
    }
    if guest.is_empty() { "/".to_owned() } else { guest }
}

/// A filesystem that holds `folders` and nothing else.
///
/// What is outside of them is read-only, so that an output which is not in a folder fails instead of vanishing.
pub(crate) fn filesystem(folders: &[Folder]) -> Result<Mount, Failure> {
    let mut root = Mount::new(ReadOnly::new(MemFs::new()));
    for folder in folders {
        let named = |reason: &dyn std::fmt::Display| {
            Failure::usage(
                format!("cannot use the folder {}: {reason}", folder.host.display()),
                "it must be a folder that you may read; its path in the guest must be absolute",
            )
        };
        let mut host = HostDir::open(&folder.host).map_err(|error| named(&error))?;
        if folder.read_only {
            host = host.read_only();
        }
        let guest = VPath::new(&folder.guest).map_err(|error| named(&error))?;
        root = root.mount(guest, host);
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_is_seen_under_its_own_path_unless_told_otherwise() {
        let here = tempfile::tempdir().unwrap();
        let host = here.path().canonicalize().unwrap();
        let text = host.to_str().unwrap();

        let own = Folder::parse(OsStr::new(text)).unwrap();
        assert_eq!((own.guest.as_str(), own.read_only), (text, false));
        let read_only = Folder::parse(format!("{text}:ro").as_ref()).unwrap();
        assert_eq!((read_only.guest.as_str(), read_only.read_only), (text, true));
        let moved = Folder::parse(format!("{text}:/in:ro").as_ref()).unwrap();
        assert_eq!((moved.guest.as_str(), moved.read_only), ("/in", true));
    }

    #[test]
    fn colon_in_a_folder_name_is_part_of_the_name() {
        let here = tempfile::tempdir().unwrap();
        let odd = here.path().canonicalize().unwrap().join("a:b");
        std::fs::create_dir(&odd).unwrap();
        let folder = Folder::parse(format!("{}:/in", odd.display()).as_ref()).unwrap();
        assert_eq!((folder.host, folder.guest.as_str()), (odd, "/in"));
    }

    #[test]
    fn path_below_a_folder_is_found_in_the_guest() {
        let folder = Folder { host: "/data/media".into(), guest: "/in".into(), read_only: false };
        assert_eq!(folder.guest_path_of(Path::new("/data/media/a/b.mp4")).as_deref(), Some("/in/a/b.mp4"));
        assert_eq!(folder.guest_path_of(Path::new("/data/media")).as_deref(), Some("/in"));
        assert_eq!(folder.guest_path_of(Path::new("/data/other")), None);
        #[cfg(unix)]
        {
            let host = |path: &str| folder.host_path_of(&VPath::new(path).unwrap());
            assert_eq!(host("/in/a/b.mp4"), Some("/data/media/a/b.mp4".into()));
            assert_eq!(host("/in"), Some("/data/media".into()));
            assert_eq!((host("/other"), host("/input/a")), (None, None));
        }
        let root = Folder { host: "/data".into(), guest: "/".into(), read_only: false };
        assert_eq!(root.guest_path_of(Path::new("/data/x")).as_deref(), Some("/x"));
    }

    #[test]
    fn missing_folder_is_named() {
        let error = format!("{:?}", Folder::parse("no/such/folder".as_ref()).unwrap_err());
        assert!(error.contains("no/such/folder"), "{error}");
    }
}
