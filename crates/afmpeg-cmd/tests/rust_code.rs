//! Commands printed as code: the output equals the code in `printed/`, which compiles and builds the command.

mod lines;

use std::{env, fs};

use afmpeg_cmd::Command;
use lines::LINES;

/// Tests the code printed for a line, and the command that it builds.
macro_rules! printed {
    ($($name:ident: $line:expr,)*) => {$(
        #[test]
        fn $name() {
            #[allow(unreachable_pub, reason = "the code is for any module")]
            mod code {
                include!(concat!("printed/", stringify!($name), ".rs"));
            }
            let command = Command::parse_line($line).unwrap();
            let printed = command.to_rust();
            // For inspection, and to update the file.
            let kept = include_str!(concat!("printed/", stringify!($name), ".rs"));
            assert_eq!(printed, kept, "{printed}");
            assert_eq!(code::command(), command);
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

/// The crate at another path, as programs have it that depend on `afmpeg`.
mod facade {
    pub(crate) use afmpeg_cmd as cmd;
}

#[test]
fn code_is_printed_for_a_crate_at_another_path() {
    #[allow(unreachable_pub, reason = "the code is for any module")]
    mod code {
        include!("printed/facade.rs");
    }
    let line = "ffmpeg -i in.mkv -filter_complex '[0:v]split[a][b];[a]nullsink;[b]hflip[o]' -map '[o]' -t 1.5 out.mkv";
    let command = Command::parse_line(line).unwrap();
    let printed = command.to_rust_from("crate::facade::cmd");
    assert_eq!(printed, include_str!("printed/facade.rs"), "{printed}");
    assert_eq!(code::command(), command);
    assert!(!printed.contains("afmpeg_cmd"), "{printed}");
}

#[allow(unreachable_pub, reason = "the code is for any module")]
mod printed_lines {
    include!("printed/lines.rs");
}

/// If set, the printed lines are written to their file, for review.
const PRINT: &str = "AFMPEG_PRINT";

/// Returns a module with the code of a line.
fn module(title: &str, line: &str) -> (String, String) {
    let name = title.replace([',', ' '], "_").replace("__", "_").to_lowercase();
    let code = Command::parse_line(line).expect("a command").to_rust();
    let text = format!("// {title}\npub mod {name} {{\n{code}}}\n\n");
    (name, text)
}

#[test]
fn code_of_every_line_builds_its_command() {
    let (names, modules): (Vec<String>, Vec<String>) =
        LINES.iter().map(|(title, line, _)| module(title, line)).unzip();
    if env::var_os(PRINT).is_some() {
        let names: String = names.iter().map(|name| format!("    {name}::command,\n")).collect();
        let all = format!("pub const ALL: &[fn() -> afmpeg_cmd::Command] = &[\n{names}];\n");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/printed/lines.rs");
        fs::write(path, modules.concat() + &all).unwrap();
        return;
    }
    let kept = include_str!("printed/lines.rs");
    for text in modules {
        assert!(kept.contains(&text), "printed/lines.rs is out of date; {PRINT}=1 writes it:\n{text}");
    }
    assert_eq!(printed_lines::ALL.len(), LINES.len());
    for ((title, line, _), command) in LINES.iter().zip(printed_lines::ALL) {
        assert_eq!(command(), Command::parse_line(line).unwrap(), "{title}");
    }
}
