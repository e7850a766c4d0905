//! Joining shots and files, cutting, speed and reversal.

use std::time::Duration;

use afmpeg_cmd::{
    Command, Input, Output, OutputStream, Ratio,
    recipes::{
        Concat, Conform, Fade, Fit, Joined, Thumbnail, copy_all, crossfade, crossfade_audio, reverse_audio,
        reverse_video, speed_audio, speed_video, trim,
    },
};
use afmpeg_engine::ErrorKind;
use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};

use super::{color_at, four_colors, make, probe, run, write};
use crate::harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, FRAME, full, judge, memory_with};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn crossfades_shorten_a_film_and_cuts_do_not() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=90x160 -frames:v 1 red.png");
    make(&module, &fs, "color=lime:s=128x72:r=30:d=2[v];sine=d=2[a]", true, "lime.mp4");
    make(&module, &fs, "color=blue:s=64x64:r=25:d=1[v];sine=d=0.4[a]", true, "blue.mp4");
    let (lime, blue) = (Input::new("lime.mp4"), Input::new("blue.mp4"));
    let conform = Conform::new(96, 54, Ratio::from(25)).fit(Fit::Cover);
    let shots = [Input::still("red.png", SECOND).video(), lime.video(), blue.video()]
        .map(|video| (conform.video(&video).unwrap(), SECOND));
    let sounds = [lime.audio(), lime.audio(), blue.audio()].map(|audio| (conform.audio(&audio), SECOND));
    for (fades, starts, frames, seconds) in [
        ([Fade::new(SECOND / 5), Fade::cut()], [0, 800, 1_800], 70, 2.8),
        ([Fade::cut(), Fade::new(SECOND / 5).transition("slideleft")], [0, 1_000, 1_800], 70, 2.8),
    ] {
        let film = crossfade(&shots, &fades).unwrap();
        let sound = crossfade_audio(&sounds, &fades).unwrap();
        assert_eq!(film.starts, starts.map(Duration::from_millis));
        assert_eq!((sound.starts, sound.duration), (film.starts, film.duration));
        assert_eq!(film.duration.as_secs_f64(), seconds);
        let output = Output::new("film.mkv").video(&film.stream, "ffv1").audio(&sound.stream, "flac");
        run(&module, &fs, &Command::new([output]).overwrite());

        let judged = judge(&fs, "/film.mkv");
        judged.assert_size(96, 54).assert_frames(frames).assert_duration(seconds, 0.001);
        assert_eq!(judged.stream("video")["pix_fmt"], "yuv420p");
        for (time, color) in [(0.3, "red"), (1.4, "lime"), (2.6, "blue")] {
            assert_eq!(color_at(&module, &fs, "film.mkv", time, (40, 20)), color, "at {time} s");
        }
    }
}

#[test]
fn reel_of_clips_with_longer_sound_than_video_has_the_planned_duration() {
    let (module, fs) = (full(), MemFs::new());
    // The video ends a second before the sound, which sets the duration of the file.
    let parts = "color=blue:s=96x54:r=25:d=2[x];color=lime:s=96x54:r=25:d=1[y];[x][y]concat[v];sine=d=4[a]";
    make(&module, &fs, parts, true, "long.mp4");
    make(&module, &fs, "color=red:s=96x54:r=25:d=3[v];sine=d=3[a]", true, "red.mp4");
    assert_eq!(probe(&fs, "/long.mp4").duration().unwrap().as_secs_f64().round(), 4.0);
    let conform = Conform::new(96, 54, Ratio::from(25));
    let shots = [("long.mp4", 4), ("red.mp4", 3)]
        .map(|(path, seconds)| (conform.video(&Input::new(path).video()).unwrap(), SECOND * seconds));
    for fade in [Fade::new(SECOND), Fade::new(SECOND / 4), Fade::cut()] {
        let reel = crossfade(&shots, &[fade]).unwrap();
        let seconds = reel.duration.as_secs_f64();
        let output = Output::new("reel.mkv").video(&reel.stream, "ffv1");
        run(&module, &fs, &Command::new([output]).overwrite());
        let frames = (seconds * 25.0).round() as u64;
        judge(&fs, "/reel.mkv").assert_frames(frames).assert_duration(seconds, FRAME);
        for (time, color) in [(1.0, "blue"), (2.9, "lime"), (4.5, "red"), (seconds - 0.1, "red")] {
            assert_eq!(color_at(&module, &fs, "reel.mkv", time, (40, 20)), color, "at {time} of {seconds} s");
        }
    }
}

