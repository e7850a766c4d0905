//! Every way that FFmpeg has to reach a file or a host, against canaries outside the job's folder.
//!
//! Each way first has to work on the job's own copy of the canary, so that a later failure is due to the target.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind::WouldBlock,
    net::{TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use afmpeg_engine::{Output, Result, Runtime};
use afmpeg_vfs::HostDir;

use crate::harness::{FULL_GPL, fixture, full, module_path, repository};

const SECRET: &str = "the canary sings";

/// Commands that read a file whose name starts with `{T}`.
const READS: &[&str] = &[
    "-f s8 -ar 8000 -ac 1 -i {T}.txt -f s8 -y stolen.nut",
    "-f s8 -ar 8000 -ac 1 -i file:{T}.txt -f s8 -y stolen.nut",
    "-f s8 -ar 8000 -ac 1 -i concat:{T}.txt -f s8 -y stolen.nut",
    "-f s8 -ar 8000 -ac 1 -i concatf:{T}.list -f s8 -y stolen.nut",
    "-f s8 -ar 8000 -ac 1 -i subfile,,start,0,end,9,,:{T}.txt -f s8 -y stolen.nut",
    "-f s8 -ar 8000 -ac 1 -i cache:{T}.txt -f s8 -y stolen.nut",
    "-f s8 -ar 8000 -ac 1 -i async:{T}.txt -f s8 -y stolen.nut",
    "-f concat -safe 0 -i list.ffconcat -c copy -y stolen.nut",
    "-f hls -allowed_extensions ALL -extension_picky 0 -i list.m3u8 -c copy -y stolen.nut",
    "-f image2 -i {T}%d.png -c copy -y stolen.nut",
    "-f image2 -pattern_type glob -i {T}*.png -c copy -y stolen.nut",
    "-f ffmetadata -i {T}.meta -f lavfi -i sine=d=0.1 -map 1 -map_metadata 0 -y stolen.nut",
    "-f lavfi -i sine=d=0.1 -/metadata {T}.opt -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -/vf {T}.graph -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -/filter_complex {T}.graph -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -vf lut3d=file={T}.cube -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -vf lut1d=file={T}1.cube -y stolen.nut",
    "-f lavfi -i sine=d=0.1 -af asendcmd=f={T}.cmd,volume -y stolen.nut",
    "-f lavfi -i amovie={T}.wav -y stolen.nut",
    "-f lavfi -i movie={T}1.png -y stolen.nut",
    "-f lavfi -i sine=d=0.1 -attach {T}.txt -metadata:s:t mimetype=text/plain -f matroska -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -c:v mpeg4 -fpre {T}.ffpreset -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -vf drawtext=text=a:fontfile={T}.ttf -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -vf drawtext=textfile={T}.txt:fontfile=/own/canary.ttf -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -vf subtitles={T}.srt:fontsdir=/own -y stolen.nut",
    "-f lavfi -i color=s=16x16:d=0.1 -vf ass={T}.ass:fontsdir=/own -y stolen.nut",
    "-f lavfi -i color=s=64x64:d=0.1 -c:v libx265 -x265-params lambda-file={T}.lambda -y stolen.nut",
];

/// Commands that write a file whose name starts with `{T}`.
const WRITES: &[&str] = &[
    "-f lavfi -i sine=d=0.1 -y {T}.new.wav",
    "-f lavfi -i sine=d=0.1 -y file:{T}.new.wav",
    "-f lavfi -i sine=d=0.1 -c:a pcm_s16le -f tee -map 0 [f=wav]{T}.new.wav",
    "-f lavfi -i sine=d=0.1 -f md5 -y md5:{T}.new.md5",
    "-f lavfi -i sine=d=0.1 -f segment -segment_list {T}.new.csv {T}.new%d.wav",
    "-f lavfi -i sine=d=0.1 -f hls -hls_segment_filename {T}.new%d.ts own.m3u8",
    "-f lavfi -i color=s=16x16:d=0.1 -f image2 {T}.new%d.png",
    "-f lavfi -i sine=d=0.1 -af astats=metadata=1,ametadata=print:file={T}.new.txt -f null -",
    "-f lavfi -i color=s=16x16:d=0.1 -vf signalstats,metadata=print:file={T}.new.txt -f null -",
    "-f lavfi -i color=s=16x16:d=0.1 -f lavfi -i color=s=16x16:d=0.1 -lavfi psnr=stats_file={T}.new.txt -f null -",
    "-f lavfi -i color=s=16x16:d=0.1 -vstats_file {T}.new.txt -f null -",
    "-f lavfi -i color=s=16x16:d=0.1 -c:v libx264 -pass 1 -passlogfile {T}.new -f null -",
    "-f lavfi -i color=s=64x64:d=0.1 -c:v libx265 -x265-params csv={T}.new.csv -f null -",
    "-f lavfi -i color=s=16x16:d=0.1 -progress {T}.new.txt -f null -",
    "-f lavfi -i color=s=16x16:d=0.1 -print_graphs_file {T}.new.txt -f null -",
    "-dump_attachment:t {T}.new.txt -i own/attached.mkv -f null -",
];

/// A folder with canaries, and with a folder `inside` that a job may read and write.
struct Cage {
    outer: tempfile::TempDir,
    inside: PathBuf,
}

/// The contents of a folder's files, and the times of their last change and read.
type Snapshot = BTreeMap<PathBuf, (Vec<u8>, SystemTime, SystemTime)>;

impl Cage {
    fn new(runtime: &Runtime) -> Self {
        // Not in /tmp: a job has its own.
        let outer = tempfile::tempdir_in(repository().join("target")).unwrap();
        let inside = outer.path().join("inside");
        let own = inside.join("own");
        fs::create_dir_all(&own).unwrap();
        let texts = [
            ("canary.txt", SECRET.to_owned()),
            ("canary.meta", format!(";FFMETADATA1\ntitle={SECRET}\n")),
            ("canary.opt", format!("title={SECRET}")),
            ("canary.graph", "null".to_owned()),
            ("canary.list", "file:/own/canary.txt\n".to_owned()),
            ("canary.cmd", "0.0 volume volume 0.5;".to_owned()),
            ("canary.ffpreset", "b=100000\n".to_owned()),
            ("canary.srt", format!("1\n00:00:00,000 --> 00:00:01,000\n{SECRET}\n")),
            (
                "canary.ass",
                format!(
                    "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.00,0:00:01.00,{SECRET}\n"
                ),
            ),
            ("canary.lambda", "1.0\n".repeat(140)),
            ("canary.cube", "LUT_3D_SIZE 2\n".to_owned() + &"0 0 0\n1 1 1\n".repeat(4)),
            ("canary1.cube", "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n".to_owned()),
        ];
        for (name, text) in texts {
            fs::write(own.join(name), text).unwrap();
        }
        fs::write(own.join("canary.ttf"), fixture("DejaVuSansMono.ttf")).unwrap();
        let media = "-f lavfi -i sine=d=0.1 -f lavfi -i color=s=16x16:d=0.1 -map 0 own/canary.wav -map 0 own/canary.ts \
            -map 1 -frames:v 1 own/canary1.png \
            -map 0 -attach own/canary.txt -metadata:s:t mimetype=text/plain -metadata:s:t filename=a own/attached.mkv";
        runtime.run(HostDir::open(&inside).unwrap(), media.split_whitespace()).unwrap();
        for entry in fs::read_dir(&own).unwrap() {
            let file = entry.unwrap().path();
            fs::copy(&file, outer.path().join(file.file_name().unwrap())).unwrap();
        }
        let link = |target: &Path, name: &str| std::os::unix::fs::symlink(target, inside.join(name)).unwrap();
        link(Path::new(".."), "up");
        link(outer.path(), "absolute");
        fs::create_dir(inside.join("links")).unwrap();
        for entry in fs::read_dir(&own).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            link(&outer.path().join(&name), &format!("links/{name}"));
        }
        Self { outer, inside }
    }

    /// Returns paths of `canary` outside the job's folder.
    fn ways_out(&self) -> Vec<String> {
        let absolute = self.outer.path().join("canary").display().to_string();
        let ways =
            ["../canary", "/../canary", "own/../../canary", "up/canary", "absolute/canary", "links/canary"];
        ways.into_iter().map(str::to_owned).chain([absolute]).collect()
    }

    fn run(&self, runtime: &Runtime, command: &str, target: &str) -> Result<Output> {
        fs::write(self.inside.join("list.ffconcat"), format!("ffconcat version 1.0\nfile '{target}.wav'\n"))
            .unwrap();
        let playlist = format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}.ts\n#EXT-X-ENDLIST\n");
        fs::write(self.inside.join("list.m3u8"), playlist).unwrap();
        let command = command.replace("{T}", target);
        runtime.run(HostDir::open(&self.inside).unwrap(), command.split(' '))
    }

    /// Sets the times of the canaries far back, so that reads show, and returns their contents and times.
    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new();
        let files = fs::read_dir(self.outer.path()).unwrap().map(|entry| entry.unwrap().path());
        for path in files.filter(|path| !path.is_dir()) {
            let bytes = fs::read(&path).unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            // If the system records reads at all, it does so when the last one is older than a day.
            let times = fs::FileTimes::new();
            let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            file.set_times(times.set_accessed(long_ago).set_modified(long_ago)).unwrap();
            let times = file.metadata().unwrap();
            snapshot.insert(path, (bytes, times.modified().unwrap(), times.accessed().unwrap()));
        }
        snapshot
    }

    /// Checks that no file outside the job's folder was created, removed, changed or read.
    #[track_caller]
    fn assert_untouched(&self, before: &Snapshot, attempt: &str) {
        let mut after = Snapshot::new();
        for entry in fs::read_dir(self.outer.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                assert_eq!(path, self.inside, "{attempt}");
                continue;
            }
            let times = fs::metadata(&path).unwrap();
            let (modified, accessed) = (times.modified().unwrap(), times.accessed().unwrap());
            after.insert(path.clone(), (fs::read(&path).unwrap(), modified, accessed));
        }
        let names = |snapshot: &Snapshot| snapshot.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(before), names(&after), "{attempt}");
        for (path, file) in before {
            assert!(after[path] == *file, "{attempt}: {} was read or changed", path.display());
        }
    }
}

