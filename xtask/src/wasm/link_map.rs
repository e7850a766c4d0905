//! The linker's map: the parts of which a module is made, and what each adds to it.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use anyhow::Context as _;

use super::{libraries::Archives, manifest::Size};

/// The file that the linker writes beside the module.
pub(super) const FILE: &str = "ffmpeg.map";

/// The parts that are not libraries with a recipe.
const FFMPEG: &str = "ffmpeg";
const LIBC: &str = "wasix-libc";
const COMPILER: &str = "compiler-rt";
const OURS: &str = "afmpeg";

/// The name in the map of code that the linker makes.
const LINKER: &str = "<internal>";

/// The code and data of one part of a module, as the linker wrote it.
#[derive(Debug, PartialEq, Eq)]
struct Piece<'a> {
    file: &'a str,
    offset: usize,
    size: usize,
}

/// The folders and files from which a module is linked.
pub(super) struct Inputs<'a> {
    /// The folder of FFmpeg's build, in which the linker runs.
    pub(super) ffmpeg: &'a Path,
    /// The folder in which the libraries are installed.
    pub(super) prefix: &'a Path,
    /// The folder of the objects that every program is linked with.
    pub(super) bin: &'a Path,
    pub(super) libc: &'a Path,
    pub(super) builtins: &'a Path,
    /// The installed files of each library.
    pub(super) archives: &'a Archives<'a>,
}

impl Inputs<'_> {
    /// The size of each part in the linked module, by the part's name: a library, or one of the constants above.
    ///
    /// Fails if anything in the module comes from another place.
    pub(super) fn parts(&self, map: &str, module: &[u8]) -> anyhow::Result<BTreeMap<String, Size>> {
        let owners = self.owners()?;
        let mut bytes: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        for piece in pieces(map) {
            let owner = self.owner(piece.file, &owners)?;
            let end = piece.offset.checked_add(piece.size);
            let piece =
                end.and_then(|end| module.get(piece.offset..end)).context("the map is of another module")?;
            bytes.entry(owner).or_default().extend_from_slice(piece);
        }
        bytes.into_iter().map(|(part, bytes)| Ok((part.to_owned(), Size::of(&bytes)?))).collect()
    }

    /// The library of each file that was installed in `lib`.
    fn owners(&self) -> anyhow::Result<BTreeMap<PathBuf, &str>> {
        let mut owners = BTreeMap::new();
        for (library, archive) in self.archives {
            for entry in tar::Archive::new(archive.as_slice()).entries()? {
                let path = entry?.path()?.into_owned();
                if path.starts_with("lib") {
                    owners.insert(self.prefix.join(path), *library);
                }
            }
        }
        Ok(owners)
    }

    /// The part to which an object file or an archive belongs.
    fn owner<'o>(&self, file: &str, owners: &BTreeMap<PathBuf, &'o str>) -> anyhow::Result<&'o str> {
        let path = normalized(&self.ffmpeg.join(file));
        if let Some(library) = owners.get(&path) {
            return Ok(library);
        }
        let places = [(self.ffmpeg, FFMPEG), (self.libc, LIBC), (self.builtins, COMPILER), (self.bin, OURS)];
        let place = places.iter().find(|(place, _)| path.starts_with(place));
        place
            .map(|(_, part)| *part)
            .with_context(|| format!("the module has code of {file}, which is not a part of it"))
    }
}

/// Resolves the `..` in a path, which pkg-config puts into the paths of libraries.
fn normalized(path: &Path) -> PathBuf {
    let mut normalized = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normalized.pop()),
            part => normalized.push(part),
        }
    }
    normalized
}

/// The column at which the map names an input; what it has of it follows further right, and output sections stand left.
const COLUMN: usize = 35;

/// The pieces of a map: lines of an address, an offset and a size in hexadecimal, and `file:(section)`.
fn pieces(map: &str) -> impl Iterator<Item = Piece<'_>> {
    map.lines().filter_map(|line| {
        let (columns, name) = line.split_at_checked(COLUMN)?;
        let (file, _) = name.split_once(":(").filter(|_| !name.starts_with(' '))?;
        let mut columns = columns.split_whitespace().skip(1);
        let mut number = || usize::from_str_radix(columns.next()?, 16).ok();
        let (offset, size) = (number()?, number()?);
        // `archive(member)`
        let archive = file.strip_suffix(')').and_then(|file| file.rsplit_once('('));
        let file = archive.map_or(file, |(archive, _)| archive);
        (file != LINKER).then_some(Piece { file, offset, size })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = concat!(
        "    Addr      Off     Size Out     In      Symbol\n",
        "       -        0       20 CODE\n",
        "       -        1        3         <internal>:(__wasm_call_ctors)\n",
        "       -        4        5         fftools/ffmpeg.o:(main)\n",
        "       -        4        5                 a:(b)\n",
        "       -        9        6         /b/prefix/lib/pkgconfig/../../lib/libz.a(inflate.o):(inflate)\n",
        "       0        f        1         /b/bin/host.o:(.data)\n",
    );

    fn inputs<'a>(archives: &'a Archives<'a>) -> Inputs<'a> {
        Inputs {
            ffmpeg: Path::new("/b/ffmpeg"),
            prefix: Path::new("/b/prefix"),
            bin: Path::new("/b/bin"),
            libc: Path::new("/b/sysroot"),
            builtins: Path::new("/usr/lib/builtins.a"),
            archives,
        }
    }

    fn archive(path: &str) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        tar.append_data(&mut header, path, &[][..]).unwrap();
        tar.into_inner().unwrap()
    }

    #[test]
    fn each_piece_counts_for_the_part_that_its_file_belongs_to() {
        let archives = Archives::from([("zlib", archive("lib/libz.a"))]);
        let parts = inputs(&archives).parts(MAP, &[0; 0x20]).unwrap();
        let raw: Vec<(&str, u64)> = parts.iter().map(|(name, size)| (name.as_str(), size.raw)).collect();
        assert_eq!(raw, [("afmpeg", 1), ("ffmpeg", 5), ("zlib", 6)]);
        inputs(&archives).parts(MAP, &[0; 8]).unwrap_err();
    }

    #[test]
    fn code_of_no_known_part_is_refused_by_its_file() {
        let error = inputs(&Archives::new()).parts(MAP, &[0; 0x20]).unwrap_err().to_string();
        assert_eq!(
            error,
            "the module has code of /b/prefix/lib/pkgconfig/../../lib/libz.a, which is not a part of it"
        );
    }
}
