//! The media to damage: the fixtures, and a short film in every format that the module can write.

use std::path::Path;

use afmpeg_engine::Runtime;
use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};

use super::Media;

const FIXTURES: &[&str] = &["bigbuckbunny.mp4", "complete.oga", "alarm-clock-elapsed.oga"];

/// File names with the options to create them. The input is half a second of 96x64 video and a tone.
#[rustfmt::skip]
const MADE: &[(&str, &str)] = &[
    ("h264.mp4", "-c:v libx264 -preset ultrafast -bf 2 -c:a aac"),
    ("fragmented.mp4", "-c:v libx264 -preset ultrafast -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof"),
    ("mpeg4.mp4", "-c:v mpeg4 -c:a libmp3lame"),
    ("prores.mov", "-c:v prores -c:a pcm_s16be"),
    ("qtrle.mov", "-c:v qtrle -c:a alac"),
    ("h264.mkv", "-c:v libx264 -preset ultrafast -c:a vorbis -strict -2 -ac 2"),
    ("ffv1.mkv", "-c:v ffv1 -c:a flac"),
    ("opus.mka", "-vn -c:a opus -strict -2"),
    ("libopus.opus", "-vn -c:a libopus"),
    ("libvorbis.ogg", "-vn -c:a libvorbis"),
    ("vp8.webm", "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 5 -cpu-used 8 -c:a libopus"),
    ("vp9.webm", "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -c:a libvorbis"),
    ("vp8-alpha.webm", "-an -pix_fmt yuva420p -c:v libvpx -auto-alt-ref 0 -cpu-used 8"),
    ("vp9-alpha.webm", "-an -pix_fmt yuva420p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime"),
    ("av1.mp4", "-an -c:v libsvtav1 -preset 13"),
    ("av1-10.mkv", "-an -pix_fmt yuv420p10le -c:v libsvtav1 -preset 13 -svtav1-params film-grain=8"),
    ("raw.obu", "-an -c:v libsvtav1 -preset 13"),
    ("picture.avif", "-an -frames:v 1 -c:v libsvtav1 -preset 13"),
    ("picture.webp", "-an -frames:v 1 -c:v libwebp"),
    ("moving.webp", "-an -t 0.3 -pix_fmt yuva420p -c:v libwebp_anim"),
    ("manifest.mpd", "-an -c:v mpeg4 -f dash"),
    ("mpeg4.avi", "-c:v mpeg4 -c:a libmp3lame"),
    ("mjpeg.avi", "-c:v mjpeg -c:a pcm_s16le"),
    ("huffyuv.avi", "-c:v huffyuv -pix_fmt yuv422p -c:a adpcm_ms"),
    ("mpeg2.ts", "-c:v mpeg2video -c:a mp2"),
    ("h264.ts", "-c:v libx264 -preset ultrafast -c:a aac"),
    ("mpeg1.mpg", "-c:v mpeg1video -c:a mp2 -f mpeg"),
    ("dvd.vob", "-c:v mpeg2video -c:a ac3 -f vob"),
    ("flv1.flv", "-c:v flv -ar 44100 -c:a libmp3lame"),
    ("vorbis.ogg", "-vn -c:a vorbis -strict -2 -ac 2"),
    ("flac.ogg", "-vn -c:a flac"),
    ("wmv.asf", "-c:v wmv2 -c:a wmav2"),
    ("real.rm", "-c:v rv20 -c:a ac3"),
    ("mpeg2.mxf", "-c:v mpeg2video -r 25 -ar 48000 -c:a pcm_s16le"),
    ("snow.nut", "-c:v snow -strict -2 -c:a pcm_s16le"),
    ("dirac.mkv", "-c:v vc2 -strict -2 -pix_fmt yuv422p -an -frames:v 1"),
    ("flash.swf", "-c:v flv -ar 44100 -c:a libmp3lame"),
    ("pcm.wav", "-vn -c:a pcm_s24le"),
    ("adpcm.wav", "-vn -c:a adpcm_ima_wav"),
    ("pcm.w64", "-vn"),
    ("pcm.aiff", "-vn"),
    ("alac.caf", "-vn -c:a alac"),
    ("pcm.au", "-vn"),
    ("native.flac", "-vn"),
    ("lame.mp3", "-vn -c:a libmp3lame"),
    ("aac.aac", "-vn -c:a aac"),
    ("dolby.ac3", "-vn -c:a ac3"),
    ("dolby.eac3", "-vn -c:a eac3"),
    ("dts.dts", "-vn -c:a dca -strict -2"),
    ("truehd.thd", "-vn -c:a truehd -strict -2 -f truehd"),
    ("audio.tta", "-vn"),
    ("audio.wv", "-vn"),
    ("raw.h264", "-an -c:v libx264 -preset ultrafast"),
    ("raw.m2v", "-an -c:v mpeg2video"),
    ("raw.m4v", "-an -c:v mpeg4"),
    ("raw.y4m", "-an -t 0.1"),
    ("picture.png", "-an -frames:v 1"),
    ("moving.apng", "-an -t 0.3"),
    ("moving.gif", "-an"),
    ("picture.jpg", "-an -frames:v 1 -update 1"),
    ("picture.bmp", "-an -frames:v 1 -update 1"),
    ("picture.tiff", "-an -frames:v 1 -update 1"),
    ("picture.tga", "-an -frames:v 1 -update 1"),
    ("picture.jp2", "-an -frames:v 1 -update 1"),
    ("picture.jls", "-an -frames:v 1 -update 1"),
    ("picture.exr", "-an -frames:v 1 -update 1 -pix_fmt gbrpf32le"),
    ("picture.dpx", "-an -frames:v 1 -update 1"),
    ("picture.pcx", "-an -frames:v 1 -update 1"),
    ("picture.ppm", "-an -frames:v 1 -update 1"),
    ("picture.sgi", "-an -frames:v 1 -update 1"),
    ("picture.qoi", "-an -frames:v 1 -update 1"),
    ("picture.hdr", "-an -frames:v 1 -update 1"),
];

