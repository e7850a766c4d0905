//! Subtitles in legacy character sets: every label of the Encoding standard is read as by native FFmpeg.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{self, fixture, full, guest};

/// Every label of <https://encoding.spec.whatwg.org/#names-and-labels>.
const LABELS: &str = "
    unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8
    866 cp866 csibm866 ibm866
    csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
    csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3
    csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4
    csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988
    arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127
    iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987
    csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7
    iso_8859-7:1987 sun_eu_greek
    csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8
    iso_8859-8:1988 visual
    csiso88598i iso-8859-8-i logical
    csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6
    iso-8859-13 iso8859-13 iso885913
    iso-8859-14 iso8859-14 iso885914
    csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9
    iso-8859-16
    cskoi8r koi koi8 koi8-r koi8_r
    koi8-ru koi8-u
    csmacintosh mac macintosh x-mac-roman
    dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874
    cp1250 windows-1250 x-cp1250
    cp1251 windows-1251 x-cp1251
    ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1
    iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252
    cp1253 windows-1253 x-cp1253
    cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254
    x-cp1254
    cp1255 windows-1255 x-cp1255
    cp1256 windows-1256 x-cp1256
    cp1257 windows-1257 x-cp1257
    cp1258 windows-1258 x-cp1258
    x-mac-cyrillic x-mac-ukrainian
    chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk
    gb18030
    big5 big5-hkscs cn-big5 csbig5 x-x-big5
    cseucpkdfmtjapanese euc-jp x-euc-jp
    csiso2022jp iso-2022-jp
    csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis
    cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949
    csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement
    unicodefffe utf-16be
    csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le
    x-user-defined";

/// Labels that native FFmpeg refuses.
const REFUSED: &str = "
    csiso88596e csiso88596i csiso88598e csiso88598i csisolatin9 dos-874 gb_2312 iso-8859-6-e iso-8859-6-i
    iso-8859-8-e iso-8859-8-i iso88591 iso885910 iso885911 iso885913 iso885914 iso885915 iso88592 iso88593 iso88594
    iso88595 iso88596 iso88597 iso88598 iso88599 koi koi8 koi8_r ksc5601 l9 logical ms932 replacement sun_eu_greek
    unicode unicode-1-1-utf-8 unicode11utf8 unicode20utf8 unicodefeff unicodefffe utf8 visual windows-31j
    windows-949 x-cp1250 x-cp1251 x-cp1252 x-cp1253 x-cp1254 x-cp1255 x-cp1256 x-cp1257 x-cp1258 x-euc-jp x-gbk
    x-mac-cyrillic x-mac-roman x-mac-ukrainian x-sjis x-unicode20utf8 x-user-defined x-x-big5";

