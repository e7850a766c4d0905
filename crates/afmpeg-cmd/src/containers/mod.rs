//! Containers and the codecs that they hold: packets that a muxer accepts unchanged, and that are read back unchanged.
//!
//! ```
//! use afmpeg_cmd::{MediaKind, containers::Container};
//!
//! let mp4 = Container::of_path("film.mp4").unwrap();
//! assert!(mp4.holds_codec(MediaKind::Audio, "aac") && !mp4.holds_codec(MediaKind::Audio, "wmav2"));
//! assert!(mp4.holds_codec(MediaKind::Subtitle, "mov_text") && !mp4.holds_codec(MediaKind::Subtitle, "subrip"));
//! ```

mod container;
mod table;

pub use container::Container;

use crate::path::ending;

impl Container {
    /// Returns the container for the extension of a path; `None` if it is not in the table.
    ///
    /// ```
    /// use afmpeg_cmd::containers::Container;
    ///
    /// assert_eq!(Container::of_path("a/song.M4A").unwrap().muxers(), ["ipod"]);
    /// assert!(Container::of_path("list.m3u8").is_none());
    /// ```
    pub fn of_path(path: &str) -> Option<&'static Self> {
        let ending = ending(path);
        all().iter().find(|container| container.endings.contains(&ending.as_str()))
    }

    /// Returns the container that a muxer writes to a path; `None` if it is not in the table.
    ///
    /// ```
    /// use afmpeg_cmd::containers::Container;
    ///
    /// assert_eq!(Container::of_muxer("matroska", "film.bin").unwrap().endings(), ["mkv", "mka", "mks"]);
    /// assert!(Container::of_muxer("hls", "film.m3u8").is_none());
    /// ```
    pub fn of_muxer(name: &str, path: &str) -> Option<&'static Self> {
        let ending = ending(path);
        let of_muxer = || all().iter().filter(|container| container.muxers.contains(&name));
        of_muxer()
            .find(|container| container.endings.contains(&ending.as_str()))
            .or_else(|| of_muxer().next())
    }

    /// Returns the container of an output with this format or, without one, this path.
    pub(crate) fn of_output(format: Option<&str>, path: &str) -> Option<&'static Self> {
        match format {
            Some(format) => Self::of_muxer(format, path),
            None => Self::of_path(path),
        }
    }
}

/// Returns all known containers; of those with the same extension, the default comes first.
///
/// ```
/// use afmpeg_cmd::containers::all;
///
/// assert!(all().iter().any(|container| container.muxers() == ["webm"]));
/// ```
pub fn all() -> &'static [Container] {
    table::CONTAINERS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Kind, has as module_has};

    #[test]
    fn every_container_has_a_muxer_and_is_found_by_its_names() {
        for container in all() {
            let muxer = container.muxers[0];
            for name in container.muxers {
                assert!(module_has(Kind::Muxer, name), "{name}");
            }
            for ending in container.endings {
                let path = format!("a.{ending}");
                assert_eq!(Container::of_path(&path), Some(container), "{ending}");
                assert_eq!(Container::of_muxer(muxer, &path), Some(container), "{ending}");
            }
        }
    }

    #[test]
    fn names_are_sorted_and_unique() {
        for container in all() {
            for names in [container.video, container.audio, container.subtitle, container.data] {
                for list in names {
                    let list: Vec<&str> = list.split_whitespace().collect();
                    assert!(list.is_sorted() && !list.is_empty(), "{list:?}");
                }
                let mut each: Vec<&str> = names.iter().flat_map(|names| names.split_whitespace()).collect();
                each.sort_unstable();
                let count = each.len();
                each.dedup();
                assert_eq!(each.len(), count, "{container:?}");
            }
        }
    }
}