#[test]
fn video_without_start_codes_is_copied_cut_and_joined_into_avi() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "testsrc2=s=96x54:r=25:d=2[v];sine=d=2[a]", true, "phone.mp4");
    let known = probe(&fs, "/phone.mp4");
    let copied = copy_all(&Input::new("phone.mp4"), &known, "copied.avi").output;
    let cut = trim("phone.mp4", &known, Duration::ZERO, SECOND, "cut.avi").unwrap().output;
    let parts = Concat::new([("phone.mp4", &known), ("phone.mp4", &known)]);
    let Joined::Copied { list, output: joined, .. } = parts.join("list.txt", "joined.avi").unwrap() else {
        panic!("expected a copied join")
    };
    fs.write("/list.txt", list).unwrap();
    for (path, output, frames) in [("copied", copied, 50), ("cut", cut, 25), ("joined", joined, 100)] {
        write(&module, &fs, output);
        let judged = judge(&fs, &format!("/{path}.avi"));
        judged.assert_codec("video", "h264").assert_codec("audio", "aac").assert_frames(frames);
    }
}

#[test]
fn part_that_cannot_be_copied_is_an_error() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "testsrc2=s=96x54:r=25:d=1[v]", false, "raw.h264");
    module.ffmpeg(&fs, "-f lavfi -i testsrc2=s=96x54:r=10:d=1 moving.gif");
    let part = |path: &str| {
        let known = probe(&fs, &format!("/{path}"));
        trim(path, &known, SECOND / 5, SECOND / 2, "part.mkv").unwrap_err().to_string()
    };
    assert_eq!(
        part("raw.h264"),
        "probe: expected a container, whose packets have times, found a raw stream of h264"
    );
    assert_eq!(
        part("moving.gif"),
        "output: expected a format that holds one of the streams, or an encoder, found mkv"
    );
}

#[test]
fn part_copied_without_encoding_is_shown_from_the_cut() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(
        &fs,
        "-f lavfi -i testsrc2=s=96x54:r=25:d=12 -f lavfi -i sine=d=12 -c:v libx264 -preset ultrafast -g 100 \
         -sc_threshold 0 -c:a aac gop.mp4",
    );
    let known = probe(&fs, "/gop.mp4");
    let hashes = |path: &str| -> Vec<String> {
        let listed =
            module.ffmpeg(&fs, &format!("-i {path} -map 0:v -fps_mode passthrough -f framehash -hash md5 -"));
        let lines = str::from_utf8(listed.stdout()).unwrap().lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.rsplit_once(' ').unwrap().1.to_owned()).collect()
    };
    let whole = hashes("gop.mp4");
    // Without edit lists, the part starts with the key frame at 4 s.
    for (path, first) in [("part.mp4", 150), ("part.mov", 150), ("part.mkv", 100)] {
        let part = trim("gop.mp4", &known, 6 * SECOND, 9 * SECOND, path).unwrap();
        write(&module, &fs, part.output);
        let shown = hashes(path);
        assert_eq!(shown[0], whole[first], "{path}");
        let frames = judge(&fs, &format!("/{path}"));
        let frames: usize = frames.stream("video")["nb_read_frames"].as_str().unwrap().parse().unwrap();
        assert!((225..=228).contains(&(first + frames)), "{path}: {frames} from {first}");
    }
}

#[test]
fn equal_files_are_joined_as_packets_whatever_their_names() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let name = "it's: 1, 2 #.mp4";
    fs.write(format!("/{name}"), fs.read(format!("/{CLIP}")).unwrap()).unwrap();
    let probe = probe(&fs, &format!("/{CLIP}"));
    let joined = Concat::new([(CLIP, &probe), (name, &probe)]).join("list.txt", "all.mp4").unwrap();
    let Joined::Copied { list, output, .. } = joined else { panic!("expected a copied join") };
    fs.write("/list.txt", list).unwrap();
    write(&module, &fs, output);

    let judged = judge(&fs, "/all.mp4");
    judged.assert_codec("audio", "aac").assert_frames(2 * CLIP_FRAMES);
    judged.assert_duration(2.0 * CLIP_SECONDS, 2.0 * FRAME);
}