/// Words in character sets with multi-byte or combining characters.
const WORDS: &[&[u8]] = &[
    "Füße, 漢字, \u{1f3ac}".as_bytes(),
    // Shift_JIS, EUC-JP, ISO-2022-JP: 漢字かな, with the signs of JIS X 0201.
    b"\x8a\xbf\x8e\x9a\x82\xa9\x82\xc8 \xb6\xc5 ~",
    b"\xb4\xc1\xbb\xfa\xa4\xab\xa4\xca \x8e\xb6",
    b"\x1b$B4A;z\x1b(B kana",
    // GB 2312 in 8-bit bytes, in 7-bit bytes, in HZ and in ISO-2022-CN: 中文.
    b"\xd6\xd0\xce\xc4\xa3\xac\xa1\xaa",
    b"VPND",
    b"~{VPND~} ~~",
    b"\x1b$)A\x0eVPND\x0f ab",
    // CNS 11643, planes 1 and 2.
    b"\x1b$)G\x0eGcEF\x0f ab",
    b"\x1b$*H\x1bN!! ab",
    // GBK, and GB 18030 with four bytes.
    b"\x81\x40\xfd\x9b",
    b"\x81\x30\x89\x38\x84\x31\xa4\x37\x94\x39\xbe\x31",
    b"\xa8\xbc\xfe\x51",
    // Big5 and HKSCS: 中文, kana of Big5, characters of HKSCS beyond the BMP, and one of HKSCS that decodes to two.
    b"\xa4\xa4\xa4\xe5\xa1\x41",
    b"\xc6\xe7\xc7\xf3",
    b"\x87\x45\x88\x62",
    // EUC-KR, KS X 1001 in 7-bit bytes, ISO-2022-KR: 한글.
    b"\xc7\xd1\xb1\xdb \xc8\xa3\xca\xd1",
    b"GQ1[",
    b"\x1b$)C\x0eGQ1[\x0f ab",
    // UTF-16 in either byte order: 中文, and a surrogate pair.
    b"\x4e\x2d\x65\x87",
    b"\x2d\x4e\x87\x65",
    b"\xd8\x34\xdd\x1e",
    b"\x34\xd8\x1e\xdd",
    // Windows-1258: tones combine with the preceding letter. Windows-1255: so do points.
    b"Ti\xea\xecng Vi\xea\xf2t o\xf2",
    b"\xf9\xd1\xcc\xe5\xc9\xed \xe1\xcc",
];

/// Returns the samples to decode: every byte with the high bit, alone, and the words.
fn samples() -> Vec<Vec<u8>> {
    let bytes = (0x80..=0xff_u8).map(|byte| vec![byte]);
    bytes.chain(WORDS.iter().map(|word| word.to_vec())).collect()
}

/// Returns one subtitle per sample, which starts at the second equal to its index.
fn subtitles(samples: &[Vec<u8>]) -> Vec<u8> {
    let mut srt = Vec::new();
    for (at, sample) in samples.iter().enumerate() {
        let time = format!("00:{:02}:{:02}", at / 60, at % 60);
        srt.extend_from_slice(format!("{at}\n{time},000 --> {time},900\n").as_bytes());
        srt.extend_from_slice(sample);
        srt.extend_from_slice(b"\n\n");
    }
    srt
}

/// Returns the texts of subtitles by their start in seconds.
fn texts(srt: &str) -> BTreeMap<usize, String> {
    let mut texts = BTreeMap::new();
    for subtitle in srt.split("\n\n").filter(|subtitle| !subtitle.is_empty()) {
        let mut lines = subtitle.splitn(3, '\n').skip(1);
        let (time, text) = (lines.next().unwrap(), lines.next().unwrap());
        let number = |range| time.get(range).and_then(|digits: &str| digits.parse::<usize>().ok()).unwrap();
        texts.insert(number(3..5) * 60 + number(6..8), text.to_owned());
    }
    texts
}

/// Decodes a file of subtitles with native FFmpeg. Returns `None` if it does not open the character set.
fn native(label: &str, file: &Path) -> Option<BTreeMap<usize, String>> {
    let mut ffmpeg = Command::new(harness::native());
    ffmpeg.args(["-v", "error", "-sub_charenc", label, "-i"]).arg(file).args(["-f", "srt", "-"]);
    let output = ffmpeg.stdin(Stdio::null()).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    if log.contains("Unable to open iconv context") {
        return None;
    }
    Some(texts(std::str::from_utf8(&output.stdout).unwrap()))
}

