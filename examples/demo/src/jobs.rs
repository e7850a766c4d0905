//! The jobs of the demonstration.

/// One ffmpeg command line.
pub(crate) struct Job {
    /// The job's name in the table.
    pub(crate) name: &'static str,
    /// The output file.
    pub(crate) output: &'static str,
    /// The output's duration in seconds; 0 for a picture.
    pub(crate) seconds: f64,
    pub(crate) args: Vec<String>,
    /// Small text files that the command line reads.
    pub(crate) texts: Vec<(&'static str, String)>,
}

pub(crate) const CONTACT_SHEET: &str = "contact-sheet.png";

const CLIP: &str = "bigbuckbunny.mp4";
const CLIP_SECONDS: f64 = 5.28;

/// The reel: three stills of 3 s each, joined by two crossfades of 0.5 s.
const STILL_SECONDS: f64 = 3.0;
const FADE_SECONDS: f64 = 0.5;
const REEL_SECONDS: f64 = 3.0 * STILL_SECONDS - 2.0 * FADE_SECONDS;

/// Returns the total duration of all outputs in seconds, the length of the progress bar.
pub(crate) fn seconds_of_output() -> f64 {
    all().iter().map(|job| job.seconds).sum()
}

/// Returns the jobs in order: later ones read the outputs of earlier ones.
pub(crate) fn all() -> Vec<Job> {
    let mut jobs = vec![
        job(
            "transcode",
            "transcode.mkv",
            CLIP_SECONDS,
            &["-i", CLIP, "-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "-ac", "2"],
        ),
        job(
            "scale",
            "scale.mp4",
            CLIP_SECONDS,
            &[
                "-i",
                CLIP,
                "-vf",
                "scale=640:-2",
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-c:a",
                "copy",
                "-movflags",
                "+faststart",
            ],
        ),
        job(
            "overlay",
            "overlay.mp4",
            CLIP_SECONDS,
            &[
                "-i",
                CLIP,
                "-i",
                "scale.mp4",
                "-filter_complex",
                "[1:v]scale=320:-2,hflip[small];[0:v][small]overlay=W-w-24:24[v]",
                "-map",
                "[v]",
                "-map",
                "0:a",
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-c:a",
                "copy",
            ],
        ),
        Job {
            texts: vec![("/concat.txt", "file scale.mp4\nfile scale.mp4\n".to_owned())],
            ..job(
                "concat",
                "concat.mp4",
                2.0 * CLIP_SECONDS,
                &["-f", "concat", "-i", "concat.txt", "-c", "copy"],
            )
        },
        job(
            "thumbnail",
            "thumbnail.png",
            0.0,
            &["-ss", "2", "-i", CLIP, "-vf", "thumbnail=25,scale=640:-2", "-frames:v", "1", "-update", "1"],
        ),
        job("audio extract", "audio.flac", CLIP_SECONDS, &["-i", CLIP, "-vn", "-c:a", "flac"]),
    ];
    for (still, at) in [("still-1.png", "0.4"), ("still-2.png", "2.6"), ("still-3.png", "4.8")] {
        jobs.push(job("still", still, 0.0, &["-ss", at, "-i", CLIP, "-frames:v", "1", "-update", "1"]));
    }
    jobs.push(reel());
    jobs.push(job(
        "contact sheet",
        CONTACT_SHEET,
        0.0,
        &[
            "-i",
            "overlay.mp4",
            "-i",
            "reel.mp4",
            "-filter_complex",
            "[0:v]fps=1,scale=320:180,setsar=1[a];[1:v]fps=1,scale=320:180,setsar=1[b];\
             [a][b]concat=n=2:v=1,tile=4x4:padding=6:margin=6:color=0x202020[sheet]",
            "-map",
            "[sheet]",
            "-frames:v",
            "1",
            "-update",
            "1",
        ],
    ));
    jobs
}

/// Looped stills, a chain of crossfades, two sounds mixed with a limiter, and the index moved to the front.
fn reel() -> Job {
    let mut args: Vec<String> = Vec::new();
    for still in ["still-1.png", "still-2.png", "still-3.png"] {
        let seconds = STILL_SECONDS.to_string();
        args.extend(["-loop", "1", "-framerate", "25", "-t", &seconds, "-i", still].map(str::to_owned));
    }
    args.extend(["-i", "alarm-clock-elapsed.oga", "-i", "complete.oga"].map(str::to_owned));

    let conform = "scale=1280:720,setsar=1,fps=25,format=yuv420p,settb=AVTB";
    let first = STILL_SECONDS - FADE_SECONDS;
    let second = 2.0 * first;
    let graph = format!(
        "[0:v]{conform}[s0];[1:v]{conform}[s1];[2:v]{conform}[s2];\
         [s0][s1]xfade=transition=fade:duration={FADE_SECONDS}:offset={first}[x0];\
         [x0][s2]xfade=transition=slideleft:duration={FADE_SECONDS}:offset={second}[v];\
         [3:a]volume=0.5,apad[bed];[4:a]adelay=2500:all=1,apad[chime];\
         [bed][chime]amix=inputs=2:normalize=0,alimiter=limit=0.9:level=0,atrim=duration={REEL_SECONDS}[a]"
    );
    args.extend(["-filter_complex", &graph, "-map", "[v]", "-map", "[a]"].map(str::to_owned));
    args.extend(
        ["-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "-movflags", "+faststart"]
            .map(str::to_owned),
    );
    Job { args: finish(args, "reel.mp4"), ..job("reel", "reel.mp4", REEL_SECONDS, &[]) }
}

fn job(name: &'static str, output: &'static str, seconds: f64, args: &[&str]) -> Job {
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    Job { name, output, seconds, args: finish(args, output), texts: Vec::new() }
}

fn finish(mut args: Vec<String>, output: &str) -> Vec<String> {
    args.extend(["-y".to_owned(), output.to_owned()]);
    args
}
