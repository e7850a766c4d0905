//! The side data of streams survives copies between containers.

use afmpeg_cmd::{
    Command, Input, Probe,
    probe::{ContentLightLevel, MasteringDisplay, SideData},
    recipes::copy_all,
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{probe, run};
use crate::harness::{Variant, full};

/// A configuration box of Dolby Vision profile 8, level 1, whose base layer is HDR10.
const DOLBY_VISION: [u8; 32] = [
    0, 0, 0, 32, b'd', b'v', b'v', b'C', 1, 0, 0x10, 0x0d, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0,
];

/// Adds the box to the sample description of an MP4 with its index at the end.
#[track_caller]
fn with_dolby_vision(mp4: &[u8]) -> Vec<u8> {
    let mut bytes = mp4.to_vec();
    let (mut offset, added) = (0, u32::try_from(DOLBY_VISION.len()).unwrap());
    let mut end = bytes.len();
    // Each box with the length of its fields before the boxes in it.
    let path = [("moov", 8), ("trak", 8), ("mdia", 8), ("minf", 8), ("stbl", 8), ("stsd", 16), ("hvc1", 86)];
    for (name, fields) in path {
        let size = loop {
            let size = u32::from_be_bytes(bytes[offset..offset + 4].try_into().unwrap());
            if &bytes[offset + 4..offset + 8] == name.as_bytes() {
                break size;
            }
            offset += size as usize;
            assert!(offset < end, "{name}");
        };
        bytes[offset..offset + 4].copy_from_slice(&(size + added).to_be_bytes());
        end = offset + size as usize;
        offset += fields;
    }
    bytes.splice(end..end, DOLBY_VISION);
    bytes
}

/// The side data of a video, as Debian's ffprobe reads it.
#[derive(Debug, PartialEq)]
struct Kept {
    display: Option<MasteringDisplay>,
    light: Option<ContentLightLevel>,
    rotation: Option<u16>,
    dolby_vision: Option<i64>,
}

fn kept(probe: &Probe) -> Kept {
    let video = probe.video().unwrap();
    let data = &video.side_data_list;
    Kept {
        display: data.iter().find_map(SideData::mastering_display),
        light: data.iter().find_map(SideData::content_light_level),
        rotation: data.iter().find_map(SideData::rotation),
        dolby_vision: data.iter().find_map(SideData::dolby_vision_profile),
    }
}

/// Writes `hdr.mp4`, with all of the side data.
#[track_caller]
fn write_hdr(module: &Variant, fs: &MemFs) {
    let tags = "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084:range=tv";
    let light = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400";
    let codec = "-c:v libx265 -preset ultrafast -x265-params log-level=error";
    module.ffmpeg(
        fs,
        &format!(
            "-f lavfi -i testsrc2=s=64x64:r=25:d=0.12 -vf format=yuv420p10le,{tags} {codec}:{light} frames.mkv"
        ),
    );
    // The stream of the first file has the metadata in its frames alone.
    module.ffmpeg(fs, &format!("-i frames.mkv {codec} stream.mkv"));
    module.ffmpeg(fs, "-display_rotation 90 -i stream.mkv -c copy -tag:v hvc1 plain.mp4");
    fs.write("/hdr.mp4", with_dolby_vision(&fs.read("/plain.mp4").unwrap())).unwrap();
}

#[test]
fn light_levels_rotation_and_dolby_vision_survive_copies_to_matroska_and_back() {
    let (module, fs) = (full(), MemFs::new());
    write_hdr(&module, &fs);
    let source = probe(&fs, "/hdr.mp4");
    let expected = kept(&source);
    assert!(expected.display.is_some() && expected.light.is_some(), "{expected:?}");
    assert_eq!((expected.rotation, expected.dolby_vision), (Some(270), Some(8)));

    let copied = copy_all(&Input::new("hdr.mp4"), &source, "copy.mkv");
    run(&module, &fs, &Command::new([copied.output]));
    let matroska = probe(&fs, "/copy.mkv");
    assert_eq!(kept(&matroska), expected);
    let back = copy_all(&Input::new("copy.mkv"), &matroska, "back.mp4");
    run(&module, &fs, &Command::new([back.output]));
    assert_eq!(kept(&probe(&fs, "/back.mp4")), expected);

    module.ffmpeg(&fs, "-i hdr.mp4 -c copy raw.mkv");
    module.ffmpeg(&fs, "-i raw.mkv -c copy -strict unofficial raw.mp4");
    assert_eq!(kept(&probe(&fs, "/raw.mp4")), expected);
    // FFmpeg's default leaves Dolby Vision out, with a warning.
    module.ffmpeg(&fs, "-i raw.mkv -c copy official.mp4");
    assert_eq!(kept(&probe(&fs, "/official.mp4")).dolby_vision, None);
}

#[test]
fn stereoscopic_video_survives_a_copy_to_mp4() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(
        &fs,
        "-f lavfi -i testsrc2=s=64x36:r=25:d=0.12 -c:v libx264 -metadata:s:v stereo_mode=left_right 3d.mkv",
    );
    let layout = |probe: &Probe| {
        let video = probe.video().unwrap();
        let mut data = video.side_data_list.iter();
        let stereo = data.find(|data| data.side_data_type.as_deref() == Some("Stereo 3D"));
        format!("{:?}", stereo.map(|data| &data.extra["type"]))
    };
    let known = probe(&fs, "/3d.mkv");
    run(&module, &fs, &Command::new([copy_all(&Input::new("3d.mkv"), &known, "3d.mp4").output]));
    let found = layout(&probe(&fs, "/3d.mp4"));
    assert!(found.contains("side by side"), "{found}");
    assert_eq!(found, layout(&known));
}
