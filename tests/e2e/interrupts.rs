//! Finishing a job early with usable outputs.

use std::{
    io::{Read, Write as _},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use afmpeg_engine::{CancelToken, ErrorKind};
use afmpeg_vfs::{MemFs, VfsExt as _};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    command_line::binary,
    harness::{FULL_GPL, full, guest, judge, judge_host_file, module_path},
};

/// A cheap encode in real time, for a minute.
const MINUTE: &str = "-re -f lavfi -i testsrc2=s=160x90:d=60 -c:v libx264 -preset ultrafast";

/// The encoded duration to wait for.
const ENOUGH: Duration = Duration::from_secs(1);

fn minute(output: &str) -> Vec<String> {
    MINUTE.split_whitespace().chain([output]).map(str::to_owned).collect()
}

fn start(folder: &Path, options: &[&str]) -> Child {
    Command::new(binary())
        .current_dir(folder)
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .arg("run")
        .args(options)
        .arg("--")
        .args(["-stats_period", "0.1", "-progress", "progress"])
        .args(minute("x.mp4"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until FFmpeg reports `ENOUGH` of output.
fn wait_until_enough(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let report = std::fs::read_to_string(folder.join("progress")).unwrap_or_default();
        let times = report.lines().filter_map(|line| line.strip_prefix("out_time_us="));
        let latest: u128 = times.filter_map(|time| time.parse().ok()).max().unwrap_or(0);
        if latest >= ENOUGH.as_micros() {
            return;
        }
        assert!(Instant::now() < deadline, "too little was encoded: {report}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn signal_ends_ffmpeg_with_a_playable_file_and_its_exit_code() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = tempfile::tempdir().unwrap();
        let child = start(folder.path(), &[]);
        wait_until_enough(folder.path());
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(255), "{signal:?}: {log}");
        assert!(!log.contains("error:"), "{log}");
        let duration = judge_host_file(&folder.path().join("x.mp4")).duration();
        assert!((ENOUGH.as_secs_f64()..59.0).contains(&duration), "{signal:?}: {duration}");
    }
}

#[test]
fn result_of_an_interrupted_job_is_an_error_of_the_kind_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let child = start(folder.path(), &["--json"]);
    wait_until_enough(folder.path());
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&result["result"], &result["exit_code"]), (&"error".into(), &255.into()), "{result}");
    assert_eq!(result["error"]["kind"], "cancelled", "{result}");
    assert!(result["output_seconds"].as_f64().unwrap() >= ENOUGH.as_secs_f64(), "{result}");
}

#[test]
fn signal_while_standard_input_waits_is_not_reported_as_damage() {
    let mut child = Command::new(binary())
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .args(["run", "-i", "-", "-f", "null", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // More than a pipe holds, so that FFmpeg has started to read, but too little to detect a format.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&[0; 128 << 10]).unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(255), "{log}");
    assert!(!log.contains("error:"), "{log}");
}

#[test]
fn fourth_signal_ends_a_job_that_waits_for_a_server() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.local_addr().unwrap());
    let mut child = Command::new(binary())
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .args(["run", "--allow-url", &url, "-i", &format!("{url}clip.mp4"), "-f", "null", "-"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It never sends a response.
    let waiting = server.accept().unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    };
    drop(waiting);
    assert_eq!(status.code(), Some(123));
}

#[test]
fn key_q_on_a_terminal_ends_the_job_like_native_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let command = [binary().display().to_string(), "run -- -stats_period 0.1 -progress progress".to_owned()];
    let command = format!("{} {}", command.join(" "), minute("x.mp4").join(" "));
    // Debian's `script` runs a command on a new terminal, and passes its standard input on as keys.
    let mut terminal = Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--command",
            &format!("{command}; code=$?; stty -a; exit $code"),
            "/dev/null",
        ])
        .current_dir(folder.path())
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until_enough(folder.path());
    let mut keys = terminal.stdin.take().unwrap();
    keys.write_all(b"q").unwrap();
    keys.flush().unwrap();
    let output = terminal.wait_with_output().unwrap();
    drop(keys);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("[q] command received"), "{shown}");
    for mode in [" icanon", " echo", " icrnl"] {
        assert!(shown.contains(mode), "the terminal was not restored: no{mode} in {shown}");
    }
    let duration = judge_host_file(&folder.path().join("x.mp4")).duration();
    assert!((ENOUGH.as_secs_f64()..59.0).contains(&duration), "{duration}");
}

#[test]
fn finished_job_succeeds_with_playable_outputs() {
    let fs = MemFs::new();
    let job = full().runtime.job(fs.clone()).args(["-stats_period", "0.1"]).args(minute("x.mp4"));
    let job = job.spawn().unwrap();
    let progress = job.progress();
    let deadline = Instant::now() + Duration::from_secs(120);
    while progress.latest().time.unwrap_or_default() < ENOUGH {
        assert!(Instant::now() < deadline, "too little was encoded: {:?}", progress.latest());
        std::thread::sleep(Duration::from_millis(20));
    }
    job.finish();
    job.wait().unwrap();
    let duration = judge(&fs, "/x.mp4").duration();
    assert!((ENOUGH.as_secs_f64()..59.0).contains(&duration), "{duration}");
}

#[test]
fn finish_ends_a_job_whose_standard_input_waits() {
    let tone = full().ffmpeg(&MemFs::new(), "-f lavfi -i sine=d=2 -f wav -").stdout().to_vec();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let fs = MemFs::new();
    let args = ["-f", "wav", "-i", "-", "-c:a", "pcm_s16le", "x.wav"];
    let job = full().runtime.job(fs.clone()).args(args).stdin(reader).spawn().unwrap();
    // The other half is never written.
    writer.write_all(&tone[..tone.len() / 2]).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    job.finish();
    job.wait().unwrap();
    assert!(fs.read("/x.wav").unwrap().len() > 44_100);
    drop(writer);
}

/// A standard input that finishes its job at the first read.
struct Finishing(CancelToken);

impl Read for Finishing {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.0.finish();
        buf.fill(0);
        Ok(buf.len())
    }
}

#[test]
fn finish_before_the_files_are_open_cancels_the_job() {
    let token = CancelToken::new();
    let fs = MemFs::new();
    let job = full().runtime.job(fs.clone()).args(["-i", "-", "x.mp4"]).stdin(Finishing(token.clone()));
    let error = job.cancel_token(&token).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}: {:?}", error.log());
    assert!(!fs.exists("/x.mp4"));
}

#[test]
fn finish_cancels_a_program_that_cannot_finish() {
    let token = CancelToken::new();
    let job = guest("limits").job(MemFs::new()).args(["main", "spin"]).cancel_token(&token).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(100));
    token.finish();
    assert_eq!(job.wait().unwrap_err().kind(), ErrorKind::Cancelled);
}