fn has_secret(bytes: &[u8]) -> bool {
    bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
}

#[test]
fn no_option_filter_or_protocol_reads_outside_the_jobs_folder() {
    let runtime = full().runtime;
    let cage = Cage::new(&runtime);
    for command in READS {
        let own = cage.run(&runtime, command, "/own/canary");
        own.unwrap_or_else(|error| panic!("{command}: {error}\n{}", error.log().join("\n")));
        for way in cage.ways_out() {
            let _ = fs::remove_file(cage.inside.join("stolen.nut"));
            let before = cage.snapshot();
            let ending = cage.run(&runtime, command, &way);
            let attempt = format!("{command} with {way}");
            assert!(ending.is_err(), "{attempt}");
            cage.assert_untouched(&before, &attempt);
            assert!(!has_secret(&fs::read(cage.inside.join("stolen.nut")).unwrap_or_default()), "{attempt}");
        }
    }
}

#[test]
fn no_font_is_found_outside_the_jobs_folder() {
    let runtime = full().runtime;
    let cage = Cage::new(&runtime);
    let drawn = |folder: &str| {
        let graph = format!("color=s=64x64:d=0.1,subtitles=/own/canary.srt:fontsdir={folder}");
        let command = ["-f", "lavfi", "-i", &graph, "-f", "rawvideo", "-"];
        let ending = runtime.run(HostDir::open(&cage.inside).unwrap(), command);
        ending
            .unwrap_or_else(|error| panic!("{folder}: {error}\n{}", error.log().join("\n")))
            .stdout()
            .to_vec()
    };
    let blank = drawn("/nowhere");
    assert!(drawn("/own") != blank);
    for way in cage.ways_out() {
        let before = cage.snapshot();
        let folder = way.strip_suffix("canary").unwrap();
        assert!(drawn(folder) == blank, "{folder}");
        cage.assert_untouched(&before, folder);
    }
}

