//! Crafted cases: files that are not media, headers with excessive sizes, files that refer to other files.

use super::{Case, Media};

const MIB: usize = 1 << 20;

/// Files and addresses that no job may reach, in every notation.
pub(super) const OUTSIDE: &[&str] = &[
    "/etc/passwd",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "http://127.0.0.1:9/a.ts",
    "https://127.0.0.1:9/a.ts",
    "tcp://127.0.0.1:9",
    "udp://127.0.0.1:9",
    "rtmp://127.0.0.1:9/a",
    "ftp://127.0.0.1:9/a",
    "gopher://127.0.0.1:9/_a",
    "concat:/etc/passwd|/etc/hosts",
    "subfile,,start,0,end,0,,:/etc/passwd",
    "crypto:/etc/passwd",
    "cache:/etc/passwd",
    "async:/etc/passwd",
    "data:text/plain;base64,I0VYVE0zVQo=",
    "pipe:0",
    "fd:0",
    "/proc/self/environ",
    "/dev/zero",
];

pub(super) fn all(media: &[Media]) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(not_media());
    cases.extend(huge_claims(media));
    cases.extend(bombs());
    cases.extend(references());
    cases
}

fn not_media() -> Vec<Case> {
    let mut cases = vec![
        Case::of_file("an empty file", "empty.mp4", []),
        Case::of_file("one byte", "byte.mp4", [0]),
        Case::of_file("text as mp4", "notes.mp4", "this is not a film\n".repeat(1000)),
        Case::of_file("text without a known extension", "notes", "this is not a film\n"),
        Case::of_file("a zip as mp4", "archive.mp4", zip()),
        Case::of_file("a zip as mkv", "archive.mkv", zip()),
        Case::of_file("html as mp4", "page.mp4", "<!doctype html><html><body>404</body></html>"),
        Case::of_file("svg", "picture.svg", svg("file:///etc/passwd")),
        Case::of_file("svg as png", "picture.png", svg("http://127.0.0.1:9/")),
        Case::of_file(
            "an executable",
            "program.mp4",
            [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 5000]].concat(),
        ),
    ];
    for (name, byte) in [("zeros", 0), ("ones", 0xff), ("sync bytes of a transport stream", 0x47)] {
        cases.push(Case::of_file(format!("a MiB of {name}"), "same.bin", vec![byte; MIB]));
    }
    // A linear congruential generator is random enough for a demuxer.
    let mut state = 1u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(200_000)
    .collect();
    cases.push(Case::of_file("noise", "noise.bin", noise.clone()));
    // Force each of these demuxers, without detection.
    for format in [
        "mov",
        "matroska",
        "avi",
        "mpegts",
        "mpeg",
        "flv",
        "ogg",
        "asf",
        "rm",
        "mxf",
        "nut",
        "wav",
        "aiff",
        "caf",
        "flac",
        "mp3",
        "aac",
        "ac3",
        "h264",
        "hevc",
        "av1",
        "obu",
        "ivf",
        "m4v",
        "gif",
        "apng",
        "swf",
        "wtv",
        "dv",
        "gxf",
        "ape",
        "tta",
        "wv",
        "tak",
        "mpc",
        "mpc8",
        "shn",
        "dsf",
        "rl2",
        "roq",
        "smk",
        "bink",
        "vqf",
        "xwma",
        "nsv",
        "srt",
        "ass",
        "dash",
        "webp_anim",
        "webp_pipe",
    ] {
        let file = format!("noise.{format}");
        cases.push(
            Case::of_file(format!("noise as {format}"), &file, noise.clone())
                .options(&format!("-f {format}")),
        );
    }
    for codec in [
        "h264",
        "hevc",
        "vp8",
        "vp9",
        "mpeg4",
        "mpeg2video",
        "mjpeg",
        "png",
        "gif",
        "prores",
        "ffv1",
        "theora",
        "libdav1d",
        "libopenh264",
        "libvpx",
        "libvpx-vp9",
        "webp",
        "webp_anim",
    ] {
        let case = Case::of_file(format!("noise for the decoder {codec}"), "noise.yuv", noise.clone());
        cases.push(case.options(&format!("-f rawvideo -video_size 64x64 -framerate 25 -c:v {codec}")));
    }
    for codec in ["aac", "mp3", "opus", "libopus", "vorbis", "libvorbis", "flac", "ac3"] {
        let case = Case::of_file(format!("noise for the decoder {codec}"), "noise.pcm", noise.clone());
        cases.push(case.options(&format!("-f s16le -ar 48000 -ac 2 -c:a {codec}")));
    }
    cases
}

