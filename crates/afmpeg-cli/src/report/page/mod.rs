//! The page: one HTML document that loads nothing.

mod bit_rate;
mod chapters;
mod container;
mod facts_list;
mod frames;
mod key_frames;
mod problem_list;
mod sound;
mod streams;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    facts::{FileFacts, MediaFacts},
    problems::{Problem, problems},
    units,
    unread::Unread,
};

const STYLE: &str = include_str!("../style.css");

/// Refuses everything but the page itself: no script runs, and nothing is loaded.
const POLICY: &str =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Returns the page about these files, made by this version of FFmpeg.
pub(crate) fn page(files: &[FileFacts], ffmpeg: &str) -> String {
    let found: Vec<Vec<Problem>> =
        files.iter().map(|file| file.media.as_ref().map(problems).unwrap_or_default()).collect();
    let title = match files {
        [file] => format!("Report: {}", file.name),
        _ => format!("Report: {} files", files.len()),
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.page {
                    h1 { "Media report" }
                    p { (units::counted(files.len() as u64, "file")) }
                }
                main {
                    @if files.len() > 1 { (overview(files, &found)) }
                    @for (number, (file, problems)) in (1_usize..).zip(files.iter().zip(&found)) {
                        (file_section(file, problems, &anchor(number)))
                    }
                }
                footer {
                    p {
                        "Made by afmpeg " (env!("CARGO_PKG_VERSION")) " with FFmpeg " (ffmpeg)
                        ". Times count from the start of each file."
                    }
                }
            }
        }
    };
    page.into_string()
}

fn anchor(number: usize) -> String {
    format!("file-{number}")
}

fn overview(files: &[FileFacts], found: &[Vec<Problem>]) -> Markup {
    html! {
        nav.overview aria-label="Files" {
            ol {
                @for (number, (file, problems)) in (1_usize..).zip(files.iter().zip(found)) {
                    li {
                        a href={ "#" (anchor(number)) } { bdi { (file.name) } }
                        @match &file.media {
                            Ok(media) => {
                                span.summary { (headline(media)) }
                                span.badges { (problem_list::badges(problems)) }
                            }
                            Err(_) => {
                                span.summary {}
                                span.badges { span.badge.error { "Cannot be read" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn file_section(file: &FileFacts, problems: &[Problem], anchor: &str) -> Markup {
    html! {
        article.file id=(anchor) aria-labelledby={ (anchor) "-name" } {
            header {
                h2 id={ (anchor) "-name" } { bdi { (file.name) } }
                @match &file.media {
                    Ok(media) => {
                        p.summary { (headline(media)) }
                        ul.contents {
                            @for stream in media.probe.streams.iter().take(MOST_SUMMARIES) {
                                li { bdi { (streams::summary(stream)) } }
                            }
                            @if media.probe.streams.len() > MOST_SUMMARIES {
                                li {
                                    "and "
                                    (units::counted((media.probe.streams.len() - MOST_SUMMARIES) as u64, "more stream"))
                                }
                            }
                        }
                        p.badges { (problem_list::badges(problems)) }
                    }
                    Err(_) => p.badges { span.badge.error { "Cannot be read" } },
                }
            }
            @match &file.media {
                Ok(media) => (sections(media, problems, &file.name, anchor)),
                Err(error) => (unread(error)),
            }
        }
    }
}

/// The most streams in the headline of a file.
const MOST_SUMMARIES: usize = 6;

fn sections(media: &MediaFacts, problems: &[Problem], name: &str, anchor: &str) -> Markup {
    let sections = [
        ("frames", "Frames", frames::section(media, anchor)),
        ("bit-rate", "Bit rate", bit_rate::section(media)),
        ("key-frames", "Frame and key-frame distances", key_frames::section(media)),
        ("sound", "Sound", sound::section(media)),
        ("streams", "Streams", Some(streams::section(media))),
        ("chapters", "Chapters", chapters::section(media)),
        ("container", "Container", Some(container::section(media))),
    ];
    let sections: Vec<_> =
        sections.into_iter().filter_map(|(end, title, content)| Some((end, title, content?))).collect();
    // A problem can be the reason why a section is missing.
    let target = |problem: &Problem| {
        let own = problem.section.anchor();
        let end = if sections.iter().any(|(end, ..)| *end == own) { own } else { "streams" };
        format!("#{anchor}-{end}")
    };
    html! {
        section id={ (anchor) "-problems" } {
            h3 { "Problems" }
            (problem_list::section(problems, name, target))
        }
        @for (end, title, content) in &sections {
            section id={ (anchor) "-" (end) } {
                h3 { (title) }
                (content)
            }
        }
    }
}

/// The section of a file without facts.
fn unread(error: &Unread) -> Markup {
    html! {
        section {
            ul.problems {
                li.error {
                    p { strong.severity { "Error" } " " bdi { (error.message) } }
                    @if let Some(hint) = &error.hint { p.fix { "Hint: " bdi { (hint) } } }
                }
            }
        }
    }
}

/// Returns the format, duration, size and bit rate of a file.
fn headline(media: &MediaFacts) -> String {
    let format = media.probe.format.as_ref();
    let duration = Some(media.duration()).filter(|duration| !duration.is_zero() && !media.probe.is_image());
    let size = format.and_then(|format| format.size());
    let rate = size.zip(duration).map(|(size, duration)| size as f64 * 8.0 / duration.as_secs_f64());
    let parts = [
        format.and_then(|format| format.format_long_name.clone()),
        duration.map(units::duration),
        size.map(units::bytes),
        rate.map(units::bit_rate),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
