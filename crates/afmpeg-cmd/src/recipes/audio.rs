use serde::{Deserialize, Serialize};

use super::error::RecipeError;
use crate::{Audio, Codec, Filter, Input, MediaKind, Output, Probe, Stream, containers::Container};

/// File extensions for audio of one family of codecs.
const SINGLE_CODEC: &[(&str, &[&str])] = &[
    ("m4a", &["aac", "alac"]),
    ("mp3", &["mp3"]),
    ("mp2", &["mp2"]),
    ("opus", &["opus"]),
    ("ogg", &["vorbis", "speex"]),
    ("flac", &["flac"]),
    ("ac3", &["ac3"]),
    ("eac3", &["eac3"]),
    ("dts", &["dts"]),
    ("thd", &["truehd"]),
    ("wv", &["wavpack"]),
    ("tta", &["tta"]),
    ("amr", &["amr_nb", "amr_wb"]),
    ("wma", &["wmav1", "wmav2", "wmapro", "wmalossless", "wmavoice"]),
    ("gsm", &["gsm"]),
    ("sbc", &["sbc"]),
    ("aptx", &["aptx"]),
    ("aptxhd", &["aptx_hd"]),
];

/// File extensions for audio of many codecs.
const SHARED: &[&str] = &["wav", "aiff", "caf", "mka", "flv"];

/// Returns the extension of an audio file that holds a codec, by ffprobe's name; `None` if no such file exists, as for
/// the PCM of DVDs and Blu-rays.
///
/// ```
/// use afmpeg_cmd::recipes::audio_ending;
///
/// let codecs = ["aac", "opus", "pcm_s16le", "pcm_f32be", "cook", "nellymoser"];
/// assert_eq!(codecs.map(|codec| audio_ending(codec).unwrap()), ["m4a", "opus", "wav", "aiff", "mka", "flv"]);
/// assert_eq!(audio_ending("pcm_bluray"), None);
/// ```
pub fn audio_ending(codec: &str) -> Option<&'static str> {
    if let Some((ending, _)) = SINGLE_CODEC.iter().find(|(_, codecs)| codecs.contains(&codec)) {
        return Some(ending);
    }
    let holds = |ending: &str| {
        let container = Container::of_path(&format!("a.{ending}"));
        container.is_some_and(|container| container.holds_codec(MediaKind::Audio, codec))
    };
    SHARED.iter().copied().find(|ending| holds(ending))
}

/// Returns an encoder that preserves everything that FFmpeg decodes of a codec.
fn lossless(codec: &str) -> &'static str {
    match codec {
        "pcm_bluray" | "pcm_dvd" | "s302m" | "pcm_s24daud" | "pcm_lxf" | "pcm_s24le_planar" | "pcm_u24le"
        | "pcm_u24be" => "pcm_s24le",
        "pcm_s32le_planar" | "pcm_u32le" | "pcm_u32be" => "pcm_s32le",
        "pcm_s64be" => "pcm_s64le",
        "ape" | "tak" | "shorten" => "flac",
        "pcm_f16le" | "pcm_f24le" => "pcm_f32le",
        // These decoders return 16 bits, or 8.
        _ if codec.starts_with("adpcm_") || codec.starts_with("pcm_") || codec.ends_with("_dpcm") => {
            "pcm_s16le"
        }
        _ => "pcm_f32le",
    }
}

/// Copies the first audio stream of a file to a file with a matching extension after `stem`.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Probe, recipes::extract_audio};
///
/// let probe = |codec: &str| {
///     let json = format!(r#"{{"streams": [{{"index": 0, "codec_type": "audio", "codec_name": "{codec}"}}]}}"#);
///     serde_json::from_str::<Probe>(&json).unwrap()
/// };
/// let command = Command::new([extract_audio(&Input::new("film.webm"), &probe("opus"), "film")?]);
/// assert_eq!(command.outputs[0].path, "film.opus");
///
/// let error = extract_audio(&Input::new("disc.m2ts"), &probe("pcm_bluray"), "disc").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "probe: expected audio in a codec that an audio file holds, found pcm_bluray; encode it: pcm_s24le is lossless"
/// );
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// There is no audio, its codec is unknown, or [no file](audio_ending) holds it, so it must be encoded.
pub fn extract_audio(input: &Input, probe: &Probe, stem: &str) -> Result<Output, RecipeError> {
    let Some(audio) = probe.first(MediaKind::Audio) else {
        return Err(RecipeError::missing("probe", "audio", "choose a file with audio"));
    };
    let Some(codec) = &audio.codec_name else {
        return Err(RecipeError::missing("probe", "codec of its audio", "encode it: `Output::audio`"));
    };
    let Some(ending) = audio_ending(codec) else {
        let encoder = lossless(codec);
        let expected = "audio in a codec that an audio file holds";
        let found = format!("{codec}; encode it: {encoder} is lossless");
        return Err(RecipeError::new("probe", found, expected));
    };
    Ok(Output::new(format!("{stem}.{ending}")).copy(input.audio()))
}

/// The end of a video whose audio is replaced.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, recipes::{Until, replace_audio}};
///
/// let known = [10, 4].map(|seconds| Some(Duration::from_secs(seconds)));
/// let length = |until| {
///     let (film, song) = (Input::new("film.mp4"), Input::new("song.mp3"));
///     let command = Command::new([replace_audio(&film, &song.audio(), "aac", until, "out.mp4").unwrap()]);
///     command.expected_duration(&known).unwrap().as_secs()
/// };
/// assert_eq!([Until::Video, Until::Shortest, Until::Longest].map(length), [10, 4, 10]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Until {
    /// With the video: longer audio is truncated, shorter audio is padded with silence.
    #[default]
    Video,
    /// With the first to end.
    Shortest,
    /// With the last to end.
    Longest,
}

/// Replaces the audio of a video, whose packets are copied.
///
/// ```
/// use afmpeg_cmd::{Command, Input, recipes::{Until, replace_audio}};
///
/// let (film, music) = (Input::new("film.mp4"), Input::new("music.mp3"));
/// let command = Command::new([replace_audio(&film, &music.audio(), "aac", Until::Video, "out.mp4")?]);
/// assert_eq!(
///     command.to_args().join(" "),
///     "-i film.mp4 -i music.mp3 -filter_complex [1:a:0]apad@n0[a0] -map 0:v:0 -map [a0] -c:v copy -c:a aac \
///      -shortest out.mp4"
/// );
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// Audio that must be as long as the video cannot be copied, since silence has to be encoded.
pub fn replace_audio(
    video: &Input,
    audio: &Stream<Audio>,
    codec: impl Into<Codec>,
    until: Until,
    path: impl Into<String>,
) -> Result<Output, RecipeError> {
    let codec = codec.into();
    if until == Until::Video && codec.name() == Some("copy") {
        return Err(RecipeError::new(
            "codec",
            "copy",
            "an encoder, since silence may follow, or another `until`",
        ));
    }
    let output = Output::new(path).copy(video.video());
    Ok(match until {
        Until::Video => output.audio(audio.filter(Filter::new("apad")), codec).shortest(),
        Until::Shortest => output.audio(audio, codec).shortest(),
        Until::Longest => output.audio(audio, codec),
    })
}
