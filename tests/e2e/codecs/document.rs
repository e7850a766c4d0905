//! The tables of `docs/codecs.md`, which are those of the cases.

use super::{
    case::{Case, Comparison},
    libraries::{FFMPEG, of_encoder, pinned},
    pictures::{AV1, H264, HEVC, IMAGES, INTERMEDIATE, MPEG, VPX},
    sound::{EXACT, LOSSY},
    subtitles::CODECS,
};
use crate::harness::repository;

const HEAD: &str = "\
| codec | encoder | the module's version | the native version | compared with the native encoding | decoders |
|---|---|---|---|---|---|
";

/// Returns the versions of the encoder in the module and in native FFmpeg.
fn versions(encoder: &str) -> [String; 2] {
    let Some(library) = of_encoder(encoder) else {
        let version = format!("FFmpeg {}", pinned(FFMPEG));
        return [version.clone(), version];
    };
    let pinned = pinned(library.name);
    let ours = format!("{} {pinned}", library.name);
    match &library.stated {
        Some(stated) if pinned.contains(stated.ours) => [ours, stated.theirs.to_owned()],
        Some(stated) => [format!("{ours} ({})", stated.ours), stated.theirs.to_owned()],
        None => [ours, "not stated".to_owned()],
    }
}

fn comparison(case: &Case) -> String {
    let text = match case.comparison {
        Comparison::Same => "same bytes".to_owned(),
        Comparison::SameAsC => "same bytes as without assembly".to_owned(),
        Comparison::Close { .. } if case.is_lossless => String::new(),
        Comparison::Close { gain, size } => format!("{gain:+.2} dB, size {size:.3}"),
    };
    match case.comparison {
        Comparison::Close { size, .. } if case.is_lossless => format!("lossless, size {size:.3}"),
        _ if case.is_lossless => format!("lossless, {text}"),
        _ => text,
    }
}

fn row(codec: &str, encoder: &str, comparison: &str, decoders: &str) -> String {
    let [ours, theirs] = versions(encoder.split(' ').next().unwrap());
    format!("| {codec} | `{encoder}` | {ours} | {theirs} | {comparison} | {decoders} |\n")
}

fn table() -> String {
    let cases = [H264, HEVC, AV1, VPX, MPEG, INTERMEDIATE, IMAGES, LOSSY, EXACT].into_iter().flatten();
    let cases =
        cases.map(|case| row(case.codec, case.encoder, &comparison(case), &case.decoders.replace(' ', ", ")));
    let subtitles = CODECS
        .iter()
        .map(|subtitles| row(subtitles.codec, subtitles.encoder, "same bytes", subtitles.encoder));
    HEAD.to_owned() + &cases.chain(subtitles).collect::<String>()
}

#[test]
fn table_of_the_document_is_that_of_the_cases() {
    let table = table();
    let document = std::fs::read_to_string(repository().join("docs/codecs.md")).unwrap_or_default();
    assert!(document.contains(&table), "docs/codecs.md must contain this table:\n\n{table}");
}
