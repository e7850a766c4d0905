//! Converting a clip: to another container, codec or size, with an overlay, and to a thumbnail.

use afmpeg_vfs::VfsExt as _;

use crate::harness::{
    CLIP, CLIP_FRAMES, CLIP_SECONDS, FRAME, full, index_is_first, judge, memory_with, variants,
};

#[test]
fn matroska_is_converted_to_mp4_with_h264_and_aac() {
    for module in variants() {
        let fs = memory_with(&[CLIP]);
        module.ffmpeg(&fs, &format!("-i {CLIP} -c copy in.mkv"));
        let codecs = format!("-c:v {} -c:a aac -ac 2", module.h264_encoder);
        module.ffmpeg(&fs, &format!("-i in.mkv {codecs} out.mp4"));

        judge(&fs, "/out.mp4")
            .assert_codec("video", "h264")
            .assert_codec("audio", "aac")
            .assert_size(1280, 720)
            .assert_frames(CLIP_FRAMES)
            .assert_duration(CLIP_SECONDS, FRAME);
    }
}

#[test]
fn scaled_mp4_has_its_index_at_the_front() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(
        &fs,
        &format!("-i {CLIP} -vf scale=320:-2 -c:v libx264 -c:a aac -movflags +faststart out.mp4"),
    );

    judge(&fs, "/out.mp4")
        .assert_codec("video", "h264")
        .assert_codec("audio", "aac")
        .assert_size(320, 180)
        .assert_frames(CLIP_FRAMES)
        .assert_duration(CLIP_SECONDS, FRAME);
    assert!(index_is_first(&fs.read("/out.mp4").unwrap()));
}

#[test]
fn scaling_keeps_the_aspect_ratio_and_every_frame() {
    for module in variants() {
        let fs = memory_with(&[CLIP]);
        module.ffmpeg(&fs, &format!("-i {CLIP} -vf scale=426:-2 -an -c:v {} out.mp4", module.h264_encoder));

        let judged = judge(&fs, "/out.mp4");
        judged.assert_size(426, 240).assert_frames(CLIP_FRAMES).assert_duration(CLIP_SECONDS, FRAME);
        assert_eq!(judged.streams().len(), 1, "video only");
    }
}

#[test]
fn overlay_is_drawn_at_its_position() {
    for module in variants() {
        let fs = memory_with(&[CLIP]);
        let graph = "color=red:s=64x64:r=25:d=2[patch];[0:v][patch]overlay=100:50:shortest=1[v]";
        let encoder = module.h264_encoder;
        module.ffmpeg(
            &fs,
            &format!("-i {CLIP} -filter_complex {graph} -map [v] -c:v {encoder} -b:v 4M out.mp4"),
        );
        judge(&fs, "/out.mp4").assert_size(1280, 720).assert_frames(50).assert_duration(2.0, FRAME);

        // Inside the patch the pixels are red, beside it they are not.
        for (corner, is_red) in [("112:62", true), ("600:400", false)] {
            let crop = format!(
                "-i out.mp4 -vf crop=32:32:{corner} -frames:v 1 -f rawvideo -pix_fmt rgb24 -y pixels.raw"
            );
            module.ffmpeg_args(&fs, &crop.split_whitespace().collect::<Vec<_>>());
            let pixels = fs.read("/pixels.raw").unwrap();
            assert_eq!(pixels.len(), 32 * 32 * 3);
            let red = pixels.chunks(3).all(|rgb| rgb[0] > 180 && rgb[1] < 80 && rgb[2] < 80);
            assert_eq!(red, is_red, "at {corner} on {}", module.name);
        }
    }
}

#[test]
fn thumbnail_is_one_picture_of_the_requested_size() {
    for module in variants() {
        let fs = memory_with(&[CLIP]);
        for (name, codec, signature) in
            [("thumb.png", "png", b"\x89PNG".as_slice()), ("thumb.jpg", "mjpeg", b"\xff\xd8\xff")]
        {
            module.ffmpeg(&fs, &format!("-ss 2 -i {CLIP} -vf scale=320:-2 -frames:v 1 -update 1 {name}"));
            assert!(fs.read(format!("/{name}")).unwrap().starts_with(signature));
            judge(&fs, &format!("/{name}"))
                .assert_codec("video", codec)
                .assert_size(320, 180)
                .assert_frames(1);
        }
    }
}

#[test]
fn overwriting_a_longer_file_truncates_it() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    for (output, options) in [("out.mp4", "-movflags +faststart"), ("out.mkv", ""), ("out.ts", "")] {
        let command = format!("-i {CLIP} -c copy -bitexact {options} -y {output}");
        module.ffmpeg(&fs, &command);
        let fresh = fs.read(format!("/{output}")).unwrap();
        fs.write(format!("/{output}"), vec![0xAA; 2 * fresh.len()]).unwrap();
        module.ffmpeg(&fs, &command);
        assert!(fs.read(format!("/{output}")).unwrap() == fresh, "{output}");
    }
}

#[test]
fn automatic_threads_follow_from_the_processors_of_the_job() {
    let module = full();
    for count in [1, 3] {
        let fs = memory_with(&[CLIP]);
        let log = module
            .runtime
            .job(fs)
            .processors(std::num::NonZero::new(count).unwrap())
            .args([
                "-nostdin",
                "-v",
                "debug",
                "-i",
                CLIP,
                "-an",
                "-frames:v",
                "5",
                "-c:v",
                "libx264",
                "out.mp4",
            ])
            .run()
            .unwrap()
            .log()
            .to_owned();
        assert!(log.contains(&format!("detected {count} logical cores")), "{count} processors:\n{log}");
        // x264 starts one and a half threads per processor, or one for a single processor.
        let threads = if count == 1 { 1 } else { count * 3 / 2 };
        let options = log.lines().find(|line| line.contains("threads=")).unwrap_or_default();
        assert!(options.contains(&format!(" threads={threads} ")), "{count} processors: {options}");
    }
}

#[test]
fn x265_encodes_8_and_10_bits_per_sample() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    for (pixels, profile) in [("yuv420p", "Main"), ("yuv420p10le", "Main 10")] {
        let codec = "-c:v libx265 -preset veryfast -crf 20 -x265-params log-level=error";
        module.ffmpeg(
            &fs,
            &format!("-i {CLIP} -t 1 -an -vf scale=320:-2 -pix_fmt {pixels} {codec} -y out.mp4"),
        );
        let judged = judge(&fs, "/out.mp4");
        judged.assert_codec("video", "hevc").assert_size(320, 180).assert_frames(25);
        assert_eq!(judged.stream("video")["profile"], profile);
        assert_eq!(judged.stream("video")["pix_fmt"], pixels);

        let graph = "[0:v]scale=320:-2,format=yuv420p[a];[1:v]format=yuv420p[b];[a][b]psnr=shortest=1";
        let compared = module.ffmpeg(&fs, &format!("-i {CLIP} -i out.mp4 -lavfi {graph} -f null -"));
        let average =
            compared.log().split("average:").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        assert!(average.parse::<f64>().unwrap() > 38.0, "{average} dB");
    }
}
