//! Host folders that a guest can access, and their paths in the guest.

use std::{
    ffi::OsStr,
    io,
    path::{Component, Path, PathBuf},
};

use afmpeg_vfs::{HostDir, MemFs, Mount, Prefix, ReadOnly, VPath};

use crate::{failure::Failure, urls};

/// A host folder that the guest can access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    host: PathBuf,
    guest: String,
    read_only: bool,
}

impl Folder {
    /// Returns the folder at `host`, with the same path in the guest.
    pub(crate) fn at_own_path(host: &Path, read_only: bool) -> Result<Self, Failure> {
        let host = host.canonicalize().map_err(|error| {
            Failure::usage(
                format!("cannot use the folder {}: {error}", host.display()),
                "create the folder, or check its path",
            )
        })?;
        let guest = guest_path(&host);
        Ok(Self { host, guest, read_only })
    }

    /// Returns the folder at `path`, with that path in the guest, and the path behind symbolic links if that is another.
    pub(crate) fn as_given(path: &Path) -> Result<Vec<Self>, Failure> {
        let own = Self::at_own_path(path, false)?;
        let given = Self { guest: guest_path(path), ..own.clone() };
        Ok(if given == own { vec![own] } else { vec![own, given] })
    }

    /// Returns the folder of a file, read-only, and the path of the file in the guest.
    pub(crate) fn of_file(file: &Path) -> Result<(Self, String), Failure> {
        let absent = |error: io::Error| unopened(file, &error);
        let host = file.canonicalize().map_err(absent)?;
        if host.is_dir() {
            return Err(absent(io::ErrorKind::IsADirectory.into()));
        }
        let parent = host.parent().ok_or_else(|| absent(io::ErrorKind::IsADirectory.into()))?;
        let folder = Self::at_own_path(parent, true)?;
        let path = folder.guest_path_of(&host).ok_or_else(|| absent(io::ErrorKind::NotFound.into()))?;
        Ok((folder, path))
    }

    /// Reads `HOST[:GUEST][:ro]`.
    pub(crate) fn parse(text: &OsStr) -> Result<Self, Failure> {
        let (text, read_only) = match text.as_encoded_bytes().strip_suffix(b":ro") {
            Some(text) => (text, true),
            None => (text.as_encoded_bytes(), false),
        };
        // GUEST is absolute, so the last ":/" separates the two; a colon inside a name does not.
        match text.windows(2).rposition(|pair| pair == b":/") {
            Some(colon) => {
                let folder = Self::at_own_path(&host_path(&text[..colon])?, read_only)?;
                Ok(Self { guest: VPath::text_of(&text[colon + 1..]).into_owned(), ..folder })
            }
            None => Self::at_own_path(&host_path(text)?, read_only).map_err(|failure| {
                match relative_guest_hint(text) {
                    Some(hint) => failure.with_hint(hint),
                    None => failure,
                }
            }),
        }
    }

    /// Returns the folder's path in the guest.
    pub(crate) fn guest(&self) -> &str {
        &self.guest
    }

    /// Returns the guest path of this folder by way of `other`, if it is that folder or below it.
    pub(crate) fn guest_path_in(&self, other: &Self) -> Option<String> {
        other.guest_path_of(&self.host)
    }

    /// Returns whether the guest may only read its files.
    #[cfg(unix)]
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Returns the host path of `guest`, if it is this folder or below it.
    #[cfg(unix)]
    pub(crate) fn host_path_of(&self, guest: &VPath) -> Option<PathBuf> {
        let below = guest.as_str().strip_prefix(self.guest.trim_end_matches('/'))?;
        let names = below.strip_prefix('/').or(below.is_empty().then_some(""))?;
        Some(self.host.join(host_path(&VPath::bytes_of(names)).ok()?))
    }

    /// Returns the guest path of `host`, if it is this folder or below it.
    pub(crate) fn guest_path_of(&self, host: &Path) -> Option<String> {
        let below = host.strip_prefix(&self.host).ok()?;
        Some(match guest_path(below).as_str() {
            "/" => self.guest.clone(),
            below => format!("{}{below}", self.guest.trim_end_matches('/')),
        })
    }
}

/// Returns a hint if `text` is a folder, a colon, and a relative path in the guest.
fn relative_guest_hint(text: &[u8]) -> Option<String> {
    let colon = text.iter().rposition(|byte| *byte == b':')?;
    let (host, guest) = (&text[..colon], &text[colon + 1..]);
    let is_folder = host_path(host).is_ok_and(|host| host.is_dir());
    let [host, guest] = [host, guest].map(String::from_utf8_lossy);
    is_folder.then(|| {
        format!(
            "start FFmpeg's path with a slash, `--dir {host}:/{guest}`: other colons are part of the name"
        )
    })
}

