//! `afmpeg report`: the page about media files.

use std::{
    path::Path,
    process::{Command, Output},
};

use afmpeg_vfs::VfsExt as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use scraper::{ElementRef, Html, Selector};

use crate::{
    browser::Browser,
    command_line::{afmpeg, error_and_hint, folder_with_clip},
    harness::{
        CLIP_FRAMES, fixture, full, has_every_case, index_is_first, judge_host_file, memory_with, repository,
    },
};

/// A page, parsed as a browser does.
struct Page {
    html: Html,
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

/// Returns the text of an element, with single spaces.
fn text(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Page {
    /// Writes the page about files of a folder.
    #[track_caller]
    fn about(folder: &Path, files: &[&str]) -> Self {
        let output = afmpeg(folder, &[&["report", "--overwrite"], files].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self::read(folder)
    }

    fn read(folder: &Path) -> Self {
        Self { html: Html::parse_document(&std::fs::read_to_string(folder.join("report.html")).unwrap()) }
    }

    fn all(&self, selector: &str) -> Vec<String> {
        self.html.select(&select(selector)).map(text).collect()
    }

    /// Returns the text of the only element.
    #[track_caller]
    fn one(&self, selector: &str) -> String {
        let found = self.all(selector);
        let [one] = &found[..] else { panic!("{selector}: {found:?}") };
        one.clone()
    }

    /// Returns a fact of a part of the page by its name.
    #[track_caller]
    fn fact(&self, part: &str, name: &str) -> String {
        let facts = select(&format!("{part} .facts > div"));
        let (names, values) = (select("dt"), select("dd"));
        let mut facts = self.html.select(&facts);
        let of = |fact: ElementRef<'_>, part: &Selector| text(fact.select(part).next().unwrap());
        let found = facts.find(|fact| of(*fact, &names) == name);
        of(found.unwrap_or_else(|| panic!("no {name} in {part}")), &values)
    }

    /// Returns the numbers above the charts of a section: `Frames 132`.
    fn numbers(&self, section: &str) -> Vec<String> {
        self.all(&format!("#file-1-{section} .numbers > span"))
    }

    #[track_caller]
    fn assert_number(&self, section: &str, number: &str) {
        let numbers = self.numbers(section);
        assert!(numbers.iter().any(|found| found == number), "{number} is not in {numbers:?}");
    }

    /// Returns the problems, each with its severity.
    fn problems(&self) -> Vec<String> {
        self.all(".problems li > p:first-child")
    }

    #[track_caller]
    fn assert_problem(&self, words: &str) {
        let problems = self.problems();
        assert!(problems.iter().any(|problem| problem.contains(words)), "{words:?} is not in {problems:#?}");
    }

    #[track_caller]
    fn assert_no_problem(&self, words: &str) {
        let problems = self.problems();
        assert!(!problems.iter().any(|problem| problem.contains(words)), "{words:?} is in {problems:#?}");
    }
}

/// Returns a folder with files that ffmpeg writes, each from its arguments.
#[track_caller]
fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let (module, fs) = (full(), memory_with(&["complete.oga"]));
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in files {
        let arguments: Vec<&str> = arguments.split_whitespace().chain([*name]).collect();
        module.ffmpeg_args(&fs, &arguments);
        std::fs::write(folder.path().join(name), fs.read(format!("/{name}")).unwrap()).unwrap();
    }
    folder
}

const X264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

#[test]
fn page_has_the_properties_that_ffprobe_reads_from_the_real_clip() {
    let folder = folder_with_clip();
    let page = Page::about(folder.path(), &["clip.mp4"]);
    assert_eq!(page.one("h2"), "clip.mp4");
    let judged = judge_host_file(&folder.path().join("clip.mp4"));
    let (video, audio) = (judged.stream("video"), judged.stream("audio"));
    let size = format!("{}×{}", video["width"], video["height"]);
    assert_eq!(page.fact(".stream.video", "Size"), size);
    assert_eq!(page.fact(".stream.video", "Pixel format"), video["pix_fmt"].as_str().unwrap());
    assert_eq!(page.fact(".stream.video", "Codec"), video["codec_long_name"].as_str().unwrap());
    assert_eq!(page.fact(".stream.audio", "Channels"), audio["channel_layout"].as_str().unwrap());
    assert_eq!(page.fact(".stream.audio", "Sample rate"), "48 kHz");
    let duration = format!("0:00:0{:.3}", judged.duration());
    assert_eq!(page.fact("#file-1-container", "Duration in the header"), duration);
    assert_eq!(page.fact(".stream.video", "Packets"), CLIP_FRAMES.to_string());
    page.assert_number("key-frames", &format!("Frames {}", video["nb_read_frames"].as_str().unwrap()));
    page.assert_number("key-frames", "Rate 25 fps");
    page.assert_number("key-frames", "Frame length 40 ms");
    assert_eq!(page.all("#file-1-frames .strip figure").len(), 12);
    // Each frame is in the middle of its twelfth of 5.28 s.
    assert_eq!(page.all("#file-1-frames figcaption")[..2], ["0:00:00.220", "0:00:00.660"]);
}

#[test]
fn key_frame_distances_and_bit_rate_are_those_of_the_encoder() {
    let source = "-f lavfi -i testsrc2=s=128x72:r=25:d=4";
    let folder = folder_with(&[("even.mp4", &format!("{source} {X264} -g 25 -sc_threshold 0"))]);
    let page = Page::about(folder.path(), &["even.mp4"]);
    for number in ["Frames 100", "Key frames 4", "Key-frame distance 1 s"] {
        page.assert_number("key-frames", number);
    }
    let probe = ["-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", "even.mp4"];
    let sizes = Command::new("ffprobe").current_dir(&folder).args(probe).output().unwrap().stdout;
    let bytes: f64 = String::from_utf8(sizes).unwrap().lines().map(|line| line.parse::<f64>().unwrap()).sum();
    let average = page.numbers("bit-rate")[0].clone();
    let kilobits = average.strip_prefix("Average ").unwrap().strip_suffix(" kbit/s").unwrap();
    let expected = bytes * 8.0 / 4.0 / 1000.0;
    assert!((kilobits.parse::<f64>().unwrap() / expected - 1.0).abs() < 0.01, "{average} {expected}");
}

#[test]
fn sound_has_its_loudness_and_its_silences() {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz with peaks at -23 dBFS.
    let tone = "0.0707946*sin(2*PI*1000*t)";
    let pause = format!("{tone}*not(between(t,2,5))");
    let source = |sine: &str| format!("-f lavfi -i aevalsrc='{sine}|{sine}':s=48000:d=8");
    let folder = folder_with(&[("tone.wav", &source(tone)), ("pause.wav", &source(&pause))]);
    let page = Page::about(folder.path(), &["tone.wav"]);
    let number = |name: &str, unit: &str| -> f64 {
        let numbers = page.numbers("sound");
        let found = numbers.iter().find_map(|text| text.strip_prefix(name)?.strip_suffix(unit));
        found.unwrap_or_else(|| panic!("{numbers:?}")).trim().replace('−', "-").parse().unwrap()
    };
    assert!((number("Loudness", "LUFS") + 23.0).abs() < 0.11 && number("Range", "LU") < 0.1);
    assert!((number("True peak", "dBTP") + 23.0).abs() < 0.2);
    assert_eq!(page.all("#file-1-sound svg[role=img][aria-label]").len(), 2);
    assert_eq!(page.problems(), [""; 0]);
    let silence = Page::about(folder.path(), &["pause.wav"]).one("#file-1-frames .lane title");
    assert!(silence.starts_with("0:00:02.00") && silence.contains("to 0:00:05.00"), "{silence}");
}

#[test]
fn scenes_and_black_parts_are_marked_at_their_times() {
    let graph = "testsrc2=s=64x64:r=25:d=2[a];color=black:s=64x64:r=25:d=2[b];color=white:s=64x64:r=25:d=1[c];\
                 [a][b][c]concat=n=3";
    let folder = folder_with(&[("scenes.mkv", &format!("-filter_complex {graph} -c:v ffv1"))]);
    let page = Page::about(folder.path(), &["scenes.mkv"]);
    let marks = page.all("#file-1-frames .lane title");
    assert_eq!(
        marks,
        ["0:00:02.000", "0:00:04.000", "0:00:02.000 to 0:00:04.000", "0:00:02.000 to 0:00:04.000"],
        "scene changes, black, and no motion"
    );
}

#[test]
fn variable_frame_rate_is_a_problem_and_a_constant_one_is_not() {
    let source = "-f lavfi -i testsrc2=s=64x64:r=25:d=4";
    let uneven = "-vf settb=1/50,setpts='2*N+mod(N,2)' -fps_mode passthrough -enc_time_base filter \
                  -c:v ffv1";
    let folder = folder_with(&[
        ("constant.mkv", &format!("{source} -c:v ffv1")),
        ("ntsc.mkv", &format!("{source} -r 30000/1001 -c:v ffv1")),
        ("variable.mkv", &format!("{source} {uneven}")),
    ]);
    for (name, is_variable) in [("constant.mkv", false), ("ntsc.mkv", false), ("variable.mkv", true)] {
        let page = Page::about(folder.path(), &[name]);
        if is_variable {
            page.assert_problem("frames last from 20 ms to 60 ms");
        } else {
            page.assert_no_problem("varies");
        }
    }
}

#[test]
fn index_at_the_end_is_a_problem_whose_command_fixes_it() {
    let folder = folder_with_clip();
    let copied = afmpeg(folder.path(), &["run", "-i", "clip.mp4", "-c", "copy", "it's late.mp4"]);
    assert!(copied.status.success());
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(!index_is_first(&bytes("it's late.mp4")));
    let page = Page::about(folder.path(), &["it's late.mp4"]);
    page.assert_problem("The index is at the end of the file");
    let commands = page.all(".problems code");
    let command = commands.iter().find(|command| command.contains("faststart")).unwrap();
    let words = shell_words::split(command).unwrap();
    assert_eq!(words[0], "afmpeg");
    let fixed = afmpeg(folder.path(), &words[1..].iter().map(String::as_str).collect::<Vec<_>>());
    assert!(fixed.status.success(), "{command}: {}", String::from_utf8_lossy(&fixed.stderr));
    assert!(index_is_first(&bytes("fixed.mp4")));
    Page::about(folder.path(), &["fixed.mp4"]).assert_no_problem("The index is at the end");
}

#[test]
fn damaged_files_are_reported_as_errors() {
    let source = "-f lavfi -i testsrc2=s=256x144:r=25:d=4 -c:v libx264 -preset ultrafast -g 10";
    let folder = folder_with(&[("whole.mp4", &format!("{source} -movflags +faststart"))]);
    let whole = std::fs::read(folder.path().join("whole.mp4")).unwrap();
    std::fs::write(folder.path().join("cut.mp4"), &whole[..whole.len() / 2]).unwrap();
    let page = Page::about(folder.path(), &["cut.mp4"]);
    page.assert_problem("but the header has a duration of 0:00:04.000");
    page.assert_problem("was decoded with errors: ");
    let mut noisy = whole.clone();
    let middle = noisy.len() / 2;
    for start in (middle..noisy.len() - 8).step_by(3000) {
        noisy[start..start + 8].fill(0xFF);
    }
    std::fs::write(folder.path().join("noisy.mp4"), noisy).unwrap();
    Page::about(folder.path(), &["noisy.mp4"]).assert_problem("was decoded with errors: ");
    Page::about(folder.path(), &["whole.mp4"]).assert_no_problem("Error");
}

#[test]
fn hdr_without_metadata_is_a_problem_and_its_metadata_is_shown() {
    let source =
        "-f lavfi -i testsrc2=s=128x72:r=25:d=0.4 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast";
    let tags = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none";
    let light = "master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50):max-cll=1000,400";
    let folder = folder_with(&[
        ("bare.mkv", &format!("{source} -x265-params {tags}")),
        ("full.mkv", &format!("{source} -x265-params {tags}:{light}:hdr10=1")),
    ]);
    Page::about(folder.path(), &["bare.mkv"]).assert_problem("is HDR (PQ) without the metadata");
    let page = Page::about(folder.path(), &["full.mkv"]);
    page.assert_no_problem("HDR");
    assert_eq!(page.fact(".stream.video", "Mastering display"), "0.005 to 1000 cd/m²");
    assert_eq!(page.fact(".stream.video", "Light level"), "MaxCLL 1000, MaxFALL 400 cd/m²");
}

#[test]
fn odd_clipped_and_misaligned_media_have_their_problems() {
    let tone = "-f lavfi -i sine=d=1.2,volume=20";
    let odd = format!(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=4,scale=65:49,format=yuv420p {tone} -c:v ffv1 -c:a pcm_s16le"
    );
    let folder = folder_with(&[("odd.mkv", &odd), ("silent.wav", "-f lavfi -i anullsrc=d=1")]);
    let page = Page::about(folder.path(), &["odd.mkv"]);
    page.assert_problem("has 65x49 pixels");
    page.assert_problem("above full scale: it clips");
    page.assert_problem("audio stream #1 ends 2.80 s before the video");
    Page::about(folder.path(), &["silent.wav"]).assert_problem("is silent");
}

/// Text that would end an attribute or an element, or begin one.
const HOSTILE: &str = r#"<script>alert("&amp;")</script>'><img src=x onerror=alert(1)>"#;

#[test]
fn texts_of_media_are_escaped() {
    let folder = folder_with_clip();
    let title = |key: &str| format!("{key}={HOSTILE}");
    let (of_file, of_stream) = (title("title"), title("title"));
    let args = ["run", "-i", "clip.mp4", "-c", "copy", "-metadata", &of_file, "-metadata:s:a", &of_stream];
    let name = "<b>&\"'.mkv";
    assert!(afmpeg(folder.path(), &[&args[..], &[name]].concat()).status.success());
    let page = Page::about(folder.path(), &[name]);
    assert_eq!(page.one("h2"), name);
    assert!(page.one("head title").ends_with(name));
    let values = page.all(".tags td");
    assert_eq!(values.iter().filter(|value| *value == HOSTILE).count(), 2, "{values:?}");
    for element in ["script", "img", "[onerror]", "iframe", "object", "link", "base", "form"] {
        assert_eq!(page.all(element), [""; 0], "{element}");
    }
    assert_eq!(page.all("b").len(), page.all(".numbers b").len());
}

#[test]
fn page_loads_nothing() {
    let folder = folder_with(&[
        ("song.mp3", "-i complete.oga -f lavfi -i color=red:s=64x64 -frames:v 1 -disposition:v attached_pic"),
        ("film.mkv", &format!("-f lavfi -i testsrc2=s=64x64:d=2 -f lavfi -i sine=d=2 {X264}")),
    ]);
    let page = Page::about(folder.path(), &["song.mp3", "film.mkv"]);
    let policy = select("meta[http-equiv=Content-Security-Policy]");
    let policy = page.html.select(&policy).next().unwrap().attr("content").unwrap();
    assert!(policy.starts_with("default-src 'none'; img-src data:; style-src 'unsafe-inline';"), "{policy}");
    let mut links = 0;
    for element in page.html.select(&select("*")) {
        for (name, value) in element.value().attrs() {
            assert!(!name.starts_with("on"), "{name}");
            if ["src", "href", "srcset", "action", "poster", "data"].contains(&name) {
                assert!(value.starts_with("data:image/") || value.starts_with('#'), "{name}={value}");
                links += 1;
            }
        }
    }
    assert!(links > 2);
    let style = page.one("style");
    assert!(!style.contains("url(") && !style.contains("@import"));
    // Each link leads to a part of the page.
    for link in page.html.select(&select("[href^='#']")) {
        let target = link.attr("href").unwrap().trim_start_matches('#');
        assert_eq!(page.html.select(&select(&format!("[id='{target}']"))).count(), 1, "{target}");
    }
}

#[test]
fn files_that_cannot_be_read_are_in_the_page_with_the_others() {
    let folder = folder_with_clip();
    std::fs::write(folder.path().join("notes.txt"), "not media\n").unwrap();
    let output = afmpeg(folder.path(), &["report", "missing.mp4", "clip.mp4", "notes.txt"]);
    assert_eq!(output.status.code(), Some(4), "the code of the first failure: {output:?}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.starts_with("error: cannot open missing.mp4: "), "{errors}");
    let page = Page::read(folder.path());
    assert_eq!(page.all("h2"), ["missing.mp4", "clip.mp4", "notes.txt"]);
    let missing = page.one("#file-1 .problems");
    assert!(missing.contains("cannot open missing.mp4") && missing.contains("check the path"), "{missing}");
    assert_eq!(page.all("#file-2 .strip figure").len(), 12);
    assert!(page.one("#file-3 .problems").contains("Hint: "));
}

#[test]
fn page_is_replaced_only_when_asked_and_can_be_printed() {
    let folder = folder_with(&[("tone.wav", "-f lavfi -i sine=d=1")]);
    let report =
        |args: &[&str]| -> Output { afmpeg(folder.path(), &[&["report", "tone.wav"], args].concat()) };
    let first = report(&[]);
    assert!(first.status.success());
    assert!(String::from_utf8_lossy(&first.stderr).starts_with("report.html: "), "{first:?}");
    let refused = report(&[]);
    assert_eq!(refused.status.code(), Some(4));
    let (error, hint) = error_and_hint(&refused);
    assert!(error.starts_with("cannot write the page report.html: "), "{error}");
    assert!(hint.contains("--overwrite"), "{hint}");
    std::fs::write(folder.path().join("report.html"), "old").unwrap();
    assert!(report(&["--overwrite"]).status.success());

    let tone = std::fs::read(folder.path().join("tone.wav")).unwrap();
    let (error, _) = error_and_hint(&report(&["--overwrite", "-o", "./tone.wav"]));
    assert!(error.contains("one of the media"), "{error}");
    assert!(std::fs::read(folder.path().join("tone.wav")).unwrap() == tone);
    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    let printed = report(&["-o", "-"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), page);
    let (error, hint) = error_and_hint(&report(&["-o", "none/page.html"]));
    assert!(error.contains("none/page.html") && hint.contains("create the folder none"), "{error} {hint}");
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["report.html", "tone.wav"], "no temporary file is left");
}

#[test]
fn every_kind_of_file_has_a_page() {
    let source = "-f lavfi -i testsrc2=s=64x64:r=5:d=1";
    let many = "-map 0:v -map 1:a -map 1:a -map 1:a -map 1:a -map 1:a -map 1:a -map 1:a -map 1:a -map 1:a";
    let folder = folder_with(&[
        ("photo.png", &format!("{source} -frames:v 1 -update 1")),
        ("photo.jpg", &format!("{source} -frames:v 1 -update 1")),
        ("one.mkv", &format!("{source} -frames:v 1 -c:v ffv1")),
        ("one.mp4", &format!("{source} -frames:v 1 {X264}")),
        ("raw.h264", &format!("{source} {X264}")),
        ("film.ts", &format!("{source} {X264}")),
        ("film.avi", &format!("{source} -c:v mpeg4 -bf 2")),
        ("many.gif", source),
        ("many.mka", &format!("{source} -i complete.oga {many} -c:v ffv1 -c:a flac")),
        (
            "song.flac",
            "-i complete.oga -f lavfi -i color=s=64x64 -frames:v 1 -c:v png -disposition:v attached_pic",
        ),
        ("short.wav", "-f lavfi -i sine=d=0.001"),
    ]);
    std::fs::write(folder.path().join("song.oga"), fixture("complete.oga")).unwrap();
    let cues = "1\n00:00:01,000 --> 00:00:02,000\nA <b>cue</b>\n";
    std::fs::write(folder.path().join("cues.srt"), cues).unwrap();
    std::fs::write(folder.path().join("empty.srt"), "\n").unwrap();
    let mut checked = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // FFmpeg takes an empty file for no subtitles.
        if name == "empty.srt" {
            continue;
        }
        let page = Page::about(folder.path(), &[&name]);
        assert_eq!(page.one("h2"), name);
        assert!(!page.all(".stream").is_empty(), "{name}");
        page.assert_no_problem("Error");
        let has_film =
            !["oga", "wav", "flac", "srt", "png", "jpg"].iter().any(|ending| name.ends_with(ending));
        assert_eq!(!page.all(".strip figure").is_empty(), has_film, "{name}");
        let has_still = ["png", "jpg", "flac"].iter().any(|ending| name.ends_with(ending));
        assert_eq!(page.html.select(&select(".stills img")).count(), usize::from(has_still), "{name}");
        checked += 1;
    }
    assert_eq!(checked, 13);
    let page = Page::about(folder.path(), &["many.mka"]);
    assert_eq!(page.one("#file-1-sound > p.remark"), "The first 8 of 9 audio streams are measured.");
}

/// Returns the texts whose contrast with the colour behind them is below that of WCAG's level AA.
const FAINT_TEXTS: &str = r#"(() => {
    const parse = color => color.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
        const linear = [r, g, b].map(value => value / 255)
            .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = element => {
        for (; element; element = element.parentElement) {
            const color = parse(getComputedStyle(element).backgroundColor);
            if (color.length < 4 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const element of document.body.querySelectorAll("*:not(svg *)")) {
        const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!own) continue;
        const [text, ground] = [parse(getComputedStyle(element).color), behind(element)].map(light);
        const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
        if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${element.textContent}`);
    }
    return faint;
})()"#;

#[test]
fn page_fits_a_telephone_and_a_desk_in_light_and_dark() {
    if !has_every_case() {
        return;
    }
    let folder = folder_with_clip();
    std::fs::write(folder.path().join("notes.txt"), "not media\n").unwrap();
    let long = "A title without a space: ".to_owned() + &"long".repeat(60);
    let title = format!("title={long}");
    let copied =
        afmpeg(folder.path(), &["run", "-i", "clip.mp4", "-c", "copy", "-metadata", &title, "b.mkv"]);
    assert!(copied.status.success());
    afmpeg(folder.path(), &["report", "clip.mp4", "b.mkv", "notes.txt"]);
    let page = folder.path().join("report.html");
    let pictures = repository().join("target/report-page");
    std::fs::create_dir_all(&pictures).unwrap();
    let mut browser = Browser::start();
    for width in [390, 1280] {
        for scheme in ["light", "dark"] {
            let (messages, requests) = browser.open(&page, width, scheme);
            assert_eq!(messages, Vec::<serde_json::Value>::new(), "{width} {scheme}");
            let loaded: Vec<_> = requests.iter().filter(|url| !url.starts_with("data:")).collect();
            assert_eq!(loaded, [&format!("file://{}", page.display())], "{width} {scheme}");
            assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), width, "{scheme}");
            assert_eq!(browser.evaluate(FAINT_TEXTS), serde_json::json!([]), "{width} {scheme}");
            let ground = browser.evaluate("getComputedStyle(document.body).backgroundColor");
            let is_dark = ground.as_str().unwrap().contains("(15,");
            assert_eq!(is_dark, scheme == "dark", "{ground}");
            let png = BASE64_STANDARD.decode(browser.screenshot()).unwrap();
            std::fs::write(pictures.join(format!("{width}-{scheme}.png")), png).unwrap();
        }
    }
}