#[test]
fn rotated_film_is_joined_upright_and_covers_are_left_out() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=red:s=128x72:r=25:d=1[v];sine=d=1[a]", true, "wide.mp4");
    module.ffmpeg(&fs, "-f lavfi -i color=lime:s=32x32 -frames:v 1 cover.png");
    // The film has a rotation of 90 degrees.
    module.ffmpeg(
        &fs,
        "-display_rotation 90 -i wide.mp4 -i cover.png -map 0 -map 1 -c copy -disposition:v:1 attached_pic tall.mp4",
    );
    let (tall, wide) = (probe(&fs, "/tall.mp4"), probe(&fs, "/wide.mp4"));
    assert!(tall.streams.iter().any(|stream| stream.is_attached_picture()));
    let joined = Concat::new([("tall.mp4", &tall), ("wide.mp4", &wide)]).join("list.txt", "all.mkv").unwrap();
    let Joined::Encoded { video: Some(video), audio: Some(audio), .. } = joined else {
        panic!("expected an encoded join")
    };
    write(&module, &fs, Output::new("all.mkv").video(&video, "ffv1").audio(&audio, "flac"));

    judge(&fs, "/all.mkv").assert_size(72, 128).assert_frames(50);
    // The tall film fills the frame; the wide one has bars.
    assert_eq!(color_at(&module, &fs, "all.mkv", 0.5, (36, 4)), "red");
    assert_eq!(color_at(&module, &fs, "all.mkv", 1.5, (36, 4)), "black");
}

#[test]
fn different_files_are_conformed_and_missing_sound_is_filled_with_silence() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=red:s=128x72:r=25:d=1[v];sine=d=1[a]", true, "a.mp4");
    make(&module, &fs, "color=blue:s=72x128:r=10:d=2[v]", false, "b.mkv");
    let (a, b) = (probe(&fs, "/a.mp4"), probe(&fs, "/b.mkv"));
    let concat = Concat::new([("a.mp4", &a), ("b.mkv", &b)]);
    let joined = concat.join("list.txt", "all.mkv").unwrap();
    let Joined::Encoded { video: Some(video), audio: Some(audio), because: Some(because) } = joined else {
        panic!("expected an encoded join")
    };
    assert_eq!(because, "a.mp4 and b.mkv differ in the number of streams: 2 and 1");
    write(&module, &fs, Output::new("all.mkv").video(&video, "ffv1").audio(&audio, "flac"));

    let judged = judge(&fs, "/all.mkv");
    judged.assert_size(128, 72).assert_frames(75).assert_duration(3.0, 0.05);
    assert_eq!(judged.stream("audio")["channels"], 2);
    assert_eq!(color_at(&module, &fs, "all.mkv", 0.5, (60, 30)), "red");
    assert_eq!(color_at(&module, &fs, "all.mkv", 2.0, (60, 30)), "blue");
    assert_eq!(color_at(&module, &fs, "all.mkv", 2.0, (4, 30)), "black", "bars");
}

#[test]
fn speed_changes_video_and_sound_by_the_same_factor() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "testsrc2=s=64x36:r=25:d=2[v];sine=d=2:sample_rate=48000[a]", true, "a.mp4");
    let clip = Input::new("a.mp4");
    for (factor, seconds) in [(0.4, 5.0), (8.0, 0.25), (1.25, 1.6)] {
        let output = Output::new("b.mkv")
            .video(speed_video(&clip.video(), factor, Ratio::from(20)).unwrap(), "ffv1")
            .audio(speed_audio(&clip.audio(), factor).unwrap(), "flac");
        run(&module, &fs, &Command::new([output]).overwrite());
        let judged = judge(&fs, "/b.mkv");
        judged.assert_frames((seconds * 20.0_f64).round() as u64).assert_duration(seconds, 0.11);
        run(
            &module,
            &fs,
            &Command::new([Output::new("b.wav").map(speed_audio(&clip.audio(), factor).unwrap())])
                .overwrite(),
        );
        judge(&fs, "/b.wav").assert_duration(seconds, 0.11);
    }
}

