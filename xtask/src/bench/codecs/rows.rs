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
    ("decode H.264", "-c:v h264 -stream_loop 1 -i bigbuckbunny.mp4 -an -f null -"),
    ("decode H.264 by OpenH264", "-c:v libopenh264 -i bigbuckbunny.mp4 -an -f null -"),
    ("decode HEVC", "-c:v hevc -i hevc.mkv -f null -"),
    ("decode HEVC, 10 bit", "-c:v hevc -i hevc-10.mkv -f null -"),
    ("decode VP9", "-c:v vp9 -i vp9.mkv -f null -"),
    ("decode VP9, 10 bit", "-c:v vp9 -i vp9-10.mkv -f null -"),
    ("decode VP9, alpha, by libvpx", "-c:v libvpx-vp9 -i vp9-alpha.mkv -f null -"),
    ("decode VP8", "-c:v vp8 -i vp8.mkv -f null -"),
    ("decode VP8 by libvpx", "-c:v libvpx -i vp8.mkv -f null -"),
    ("decode AV1", "-c:v libdav1d -i av1.mkv -f null -"),
    ("decode AV1, 10 bit", "-c:v libdav1d -i av1-10.mkv -f null -"),
    ("decode MPEG-4", "-c:v mpeg4 -i mpeg4.mkv -f null -"),
    ("decode MPEG-2", "-c:v mpeg2video -i mpeg2.mkv -f null -"),
    ("decode MJPEG", "-c:v mjpeg -i mjpeg.mkv -f null -"),
    ("decode ProRes", "-c:v prores -i prores.mov -f null -"),
    ("decode DNxHR", "-c:v dnxhd -i dnxhd.mov -f null -"),
    ("decode FFV1", "-c:v ffv1 -i ffv1.mkv -f null -"),
    ("decode PNG", "-c:v png -i png.mkv -f null -"),
    ("decode APNG", "-c:v apng -i moving.apng -f null -"),
    ("decode JPEG 2000", "-c:v jpeg2000 -i jpeg2000.mkv -f null -"),
    ("decode GIF", "-c:v gif -stream_loop 9 -i moving.gif -f null -"),
    ("decode WebP", "-c:v webp_anim -i moving.webp -f null -"),
    ("decode pictures in WebP", "-c:v webp -f image2 -loop 1 -i picture.webp -frames:v 60 -f null -"),
    ("decode pictures in AVIF", "-c:v libdav1d -stream_loop 59 -i picture.avif -f null -"),
    ("decode AAC, 5.1", "-c:a aac -stream_loop 9 -i bigbuckbunny.mp4 -vn -f null -"),
    ("decode AAC, 5.1, fixed point", "-c:a aac_fixed -stream_loop 9 -i bigbuckbunny.mp4 -vn -f null -"),
    ("decode Opus", "-c:a opus -stream_loop 19 -i opus.mkv -f null -"),
    ("decode Opus by libopus", "-c:a libopus -stream_loop 19 -i opus.mkv -f null -"),
    ("decode Vorbis", "-c:a vorbis -stream_loop 19 -i vorbis.mkv -f null -"),
    ("decode Vorbis by libvorbis", "-c:a libvorbis -stream_loop 19 -i vorbis.mkv -f null -"),
    ("decode MP3", "-c:a mp3float -stream_loop 19 -i mp3.mkv -f null -"),
    ("decode MP3, fixed point", "-c:a mp3 -stream_loop 19 -i mp3.mkv -f null -"),
    ("decode FLAC", "-c:a flac -stream_loop 19 -i flac.mkv -f null -"),
    ("decode ALAC", "-c:a alac -stream_loop 19 -i alac.mkv -f null -"),
    ("decode AC-3, 5.1", "-c:a ac3 -stream_loop 9 -i ac3.mkv -f null -"),
    ("decode AC-3, 5.1, fixed point", "-c:a ac3_fixed -stream_loop 9 -i ac3.mkv -f null -"),
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
    ("x264, RGB", "-t 1 -i bigbuckbunny.mp4 -an -pix_fmt gbrp -c:v libx264rgb -preset ultrafast -f null -"),
    ("x265 ultrafast", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v libx265 -preset ultrafast -f null -"),
    (
        "x265 ultrafast, 10 bit",
        "-t 2.4 -i bigbuckbunny.mp4 -an -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -f null -",
    ),
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
    (
        "VP9, 10 bit",
        "-t 1 -i bigbuckbunny.mp4 -an -pix_fmt yuv420p10le -c:v libvpx-vp9 -deadline good -cpu-used 5 -crf 32 -b:v 0 \
         -f null -",
    ),
    (
        "VP9, alpha",
        "-t 1 -i bigbuckbunny.mp4 -an -pix_fmt yuva420p -c:v libvpx-vp9 -deadline good -cpu-used 5 -crf 32 -b:v 0 \
         -f null -",
    ),
    ("AV1", "-t 1 -i bigbuckbunny.mp4 -an -c:v libsvtav1 -preset 12 -crf 35 -f null -"),
    (
        "AV1, 10 bit",
        "-t 1 -i bigbuckbunny.mp4 -an -pix_fmt yuv420p10le -c:v libsvtav1 -preset 12 -crf 35 -f null -",
    ),
    (
        "a picture in AVIF",
        "-ss 2 -i bigbuckbunny.mp4 -frames:v 1 -c:v libsvtav1 -preset 8 -f avif picture-out.avif",
    ),
    ("MPEG-2", "-i bigbuckbunny.mp4 -an -c:v mpeg2video -b:v 6M -f null -"),
    ("MPEG-4", "-i bigbuckbunny.mp4 -an -c:v mpeg4 -b:v 2M -f null -"),
    ("ProRes", "-t 1 -i bigbuckbunny.mp4 -an -c:v prores_ks -f null -"),
    ("ProRes by prores_aw", "-t 1 -i bigbuckbunny.mp4 -an -c:v prores_aw -f null -"),
    (
        "ProRes 4444, alpha",
        "-t 1 -i bigbuckbunny.mp4 -an -pix_fmt yuva444p10le -c:v prores_ks -profile:v 4444 -f null -",
    ),
    ("DNxHR", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v dnxhd -profile:v dnxhr_sq -f null -"),
    ("FFV1", "-t 2.4 -i bigbuckbunny.mp4 -an -c:v ffv1 -level 3 -f null -"),
    ("JPEG 2000", "-t 0.4 -i bigbuckbunny.mp4 -an -c:v jpeg2000 -f null -"),
    ("APNG", "-t 1 -i bigbuckbunny.mp4 -an -r 10 -s 640x360 -c:v apng -f apng moving-out.apng"),
    ("GIF", "-i bigbuckbunny.mp4 -an -r 10 -s 320x180 -c:v gif -f gif moving-out.gif"),
    (
        "animated WebP",
        "-t 1 -i bigbuckbunny.mp4 -an -r 10 -s 640x360 -c:v libwebp_anim -f webp moving-out.webp",
    ),
    ("AAC, 5.1", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -c:a aac -f null -"),
    ("MP3", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a libmp3lame -f null -"),
    ("Opus", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a libopus -b:a 96k -f null -"),
    (
        "Opus by FFmpeg",
        "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a opus -strict -2 -b:a 96k -f null -",
    ),
    ("Vorbis", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a libvorbis -f null -"),
    ("Vorbis by FFmpeg", "-stream_loop 1 -i bigbuckbunny.mp4 -vn -ac 2 -c:a vorbis -strict -2 -f null -"),
    ("FLAC", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -ac 2 -c:a flac -f null -"),
    ("ALAC", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -ac 2 -c:a alac -f null -"),
    ("AC-3, 5.1", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -c:a ac3 -f null -"),
    ("AC-3, 5.1, fixed point", "-stream_loop 3 -i bigbuckbunny.mp4 -vn -c:a ac3_fixed -f null -"),
    (
        "PCM in six formats",
        "-c:a pcm_s16le -i pcm_s16le.mkv -c:a pcm_s16be -i pcm_s16be.mkv -c:a pcm_s24le -i pcm_s24le.mkv \
         -c:a pcm_f32le -i pcm_f32le.mkv -c:a pcm_alaw -i pcm_alaw.mkv -c:a pcm_mulaw -i pcm_mulaw.mkv \
         -map 0 -c:a pcm_mulaw -f null - -map 1 -c:a pcm_s16le -f null - -map 2 -c:a pcm_s16be -f null - \
         -map 3 -c:a pcm_s24le -f null - -map 4 -c:a pcm_f32le -f null - -map 5 -c:a pcm_alaw -f null -",
    ),
    (
        "subtitles in four formats",
        "-c:s srt -i cues.srt -c:s ass -i cues.ass -c:s webvtt -i cues.vtt -c:s mov_text -i cues.mp4 \
         -map 0 -c:s mov_text -f null - -map 1 -c:s srt -f null - -map 2 -c:s ass -f null - -map 3 -c:s webvtt -f null -",
    ),
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
    "decode HEVC, 10 bit",
    "decode VP9",
    "decode VP9, 10 bit",
    "decode VP9, alpha, by libvpx",
    "decode VP8",
    "decode VP8 by libvpx",
    "decode AV1",
    "decode AV1, 10 bit",
    "decode MPEG-4",
    "decode MPEG-2",
    "decode ProRes",
    "decode DNxHR",
    "decode FFV1",
    "decode PNG",
    "decode APNG",
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
    "x265 ultrafast, 10 bit",
    "openh264",
    "VP8",
    "VP9 realtime",
    "VP9",
    "VP9, 10 bit",
    "AV1",
    "AV1, 10 bit",
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

    /// The decoders and the encoders that a row names: those before an input, and the others.
    fn codecs(row: &Row) -> [Vec<&str>; 2] {
        let (mut decoders, mut since_input) = (Vec::new(), Vec::new());
        for words in row.arguments.windows(2) {
            match words[0].as_str() {
                "-c:v" | "-c:a" | "-c:s" => since_input.push(words[1].as_str()),
                "-i" => decoders.append(&mut since_input),
                _ => {}
            }
        }
        [decoders, since_input]
    }

    #[test]
    fn every_codec_of_the_document_has_a_row() {
        /// Other names of `mpeg2video` and `prores_aw`.
        const ALIASES: &[&str] = &["mpegvideo", "prores"];
        let rows = all();
        let mut named = [Vec::new(), Vec::new()];
        for row in &rows {
            for (all, one) in named.iter_mut().zip(codecs(row)) {
                all.extend(one);
            }
        }
        let document = std::fs::read_to_string(crate::project::root().join("docs/codecs.md")).unwrap();
        let lines = document.lines().filter(|line| line.contains("| `"));
        let mut count = 0;
        for line in lines {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [_, encoder, .., decoders] = cells.as_slice() else { panic!("{line}") };
            let encoder = encoder.trim_matches('`').split(' ').next().unwrap();
            let wanted = decoders.split(", ").map(|decoder| (0, decoder)).chain([(1, encoder)]);
            for (kind, codec) in wanted.filter(|(_, codec)| !ALIASES.contains(codec)) {
                assert!(named[kind].contains(&codec), "{codec} of docs/codecs.md is in no row");
                count += 1;
            }
        }
        assert!(count > 80, "docs/codecs.md has {count} codecs");
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
