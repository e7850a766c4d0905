//! The rows of the bench: command lines that both programs run.

use std::fmt;

/// The number of threads of each codec and filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Threads {
    One,
    /// The number that FFmpeg chooses: one for each processor, or a few more.
    All,
}

/// A command line, without the program.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) threads: Threads,
    pub(super) arguments: Vec<String>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if self.threads == Threads::All { f.write_str(", all cores") } else { Ok(()) }
    }
}

/// A short film as programs render it: two shots, a transition, a chime over quiet music, in MP4.
macro_rules! reel {
    ($size:literal) => {
        concat!(
            "-ss 0.4 -t 2 -i bigbuckbunny.mp4 -ss 3 -t 2 -i bigbuckbunny.mp4 -i complete.oga -i alarm-clock-elapsed.oga ",
            "-filter_complex [0:v]scale=", $size, ",setsar=1,fps=25,settb=AVTB[a];",
            "[1:v]scale=", $size, ",setsar=1,fps=25,settb=AVTB[b];",
            "[a][b]xfade=transition=slideleft:duration=0.4:offset=1.6[v];",
            "[3:a]volume=0.5,atrim=duration=3.6,afade=out:st=2.6:d=1[m];[2:a]adelay=1000:all=1,apad[s];",
            "[m][s]amix=duration=first[s] ",
            "-map [v] -map [s] -c:v libx264 -preset veryfast -crf 23 -c:a aac -b:a 128k -movflags +faststart reel.mp4",
        )
    };
}
/// Names and command lines, in words separated by spaces, without options for threads.
///
/// The clip has 132 frames of 1280x720, or 60 in 2.4 seconds.
const LINES: &[(&str, &str)] = &[
    ("decode H.264", "-stream_loop 1 -i bigbuckbunny.mp4 -an -f null -"),
    ("decode HEVC", "-i hevc.mkv -f null -"),
    ("decode HEVC, 10 bit", "-i hevc-10.mkv -f null -"),
    ("decode VP9", "-i vp9.mkv -f null -"),
    ("decode VP8", "-i vp8.mkv -f null -"),
    ("decode AV1", "-i av1.mkv -f null -"),
    ("decode AV1, 10 bit", "-i av1-10.mkv -f null -"),
    ("decode MPEG-4", "-i mpeg4.mkv -f null -"),
    ("decode MPEG-2", "-i mpeg2.mkv -f null -"),
    ("decode MJPEG", "-i mjpeg.mkv -f null -"),
    ("decode ProRes", "-i prores.mov -f null -"),
    ("decode DNxHR", "-i dnxhd.mov -f null -"),
    ("decode FFV1", "-i ffv1.mkv -f null -"),
    ("decode PNG", "-i png.mkv -f null -"),
    ("decode JPEG 2000", "-i jpeg2000.mkv -f null -"),
    ("decode GIF", "-stream_loop 9 -i moving.gif -f null -"),
    ("decode WebP", "-i moving.webp -f null -"),
    ("decode AAC, 5.1", "-stream_loop 9 -i bigbuckbunny.mp4 -vn -f null -"),
    ("decode Opus", "-stream_loop 19 -i opus.mkv -f null -"),
    ("decode Vorbis", "-stream_loop 19 -i vorbis.mkv -f null -"),
    ("decode MP3", "-stream_loop 19 -i mp3.mkv -f null -"),
    ("decode FLAC", "-stream_loop 19 -i flac.mkv -f null -"),
    ("decode ALAC", "-stream_loop 19 -i alac.mkv -f null -"),
    ("decode AC-3, 5.1", "-stream_loop 9 -i ac3.mkv -f null -"),
    ("decode + scale to 360p", "-i bigbuckbunny.mp4 -an -vf scale=640:360 -f null -"),
    ("decode + scale to 1080p", "-i bigbuckbunny.mp4 -an -vf scale=1920:1080 -f null -"),
    ("decode + scale to rgb24 360p", "-i bigbuckbunny.mp4 -an -vf scale=640:360,format=rgb24 -f null -"),
    ("thumbnail in PNG", "-ss 2 -i bigbuckbunny.mp4 -frames:v 1 -vf scale=640:360 -c:v png -f image2pipe -"),
    ("27 pictures in PNG", "-i bigbuckbunny.mp4 -an -vf fps=5,scale=640:360 -c:v png -f image2pipe -"),
    ("27 pictures in WebP", "-i bigbuckbunny.mp4 -an -vf fps=5,scale=640:360 -c:v libwebp -f image2pipe -"),
    ("27 pictures in JPEG", "-i bigbuckbunny.mp4 -an -vf fps=5,scale=640:360 -c:v mjpeg -f image2pipe -"),
    ("MJPEG", "-i bigbuckbunny.mp4 -an -c:v mjpeg -f null -"),
    (
        "xfade of two 720p clips",
        "-i bigbuckbunny.mp4 -i bigbuckbunny.mp4 -an -filter_complex [0:v][1:v]xfade=duration=5:offset=0.2 -f null -",
    ),
    (
        "overlay",
        "-i bigbuckbunny.mp4 -i bigbuckbunny.mp4 -an -filter_complex [1:v]format=yuva420p[a];[0:v][a]overlay=100:50 \
         -f null -",
    ),
    (
        "HDR to SDR, 720p",
        "-t 2.4 -i hevc-10.mkv -vf setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc,\
         zscale=t=bt709:m=bt709:p=bt709:r=tv,format=yuv420p -f null -",
    ),
    ("yadif", "-t 2.4 -i bigbuckbunny.mp4 -an -vf yadif -f null -"),
    ("gblur", "-t 2.4 -i bigbuckbunny.mp4 -an -vf gblur=sigma=2 -f null -"),
    ("unsharp", "-t 2.4 -i bigbuckbunny.mp4 -an -vf unsharp -f null -"),
    (
        "draw text",
        "-i bigbuckbunny.mp4 -an -vf drawtext=fontfile=DejaVuSansMono.ttf:fontsize=64:text=afmpeg -f null -",
    ),
    ("x264 ultrafast", "-i bigbuckbunny.mp4 -an -c:v libx264 -preset ultrafast -f null -"),
    ("x264 veryfast", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v libx264 -preset veryfast -f null -"),
    ("x264 medium", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v libx264 -preset medium -f null -"),
    ("x265 ultrafast", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v libx265 -preset ultrafast -f null -"),
    ("openh264", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v libopenh264 -b:v 2M -f null -"),
    ("VP8", "-t 1 -i bigbuckbunny.mp4 -an -c:v libvpx -deadline good -cpu-used 4 -b:v 1500k -f null -"),
    (
        "VP9 realtime",
        "-t 2.4 -i bigbuckbunny.mp4 -an -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 1500k -f null -",
    ),
    (
        "VP9",
        "-t 1 -i bigbuckbunny.mp4 -an -c:v libvpx-vp9 -deadline good -cpu-used 5 -crf 32 -b:v 0 -f null -",
    ),
    ("AV1", "-t 1 -i bigbuckbunny.mp4 -an -c:v libsvtav1 -preset 12 -crf 35 -f null -"),
    ("MPEG-2", "-i bigbuckbunny.mp4 -an -c:v mpeg2video -b:v 6M -f null -"),
    ("MPEG-4", "-i bigbuckbunny.mp4 -an -c:v mpeg4 -b:v 2M -f null -"),
    ("ProRes", "-t 1 -i bigbuckbunny.mp4 -an -c:v prores_ks -f null -"),
    ("DNxHR", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v dnxhd -profile:v dnxhr_sq -f null -"),
    ("FFV1", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v ffv1 -level 3 -f null -"),
    ("JPEG 2000", "-t 0.4 -i bigbuckbunny.mp4 -an -c:v jpeg2000 -f null -"),
    ("GIF", "-i bigbuckbunny.mp4 -an -r 10 -s 320x180 -f gif moving-out.gif"),
    (
        "animated WebP",
        "-t 1 -i bigbuckbunny.mp4 -an -r 10 -s 640x360 -c:v libwebp_anim -f webp moving-out.webp",
    ),
    ("AAC, 5.1", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -c:a aac -f null -"),
    ("MP3", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a libmp3lame -f null -"),
    ("Opus", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a libopus -b:a 96k -f null -"),
    ("Vorbis", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a libvorbis -f null -"),
    ("FLAC", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -ac 2 -c:a flac -f null -"),
    ("ALAC", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -ac 2 -c:a alac -f null -"),
    ("AC-3, 5.1", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -c:a ac3 -f null -"),
    ("soxr", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -ac 2 -af aresample=44100:resampler=soxr -f null -"),
    ("loudnorm", "-i bigbuckbunny.mp4 -vn -ac 2 -af loudnorm -f null -"),
    ("remux of 50 MB", "-stream_loop 49 -i bigbuckbunny.mp4 -c copy -f matroska remux.mkv"),
    ("probe", "-i bigbuckbunny.mp4 -f ffmetadata -"),
    ("start", "-version"),
    ("reel at 320x240", reel!("320:240")),
    ("reel at 1280x720", reel!("1280:720")),
];

/// The rows that are also measured with all threads: each codec that has threads, and some filters.
const ON_ALL_CORES: &[&str] = &[
    "decode H.264",
    "decode HEVC",
    "decode VP9",
    "decode VP8",
    "decode AV1",
    "decode MPEG-4",
    "decode MPEG-2",
    "decode ProRes",
    "decode DNxHR",
    "decode FFV1",
    "decode PNG",
    "decode JPEG 2000",
    "decode WebP",
    "decode FLAC",
    "decode ALAC",
    "decode + scale to 360p",
    "thumbnail in PNG",
    "27 pictures in PNG",
    "MJPEG",
    "xfade of two 720p clips",
    "HDR to SDR, 720p",
    "x264 ultrafast",
    "x264 veryfast",
    "x264 medium",
    "x265 ultrafast",
    "openh264",
    "VP8",
    "VP9 realtime",
    "VP9",
    "AV1",
    "MPEG-2",
    "MPEG-4",
    "ProRes",
    "DNxHR",
    "FFV1",
    "JPEG 2000",
    "reel at 1280x720",
];

/// Returns all rows, those of one thread first.
pub(super) fn all() -> Vec<Row> {
    let on = |threads| {
        move |(name, line): &(&'static str, &str)| Row {
            name,
            threads,
            arguments: with_threads(line, threads),
        }
    };
    let on_all_cores = LINES.iter().filter(|(name, _)| ON_ALL_CORES.contains(name));
    LINES.iter().map(on(Threads::One)).chain(on_all_cores.map(on(Threads::All))).collect()
}

/// Returns the words of a command line, with options for one thread where FFmpeg and libraries need them.
fn with_threads(line: &str, threads: Threads) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut all = vec!["-hide_banner", "-nostdin", "-y"];
    if words.contains(&"-i") {
        all.extend(["-v", "error"]);
    }
    if threads == Threads::All {
        all.extend(words);
        return all.into_iter().map(str::to_owned).collect();
    }
    all.extend(["-filter_threads", "1", "-filter_complex_threads", "1"]);
    let last_input = words.iter().rposition(|word| *word == "-i").map(|at| at + 1);
    for (at, word) in words.iter().enumerate() {
        if *word == "-i" {
            all.extend(["-threads", "1"]);
        }
        all.push(word);
        if Some(at) == last_input {
            all.extend(["-threads", "1"]);
        }
        // x264's lookahead, x265's pool and SVT-AV1's threads are separate from those that FFmpeg sets.
        match *word {
            "libx264" => all.extend(["-x264-params", "threads=1:lookahead-threads=1"]),
            "libx265" => all.extend(["-x265-params", "pools=none:frame-threads=1"]),
            "libsvtav1" => all.extend(["-svtav1-params", "lp=1"]),
            _ => {}
        }
    }
    all.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_is_set_for_each_input_and_for_the_output() {
        let words = with_threads("-i a -ss 1 -i b -an -c:v libx264 -f null -", Threads::One).join(" ");
        assert_eq!(
            words,
            "-hide_banner -nostdin -y -v error -filter_threads 1 -filter_complex_threads 1 -threads 1 -i a -ss 1 \
             -threads 1 -i b -threads 1 -an -c:v libx264 -x264-params threads=1:lookahead-threads=1 -f null -"
        );
    }

    #[test]
    fn rows_have_different_titles() {
        let mut titles: Vec<String> = all().iter().map(Row::to_string).collect();
        let count = titles.len();
        titles.sort();
        titles.dedup();
        assert_eq!((titles.len(), count), (count, LINES.len() + ON_ALL_CORES.len()));
    }
}
