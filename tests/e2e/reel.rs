//! The primary use case of afmpeg: a short film with sound from still images.

use afmpeg_vfs::VfsExt as _;

use crate::harness::{CLIP, FRAME, index_is_first, judge, memory_with, variants};

#[test]
fn looped_stills_crossfade_under_mixed_sound_to_an_exact_length() {
    for module in variants() {
        let fs = memory_with(&[CLIP, "alarm-clock-elapsed.oga", "complete.oga"]);
        for (still, time) in [("1.png", "0.4"), ("2.png", "2.6"), ("3.png", "4.8")] {
            module.ffmpeg(&fs, &format!("-ss {time} -i {CLIP} -frames:v 1 -update 1 {still}"));
        }
        // Three stills of 3 s each, with two crossfades of 0.5 s: 8 s, 200 frames at 25 per second.
        let conform = "scale=640:360,setsar=1,fps=25,format=yuv420p,settb=AVTB";
        let graph = format!(
            "[0:v]{conform}[s0];[1:v]{conform}[s1];[2:v]{conform}[s2];\
             [s0][s1]xfade=transition=fade:duration=0.5:offset=2.5[x0];\
             [x0][s2]xfade=transition=slideleft:duration=0.5:offset=5[v];\
             [3:a]volume=0.5,apad[bed];[4:a]adelay=2500:all=1,apad[chime];\
             [bed][chime]amix=inputs=2:normalize=0,alimiter=limit=0.9:level=0,atrim=duration=8[a]"
        );
        let still = |name: &str| format!("-loop 1 -framerate 25 -t 3 -i {name}");
        module.ffmpeg(
            &fs,
            &format!(
                "{} {} {} -i alarm-clock-elapsed.oga -i complete.oga -filter_complex {graph} -map [v] -map [a] \
                 -c:v {} -c:a aac -movflags +faststart reel.mp4",
                still("1.png"),
                still("2.png"),
                still("3.png"),
                module.h264_encoder
            ),
        );

        judge(&fs, "/reel.mp4")
            .assert_codec("video", "h264")
            .assert_codec("audio", "aac")
            .assert_size(640, 360)
            .assert_frames(200)
            .assert_duration(8.0, FRAME);
        assert!(index_is_first(&fs.read("/reel.mp4").unwrap()), "faststart on {}", module.name);
    }
}
