//! Round trips of subtitles.

use afmpeg_vfs::{MemFs, VfsExt as _};

use super::source::natively;
use crate::harness::full;

/// Styles, letters of several scripts, entities and a position.
const TEXTS: &str = "1
00:00:00,500 --> 00:00:01,990
<i>Grüße</i> aus <b>Köln</b>, <u>日本語</u> 🐇

2
00:00:02,000 --> 00:00:02,500
<font color=\"#ff0000\">Red</font> &amp; R&B, 2 > 1, &lt;tag&gt;
second line

3
00:01:03,040 --> 00:01:04,050
{\\an8}At the top, \"quoted\"

";

/// The times in `TEXTS`.
const TIMES: [&str; 3] =
    ["00:00:00,500 --> 00:00:01,990", "00:00:02,000 --> 00:00:02,500", "00:01:03,040 --> 00:01:04,050"];

/// A text at the same time as another, which 3GPP timed text cannot have, and a lone bracket, which `WebVTT` cannot.
const AT_ONCE: &str = "4
00:01:03,500 --> 00:01:05,000
0 < 1

";

/// A subtitle codec with the ending of a file that holds it.
pub(super) struct Subtitles {
    pub(super) codec: &'static str,
    pub(super) encoder: &'static str,
    ending: &'static str,
}

pub(super) const CODECS: &[Subtitles] = &[
    Subtitles { codec: "SubRip", encoder: "srt", ending: "srt" },
    Subtitles { codec: "ASS", encoder: "ass", ending: "ass" },
    Subtitles { codec: "WebVTT", encoder: "webvtt", ending: "vtt" },
    Subtitles { codec: "3GPP timed text", encoder: "mov_text", ending: "mp4" },
];

/// The files of the module and of native FFmpeg, which begin with the same texts.
struct Both {
    fs: MemFs,
    folder: tempfile::TempDir,
}

impl Both {
    fn with(texts: &str) -> Self {
        let (fs, folder) = (MemFs::new(), tempfile::tempdir().unwrap());
        fs.write("/texts.srt", texts.to_owned()).unwrap();
        std::fs::write(folder.path().join("texts.srt"), texts).unwrap();
        Self { fs, folder }
    }

    /// Converts a file to another codec, and checks that the module writes the native bytes.
    #[track_caller]
    fn convert(&self, from: &str, stem: &str, to: &Subtitles) -> String {
        let name = format!("{stem}.{}", to.ending);
        let options = format!("-c:s {} -bitexact", to.encoder);
        full().ffmpeg(&self.fs, &format!("-i {from} {options} {name}"));
        let path = |name: &str| self.folder.path().join(name);
        natively(&format!("-i {} {options} {}", path(from).display(), path(&name).display()));
        let ours = self.fs.read(format!("/{name}")).unwrap();
        let theirs = std::fs::read(path(&name)).unwrap();
        assert!(!theirs.is_empty() && ours == theirs, "{from} to {name}: {}", String::from_utf8_lossy(&ours));
        name
    }
}

#[test]
fn subtitles_of_each_codec_become_each_other_codec_as_natively() {
    let both = Both::with(&format!("{TEXTS}{AT_ONCE}"));
    for from in CODECS {
        let first = both.convert("texts.srt", from.encoder, from);
        for to in CODECS {
            both.convert(&first, &format!("{}-to-{}", from.encoder, to.encoder), to);
        }
    }
}

#[test]
fn subtitles_keep_texts_and_times_through_all_codecs() {
    let both = Both::with(TEXTS);
    let [srt, ass, webvtt, mov_text] = CODECS else { panic!("four codecs") };
    let mut name = "texts.srt".to_owned();
    for (step, codec) in [ass, webvtt, mov_text, srt].into_iter().enumerate() {
        name = both.convert(&name, &format!("step-{step}"), codec);
    }
    let texts = String::from_utf8(both.fs.read(format!("/{name}")).unwrap().to_vec()).unwrap();
    let times: Vec<&str> = texts.lines().filter(|line| line.contains("-->")).collect();
    assert_eq!(times, TIMES);
    for text in
        ["Grüße", "Köln", "日本語", "🐇", "& R&B, 2 > 1, <tag>", "second line", "At the top, \"quoted\""]
    {
        assert!(texts.contains(text), "no {text} in {texts}");
    }
}
