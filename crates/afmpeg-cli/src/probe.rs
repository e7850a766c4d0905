//! `afmpeg probe`: shows format, duration and streams of media files.

use std::{fmt::Write as _, path::Path};

use afmpeg_engine::{Probe, Runtime, probe::Stream};

use crate::{
    failure::Failure,
    media_file::MediaFile,
    module,
    options::ProbeOptions,
    output::{Reader, print},
};

pub(crate) fn probe(options: &ProbeOptions) -> Result<(), Failure> {
    let runtime = module::load(&options.module)?;
    let mut failed = None;
    for file in &options.files {
        match describe(&runtime, file, options.json) {
            Ok(text) => {
                if print(&text)? == Reader::Closed {
                    break;
                }
            }
            Err(failure) => {
                failure.print();
                failed.get_or_insert(failure.silent());
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

fn describe(runtime: &Runtime, file: &Path, as_json: bool) -> Result<String, Failure> {
    let media = MediaFile::open(file)?;
    let probe = runtime.probe(media.fs, &media.path)?;
    if as_json { json(&probe) } else { Ok(summary(file, &probe)) }
}

fn json(probe: &Probe) -> Result<String, Failure> {
    serde_json::to_string_pretty(probe).map(|text| text + "\n").map_err(|error| {
        Failure::filesystem(format!("cannot write ffprobe's output as JSON: {error}"), "please report it")
    })
}

/// Returns one line for the file, and one for each stream and each chapter.
fn summary(file: &Path, probe: &Probe) -> String {
    let mut text = file.display().to_string();
    if let Some(format) = &probe.format {
        let facts = [
            format.format_name.clone(),
            probe.duration().map(|duration| format!("{:.3} s", duration.as_secs_f64())),
            format.size().map(|bytes| format!("{bytes} bytes")),
            format.bit_rate().map(kilobits),
        ];
        push_facts(&mut text, facts);
    }
    text.push('\n');
    for stream in &probe.streams {
        text.push_str(&stream_line(stream));
    }
    for (number, chapter) in probe.chapters.iter().enumerate() {
        let _ = write!(text, "  chapter {}", number + 1);
        push_facts(
            &mut text,
            [chapter.start_time().map(|start| format!("{start} s")), chapter.title().map(str::to_owned)],
        );
        text.push('\n');
    }
    text
}

fn stream_line(stream: &Stream) -> String {
    let kind = stream.codec_type.as_deref().unwrap_or("unknown");
    let mut line = format!("  #{} {kind}", stream.index);
    let codec = stream.codec_name.as_ref().map(|name| match &stream.profile {
        Some(profile) => format!("{name} ({profile})"),
        None => name.clone(),
    });
    let size = stream.size().map(|(width, height)| format!("{width}x{height}"));
    push_facts(
        &mut line,
        [
            codec,
            size,
            stream.pix_fmt.clone(),
            stream.frame_rate().map(|rate| format!("{} fps", (rate.as_f64() * 1000.0).round() / 1000.0)),
            stream.sample_rate().map(|rate| format!("{rate} Hz")),
            stream.channel_layout.clone().or_else(|| Some(format!("{} channels", stream.channels?))),
            stream.rotation().map(|degrees| format!("rotated by {degrees}°")),
            stream.bit_rate().map(kilobits),
            stream.language().map(str::to_owned),
        ],
    );
    line.push('\n');
    line
}

fn push_facts(text: &mut String, facts: impl IntoIterator<Item = Option<String>>) {
    for fact in facts.into_iter().flatten() {
        text.push_str("  ");
        text.push_str(&fact);
    }
}

fn kilobits(bits: u64) -> String {
    format!("{} kb/s", bits / 1000)
}