/// Real files with an excessive number in a header.
fn huge_claims(media: &[Media]) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut claim = |file: &str, tag: &[u8], after: isize, number: &[u8]| {
        let media = media.iter().find(|media| media.file == file).expect("a file of the corpus");
        let mut bytes = media.bytes.clone();
        let offset = bytes.windows(tag.len()).position(|window| window == tag);
        let offset = offset.unwrap_or_else(|| panic!("{file} has no {}", String::from_utf8_lossy(tag)));
        let offset = offset.checked_add_signed(after).expect("an offset in the file");
        bytes[offset..offset + number.len()].copy_from_slice(number);
        let (tag, number) = (tag.escape_ascii(), number.escape_ascii());
        cases.push(Case::of_file(
            format!("{file} with {number} {after} bytes after {tag}"),
            &media.file,
            bytes,
        ));
    };
    const MOST: &[u8] = &[0xff; 4];
    const HALF: &[u8] = &[0x7f, 0xff, 0xff, 0xff];
    const BEFORE: isize = -4;
    for number in [MOST, HALF, &[0, 0, 0, 0], &[0, 0, 0, 7], &[0x10, 0, 0, 0]] {
        // The size of a box precedes its name.
        for tag in [
            &b"moov"[..],
            b"trak",
            b"mdia",
            b"stbl",
            b"stsd",
            b"avcC",
            b"esds",
            b"mdat",
            b"stsz",
            b"stts",
            b"ctts",
            b"udta",
        ] {
            claim("h264.mp4", tag, BEFORE, number);
        }
        // Entry counts of tables, after version and flags.
        for (tag, after) in [
            (&b"stts"[..], 8),
            (b"stsc", 8),
            (b"stsz", 12),
            (b"stco", 8),
            (b"ctts", 8),
            (b"stss", 8),
            (b"stsd", 8),
            (b"elst", 8),
        ] {
            claim("h264.mp4", tag, after, number);
        }
        for (tag, after) in [
            (&b"trun"[..], 8),
            (b"trun", 12),
            (b"tfhd", 8),
            (b"tfhd", 12),
            (b"tfdt", 8),
            (b"mfhd", 8),
            (b"moof", BEFORE),
        ] {
            claim("fragmented.mp4", tag, after, number);
        }
        claim("pcm.wav", b"data", 4, number);
        claim("pcm.wav", b"fmt ", 4, number);
        claim("pcm.wav", b"fmt ", 8, number);
        claim("pcm.wav", b"fmt ", 12, number);
        claim("pcm.wav", b"fmt ", 18, number);
        claim("mpeg4.avi", b"strl", BEFORE, number);
        claim("mpeg4.avi", b"strf", 4, number);
        claim("mpeg4.avi", b"strh", 24, number);
        claim("mpeg4.avi", b"idx1", 4, number);
        claim("pcm.aiff", b"COMM", 8, number);
        claim("alac.caf", b"pakt", 12, number);
        claim("native.flac", b"fLaC", 4, number);
        claim("native.flac", b"fLaC", 18, number);
        claim("picture.png", b"IDAT", BEFORE, number);
        claim("moving.apng", b"acTL", 4, number);
        claim("picture.jp2", b"ihdr", 4, number);
        claim("picture.qoi", b"qoif", 4, number);
        for tag in [&b"av01"[..], b"av1C"] {
            claim("av1.mp4", tag, BEFORE, number);
            claim("av1.mp4", tag, 4, number);
        }
        for tag in [&b"meta"[..], b"pitm", b"iloc", b"iinf", b"iprp", b"ipco", b"ispe", b"ipma"] {
            claim("picture.avif", tag, BEFORE, number);
            claim("picture.avif", tag, 8, number);
        }
        claim("picture.avif", b"iloc", 16, number);
        // The size of the sequence header, after the temporal delimiter, and of what follows.
        claim("raw.obu", &[0x12, 0x00, 0x0a], 3, number);
        for tag in [&b"RIFF"[..], b"VP8 "] {
            claim("picture.webp", tag, 4, &little_endian(number));
        }
        for tag in [&b"VP8X"[..], b"ANIM", b"ANMF", b"ALPH"] {
            claim("moving.webp", tag, 4, &little_endian(number));
        }
        // The position and the size of a frame.
        claim("moving.webp", b"ANMF", 8, &little_endian(number));
        claim("moving.webp", b"ANMF", 14, &little_endian(number));
        // Matroska's Segment, Tracks and Cluster: a size of eight bytes, with its length in the first.
        for id in [&[0x18, 0x53, 0x80, 0x67][..], &[0x16, 0x54, 0xae, 0x6b], &[0x1f, 0x43, 0xb6, 0x75]] {
            claim("h264.mkv", id, 4, &[&[0x01], &number[..3], number].concat());
        }
        // CodecPrivate and SimpleBlock.
        claim("h264.mkv", &[0x63, 0xa2], 2, &[&[0x10 | number[0] >> 4], &number[1..]].concat());
        claim("h264.mkv", &[0x1f, 0x43, 0xb6, 0x75], 12, number);
    }
    // Pictures larger than any memory.
    for [width, height] in [[0xffff_u16; 2], [0x7fff, 0x7fff], [1, 0xffff], [0, 0], [0x4000, 0x4000]] {
        let long = |number: u16| u32::from(number);
        let big = [long(width).to_be_bytes(), long(height).to_be_bytes()].concat();
        let little = [long(width).to_le_bytes(), long(height).to_le_bytes()].concat();
        claim("picture.png", b"IHDR", 4, &big);
        claim("moving.apng", b"IHDR", 4, &big);
        claim("picture.qoi", b"qoif", 4, &big);
        claim("picture.bmp", &[40, 0, 0, 0, 96, 0, 0, 0], 4, &little);
        claim("moving.gif", b"GIF89a", 6, &[width.to_le_bytes(), height.to_le_bytes()].concat());
        claim("picture.jpg", &[0xff, 0xc0], 5, &[height.to_be_bytes(), width.to_be_bytes()].concat());
        claim("h264.mp4", b"stsd", 44, &[width.to_be_bytes(), height.to_be_bytes()].concat());
        claim("mpeg4.avi", b"strf", 12, &little);
        claim("picture.avif", b"ispe", 8, &big);
        claim("av1.mp4", b"av01", 28, &[width.to_be_bytes(), height.to_be_bytes()].concat());
        claim("picture.webp", &[0x9d, 0x01, 0x2a], 3, &[width.to_le_bytes(), height.to_le_bytes()].concat());
        // The size of the canvas: 24 bits each.
        claim("moving.webp", b"VP8X", 12, &[&little[..3], &little[4..7]].concat());
    }
    cases
}

