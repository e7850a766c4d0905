//! The formats that a task can write, by the extension of its output.

use afmpeg::{
    Capabilities, Probe,
    capabilities::Muxer,
    cmd::{MediaKind, containers::Container},
};

use crate::failure::Failure;

/// The contents of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A file with this extension alone.
    Only(&'static str),
    /// One image.
    Image,
    /// A video, with or without audio.
    Video,
    Audio,
    /// Copied streams, as far as the format holds them.
    Streams,
    /// Files in a folder. The recipe chooses their names.
    Folder,
}

impl Content {
    /// Returns the stream that the input needs.
    pub(crate) fn kind(self) -> Option<MediaKind> {
        match self {
            Self::Video => Some(MediaKind::Video),
            Self::Audio => Some(MediaKind::Audio),
            _ => None,
        }
    }

    /// Returns usual extensions, for hints.
    fn usual(self) -> &'static [&'static str] {
        match self {
            Self::Only("gif") => &["gif"],
            Self::Only(_) => &["webp"],
            Self::Image => &["jpg", "png", "webp", "gif"],
            Self::Video => &["mp4", "mkv", "mov", "webm"],
            Self::Audio => &["m4a", "mp3", "opus", "flac", "wav", "mka"],
            Self::Streams | Self::Folder => &["mp4", "mkv", "mov", "m4a", "mp3", "mka"],
        }
    }
}

/// Fails if the format of `path`, which its extension selects, cannot hold the content. `input` is the first input.
pub(crate) fn check(
    content: Content,
    path: &str,
    input: &Probe,
    capabilities: &Capabilities,
) -> Result<(), Failure> {
    let problem = |ending: &str| problem(content, ending, input.is_image(), capabilities);
    let Some(problem_of_path) = problem(&ending(path)) else { return Ok(()) };
    let others: Vec<&str> =
        content.usual().iter().copied().filter(|ending| problem(ending).is_none()).collect();
    let others = match others.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => "one that `afmpeg capabilities muxers` lists".to_owned(),
    };
    Err(Failure::usage(
        format!("cannot write {path}: {problem_of_path}"),
        format!("name an output with another extension with -o: {others}"),
    ))
}

fn problem(content: Content, ending: &str, is_image: bool, capabilities: &Capabilities) -> Option<String> {
    match content {
        Content::Folder => return None,
        Content::Only(own) if own == ending => return None,
        _ if ending.is_empty() => {
            return Some("its name has no extension, which selects the format".to_owned());
        }
        Content::Only(own) => return Some(format!("expected the extension {own}, found {ending}")),
        _ => {}
    }
    let muxers = || capabilities.muxers.iter().filter(|muxer| has_ending(muxer, ending));
    if muxers().next().is_none() {
        return Some(format!("no format of the module has the extension {ending}"));
    }
    let fails = |holds: &dyn Fn(&Muxer) -> bool| !muxers().any(holds);
    if fails(&|muxer| !has_parts(muxer)) {
        // The parts would be beside the output while it is not complete.
        return Some(format!(
            "a file with the extension {ending} refers to further files, which `afmpeg make hls` and `afmpeg make dash` write"
        ));
    }
    match content {
        Content::Image => fails(&is_image_format).then(|| format!("{ending} is not a format of images")),
        Content::Audio => fails(&|muxer| holds(muxer, ending, MediaKind::Audio))
            .then(|| format!("a file with the extension {ending} holds no audio")),
        _ if !is_image && fails(&|muxer| !is_sequence(muxer)) => {
            Some(format!("a file with the extension {ending} is one image"))
        }
        Content::Video => fails(&|muxer| holds(muxer, ending, MediaKind::Video))
            .then(|| format!("a file with the extension {ending} holds no video")),
        _ => None,
    }
}

/// Returns the extension of a path, in lower case; empty if there is none.
fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
}

