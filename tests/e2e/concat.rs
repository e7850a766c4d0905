//! Joining clips, as packets and as frames.

use afmpeg_vfs::VfsExt as _;

use crate::harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, FRAME, judge, memory_with, variants};

#[test]
fn concat_demuxer_joins_files_without_reencoding() {
    for module in variants() {
        let fs = memory_with(&[CLIP]);
        fs.write("/list.txt", format!("file {CLIP}\nfile {CLIP}\n")).unwrap();
        module.ffmpeg(&fs, "-f concat -i list.txt -c copy -map 0:v out.mp4");

        judge(&fs, "/out.mp4")
            .assert_codec("video", "h264")
            .assert_size(1280, 720)
            .assert_frames(2 * CLIP_FRAMES)
            .assert_duration(2.0 * CLIP_SECONDS, FRAME);
    }
}

#[test]
fn concat_filter_joins_clips_after_scaling_them_to_one_size() {
    for module in variants() {
        let fs = memory_with(&[CLIP]);
        let graph = "[0:v]trim=end_frame=25,scale=640:360,setsar=1[a];\
                     testsrc2=s=320x180:r=25:d=2,scale=640:360,setsar=1,format=yuv420p[b];\
                     [a][b]concat=n=2:v=1:a=0[v]";
        let encoder = module.h264_encoder;
        module.ffmpeg(&fs, &format!("-i {CLIP} -filter_complex {graph} -map [v] -c:v {encoder} out.mp4"));

        judge(&fs, "/out.mp4").assert_size(640, 360).assert_frames(25 + 50).assert_duration(3.0, FRAME);
    }
}