fn little_endian(number: &[u8]) -> Vec<u8> {
    number.iter().rev().copied().collect()
}

/// Small files that decode to large, deep or long ones.
fn bombs() -> Vec<Case> {
    let mut cases = vec![
        Case::of_file(
            "y4m of a million by a million",
            "big.y4m",
            "YUV4MPEG2 W1000000 H1000000 F25:1\nFRAME\n",
        ),
        Case::of_file("y4m of 16 000 by 16 000", "big.y4m", "YUV4MPEG2 W16000 H16000 F25:1\nFRAME\n"),
        Case::of_file("pgm of 65 000 by 65 000", "big.pgm", "P5\n65000 65000\n255\n\0"),
        Case::of_file(
            "y4m of a billion frames a second",
            "fast.y4m",
            "YUV4MPEG2 W16 H16 F1000000000:1\nFRAME\n",
        ),
        Case::of_file("a playlist of itself", "self.m3u8", "#EXTM3U\n#EXTINF:1,\nself.m3u8\n")
            .options(ANY_HLS),
        Case::of_file(
            "a list of itself",
            "self.ffconcat",
            "ffconcat version 1.0\nfile self.ffconcat\n".repeat(3),
        ),
        Case::of_file(
            "a master playlist of itself",
            "self.m3u8",
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nself.m3u8\n",
        ),
        Case::of_file(
            "a playlist without an end",
            "long.m3u8",
            format!("#EXTM3U\n{}", "#EXTINF:1,\na.ts\n".repeat(100_000)),
        ),
        Case::of_file(
            "a list without an end",
            "long.ffconcat",
            format!("ffconcat version 1.0\n{}", "file a.ts\n".repeat(100_000)),
        ),
        Case::of_file(
            "a line without an end",
            "line.srt",
            "1\n00:00:00,000 --> 00:00:01,000\n".to_owned() + &"x".repeat(4 * MIB),
        ),
        Case::of_file(
            "very many chapters",
            "chapters.ffmeta",
            format!(";FFMETADATA1\n{}", "[CHAPTER]\nSTART=0\nEND=1\n".repeat(50_000)),
        ),
        Case::of_file(
            "a tag without an end",
            "tag.ffmeta",
            format!(";FFMETADATA1\ntitle={}\n", "x".repeat(4 * MIB)),
        ),
        Case::of_file(
            "tags within tags",
            "tags.srt",
            "1\n00:00:00,000 --> 00:00:01,000\n".to_owned() + &"<b><i>".repeat(100_000),
        ),
        Case::of_file(
            "an ID3 tag of 256 MiB",
            "tag.mp3",
            b"ID3\x04\0\0\x7f\x7f\x7f\x7fAPIC\x7f\x7f\x7f\x7f\0\0".to_vec(),
        ),
        Case::of_file("mp4 boxes within boxes", "deep.mp4", nested_boxes(10_000)),
        Case::of_file("matroska elements within elements", "deep.mkv", nested_elements(10_000)),
        Case::of_file(
            "an mp4 box of eight EiB",
            "huge.mp4",
            [ftyp(), vec![0, 0, 0, 1], b"moov".to_vec(), vec![0x7f; 8]].concat(),
        ),
        Case::of_file(
            "an mp4 box without an end",
            "endless.mp4",
            [ftyp(), vec![0, 0, 0, 0], b"moov".to_vec()].concat(),
        ),
    ];
    // Endless inputs.
    for input in ["/dev/zero", "/dev/urandom"] {
        let case = Case {
            name: format!("{input} as sound"),
            options: Vec::new(),
            input: input.to_owned(),
            files: Vec::new(),
        };
        cases.push(case.options("-f s16le"));
    }
    cases
}