fn has_ending(muxer: &Muxer, ending: &str) -> bool {
    muxer.extensions.iter().any(|own| own.eq_ignore_ascii_case(ending))
}

/// Whether a format has a codec of a kind by default. Formats for audio have one of covers, which are not video.
fn holds(muxer: &Muxer, ending: &str, kind: MediaKind) -> bool {
    let codec = if kind == MediaKind::Video { &muxer.video_codec } else { &muxer.audio_codec };
    let container = Container::of_path(&format!("a.{ending}"));
    codec.as_deref().is_some_and(|codec| container.is_none_or(|known| known.holds_codec(kind, codec)))
}

/// Whether a format writes each frame to a file of its own.
fn is_sequence(muxer: &Muxer) -> bool {
    muxer.is("image2")
}

fn is_image_format(muxer: &Muxer) -> bool {
    ["image2", "gif", "webp", "avif", "apng"].iter().any(|name| muxer.is(name))
}

/// Whether a format opens files beside the output by itself.
fn has_parts(muxer: &Muxer) -> bool {
    !is_sequence(muxer) && muxer.flags.iter().any(|flag| flag == "no_file")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.muxers = serde_json::from_str(
            r#"[
                { "names": ["mp4"], "extensions": ["mp4"], "video_codec": "h264", "audio_codec": "aac" },
                { "names": ["ipod"], "extensions": ["m4a"], "video_codec": "h264", "audio_codec": "aac" },
                { "names": ["mp3"], "extensions": ["mp3"], "video_codec": "png", "audio_codec": "mp3" },
                { "names": ["gif"], "extensions": ["gif"], "video_codec": "gif" },
                { "names": ["image2"], "extensions": ["png", "jpg"], "video_codec": "mjpeg", "flags": ["no_file"] },
                { "names": ["hls"], "extensions": ["m3u8"], "video_codec": "h264", "audio_codec": "aac",
                  "flags": ["no_file"] }
            ]"#,
        )
        .unwrap();
        capabilities
    }

    #[test]
    fn formats_that_hold_the_content_are_accepted_and_others_named_with_their_problem() {
        let of = |content, ending: &str| problem(content, ending, false, &module());
        for (content, endings) in [
            (Content::Audio, &["mp4", "m4a", "mp3"][..]),
            (Content::Video, &["mp4", "gif"]),
            (Content::Image, &["png", "jpg", "gif"]),
            (Content::Streams, &["mp4", "mp3"]),
            (Content::Only("gif"), &["gif"]),
            (Content::Folder, &["", "png"]),
        ] {
            for ending in endings {
                assert_eq!(of(content, ending), None, "{content:?}, {ending}");
            }
        }
        for (content, ending, words) in [
            (Content::Audio, "png", "no audio"),
            (Content::Audio, "gif", "no audio"),
            (Content::Audio, "", "no extension"),
            (Content::Audio, "mid", "no format"),
            (Content::Video, "png", "one image"),
            (Content::Video, "mp3", "no video"),
            (Content::Video, "m3u8", "further files"),
            (Content::Streams, "m3u8", "further files"),
            (Content::Streams, "png", "one image"),
            (Content::Image, "mp4", "not a format of images"),
            (Content::Only("gif"), "png", "expected the extension gif"),
        ] {
            let found = of(content, ending).unwrap_or_default();
            assert!(found.contains(words), "{content:?}, {ending}: {found}");
        }
        assert_eq!(problem(Content::Streams, "jpg", true, &module()), None, "an image becomes an image");
    }

    #[test]
    fn hint_names_only_extensions_that_work() {
        let error = check(Content::Audio, "a/x.PNG", &Probe::default(), &module()).unwrap_err();
        assert_eq!(
            error.message(),
            Some("cannot write a/x.PNG: a file with the extension png holds no audio")
        );
        assert_eq!(error.hint(), Some("name an output with another extension with -o: m4a or mp3"));
    }
}
