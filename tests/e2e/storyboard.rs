//! `examples/reel`: storyboards are rendered to films, and their mistakes are reported by line.

use std::{ops::Range, sync::Arc};

use afmpeg_reel::{Error, Step, Storyboard, render};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{
    CLIP, FRAME, Variant, fixture, full, index_is_first, judge, lean, memory_with, repository,
};

const STORY: &str = r#"size = [320, 180]
fps = 25
[[shots]]
image = "red.png"
duration = 2
from = { x = 0, y = 0, size = 1 }
to = { x = 0.25, y = 0.25, size = 0.5 }
caption = "Fish & <i>chips</i>"
next = { transition = "slideleft", duration = 0.5 }
[[shots]]
clip = "bigbuckbunny.mp4"
in = 1
out = 3
caption = "Bunny"
next = { duration = 0.5 }
[[shots]]
image = "100%d: it's.png"
duration = 3
fit = "fit"
[voice]
file = "voice.wav"
at = 3
[music]
file = "music.wav"
volume = 0.5
fade_in = 0.2
fade_out = 0.2
duck = 10
[output]
preset = "ultrafast"
audio_bitrate = 128
"#;

fn folder() -> MemFs {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=320x180 -frames:v 1 red.png");
    fs.write("/100%d: it's.png", fs.read("/red.png").unwrap()).unwrap();
    module.ffmpeg(&fs, "-f lavfi -i sine=f=3000:d=2 voice.wav");
    module.ffmpeg(&fs, "-f lavfi -i sine=f=300:d=1.5 music.wav");
    fs
}

/// Returns the mean volume of a part of the film after filters in dBFS; -91 is silence.
#[track_caller]
fn loudness(module: &Variant, fs: &MemFs, filters: &str, part: Range<f64>) -> f64 {
    let (start, length) = (part.start, part.end - part.start);
    let measured = module
        .ffmpeg(fs, &format!("-ss {start} -t {length} -i reel.mp4 -vn -af {filters}volumedetect -f null -"));
    let log = measured.log().to_owned();
    let volume = log.split("mean_volume: ").nth(1).and_then(|rest| rest.split(' ').next());
    volume.and_then(|volume| volume.parse().ok()).unwrap_or_else(|| panic!("{log}"))
}

#[test]
fn storyboard_is_rendered_with_ducked_music_and_a_track_of_captions() {
    let (module, folder) = (full(), folder());
    let before = folder.walk("/").unwrap();
    let storyboard = Storyboard::parse("reel.toml", STORY).unwrap();
    let mut steps = Vec::new();
    let reel = render(&module.runtime, Arc::new(folder.clone()), &storyboard, |step, progress| {
        steps.push((step, progress.fraction));
    })
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(folder.walk("/").unwrap(), before, "the folder is only read");
    assert!(steps.contains(&(Step::Film, Some(1.0))), "{steps:?}");

    // 2 + 2 + 3 s, minus two overlaps of 0.5 s.
    let out = MemFs::new();
    out.write("/reel.mp4", reel.film.clone()).unwrap();
    out.write("/sheet.png", reel.sheet).unwrap();
    let judged = judge(&out, "/reel.mp4");
    judged.assert_codec("video", "h264").assert_codec("audio", "aac").assert_codec("subtitle", "mov_text");
    judged.assert_size(320, 180).assert_frames(150).assert_duration(6.0, FRAME);
    assert!(index_is_first(&reel.film));
    // Four columns of 320, three rows of 180, 4 between and around them.
    judge(&out, "/sheet.png").assert_size(4 * 320 + 5 * 4, 3 * 180 + 4 * 4);

    module.ffmpeg(&out, "-i reel.mp4 -map 0:s captions.srt");
    let srt = String::from_utf8(out.read("/captions.srt").unwrap().to_vec()).unwrap();
    let srt = srt.replace('\r', "");
    assert!(srt.contains("00:00:00,000 --> 00:00:01,500\nFish & <i>chips</i>\n"), "{srt}");
    assert!(srt.contains("00:00:01,500 --> 00:00:03,000\nBunny\n"), "{srt}");

    // The voice is at 3000 Hz and the music at 300 Hz, so a low-pass filter leaves the music.
    let music = "lowpass=f=800:p=2,lowpass=f=800:p=2,";
    let (alone, under) = (loudness(&module, &out, music, 1.0..2.0), loudness(&module, &out, music, 3.5..4.5));
    assert!(alone - under > 6.0, "{alone} dB alone, {under} dB under the voice");
}

