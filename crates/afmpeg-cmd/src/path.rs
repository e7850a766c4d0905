//! File names that FFmpeg opens as files of these names.

/// Extensions with which FFmpeg reads a percent sign in a name as a frame number.
const PICTURES: &[&str] = &[
    "bmp", "cri", "dds", "dng", "dpx", "exr", "hdr", "im1", "im24", "im32", "im8", "img", "j2c", "j2k",
    "jls", "jp2", "jpc", "jpeg", "jpg", "jps", "jxl", "jxs", "ljpg", "mng", "mpg1-img", "mpg2-img",
    "mpg4-img", "mpo", "pam", "pbm", "pcd", "pct", "pcx", "pfm", "pgm", "pgmyuv", "phm", "pic", "pict",
    "pix", "png", "pnm", "pns", "ppm", "ptx", "qoi", "ras", "raw", "rs", "sgi", "sun", "sunras", "svg",
    "svgz", "tga", "tif", "tiff", "timg", "vbn", "wbmp", "webp", "xbm", "xface", "ximg", "xpm", "xwd", "y",
    "yuv10",
];

/// Returns the path of a file: FFmpeg reads the text before a colon as a protocol, unless a slash precedes it.
pub(crate) fn file(name: impl Into<String>) -> String {
    let name = name.into();
    let first = name.split('/').next().unwrap_or_default();
    if first.contains(':') || first.starts_with("subfile,") { format!("./{name}") } else { name }
}

/// As [`file`], for inputs, where a dash alone is standard input.
pub(crate) fn input_file(name: impl Into<String>) -> String {
    match name.into() {
        name if name == "-" => "./-".to_owned(),
        name => file(name),
    }
}

/// Returns the extension of a path, in lower case; empty if there is none.
pub(crate) fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
}

/// Whether FFmpeg takes a file of this name for an image.
pub(crate) fn is_picture(name: &str) -> bool {
    PICTURES.contains(&ending(name).as_str())
}

/// Whether FFmpeg takes the name of this file for a pattern of a sequence of images.
pub(crate) fn is_pattern(name: &str) -> bool {
    name.contains('%') && is_picture(name)
}

/// Whether a file of this name may be a tiled image, each a stream in FFmpeg.
pub(crate) fn may_be_tiled(name: &str) -> bool {
    matches!(ending(name).as_str(), "heic" | "heif" | "hif" | "avif")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_ffmpeg_misreads_are_changed() {
        for name in ["a.mp4", "/a:b.mp4", "a/b:c.mp4", "-x.mkv", "it's [a].mkv", "a,b.mkv", ""] {
            assert_eq!(input_file(name), name);
        }
        for name in
            ["2024-01-01T12:00:00.mkv", "concat:a", "data:,x", "pipe:0", "fd:0", "-", "subfile,,a", "é:b"]
        {
            assert_eq!(input_file(name), format!("./{name}"));
        }
        assert_eq!(file("-"), "-");
        assert!(may_be_tiled("a/IMG_1.HEIC") && !may_be_tiled("heic") && !may_be_tiled("a.heic.png"));
        assert!(is_pattern("img%03d.PNG") && !is_pattern("100%d.mp4") && !is_pattern("img.png"));
    }
}