#[test]
fn reversed_film_ends_with_its_start() {
    let (module, fs) = (full(), MemFs::new());
    four_colors(&module, &fs, "a.mp4");
    let output = Output::new("b.mkv").video(reverse_video(&Input::new("a.mp4").video()), "ffv1");
    write(&module, &fs, output);
    judge(&fs, "/b.mkv").assert_frames(100).assert_duration(4.0, FRAME);
    let found = [0.5, 1.5, 2.5, 3.5].map(|time| color_at(&module, &fs, "b.mkv", time, (60, 30)));
    assert_eq!(found, ["white", "blue", "lime", "red"]);

    // Reversed, silence comes before the tone.
    let tone = "-f lavfi -i sine=d=1 -af apad=whole_dur=2 a.wav";
    module.ffmpeg(&fs, tone);
    write(&module, &fs, Output::new("b.wav").map(reverse_audio(&Input::new("a.wav").audio())));
    let samples = fs.read("/b.wav").unwrap()[100..].to_vec();
    let (first, second) = samples.split_at(samples.len() / 2 - 1_000);
    assert!(first.iter().all(|byte| *byte == 0) && second.iter().any(|byte| *byte != 0));
}

#[test]
fn copied_part_starts_at_a_key_frame() {
    let (module, fs) = (full(), MemFs::new());
    let graph = "testsrc2=s=64x36:r=25:d=4[v];sine=d=4:sample_rate=48000[a]";
    module.ffmpeg(
        &fs,
        &format!("-filter_complex {graph} -map [v] -map [a] -c:v libx264 -g 25 -bf 0 -c:a aac a.mp4"),
    );
    let known = probe(&fs, "/a.mp4");
    write(&module, &fs, trim("a.mp4", &known, SECOND, 3 * SECOND, "b.mp4").unwrap().output);
    let judged = judge(&fs, "/b.mp4");
    judged.assert_codec("video", "h264").assert_codec("audio", "aac");
    judged.assert_frames(50).assert_duration(2.0, 0.06);
}

#[test]
fn streams_that_the_container_cannot_hold_are_left_out_and_reported() {
    let (module, fs) = (full(), memory_with(&["DejaVuSansMono.ttf"]));
    make(&module, &fs, "testsrc2=s=64x36:r=25:d=2[v];sine=d=2[a]", true, "film.mp4");
    module.ffmpeg(&fs, "-i film.mp4 -map 0 -c copy -timecode 01:00:00:00 phone.mov");
    let chapter =
        |start: u32| format!("[CHAPTER]\nTIMEBASE=1/1\nSTART={start}\nEND={}\ntitle={start}\n", start + 1);
    fs.write("/chapters.txt", format!(";FFMETADATA1\n{}{}", chapter(0), chapter(1))).unwrap();
    module.ffmpeg(&fs, "-i film.mp4 -i chapters.txt -map 0:a -map_metadata 1 -c copy -f mp4 book.m4b");
    fs.write("/a.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n").unwrap();
    module.ffmpeg(
        &fs,
        "-i film.mp4 -i a.srt -map 0 -map 1 -c copy -c:s ass -attach DejaVuSansMono.ttf \
         -metadata:s:t mimetype=application/x-truetype-font rich.mkv",
    );
    for (input, output, left) in [
        ("phone.mov", "a.mp4", "dropped stream 2 (data, tmcd): mp4 cannot hold it"),
        ("phone.mov", "a.mkv", "dropped stream 2 (data, tmcd): mkv cannot hold it"),
        ("phone.mov", "a.mov", ""),
        ("book.m4b", "b.m4a", "dropped stream 1 (data, bin_data): m4a cannot hold it"),
        ("book.m4b", "b.mkv", "dropped stream 1 (data, bin_data): mkv cannot hold it"),
        ("rich.mkv", "c.mkv", ""),
        (
            "rich.mkv",
            "c.mp4",
            "dropped stream 2 (subtitle, ass): mp4 cannot hold it\n\
             dropped stream 3 (attachment, ttf): mp4 cannot hold it",
        ),
        (
            "rich.mkv",
            "c.ts",
            "dropped stream 2 (subtitle, ass): ts cannot hold it\n\
             dropped stream 3 (attachment, ttf): ts cannot hold it",
        ),
    ] {
        let known = probe(&fs, &format!("/{input}"));
        let part = trim(input, &known, Duration::ZERO, SECOND, output).unwrap();
        let reported: Vec<String> = part.dropped.iter().map(ToString::to_string).collect();
        assert_eq!(reported.join("\n"), left, "{input} to {output}");
        write(&module, &fs, part.output);
        let kept = judge(&fs, &format!("/{output}"));
        kept.assert_codec("audio", "aac");
        assert_eq!(kept.streams().iter().any(|stream| stream["codec_type"] == "video"), input != "book.m4b");

        // The same without a recipe, and with an explicit format.
        let all = Input::new(input).probe(&known);
        let ending = output.rsplit('.').next().unwrap();
        let (muxer, named) = match ending {
            "mkv" => ("matroska", "mkv"),
            "ts" => ("mpegts", "ts"),
            "m4a" => ("ipod", "m4a"),
            other => (other, other),
        };
        let named = Output::new(format!("whole.{named}")).stream(OutputStream::all_of(&all, "")).copy_all();
        let reported: Vec<String> = named.dropped().iter().map(ToString::to_string).collect();
        assert_eq!(reported.join("\n"), left, "{input} to {output}");
        run(&module, &fs, &Command::new([named]).overwrite());
        let named = Output::new("whole.bin").format(muxer).stream(OutputStream::all_of(&all, "")).copy_all();
        assert_eq!(named.dropped().len(), left.lines().count(), "{input} to {output}");
        run(&module, &fs, &Command::new([named]).overwrite());
        assert_eq!(judge(&fs, "/whole.bin").streams().len(), kept.streams().len(), "{input} to {output}");
    }
    // Only whole-file copies report streams.
    let rich = Input::new("rich.mkv").probe(&probe(&fs, "/rich.mkv"));
    let all = || OutputStream::all_of(&rich, "");
    for (output, left) in [
        (Output::new("a.mp4").stream(all()), 0),
        (Output::new("a.mp4").stream(all()).stream(OutputStream::except(&rich, "t")).copy_all(), 1),
        (Output::new("a.mp4").stream(OutputStream::all_of(&rich, "s").codec("mov_text")).copy_all(), 0),
        (Output::new("a.mp4").copy(rich.subtitle()).copy_all(), 0),
        (Output::new("a.mp4").stream(OutputStream::all_of(&Input::new("rich.mkv"), "")).copy_all(), 0),
    ] {
        assert_eq!(output.dropped().len(), left, "{output:?}");
    }

    let known = probe(&fs, "/phone.mov");
    let joined =
        Concat::new([("phone.mov", &known), ("phone.mov", &known)]).join("list.txt", "all.mp4").unwrap();
    let Joined::Copied { list, output, dropped } = joined else { panic!("expected a copied join") };
    assert_eq!(dropped.len(), 1);
    fs.write("/list.txt", list).unwrap();
    write(&module, &fs, output);
    judge(&fs, "/all.mp4").assert_frames(100).assert_duration(4.0, 0.1);
}