#[test]
fn sound_of_a_clip_is_heard_during_its_shot_and_fades_with_it() {
    let (module, folder) = (full(), folder());
    // Two seconds of silence, then two of a tone at -21 dB, which is 3 dB less on each of two channels. The tone is the
    // second shot, from 1 to 3 s of a film of 4.2 s.
    module.ffmpeg(
        &folder,
        "-f lavfi -i testsrc=s=160x90:r=25:d=4 -f lavfi -i sine=f=1000:d=2,adelay=2000 -c:a aac -b:a 192k tone.mp4",
    );
    module.ffmpeg(&folder, "-i tone.mp4 -an -c copy mute.mp4");
    let story = |sound: &str| {
        format!(
            "size = [160, 90]\nfps = 25\n\
             [[shots]]\nimage = \"red.png\"\nduration = 1.4\nnext = {{ duration = 0.4 }}\n\
             [[shots]]\nclip = \"tone.mp4\"\nin = 2\nout = 4\n{sound}\nnext = {{ duration = 0.4 }}\n\
             [[shots]]\nimage = \"red.png\"\nduration = 1\n\
             [[shots]]\nclip = \"mute.mp4\"\nduration = 0.6\n[output]\npreset = \"ultrafast\"\n"
        )
    };
    let render_text = |text: &str| {
        let storyboard = Storyboard::parse("reel.toml", text).unwrap();
        render(&module.runtime, Arc::new(folder.clone()), &storyboard, |_, _| {})
    };
    let film = |sound: &str| {
        let out = MemFs::new();
        out.write("/reel.mp4", render_text(&story(sound)).unwrap_or_else(|error| panic!("{error}")).film)
            .unwrap();
        out
    };

    let fs = film("sound = true");
    judge(&fs, "/reel.mp4").assert_codec("audio", "aac").assert_frames(105).assert_duration(4.2, FRAME);
    let volume = |part: Range<f64>| loudness(&module, &fs, "", part);
    let alone = volume(1.5..2.5);
    assert!((-25.0..-23.0).contains(&alone), "{alone} dB during the shot");
    for part in [0.0..0.9, 3.1..4.2] {
        let silence = volume(part.clone());
        assert!(silence < -70.0, "{silence} dB at {part:?}");
    }
    // In the middle of a fade the amplitude is halved: 6 dB less.
    for part in [1.15..1.25, 2.75..2.85] {
        let half = volume(part.clone());
        assert!((5.0..7.5).contains(&(alone - half)), "{half} dB at {part:?}, {alone} dB alone");
    }
    let softer = loudness(&module, &film("sound = 0.5"), "", 1.5..2.5);
    assert!((5.5..6.5).contains(&(alone - softer)), "{softer} dB at half the volume, {alone} dB unchanged");
    for silent in ["", "sound = false"] {
        let streams = judge(&film(silent), "/reel.mp4").streams().to_vec();
        assert!(streams.iter().all(|stream| stream["codec_type"] != "audio"), "{streams:?}");
    }

    for (old, new, line, column, message) in [
        ("sound = true", "sound = 11", 11, 9, "invalid volume 11"),
        ("sound = true", "sound = \"loud\"", 11, 9, "true, false or a factor"),
        ("duration = 1\n", "duration = 1\nsound = true\n", 16, 9, "an image has no sound"),
        ("duration = 0.6\n[", "duration = 0.6\nsound = 1\n[", 19, 9, "\"mute.mp4\" has no sound"),
    ] {
        let text = story("sound = true");
        assert!(text.contains(old), "{old}");
        let mistakes = match Storyboard::parse("reel.toml", &text.replacen(old, new, 1)) {
            Err(mistakes) => mistakes.to_string(),
            Ok(_) => render_text(&text.replacen(old, new, 1)).map(|_| ()).unwrap_err().to_string(),
        };
        assert!(mistakes.starts_with(&format!("reel.toml:{line}:{column}: ")), "{new}: {mistakes}");
        assert!(mistakes.contains(message), "{new}: {mistakes}");
    }
}

#[test]
fn mistakes_are_reported_with_line_and_column() {
    let (module, folder) = (full(), folder());
    for (old, new, line, column, message) in [
        ("fps = 25", "fsp = 25", 2, 1, "unknown field `fsp`"),
        ("size = [320, 180]", "size = [321, 180]", 1, 8, "321x180"),
        ("\"red.png\"\nduration = 2", "\"blue.png\"\nduration = 2", 4, 9, "no file \"blue.png\""),
        ("\"red.png\"\nduration = 2", "\"../red.png\"\nduration = 2", 4, 9, "leads out"),
        ("out = 3", "out = 9", 13, 7, "5.28 s long"),
        ("out = 3", "out = 1.6", 13, 7, "the fades at its ends take 1 s"),
        ("slideleft", "slidelift", 9, 23, "did you mean \"slideleft\"?"),
        ("x = 0.25", "x = 0.75", 7, 6, "to.x: expected a number from 0 to 0.5, found 0.75"),
        ("\"voice.wav\"", "\"red.png\"", 21, 8, "no sound"),
        ("at = 3", "at = 5", 21, 8, "ends at 7.00 s"),
        ("\"ultrafast\"", "\"fastest\"", 30, 10, "no preset"),
        ("fps = 25", "fps = 25\ncaptions = \"burn\"", 9, 11, "without a font"),
    ] {
        assert!(STORY.contains(old), "{old}");
        let text = STORY.replacen(old, new, 1);
        let mistakes = match Storyboard::parse("reel.toml", &text) {
            Err(mistakes) => mistakes,
            Ok(storyboard) => match render(&module.runtime, Arc::new(folder.clone()), &storyboard, |_, _| {})
            {
                Err(Error::Storyboard(mistakes)) => mistakes,
                other => panic!("{new}: {:?}", other.map(|_| ())),
            },
        };
        let first = mistakes.iter().next().unwrap();
        assert_eq!((first.line, first.column), (line, column), "{new}: {mistakes}");
        assert!(first.message.contains(message) && !first.hint.is_empty(), "{new}: {mistakes}");
    }
}

