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
    ("vp9-10.mkv", &["-t", "2.4", "-an", "-pix_fmt", "yuv420p10le", "-c:v", "libvpx-vp9", "-cpu-used", "5"]),
    ("vp9-alpha.mkv", &["-t", "2.4", "-an", "-pix_fmt", "yuva420p", "-c:v", "libvpx-vp9", "-cpu-used", "5"]),
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
    ("moving.apng", &["-t", "2", "-an", "-r", "10", "-c:v", "apng", "-f", "apng"]),
    ("picture.webp", &["-ss", "2", "-frames:v", "1", "-c:v", "libwebp"]),
    ("picture.avif", &["-ss", "2", "-frames:v", "1", "-c:v", "libsvtav1", "-preset", "8"]),
    ("moving.gif", &["-an", "-r", "10", "-s", "320x180"]),
    ("moving.webp", &["-an", "-r", "10", "-s", "640x360", "-c:v", "libwebp_anim"]),
    ("opus.mkv", &["-vn", "-ac", "2", "-c:a", "libopus", "-b:a", "128k"]),
    ("vorbis.mkv", &["-vn", "-ac", "2", "-c:a", "libvorbis"]),
    ("mp3.mkv", &["-vn", "-ac", "2", "-c:a", "libmp3lame"]),
    ("flac.mkv", &["-vn", "-ac", "2", "-c:a", "flac"]),
    ("alac.mkv", &["-vn", "-ac", "2", "-c:a", "alac"]),
    ("ac3.mkv", &["-vn", "-c:a", "ac3"]),
    ("pcm_s16le.mkv", &["-vn", "-af", LONGER, "-c:a", "pcm_s16le"]),
    ("pcm_s16be.mkv", &["-vn", "-af", LONGER, "-c:a", "pcm_s16be"]),
    ("pcm_s24le.mkv", &["-vn", "-af", LONGER, "-c:a", "pcm_s24le"]),
    ("pcm_f32le.mkv", &["-vn", "-af", LONGER, "-c:a", "pcm_f32le"]),
    ("pcm_alaw.mkv", &["-vn", "-af", LONGER, "-c:a", "pcm_alaw"]),
    ("pcm_mulaw.mkv", &["-vn", "-af", LONGER, "-c:a", "pcm_mulaw"]),
];

/// The clip's five seconds of sound, ten times.
const LONGER: &str = "aloop=9:256000";

/// Cues in SubRip.
const CUES: &str = "cues.srt";

/// The files that native FFmpeg makes from the cues, with the options of their encoders.
const SUBTITLES: &[(&str, &[&str])] =
    &[("cues.ass", &[]), ("cues.vtt", &[]), ("cues.mp4", &["-c:s", "mov_text"])];

/// The number of cues: native FFmpeg converts as many in a second.
const CUE_COUNT: usize = 20_000;

/// Fills a folder with the media, except those that it already has.
pub(super) fn prepare(folder: &Path, native: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for name in FIXTURES {
        let from = project::root().join("fixtures").join(name);
        fs::copy(&from, folder.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    fs::write(folder.join(CUES), cues())?;
    for (from, files) in [(CLIP, ENCODED), (CUES, SUBTITLES)] {
        for (name, encoder) in files {
            make(folder, native, from, name, encoder)?;
        }
    }
    Ok(())
}

/// Makes a file from another, unless it exists.
fn make(folder: &Path, native: &Path, from: &str, name: &str, encoder: &[&str]) -> anyhow::Result<()> {
    if folder.join(name).exists() {
        return Ok(());
    }
    // A run that is interrupted leaves no file that looks complete.
    let partial = format!("partial-{name}");
    let mut encode = Command::new(native);
    encode.current_dir(folder).args(["-nostdin", "-v", "error", "-y", "-i", from]);
    command::run(encode.args(encoder).arg(&partial))?;
    fs::rename(folder.join(partial), folder.join(name))?;
    Ok(())
}

/// Returns subtitles in SubRip, one cue for each second.
fn cues() -> String {
    let time = |second: usize| format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    (0..CUE_COUNT)
        .map(|number| {
            let (from, to) = (time(number), time(number + 1));
            format!(
                "{}\n{from},000 --> {to},000\n<b>Line</b> {number}, <i>in style</i>\nand a second one\n\n",
                number + 1
            )
        })
        .collect()
}