#[test]
fn audiobooks_are_joined_with_the_cover_of_the_first() {
    let (module, fs) = (full(), MemFs::new());
    fs.create_dir_all("/parts").unwrap();
    for (part, size) in [("1", 64), ("2", 48)] {
        module.ffmpeg(&fs, &format!("-f lavfi -i testsrc2=s={size}x{size} -frames:v 1 cover{part}.jpg"));
        let input = format!("-f lavfi -i sine=f={part}00:d=1 -i cover{part}.jpg -map 0 -map 1 -c:v copy");
        let cover = "-disposition:v attached_pic";
        module.ffmpeg(&fs, &format!("{input} -c:a aac {cover} parts/{part}.m4a"));
        module.ffmpeg(&fs, &format!("{input} -c:a libmp3lame {cover} parts/{part}.mp3"));
    }
    for (ending, output, codec, cover) in [
        ("m4a", "all.m4a", "aac", Some("mjpeg")),
        ("m4a", "all.m4b", "aac", Some("mjpeg")),
        ("m4a", "all.mp4", "aac", Some("mjpeg")),
        ("m4a", "all.mka", "aac", Some("mjpeg")),
        ("m4a", "all.aac", "aac", None),
        ("mp3", "all.mp3", "mp3", Some("mjpeg")),
        ("mp3", "all.wav", "mp3", None),
    ] {
        let known = ["1", "2"].map(|part| probe(&fs, &format!("/parts/{part}.{ending}")));
        let parts = [format!("1.{ending}"), format!("2.{ending}")];
        let concat = Concat::new(parts.iter().map(String::as_str).zip(&known));
        assert_eq!(concat.difference(), None);
        let Joined::Copied { list, output: copied, dropped } = concat.join("parts/list.txt", output).unwrap()
        else {
            panic!("expected a copied join")
        };
        let reported: Vec<String> = dropped.iter().map(ToString::to_string).collect();
        let ending = output.rsplit('.').next().unwrap();
        let left = format!("dropped stream 1 (video, mjpeg): {ending} cannot hold it");
        assert_eq!(reported, if cover.is_none() { vec![left] } else { Vec::new() }, "{output}");
        fs.write("/parts/list.txt", list).unwrap();
        write(&module, &fs, copied);

        let judged = judge(&fs, &format!("/{output}"));
        judged.assert_codec("audio", codec).assert_duration(2.0, 0.15);
        assert_eq!(judged.streams().len(), 1 + usize::from(cover.is_some()), "{output}");
        if let Some(cover) = cover {
            judged.assert_codec("video", cover).assert_size(64, 64).assert_frames(1);
            let is_attached = &judged.stream("video")["disposition"]["attached_pic"];
            // Matroska has no such disposition.
            assert_eq!(*is_attached, u8::from(ending != "mka"), "{output}");
        }
    }
}