/// Files that are read by other than FFmpeg's first choice, with the options that select it.
const SECOND_CHOICES: &[(&str, &str)] = &[
    // FFmpeg takes so short a file for VVC.
    ("truehd.thd", "-f truehd"),
    ("h264.mp4", "-c:v libopenh264"),
    ("vp8.webm", "-c:v libvpx -c:a libopus"),
    ("vp8-alpha.webm", "-c:v libvpx"),
    ("vp9.webm", "-c:v libvpx-vp9 -c:a libvorbis"),
    ("vp9-alpha.webm", "-c:v libvpx-vp9"),
    ("aac.aac", "-c:a aac_fixed"),
    ("dolby.ac3", "-c:a ac3_fixed"),
];

/// Text files that FFmpeg reads as media.
const TEXTS: &[(&str, &str)] = &[
    (
        "subtitles.srt",
        "1\n00:00:00,000 --> 00:00:00,400\n<b>One</b> {\\an8}line\n\n2\n00:00:00,400 --> 00:00:00,500\nTwo\n",
    ),
    ("subtitles.vtt", "WEBVTT\n\n00:00.000 --> 00:00.400 line:0\n<v Roger>One <i>line</i>\n"),
    (
        "subtitles.ass",
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Sans,20\n\n\
        [Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.00,0:00:00.40,Default,{\\pos(1,2)}One\n",
    ),
    ("metadata.ffmeta", ";FFMETADATA1\ntitle=A\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n"),
    ("lyrics.lrc", "[ti:A]\n[00:00.00]One\n[00:00.40]Two\n"),
    ("subtitles.sub", "{0}{10}One|line\n{10}{12}Two\n{12}{14}Three\n"),
    ("subtitles.smi", "<SAMI><BODY><SYNC Start=0><P>One<SYNC Start=400><P>&nbsp;</BODY></SAMI>"),
];

/// A graph that reads a font: letters that are kerned, joined, composed and written from right to left.
const DRAWN: &str = "color=s=96x64:d=0.08,drawtext=fontfile=font.ttf:fontsize=20:text=AV fi e\u{301} \u{644}\u{627} \u{5d0}\u{5d1}";

/// A graph that reads styled subtitles.
const BURNT: &str = "color=s=96x64:d=0.4,ass=burnt.ass:fontsdir=fonts";

/// Subtitles with the most demanding features of their renderer.
const STYLED: &str = "[Script Info]\nScriptType: v4.00+\nPlayResX: 96\nPlayResY: 64\nWrapStyle: 0\n\n\
    [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, BorderStyle, Outline, Shadow, Alignment, Encoding\n\
    Style: Default,DejaVu Sans Mono,14,&H0000FFFF,-1,-1,3,2,1,5,-1\n\n\
    [Events]\nFormat: Layer, Start, End, Style, MarginL, MarginR, Effect, Text\n\
    Dialogue: 0,0:00:00.00,0:00:00.40,Default,0,0,,{\\blur4\\be2\\bord3\\shad2\\frx20\\fry30\\frz40\\fax0.5}One {\\i1\\b900\\u1\\s1}two\n\
    Dialogue: 1,0:00:00.00,0:00:00.40,Default,0,0,,{\\t(0,400,2,\\fscx300\\fscy20\\1c&HFF00&)\\move(0,0,96,64,0,400)\\org(9,9)}Three\n\
    Dialogue: 2,0:00:00.00,0:00:00.40,Default,0,0,,{\\k10}Ka{\\kf20}ra{\\ko10}o{\\clip(2,m 0 0 l 90 0 b 90 60 9 9 0 60)\\fad(100,100)}ke\n\
    Dialogue: 3,0:00:00.00,0:00:00.40,Default,0,0,,{\\p3\\pbo-9}m 0 0 s 300 0 300 200 p 0 200 c b 9 9 99 9 9 99{\\p0\\rDefault\\q2\\a6} x\n\
    Dialogue: 4,0:00:00.00,0:00:00.40,Default,0,0,Banner;9;0;9,\u{644}\u{627} \u{5d0}\u{5d1} a\\N\\hb\n";

pub(super) fn all(runtime: &Runtime, repository: &Path) -> Result<Vec<Media>, Box<dyn std::error::Error>> {
    let mut media = Vec::new();
    for name in FIXTURES {
        let bytes = std::fs::read(repository.join("fixtures").join(name))?;
        media.push(Media::new(*name, bytes));
    }
    // A part of a real film, short enough to decode hundreds of times.
    let clip = MemFs::new();
    clip.write("/clip.mp4", media[0].bytes.clone())?;
    runtime.run(clip.clone(), "-i clip.mp4 -t 0.3 -c copy real.mp4 -t 0.3 -c copy real.ts".split(' '))?;
    for file in ["real.mp4", "real.ts"] {
        media.push(Media::new(file, clip.read(format!("/{file}"))?));
    }
    for (file, options) in MADE {
        let fs = MemFs::new();
        let inputs =
            "-f lavfi -i testsrc2=s=96x64:r=25:d=0.5 -f lavfi -i sine=d=0.5:r=48000 -map 0:v -map 1:a";
        let command = inputs.split(' ').chain(options.split_whitespace()).chain(["-y", file]);
        runtime.run(fs.clone(), command).map_err(|error| format!("{file}: {error}"))?;
        let mut beside = Vec::new();
        for other in fs.read_dir(&VPath::root())?.into_iter().filter(|other| other.name != *file) {
            let bytes = fs.read(format!("/{}", other.name))?;
            beside.push((other.name, bytes.to_vec()));
        }
        media.push(Media { beside, ..Media::new(*file, fs.read(format!("/{file}"))?) });
    }
    for (file, options) in SECOND_CHOICES {
        let first = media.iter().find(|media| media.file == *file).expect("a file of the list above");
        media.push(Media { options, ..first.clone() });
    }
    for (file, text) in TEXTS {
        media.push(Media::new(*file, *text));
    }
    let font = std::fs::read(repository.join("fixtures").join("DejaVuSansMono.ttf"))?;
    media.push(Media { graph: Some(DRAWN), ..Media::new("font.ttf", font.clone()) });
    let beside = vec![("fonts/font.ttf".to_owned(), font)];
    media.push(Media { graph: Some(BURNT), beside, ..Media::new("burnt.ass", STYLED) });
    Ok(media)
}