#[test]
fn no_option_filter_or_muxer_writes_outside_the_jobs_folder() {
    let runtime = full().runtime;
    let cage = Cage::new(&runtime);
    let own = || fs::read_dir(cage.inside.join("own")).unwrap().count();
    for command in WRITES {
        let before = own();
        // A dump of an attachment is written although the job fails without an output.
        let ending = cage.run(&runtime, command, "/own/canary");
        assert!(
            own() > before,
            "{command} writes nothing: {:?}",
            ending.map(|output| output.log().to_owned())
        );
        for entry in fs::read_dir(cage.inside.join("own")).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_name().to_string_lossy().contains(".new") {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        for way in cage.ways_out() {
            let before = cage.snapshot();
            // `..` stays at the root: a write may go there.
            let _ = cage.run(&runtime, command, &way);
            cage.assert_untouched(&before, &format!("{command} with {way}"));
        }
    }
}

#[test]
fn no_url_opens_a_connection() {
    let runtime = full().runtime;
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let udp = UdpSocket::bind(("127.0.0.1", port)).unwrap();
    tcp.set_nonblocking(true).unwrap();
    udp.set_nonblocking(true).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for scheme in [
        "http",
        "https",
        "tcp",
        "tls",
        "udp",
        "udplite",
        "rtp",
        "srtp",
        "rtmp",
        "rtmps",
        "rtmpt",
        "rtsp",
        "ftp",
        "sftp",
        "gopher",
        "gophers",
        "mmsh",
        "mmst",
        "srt",
        "rist",
        "zmq:tcp",
        "ipfs",
        "smb",
        "icecast",
        "sctp",
        "unix",
        "amqp",
        "hls+http",
        "crypto+http",
        "cache:http",
        "async:tcp",
        "concat:http",
        "subfile,,start,0,end,9,,:http",
    ] {
        let url = format!("{scheme}://127.0.0.1:{port}/a.ts");
        let playlist = format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n");
        fs::write(folder.path().join("list.m3u8"), playlist).unwrap();
        fs::write(folder.path().join("list.txt"), format!("file '{url}'\n")).unwrap();
        let source = ["-f", "lavfi", "-i", "sine=d=0.1"];
        let whitelist =
            ["-protocol_whitelist", "ALL,file,http,https,tcp,tls,udp,rtp,crypto,data,cache,async,concat"];
        let hls = ["-f", "hls", "-allowed_extensions", "ALL", "-extension_picky", "0", "-i", "list.m3u8"];
        let movie = format!("amovie={}", url.replace(':', "\\\\:"));
        let attempts: [Vec<&str>; 6] = [
            vec!["-i", &url],
            [&whitelist[..], &hls].concat(),
            [&whitelist[..], &["-f", "concat", "-safe", "0", "-i", "list.txt"]].concat(),
            vec!["-f", "lavfi", "-i", &movie],
            [&source[..], &["-f", "mpegts", &url]].concat(),
            [&["-progress", &url], &source[..]].concat(),
        ];
        for attempt in attempts {
            let ending = runtime
                .run(HostDir::open(folder.path()).unwrap(), [&attempt[..], &["-f", "null", "-"]].concat());
            assert!(ending.is_err(), "{attempt:?}");
            assert_eq!(tcp.accept().unwrap_err().kind(), WouldBlock, "{attempt:?}");
            assert_eq!(udp.recv(&mut [0; 9]).unwrap_err().kind(), WouldBlock, "{attempt:?}");
        }
    }
}

#[test]
fn environment_of_the_host_does_not_reach_the_guest() {
    let folder = tempfile::tempdir().unwrap();
    let test = std::env::current_exe().unwrap();
    let binary = test.parent().unwrap().parent().unwrap().join("afmpeg");
    fs::create_dir(folder.path().join("presets")).unwrap();
    fs::write(folder.path().join("presets/canary.ffpreset"), "b=100000\n").unwrap();
    let run = |args: &[&str]| {
        Command::new(&binary)
            .current_dir(folder.path())
            .env("AFMPEG_MODULE", module_path(FULL_GPL))
            .env("FFREPORT", "file=report.log:level=48")
            .env("FFMPEG_DATADIR", folder.path().join("presets"))
            .args(["run", "--"])
            .args(["-f", "lavfi", "-i", "color=s=16x16:d=0.1"])
            .args(args)
            .output()
            .unwrap()
    };
    let output = run(&["-f", "null", "-"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!folder.path().join("report.log").exists());
    let output = run(&["-c:v", "mpeg4", "-vpre", "canary", "-f", "null", "-"]);
    assert!(!output.status.success());
}