#[test]
fn clip_of_a_variable_rate_is_joined_at_the_standard_rate_nearest_to_its_average() {
    let (module, fs) = (full(), MemFs::new());
    // 31 frames per second on average, at multiples of 1/120 s.
    let varying = "testsrc2=s=64x36:r=120:d=3,select=lt(mod(n*31\\,120)\\,31)";
    let command = format!("-f lavfi -i {varying} -fps_mode vfr -c:v libx264 -preset ultrafast phone.mp4");
    module.ffmpeg(&fs, &command);
    make(&module, &fs, "testsrc2=s=32x36:r=25:d=1[v]", false, "other.mp4");
    let (phone, other) = (probe(&fs, "/phone.mp4"), probe(&fs, "/other.mp4"));
    let concat = Concat::new([("phone.mp4", &phone), ("other.mp4", &other)]);
    let Joined::Encoded { video: Some(video), .. } = concat.join("list.txt", "all.mkv").unwrap() else {
        panic!("expected an encoded join")
    };
    write(&module, &fs, Output::new("all.mkv").video(&video, "ffv1"));
    let judged = judge(&fs, "/all.mkv");
    assert_eq!(judged.stream("video")["r_frame_rate"], "30/1");
    judged.assert_frames(120).assert_duration(4.0, 0.05);
}

#[test]
fn names_that_look_like_protocols_or_sequences_are_file_names() {
    let (module, fs) = (full(), MemFs::new());
    four_colors(&module, &fs, "film.mkv");
    let film = fs.read("/film.mkv").unwrap();
    for name in [
        "2024-01-01T12:00:00.mkv",
        "concat:a",
        "data:,x",
        "pipe:0",
        "-",
        "-x.mkv",
        "fd:0",
        "a?b.mkv",
        "[x].mkv",
    ] {
        let missing = Command::new([Output::new("out.mkv").copy(Input::new(name).video())]);
        let error = module.runtime.run(fs.clone(), &missing).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{name}: {error}");
        fs.write(format!("/{name}"), film.clone()).unwrap();
        let still = Thumbnail::new(name, 5 * SECOND / 2).output("still.png").unwrap();
        run(&module, &fs, &Command::new([still]).overwrite());
        assert_eq!(color_at(&module, &fs, "still.png", 0.0, (60, 30)), "blue", "{name}");
        let known = probe(&fs, "/film.mkv");
        let part = trim(name, &known, Duration::ZERO, 4 * SECOND, "cut:1.mkv").unwrap();
        run(&module, &fs, &Command::new([part.output]).overwrite());
        let joined = Concat::new([(name, &known), (name, &known)]).join("list.txt", "all.mkv").unwrap();
        let Joined::Copied { list, output, .. } = joined else { panic!("expected a copied join") };
        fs.write("/list.txt", list).unwrap();
        run(&module, &fs, &Command::new([output]).overwrite());
        judge(&fs, "/all.mkv").assert_frames(200);
        fs.remove_file(&VPath::new(format!("/{name}")).unwrap()).unwrap();
    }
    // Next to a matching sequence, the file with the exact name is used.
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=64x36 -frames:v 1 img001.png");
    module.ffmpeg(&fs, "-f lavfi -i color=blue:s=64x36 -frames:v 1 blue.png");
    fs.write("/img%03d.png", fs.read("/blue.png").unwrap()).unwrap();
    let output = Output::new("named.mkv").video(Input::new("img%03d.png").video(), "ffv1");
    run(&module, &fs, &Command::new([output]));
    assert_eq!(color_at(&module, &fs, "named.mkv", 0.0, (8, 8)), "blue");
}
