//! Jobs printed as code: the code in `printed/` is what is printed, it compiles, and it makes the job.

use afmpeg_cmd::Job;

/// A line, the code that is printed for it, and what that code makes.
macro_rules! printed {
    ($($name:ident: $line:expr,)*) => {$(
        #[test]
        fn $name() {
            #[allow(unreachable_pub, reason = "it is printed for any place")]
            mod code {
                include!(concat!("printed/", stringify!($name), ".rs"));
            }
            let job = Job::parse_line($line).unwrap();
            let printed = job.to_rust();
            // To look at, or to take over, where it is meant to be another.
            let kept = include_str!(concat!("printed/", stringify!($name), ".rs"));
            assert_eq!(printed, kept, "{printed}");
            assert_eq!(code::job(), job);
        }
    )*};
}

printed! {
    chosen_streams: "ffmpeg -y -ss 1.5 -i in.mkv -c:v libx264 -b:a 96k -movflags +faststart -vn -f mp4 out",
    graph: "ffmpeg -i a.mp4 -i b.mp4 -i logo.png -filter_complex '[0:v:0][0:a:0][1:v:0][1:a:0]concat=n=2:v=1:a=1[v][a];\
            [2:v]scale=w=120:h=-1[logo];[v][logo]overlay@logo=W-w-10:10,format=yuv420p[out];[a]volume=0.5[loud]' \
            -map '[out]' -map '[loud]' -c:v libx264 -crf:v 20 -c:a aac -metadata:s:a:0 language=eng out.mp4",
    open_pads: "ffmpeg -i a.mp4 -i b.png -lavfi 'sws_flags=bicubic;[0:v]split=3[x][y][z];[x]overlay;[y]showinfo[s]' \
                -filter_threads 2 a.mkv -map '[s]' -map '[z]' -c:v:0 ffv1 -c:v:1 copy b.mkv",
    maps: "ffmpeg -hide_banner -t 10 -stream_loop -1 -i in.mkv -stream_loop -2 -sseof -5 -itsoffset 0.25 -i b.mkv -map 0:v -map 0:a:1 -map 1:s? \
           -map 0:3 -c copy -bsf:0 null -copyinkf:0 -map_chapters 1 -attach a.ttf -metadata:c:0 title=Intro -metadata title=\"It's\" \
           -shortest -fs 5M out.mkv -map 0 -map -0:d -c copy -t 5 all.mkv",
    streams: "ffmpeg -i in.mkv -map 0:v:0 -map 0:a:1 -map 0:s:0 -c copy -c:a aac -b:a 96k -bsf:v h264_metadata=level=4 \
              -filter:a 'volume=2,atrim=0:1' -disposition:s forced -frames:v 100 -copyinkf:v -attach a.ttf -metadata:s:t:0 mimetype=font/ttf \
              -map_chapters -1 out.mkv",
    text_graph: r"ffmpeg -f lavfi -i color -filter_complex '[0:v][b]feedback[a][o];[a]drawtext=text=a\\:b[b]' -map '[o]' out.mkv",
    sink: "ffmpeg -i in.mkv -filter_complex '[0:v]split[a][b];[a]nullsink;[b]hflip[o]' -map '[o]' -map 0:a out.mkv",
    sources: "ffmpeg -filter_complex 'color=red:d=1[v];sine=d=1[a]' -map '[v]' -map '[a]' out.mkv",
}