fn with_drawn_captions(folder: &MemFs) -> Storyboard {
    folder.write("/a.ttf", fixture("DejaVuSansMono.ttf")).unwrap();
    let text = STORY.replacen("fps = 25", "fps = 25\ncaptions = \"burn\"\nfont = \"a.ttf\"", 1);
    Storyboard::parse("reel.toml", &text).unwrap()
}

#[test]
fn captions_are_drawn_only_into_their_shots() {
    let (module, folder) = (full(), folder());
    let storyboard = with_drawn_captions(&folder);
    let reel = render(&module.runtime, Arc::new(folder), &storyboard, |_, _| {});
    let out = MemFs::new();
    out.write("/reel.mp4", reel.unwrap_or_else(|error| panic!("{error}")).film).unwrap();
    let kinds = judge(&out, "/reel.mp4")
        .streams()
        .iter()
        .map(|stream| stream["codec_type"].to_string())
        .collect::<Vec<_>>();
    assert_eq!(kinds, ["\"video\"", "\"audio\""], "no track of subtitles");
    let brightest_below = |time: f64| {
        let filters = "crop=200:30:60:ih-45,format=gray";
        let line = format!("-ss {time} -i reel.mp4 -frames:v 1 -vf {filters} -f rawvideo -");
        module.ffmpeg(&out, &line).stdout().iter().copied().max().unwrap()
    };
    // The first and the last shot are red.
    assert!(brightest_below(1.0) > 200, "a caption");
    assert!(brightest_below(4.5) < 120, "no caption");
}

#[test]
fn caption_that_the_module_cannot_draw_is_reported_at_its_line() {
    let folder = folder();
    let storyboard = with_drawn_captions(&folder);
    let mistakes = match render(&lean().runtime, Arc::new(folder), &storyboard, |_, _| {}) {
        Err(Error::Storyboard(mistakes)) => mistakes,
        other => panic!("{:?}", other.map(|_| ())),
    };
    let lacks = |message: &str| message.contains("the module has no filter \"drawtext\"");
    let mistake =
        mistakes.iter().find(|mistake| lacks(&mistake.message)).unwrap_or_else(|| panic!("{mistakes}"));
    assert_eq!((mistake.line, mistake.column), (10, 11));
}

#[test]
fn mistakes_in_json_are_reported_with_line_and_column() {
    let text = "{\n  \"size\": [320, 180],\n  \"fps\": \"30000/1001\",\n  \"shots\": [\n    {\"image\": \"a: \\\"b\\\".png\", \"duration\": 2}\n  ]\n}\n";
    let storyboard = Storyboard::parse("reel.json", text).unwrap();
    let shot = storyboard.shots.get_ref()[0].get_ref();
    assert_eq!(shot.image.as_ref().unwrap().get_ref(), "a: \"b\".png");
    for (old, new, place) in [("\"duration\"", "\"length\"", (5, 31)), ("\"fps\": ", "\"fps\" ", (3, 9))] {
        let mistakes = Storyboard::parse("reel.json", &text.replacen(old, new, 1)).unwrap_err();
        let first = mistakes.iter().next().unwrap();
        assert_eq!((first.line, first.column), place, "{mistakes}");
    }
}

#[test]
fn sample_storyboard_is_rendered_from_the_fixtures() {
    let text = std::fs::read_to_string(repository().join("examples/reel/reel.toml")).unwrap();
    let storyboard = Storyboard::parse("reel.toml", &text).unwrap();
    let folder = memory_with(&[CLIP, "complete.oga", "alarm-clock-elapsed.oga"]);
    let reel = render(&full().runtime, Arc::new(folder), &storyboard, |_, _| {});
    let reel = reel.unwrap_or_else(|error| panic!("{error}"));
    let out = MemFs::new();
    out.write("/reel.mp4", reel.film).unwrap();
    judge(&out, "/reel.mp4").assert_size(1280, 720).assert_frames(90).assert_duration(3.6, FRAME);
}