/// Converts bytes from an argument to a path.
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
            "rename the folder",
        )
    })
}

/// Converts a host path to the guest's form: `/` between names, and a drive letter as the first folder.
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

/// Returns an error for a file that cannot be opened.
pub(crate) fn unopened(file: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot open {}: {error}", file.display());
    match error.kind() {
        io::ErrorKind::NotFound if file.to_str().is_some_and(urls::is_url) => Failure::not_found(
            format!("cannot open {}: this command reads only files", file.display()),
            "download it, or read it with `afmpeg run --allow-url` and the start of the URL",
        ),
        io::ErrorKind::NotFound => Failure::not_found(message, "check the path of the file"),
        io::ErrorKind::PermissionDenied => {
            Failure::filesystem(message, "use a file in folders that you may open")
        }
        io::ErrorKind::IsADirectory => Failure::filesystem(message, "name a file in the folder"),
        _ => Failure::filesystem(message, "check the path of the file"),
    }
}

/// Returns a filesystem with `folders` and nothing else.
///
/// Everything outside them is read-only, so that an output outside the folders fails instead of being lost. Symbolic links
/// lead from one folder to another, but to nothing outside.
pub(crate) fn filesystem(folders: &[Folder]) -> Result<Prefix<Mount>, Failure> {
    Ok(Prefix::new(mounted(folders)?, VPath::root()))
}

/// Returns whether `folder` only leads to folders: it is above one of them, and neither one nor below one.
pub(crate) fn lead_through(folder: &str, folders: &[Folder]) -> bool {
    let Ok(folder) = VPath::new(folder) else { return false };
    let guests = || folders.iter().filter_map(|folder| VPath::new(&folder.guest).ok());
    guests().any(|guest| guest.starts_with(&folder)) && !guests().any(|guest| folder.starts_with(&guest))
}

/// As [`filesystem`], with a filesystem in memory at the path `at`.
pub(crate) fn filesystem_with(
    folders: &[Folder],
    at: &str,
    memory: &MemFs,
) -> Result<Prefix<Mount>, Failure> {
    let at = VPath::new(at).map_err(|error| {
        Failure::usage(format!("cannot use the folder {at}: {error}"), "please report it")
    })?;
    Ok(Prefix::new(mounted(folders)?.mount(at, memory.clone()), VPath::root()))
}

fn mounted(folders: &[Folder]) -> Result<Mount, Failure> {
    let mut root = Mount::new(ReadOnly::new(MemFs::new()));
    for folder in folders {
        let named = |reason: &dyn std::fmt::Display| {
            Failure::usage(
                format!("cannot use the folder {}: {reason}", folder.host.display()),
                "use a readable folder, and an absolute path in the guest",
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
    fn folder_keeps_its_path_in_the_guest_by_default() {
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
    fn paths_below_a_folder_map_to_the_guest_and_back() {
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
    fn folder_leads_to_others_unless_it_is_visible_itself() {
        let folders = |guests: &[&str]| -> Vec<Folder> {
            let folder = |guest: &&str| Folder { host: "/".into(), guest: (*guest).into(), read_only: false };
            guests.iter().map(folder).collect()
        };
        let leads = |guests: &[&str]| lead_through("/tmp", &folders(guests));
        assert!(leads(&["/home", "/tmp/a"]));
        assert!(
            !leads(&["/home", "/tmpfiles"]) && !leads(&["/tmp"]) && !leads(&["/", "/tmp/a"]) && !leads(&[])
        );
    }

    #[test]
    fn hint_for_a_file_that_cannot_be_opened_fits_the_cause() {
        let hint = |kind: io::ErrorKind| format!("{:?}", unopened(Path::new("clip.mp4"), &kind.into()));
        assert!(hint(io::ErrorKind::NotFound).contains("check the path"));
        assert!(hint(io::ErrorKind::PermissionDenied).contains("that you may open"));
        assert!(hint(io::ErrorKind::IsADirectory).contains("in the folder"));
    }

    #[test]
    fn error_of_a_missing_folder_names_it() {
        let error = format!("{:?}", Folder::parse("no/such/folder".as_ref()).unwrap_err());
        assert!(error.contains("no/such/folder"), "{error}");
    }
}
