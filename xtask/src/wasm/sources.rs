//! Finds, checks and unpacks sources.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::lock::Source;
use crate::{debian, failure::Failure, project};

/// The largest download of a source, in bytes; the largest source has 197 MB.
const DOWNLOAD_LIMIT: u64 = 256 << 20;

/// The time limits of a download and of its connection.
const DOWNLOAD_TIME: Duration = Duration::from_secs(600);
const CONNECT_TIME: Duration = Duration::from_secs(15);

/// The places of sources, in the order of the search.
pub(super) struct Places {
    /// The folder that keeps downloaded sources.
    cache: PathBuf,
    /// `AFMPEG_SOURCES`: a folder of sources.
    folder: Option<PathBuf>,
    /// Whether to download from upstream and the mirrors.
    network: bool,
}

impl Places {
    pub(super) fn of_this_machine() -> anyhow::Result<Self> {
        Ok(Self {
            cache: project::cache()?.join("sources"),
            folder: std::env::var_os("AFMPEG_SOURCES").map(PathBuf::from),
            network: true,
        })
    }

    /// Returns the path of a file with the contents of `source`, or of its subset.
    pub(super) fn find(&self, source: &Source) -> anyhow::Result<PathBuf> {
        if let Some(subset) = &source.subset
            && let Some(found) = self.at_hand(&subset.file, &subset.sha256)?
        {
            return Ok(found);
        }
        if let Some(found) = self.at_hand(&source.file, &source.sha256)? {
            return Ok(found);
        }
        let cached = self.cache.join(&source.file);
        let mut tried = Vec::new();
        for url in if self.network { urls(source) } else { Vec::new() } {
            match download(&url) {
                Ok(bytes) => {
                    check(&url, &hex(&Sha256::digest(&bytes)), &source.sha256)?;
                    super::files::write_atomically(&cached, &bytes)?;
                    return Ok(cached);
                }
                Err(error) => tried.push(format!("{url}: {error:#}")),
            }
        }
        Err(Failure::new(
            format!(
                "cannot find {}{}",
                source.file,
                tried.iter().fold(String::new(), |all, one| all + "\n  " + one)
            ),
            format!("set AFMPEG_SOURCES to a folder that has the file with the sha256 {}", source.sha256),
        )
        .into())
    }

    /// Returns the path of a file in the cache or in the given folder.
    fn at_hand(&self, file: &str, sha256: &str) -> anyhow::Result<Option<PathBuf>> {
        let cached = self.cache.join(file);
        // A damaged file in the cache is fetched again.
        if cached.exists() && sha256_of_file(&cached)? == sha256 {
            return Ok(Some(cached));
        }
        let Some(given) = self.folder.as_ref().map(|folder| folder.join(file)).filter(|path| path.exists())
        else {
            return Ok(None);
        };
        check(&given.display().to_string(), &sha256_of_file(&given)?, sha256)?;
        Ok(Some(given))
    }
}

/// Returns the archives of the sources that a module was built from, as its manifest lists them.
pub(crate) fn archives_of(manifest: &serde_json::Value) -> anyhow::Result<Vec<PathBuf>> {
    let listed: BTreeMap<String, Source> = serde_json::from_value(manifest["sources"].clone())
        .context("cannot read the sources in a manifest")?;
    let places = Places::of_this_machine()?;
    let sources = listed.values().flat_map(|source| [source].into_iter().chain(source.debian.as_deref()));
    sources.map(|source| places.find(source)).collect()
}

/// The URL of upstream, then those of every mirror that the machine is configured for.
fn urls(source: &Source) -> Vec<String> {
    let on_mirrors = |pool| debian::mirrors().into_iter().map(move |mirror| format!("{mirror}/{pool}"));
    source.url.iter().cloned().chain(source.pool.iter().flat_map(on_mirrors)).collect()
}