const ANY_HLS: &str = "-f hls -allowed_extensions ALL -extension_picky 0";

fn references() -> Vec<Case> {
    let mut cases = Vec::new();
    for outside in OUTSIDE {
        let playlist = format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{outside}\n#EXT-X-ENDLIST\n");
        cases.push(Case::of_file(format!("a playlist with {outside}"), "list.m3u8", playlist.clone()));
        cases.push(
            Case::of_file(format!("a playlist with {outside}, of any kind"), "list.m3u8", playlist)
                .options(ANY_HLS),
        );
        let key = format!(
            "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"{outside}\"\n#EXT-X-MAP:URI=\"{outside}\"\n#EXTINF:1,\na.ts\n"
        );
        cases.push(
            Case::of_file(format!("a playlist with the key {outside}"), "key.m3u8", key).options(ANY_HLS),
        );
        let list = format!("ffconcat version 1.0\nfile '{outside}'\n");
        cases.push(Case::of_file(format!("a list with {outside}"), "list.ffconcat", list.clone()));
        cases.push(
            Case::of_file(format!("an unsafe list with {outside}"), "list.txt", list)
                .options("-f concat -safe 0"),
        );
        cases.push(Case {
            name: format!("{outside} as input"),
            options: Vec::new(),
            input: (*outside).to_owned(),
            files: Vec::new(),
        });
    }
    cases.push(Case::of_file("a session description", "session.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n"));
    cases.push(Case::of_file("a reference movie", "reference.mov", reference_movie()));
    cases
}

fn ftyp() -> Vec<u8> {
    [&[0, 0, 0, 16], &b"ftypisom"[..], &[0; 4]].concat()
}

fn nested_boxes(depth: u32) -> Vec<u8> {
    let mut bytes = ftyp();
    for left in (1..=depth).rev() {
        bytes.extend((left * 8).to_be_bytes());
        bytes.extend(if left == depth { b"moov" } else { b"trak" });
    }
    bytes
}

/// Nested tags of Matroska: a SimpleTag in a SimpleTag.
fn nested_elements(depth: usize) -> Vec<u8> {
    let unknown = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let mut bytes = vec![0x1a, 0x45, 0xdf, 0xa3, 0x8b, 0x42, 0x82, 0x88];
    bytes.extend(b"matroska");
    for id in [&[0x18, 0x53, 0x80, 0x67][..], &[0x12, 0x54, 0xc3, 0x67], &[0x73, 0x73]] {
        bytes.extend(id);
        bytes.extend(unknown);
    }
    for _ in 0..depth {
        bytes.extend([0x67, 0xc8]);
        bytes.extend(unknown);
    }
    bytes
}

/// A movie with its media in another file, referenced by a QuickTime alias.
fn reference_movie() -> Vec<u8> {
    let of = |name: &[u8; 4], body: Vec<u8>| {
        let size = u32::try_from(body.len() + 8).expect("a small box");
        [&size.to_be_bytes()[..], name, &body].concat()
    };
    let path = b"/etc/passwd";
    let len = u8::try_from(path.len()).expect("a short path");
    let url = of(b"url ", [&[0, 0, 0, 0][..], path, &[0]].concat());
    let alias = of(
        b"alis",
        [&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, len][..], path, &[0; 139], &[0, 18, 0, len], path].concat(),
    );
    let dref = of(b"dref", [vec![0, 0, 0, 0, 0, 0, 0, 2], url, alias].concat());
    let minf = of(b"minf", of(b"dinf", dref));
    let moov = of(b"moov", of(b"trak", of(b"mdia", minf)));
    [ftyp(), moov].concat()
}

/// An archive with one empty, stored file.
fn zip() -> Vec<u8> {
    let local = [&b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0"[..], &[0; 12], &[1, 0, 0, 0], b"a"].concat();
    let central =
        [&b"PK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0\0\0"[..], &[0; 12], &[1, 0], &[0; 16], b"a"].concat();
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &[47, 0, 0, 0, 31, 0, 0, 0, 0, 0]].concat();
    [local, central, end].concat()
}

fn svg(target: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY secret SYSTEM \"{target}\">]>\
        <svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"9\" height=\"9\">\
        <image xlink:href=\"{target}\"/><text>&secret;</text></svg>"
    )
}