/// Decodes the samples for each label with a program on our libc. Returns `None` for labels that it refuses.
fn ours(labels: &[&str], samples: &[Vec<u8>]) -> Vec<Option<Vec<Option<String>>>> {
    let digits = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    };
    let fs = MemFs::new();
    let lines: String = samples.iter().map(|sample| digits(sample) + "\n").collect();
    fs.write("/samples", lines).unwrap();
    let output = guest("iconv").job(fs).args(["/samples"]).args(labels.iter().copied()).run().unwrap();
    let mut lines = std::str::from_utf8(output.stdout()).unwrap().lines();
    let read = |line: &str| {
        let byte = |offset: usize| u8::from_str_radix(&line[offset..offset + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..line.len()).step_by(2).map(byte).collect();
        String::from_utf8(bytes).unwrap()
    };
    let all = labels.iter().map(|_| {
        let mut first = lines.next().unwrap();
        if first == "refused" {
            return None;
        }
        let mut texts = Vec::new();
        for index in 0..samples.len() {
            if index > 0 {
                first = lines.next().unwrap();
            }
            texts.push((first != "-").then(|| read(first)));
        }
        Some(texts)
    });
    all.collect()
}

#[test]
fn every_label_that_native_ffmpeg_opens_is_decoded_alike() {
    let refused: Vec<&str> = REFUSED.split_whitespace().collect();
    let labels: Vec<&str> = LABELS.split_whitespace().collect();
    assert_eq!(labels.len(), 228);
    let samples = samples();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in.srt");
    std::fs::write(&file, subtitles(&samples)).unwrap();

    let mut problems = Vec::new();
    for (label, ours) in labels.iter().zip(ours(&labels, &samples)) {
        let native = native(label, &file);
        assert_eq!(native.is_none(), refused.contains(label), "whether native FFmpeg refuses {label}");
        let Some(native) = native else { continue };
        assert!(!native.is_empty(), "no sample in {label}");
        let Some(ours) = ours else {
            problems.push(format!("{label} is refused"));
            continue;
        };
        for (index, text) in native {
            if ours[index].as_deref() != Some(text.as_str()) {
                let (sample, ours) = (&samples[index], &ours[index]);
                problems.push(format!("{label}: {sample:02x?}: expected {text:?}, found {ours:?}"));
            }
        }
    }
    assert_eq!(problems, [] as [String; 0]);
}

#[test]
fn subtitles_in_a_legacy_character_set_are_converted() {
    for (label, bytes, text) in [
        ("CP1252", &b"Schwarz \xe4\xf6\xfc Ende"[..], "Schwarz äöü Ende"),
        ("CP1251", b"\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
        ("SHIFT_JIS", b"\x8a\xbf\x8e\x9a", "漢字"),
    ] {
        let fs = MemFs::new();
        fs.write("/in.srt", [b"1\n00:00:00,000 --> 00:00:01,000\n", bytes, b"\n"].concat()).unwrap();
        full().ffmpeg(&fs, &format!("-sub_charenc {label} -i /in.srt /out.srt"));
        let srt = fs.read("/out.srt").unwrap();
        assert_eq!(
            std::str::from_utf8(&srt).unwrap(),
            format!("1\n00:00:00,000 --> 00:00:01,000\n{text}\n\n")
        );
    }
}

#[test]
fn subtitles_in_a_legacy_character_set_are_drawn() {
    let fs = MemFs::new();
    let head = "1\n00:00:00,000 --> 00:00:01,000\n";
    fs.create_dir_all("/fonts").unwrap();
    fs.write("/fonts/DejaVuSansMono.ttf", fixture("DejaVuSansMono.ttf")).unwrap();
    fs.write("/old.srt", [head.as_bytes(), b"\xcf\xf0\xe8\xe2\xe5\xf2\n"].concat()).unwrap();
    fs.write("/new.srt", format!("{head}Привет\n")).unwrap();
    let drawn = |options: &str| {
        let command = format!(
            "-f lavfi -i color=s=320x180:d=0.04 -vf subtitles={options}:fontsdir=/fonts -f rawvideo -y /out.raw"
        );
        full().ffmpeg(&fs, &command);
        fs.read("/out.raw").unwrap()
    };
    let new = drawn("/new.srt");
    assert!(new == drawn("/old.srt:charenc=CP1251"));
    assert!(new != drawn("/old.srt:charenc=CP1252"), "another character set draws other letters");
}