fn download(url: &str) -> anyhow::Result<Vec<u8>> {
    let config = ureq::Agent::config_builder()
        .timeout_connect(Some(CONNECT_TIME))
        .timeout_global(Some(DOWNLOAD_TIME))
        .build();
    let agent: ureq::Agent = config.into();
    let mut response = agent.get(url).call()?;
    Ok(response.body_mut().with_config().limit(DOWNLOAD_LIMIT).read_to_vec()?)
}

fn check(place: &str, found: &str, expected: &str) -> anyhow::Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Failure::new(
        format!("{place} has the sha256 {found}, expected {expected}"),
        "remove the file, or correct versions.lock if the change is intended",
    )
    .into())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

pub(crate) fn sha256_of_file(path: &Path) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Unpacks `paths` of an archive of sources, or all of it if there are none, into `folder`, without its top folder.
///
/// Of a Debian package, it unpacks all files that the package installs.
pub(super) fn unpack(archive: &Path, paths: &[String], folder: &Path) -> anyhow::Result<()> {
    if archive.extension().is_some_and(|end| end == "deb") {
        return unpack_debian_package(archive, folder);
    }
    let unpacked = || -> anyhow::Result<()> {
        let mut tar = tar::Archive::new(decompressed(archive, File::open(archive)?)?);
        for entry in tar.entries()? {
            let mut entry = entry?;
            let path: PathBuf = entry.path()?.components().skip(1).collect();
            let is_chosen = paths.is_empty() || paths.iter().any(|chosen| path.starts_with(chosen));
            if path.as_os_str().is_empty() || !is_chosen {
                continue;
            }
            // `unpack` trusts its path, so a path from an archive is checked first.
            anyhow::ensure!(
                path.components().all(|part| matches!(part, std::path::Component::Normal(_))),
                "it has a path outside itself: {}",
                path.display()
            );
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            entry.unpack(path)?;
        }
        Ok(())
    };
    unpacked().with_context(|| format!("cannot unpack {}", archive.display()))
}

/// Unpacks the files that a Debian package installs into `folder`.
pub(super) fn unpack_debian_package(package: &Path, folder: &Path) -> anyhow::Result<()> {
    let unpacked = || -> anyhow::Result<()> {
        let mut members = ar::Archive::new(File::open(package)?);
        while let Some(member) = members.next_entry() {
            let member = member?;
            let name = PathBuf::from(String::from_utf8_lossy(member.header().identifier()).into_owned());
            if name.to_string_lossy().starts_with("data.tar") {
                tar::Archive::new(decompressed(&name, member)?).unpack(folder)?;
                return Ok(());
            }
        }
        anyhow::bail!("it has no data.tar")
    };
    unpacked().with_context(|| format!("cannot unpack {}", package.display()))
}

/// The patches in an unpacked archive of Debian, in the order of their application.
pub(super) fn debian_patches(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let patches = folder.join("patches");
    let series = patches.join("series");
    let text = fs::read_to_string(&series).with_context(|| format!("cannot read {}", series.display()))?;
    let names = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(names.map(|name| patches.join(name)).collect())
}

