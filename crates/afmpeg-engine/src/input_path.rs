//! Escapes the path of an input, so that FFmpeg opens the file with that name.

/// A folder of every job that reads an input by its path. FFmpeg treats a name with exactly one number, such as `%03d`, as
/// a sequence of images: these two make it a plain name.
pub(crate) const NUMBERED: &str = "/dev/%d%d";

/// An input: a path on a job's filesystem, or a URL for FFmpeg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputPath {
    pub(crate) text: String,
    /// Whether FFmpeg interprets it as on a command line: as a protocol's URL, a pattern, or `-`.
    pub(crate) is_url: bool,
}

impl InputPath {
    pub(crate) fn new(path: &str) -> Self {
        Self { text: path.to_owned(), is_url: false }
    }

    /// Returns the argument of `-i`, for a job with the working directory `current_dir`.
    pub(crate) fn argument(&self, current_dir: &str) -> String {
        let path = self.text.as_str();
        if self.is_url {
            return path.to_owned();
        }
        if path.contains('%') {
            let folder = if path.starts_with('/') { "" } else { current_dir };
            return format!("{NUMBERED}/../..{folder}/{path}");
        }
        // A protocol's name ends in a colon and has no slash; `-` is the standard input.
        if !path.starts_with('/') && (path == "-" || path.contains(':')) {
            return format!("./{path}");
        }
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_ffmpeg_would_misinterpret_are_escaped() {
        let argument = |path: &str| InputPath::new(path).argument("/media");
        assert_eq!(argument("clip.mp4"), "clip.mp4");
        assert_eq!(argument("-x.mkv"), "-x.mkv");
        assert_eq!(argument("/a:b/clip.mp4"), "/a:b/clip.mp4");
        assert_eq!(argument("-"), "./-");
        assert_eq!(argument("pipe:0"), "./pipe:0");
        assert_eq!(argument("100%.png"), "/dev/%d%d/../../media/100%.png");
        assert_eq!(argument("/in/a%03d.png"), "/dev/%d%d/../..//in/a%03d.png");
        assert_eq!(InputPath { text: "pipe:0".to_owned(), is_url: true }.argument("/"), "pipe:0");
    }
}
