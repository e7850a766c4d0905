use std::{io, path::PathBuf};

/// A failure to use a release, or an installation of one of its modules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// A file of the release cannot be read.
    #[error("cannot read {name} of the release {place}")]
    #[non_exhaustive]
    Unreadable {
        /// The folder of the release.
        place: String,
        /// The file.
        name: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// The index has no valid signature of the expected key.
    #[error("the index of the release {place} is not signed with the given key")]
    #[non_exhaustive]
    Signature {
        /// The folder or URL of the release.
        place: String,
    },
    /// The index cannot be parsed, or refers to a file that it does not list.
    #[error("cannot use the index of the release {place}: {reason}")]
    #[non_exhaustive]
    Index {
        /// The folder or URL of the release.
        place: String,
        /// The reason.
        reason: String,
    },
    /// The release is older than one of the same publisher that was used before.
    #[error("the release {place} has the serial {found}, and one with {used} has been used before")]
    #[non_exhaustive]
    OlderSerial {
        /// The folder or URL of the release.
        place: String,
        /// The serial of the release.
        found: u64,
        /// The highest serial that was used before.
        used: u64,
    },
    /// The release is for other versions of afmpeg.
    #[error("the release {place} is for afmpeg {fits}, and this is afmpeg {}", env!("CARGO_PKG_VERSION"))]
    #[non_exhaustive]
    Version {
        /// The folder or URL of the release.
        place: String,
        /// The versions that it fits.
        fits: String,
    },
    /// The release has no module of the requested variant and profile.
    #[error("the release {place} has no module for {variant} with the profile {profile}")]
    #[non_exhaustive]
    NoModule {
        /// The folder or URL of the release.
        place: String,
        /// The requested variant.
        variant: String,
        /// The requested profile.
        profile: String,
        /// The names of its modules.
        has: Vec<String>,
    },
    /// The release has no compiled code that this program can load on this machine, and this program has no compiler.
    #[error("the release {place} has no compiled code of {module} for this program on this machine")]
    #[non_exhaustive]
    NoArtifact {
        /// The folder or URL of the release.
        place: String,
        /// The module.
        module: String,
    },
    /// A file of the release differs from its entry in the index.
    #[error("{name} of the release {place} is damaged: {reason}")]
    #[non_exhaustive]
    Damaged {
        /// The folder or URL of the release.
        place: String,
        /// The file.
        name: String,
        /// The difference.
        reason: String,
    },
    /// The runtime has no cache for the files of the release.
    #[error("cannot load a release without a cache")]
    NoCache,
    /// The release is at a URL, and this program was built without the feature `http`.
    #[error("cannot download the release {place}: this program was built without the feature `http`")]
    #[non_exhaustive]
    NoHttp {
        /// The URL of the release.
        place: String,
    },
    /// The folder of installed modules cannot be read or written.
    #[error("cannot use the folder of installed modules {}", path.display())]
    #[non_exhaustive]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// No module with this name is installed.
    #[error("the module {name} is not installed")]
    #[non_exhaustive]
    NotInstalled {
        /// The requested name.
        name: String,
        /// The names of the installed modules.
        installed: Vec<String>,
    },
    /// A file of an installed module is missing, or differs from the one that was installed.
    #[error("the installed file {} is damaged: {reason}", path.display())]
    #[non_exhaustive]
    InstallationDamaged {
        /// The file.
        path: PathBuf,
        /// The difference.
        reason: String,
    },
}

impl ReleaseError {
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => {
                "check that the folder has an index.json, and that its permissions allow reading".to_owned()
            }
            Self::Signature { .. } => {
                "check that the key is the publisher's; if it is, do not use the release".to_owned()
            }
            Self::Index { .. } => "update afmpeg, or report it to the publisher".to_owned(),
            Self::OlderSerial { .. } => {
                "use the publisher's newest release: an older one may have known defects".to_owned()
            }
            Self::Version { .. } => "update afmpeg, or use a release for this version".to_owned(),
            Self::NoModule { has, .. } => format!("choose one of {}", has.join(", ")),
            Self::NoArtifact { .. } => {
                "build this program with the feature `cranelift`, which compiles the module".to_owned()
            }
            Self::Damaged { .. } => {
                "try again; if it is damaged again, report it to the publisher and do not use the file"
                    .to_owned()
            }
            Self::NoCache => "name a folder for its files with `RuntimeBuilder::cache_dir`".to_owned(),
            Self::NoHttp { .. } => "download its folder yourself and pass its path".to_owned(),
            Self::Folder { .. } => {
                "check that the folder is writable by you alone, and that its disk has room".to_owned()
            }
            Self::NotInstalled { installed, .. } if installed.is_empty() => "install it first".to_owned(),
            Self::NotInstalled { installed, .. } => format!("choose one of {}", installed.join(", ")),
            Self::InstallationDamaged { .. } => "install the module again".to_owned(),
        }
    }
}