fn decompressed<'a>(name: &Path, packed: impl Read + 'a) -> anyhow::Result<Box<dyn Read + 'a>> {
    Ok(match name.extension().and_then(|extension| extension.to_str()) {
        Some("xz") => Box::new(liblzma::read::XzDecoder::new(io::BufReader::new(packed))),
        Some("gz") => Box::new(flate2::read::GzDecoder::new(packed)),
        _ => anyhow::bail!("unknown compression of {}", name.display()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::lock::Subset;

    fn source(contents: &[u8]) -> Source {
        Source {
            version: "1".to_owned(),
            licence: "MIT".to_owned(),
            file: "thing.tar.gz".to_owned(),
            sha256: hex(&Sha256::digest(contents)),
            url: None,
            pool: Some("pool/main/t/thing.tar.gz".to_owned()),
            debian: None,
            paths: Vec::new(),
            subset: None,
        }
    }

    /// Packs files that contain their own paths.
    fn packed(paths: &[&str]) -> Vec<u8> {
        let mut tar =
            tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        for path in paths {
            let mut header = tar::Header::new_gnu();
            header.set_size(path.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, path.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    fn places(folder: &Path) -> Places {
        Places { cache: folder.join("cache"), folder: Some(folder.join("given")), network: false }
    }

    #[test]
    fn cache_comes_before_the_given_folder_unless_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        for place in ["cache", "given"] {
            fs::create_dir(folder.path().join(place)).unwrap();
            fs::write(folder.path().join(place).join("thing.tar.gz"), "thing").unwrap();
        }
        assert_eq!(places.find(&source(b"thing")).unwrap(), folder.path().join("cache/thing.tar.gz"));
        fs::write(folder.path().join("cache/thing.tar.gz"), "damaged").unwrap();
        assert_eq!(places.find(&source(b"thing")).unwrap(), folder.path().join("given/thing.tar.gz"));
    }

    #[test]
    fn patches_of_debian_come_in_the_order_of_their_series() {
        let folder = tempfile::tempdir().unwrap();
        let patches = folder.path().join("patches");
        fs::create_dir(&patches).unwrap();
        fs::write(patches.join("series"), "# first\nb.patch\n\na/1.patch\n").unwrap();
        let found = debian_patches(folder.path()).unwrap();
        assert_eq!(found, [patches.join("b.patch"), patches.join("a/1.patch")]);
        let error = debian_patches(&patches).unwrap_err().to_string();
        assert!(error.contains("series"), "{error}");
    }

    #[test]
    fn subset_and_whole_archive_unpack_to_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        let given = folder.path().join("given");
        fs::create_dir(&given).unwrap();
        let whole = packed(&["llvm/LICENSE", "llvm/a/src/b.c", "llvm/a/srcs/c.c", "llvm/clang/d.c"]);
        let subset = packed(&["small/LICENSE", "small/a/src/b.c"]);
        let mut source = source(&whole);
        source.paths = vec!["LICENSE".to_owned(), "a/src".to_owned()];
        source.subset =
            Some(Subset { file: "small.tar.gz".to_owned(), sha256: hex(&Sha256::digest(&subset)) });
        for (file, contents) in [("thing.tar.gz", &whole), ("small.tar.gz", &subset)] {
            fs::write(given.join(file), contents).unwrap();
            let found = places(folder.path()).find(&source).unwrap();
            assert_eq!(found, given.join(file));
            let unpacked = folder.path().join(file);
            unpack(&found, &source.paths, &unpacked).unwrap();
            let files = crate::wasm::files::files_below(&unpacked).unwrap();
            assert_eq!(files, ["LICENSE", "a/src/b.c"].map(|path| unpacked.join(path)));
        }
        unpack(&given.join("thing.tar.gz"), &[], &folder.path().join("all")).unwrap();
        assert!(folder.path().join("all/clang/d.c").exists());
        fs::write(given.join("small.tar.gz"), "other").unwrap();
        places(folder.path()).find(&source).unwrap_err();
    }

    #[test]
    fn wrong_contents_are_refused_with_both_hashes() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("given")).unwrap();
        fs::write(folder.path().join("given/thing.tar.gz"), "other").unwrap();
        let error = places(folder.path()).find(&source(b"thing")).unwrap_err().to_string();
        assert!(error.contains(&hex(&Sha256::digest(b"thing"))), "{error}");
        assert!(error.contains(&hex(&Sha256::digest(b"other"))), "{error}");
    }

    #[test]
    fn source_without_a_pool_is_on_no_mirror() {
        let url = "https://example.org/thing.tar.gz".to_owned();
        let source = Source { url: Some(url.clone()), pool: None, ..source(b"thing") };
        assert_eq!(urls(&source), [url]);
    }

    #[test]
    fn missing_source_is_named_with_a_hint() {
        let folder = tempfile::tempdir().unwrap();
        let error = places(folder.path()).find(&source(b"thing")).unwrap_err();
        assert!(error.to_string().contains("thing.tar.gz"), "{error}");
        assert!(error.downcast_ref::<Failure>().unwrap().hint.contains("AFMPEG_SOURCES"));
    }
}
