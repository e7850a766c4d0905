//! The media of the bench: the fixtures, and the clip in other codecs.

use std::{fs, path::Path, process::Command};

use anyhow::Context as _;

use crate::{command, project};

const CLIP: &str = "bigbuckbunny.mp4";
const FIXTURES: &[&str] = &[CLIP, "complete.oga", "alarm-clock-elapsed.oga", "DejaVuSansMono.ttf"];

/// The files that native FFmpeg makes from the clip, with the options of their encoders.
const ENCODED: &[(&str, &[&str])] = &[
    ("hevc.mkv", &["-an", "-c:v", "libx265", "-preset", "medium"]),
    ("hevc-10.mkv", &["-an", "-c:v", "libx265", "-preset", "medium", "-pix_fmt", "yuv420p10le"]),
    ("vp9.mkv", &["-an", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "5", "-b:v", "1500k"]),
    ("vp8.mkv", &["-an", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "5", "-b:v", "1500k"]),
    ("av1.mkv", &["-an", "-c:v", "libsvtav1", "-preset", "8", "-crf", "35"]),
    ("av1-10.mkv", &["-an", "-c:v", "libsvtav1", "-preset", "8", "-crf", "35", "-pix_fmt", "yuv420p10le"]),
    ("mpeg4.mkv", &["-an", "-c:v", "mpeg4", "-b:v", "2M"]),
    ("mpeg2.mkv", &["-an", "-c:v", "mpeg2video", "-b:v", "6M"]),
    ("mjpeg.mkv", &["-an", "-c:v", "mjpeg"]),
    ("prores.mov", &["-t", "2.4", "-an", "-c:v", "prores_ks"]),
    ("dnxhd.mov", &["-t", "2.4", "-an", "-c:v", "dnxhd", "-profile:v", "dnxhr_sq"]),
    ("ffv1.mkv", &["-t", "2.4", "-an", "-c:v", "ffv1", "-level", "3"]),
    ("png.mkv", &["-t", "1", "-an", "-c:v", "png"]),
    ("jpeg2000.mkv", &["-t", "1", "-an", "-c:v", "jpeg2000"]),
    ("moving.gif", &["-an", "-r", "10", "-s", "320x180"]),
    ("moving.webp", &["-an", "-r", "10", "-s", "640x360", "-c:v", "libwebp_anim"]),
    ("opus.mkv", &["-vn", "-ac", "2", "-c:a", "libopus", "-b:a", "128k"]),
    ("vorbis.mkv", &["-vn", "-ac", "2", "-c:a", "libvorbis"]),
    ("mp3.mkv", &["-vn", "-ac", "2", "-c:a", "libmp3lame"]),
    ("flac.mkv", &["-vn", "-ac", "2", "-c:a", "flac"]),
    ("alac.mkv", &["-vn", "-ac", "2", "-c:a", "alac"]),
    ("ac3.mkv", &["-vn", "-c:a", "ac3"]),
];

/// Fills a folder with the media, except those that it already has.
pub(super) fn prepare(folder: &Path, native: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for name in FIXTURES {
        let from = project::root().join("fixtures").join(name);
        fs::copy(&from, folder.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    for (name, encoder) in ENCODED {
        if folder.join(name).exists() {
            continue;
        }
        // A run that is interrupted leaves no file that looks complete.
        let partial = format!("partial-{name}");
        let mut encode = Command::new(native);
        encode.current_dir(folder).args(["-nostdin", "-v", "error", "-y", "-i", CLIP]);
        command::run(encode.args(*encoder).arg(&partial))?;
        fs::rename(folder.join(partial), folder.join(name))?;
    }
    Ok(())
}
