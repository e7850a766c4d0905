use std::collections::HashSet;

use crate::{MediaKind, containers::Container, recipes::RecipeError};

/// A file that the commands of a plan write or read. The caller names each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a naming scheme covers all files")]
pub enum FilmFile<'a> {
    /// A chunk of a variant, in MP4 or MOV, whose times are exact: `720p/chunk-00007.mp4`.
    Chunk {
        /// The name of the variant.
        variant: &'a str,
        /// The number of the chunk, from 0.
        index: usize,
    },
    /// The list of a variant's chunks: `720p/chunks.txt`.
    List {
        /// The name of the variant.
        variant: &'a str,
    },
    /// The sound, in a container that holds its codec: `sound.mp4`, `sound.mka`.
    Sound,
    /// The joined film of a variant: `720p.mp4`.
    Film {
        /// The name of the variant.
        variant: &'a str,
    },
}

impl FilmFile<'_> {
    /// Returns a name for the file of a film in MP4, below a folder of its own: that of the example of its variant.
    ///
    /// ```
    /// use afmpeg_cmd::film::FilmFile;
    ///
    /// assert_eq!(FilmFile::Chunk { variant: "720p", index: 7 }.path(), "720p/chunk-00007.mp4");
    /// // A film in another container has other names for some files.
    /// let name = |file: FilmFile<'_>| match file {
    ///     FilmFile::Film { variant } => format!("{variant}.mkv"),
    ///     file => file.path(),
    /// };
    /// assert_eq!(name(FilmFile::Sound), "sound.mp4");
    /// ```
    pub fn path(self) -> String {
        match self {
            Self::Chunk { variant, index } => format!("{variant}/chunk-{index:05}.mp4"),
            Self::List { variant } => format!("{variant}/chunks.txt"),
            Self::Sound => "sound.mp4".to_owned(),
            Self::Film { variant } => format!("{variant}.mp4"),
        }
    }
}

/// Names files, and refuses a name that another file has.
pub(super) struct Names<F> {
    name: F,
    taken: HashSet<String>,
}

impl<F: Fn(FilmFile<'_>) -> String> Names<F> {
    /// Names files that differ from the source.
    pub(super) fn new(name: F, source: &str) -> Self {
        Self { name, taken: HashSet::from([source.to_owned()]) }
    }

    pub(super) fn of(&mut self, file: FilmFile<'_>) -> Result<String, RecipeError> {
        let path = (self.name)(file);
        if path.is_empty() || !self.taken.insert(path.clone()) {
            return Err(RecipeError::new(label(file), format!("{path:?}"), "a path that no other file has"));
        }
        Ok(path)
    }

    /// Names a file with a video of this codec, in a container of `muxers`; of any known one if there are none.
    pub(super) fn holding(
        &mut self,
        file: FilmFile<'_>,
        codec: &str,
        muxers: &[&str],
    ) -> Result<String, RecipeError> {
        let path = self.of(file)?;
        let holds = |container: &&Container| {
            (muxers.is_empty() || container.muxers().iter().any(|muxer| muxers.contains(muxer)))
                && container.holds_codec(MediaKind::Video, codec)
        };
        if Container::of_path(&path).filter(holds).is_none() {
            let container = if muxers.is_empty() { "a container".to_owned() } else { muxers.join(" or ") };
            let expected = format!("the path of a file in {container} that holds {codec}");
            return Err(RecipeError::new(label(file), format!("{path:?}"), expected));
        }
        Ok(path)
    }
}

fn label(file: FilmFile<'_>) -> String {
    match file {
        FilmFile::Chunk { variant, index } => format!("the path of chunk {index} of {variant}"),
        FilmFile::List { variant } => format!("the path of the list of {variant}"),
        FilmFile::Sound => "the path of the sound".to_owned(),
        FilmFile::Film { variant } => format!("the path of the film of {variant}"),
    }
}

/// Returns a path as seen from the folder of `list`, since the concat demuxer reads paths in a list so. `None` if one
/// is absolute and the other is not, or the way back from the folder is unknown.
pub(super) fn seen_from(list: &str, path: &str) -> Option<String> {
    if list.starts_with('/') != path.starts_with('/') {
        return None;
    }
    let parts = |text: &str| -> Vec<String> {
        text.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let (mut folder, path) = (parts(list), parts(path));
    folder.pop();
    let shared = folder.iter().zip(&path).take_while(|(one, other)| one == other).count();
    if folder[shared..].iter().any(|part| part == "..") {
        return None;
    }
    let back = folder[shared..].iter().map(|_| "..".to_owned());
    Some(back.chain(path[shared..].iter().cloned()).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_folder_of_the_list() {
        for (list, path, seen) in [
            ("list.txt", "a.mp4", Some("a.mp4")),
            ("./list.txt", "b/a.mp4", Some("b/a.mp4")),
            ("b/list.txt", "b/a.mp4", Some("a.mp4")),
            ("b/c/list.txt", "b/d/a.mp4", Some("../d/a.mp4")),
            ("/b/list.txt", "/a.mp4", Some("../a.mp4")),
            ("../b/list.txt", "../b/a.mp4", Some("a.mp4")),
            ("../list.txt", "a.mp4", None),
            ("/list.txt", "a.mp4", None),
            ("list.txt", "/a.mp4", None),
        ] {
            assert_eq!(seen_from(list, path).as_deref(), seen, "{list} {path}");
        }
    }
}
