use super::error::RecipeError;
use crate::{Audio, Codec, Filter, Input, Media, MediaKind, Output, Stream};

/// The ending of a file that carries sound of this codec, by ffprobe's name of it; `mka`, which carries everything,
/// where there is no such file.
///
/// ```
/// use afmpeg_cmd::recipes::audio_ending;
///
/// assert_eq!(["aac", "opus", "pcm_s16le", "cook"].map(audio_ending), ["m4a", "opus", "wav", "mka"]);
/// ```
pub fn audio_ending(codec: &str) -> &'static str {
    match codec {
        "aac" | "alac" => "m4a",
        "mp3" => "mp3",
        "mp2" => "mp2",
        "opus" => "opus",
        "vorbis" => "ogg",
        "flac" => "flac",
        "ac3" => "ac3",
        "eac3" => "eac3",
        "dts" => "dts",
        "truehd" => "thd",
        "wavpack" => "wv",
        "tta" => "tta",
        "pcm_u8" | "pcm_s16le" | "pcm_s24le" | "pcm_s32le" | "pcm_f32le" | "pcm_f64le" | "pcm_alaw"
        | "pcm_mulaw" => "wav",
        "pcm_s8" | "pcm_s16be" | "pcm_s24be" | "pcm_s32be" => "aiff",
        _ => "mka",
    }
}

/// The first sound of a file, as its packets are, in a file whose ending fits: `stem` and a dot before it.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Media, recipes::extract_audio};
///
/// let json = r#"{"streams": [{"codec_type": "video"}, {"codec_type": "audio", "codec_name": "opus"}]}"#;
/// let media: Media = serde_json::from_str(json).unwrap();
/// let job = Job::new([extract_audio(&Input::new("film.webm"), &media, "film")?]);
/// assert_eq!(job.outputs[0].path, "film.opus");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// There is no sound, or nobody knows its codec.
pub fn extract_audio(input: &Input, media: &Media, stem: &str) -> Result<Output, RecipeError> {
    let Some(audio) = media.first(MediaKind::Audio) else {
        return Err(RecipeError::missing("media", "audio", "give a file with sound"));
    };
    let Some(codec) = &audio.codec else {
        return Err(RecipeError::missing("media", "known codec of its audio", "encode it: `Output::audio`"));
    };
    Ok(Output::new(format!("{stem}.{}", audio_ending(codec))).copy(input.audio()))
}

/// How long it is when a video gets other sound.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Job, recipes::{Until, replace_audio}};
///
/// let known = [10, 4].map(|seconds| Some(Duration::from_secs(seconds)));
/// let length = |until| {
///     let (film, song) = (Input::new("film.mp4"), Input::new("song.mp3"));
///     let job = Job::new([replace_audio(&film, &song.audio(), "aac", until, "out.mp4").unwrap()]);
///     job.expected_duration(&known).unwrap().as_secs()
/// };
/// assert_eq!([Until::Video, Until::Shortest, Until::Longest].map(length), [10, 4, 10]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Until {
    /// As long as the video: sound is cut off, or silence follows it.
    #[default]
    Video,
    /// Until the first of both ends.
    Shortest,
    /// Until both have ended.
    Longest,
}

/// A video with other sound. Its packets stay as they are.
///
/// ```
/// use afmpeg_cmd::{Input, Job, recipes::{Until, replace_audio}};
///
/// let (film, music) = (Input::new("film.mp4"), Input::new("music.mp3"));
/// let job = Job::new([replace_audio(&film, &music.audio(), "aac", Until::Video, "out.mp4")?]);
/// assert_eq!(
///     job.to_args().join(" "),
///     "-i film.mp4 -i music.mp3 -filter_complex [1:a:0]apad@n0[a0] -map 0:v:0 -map [a0] -c:v copy -c:a aac \
///      -shortest out.mp4"
/// );
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// Sound is to be copied and to be as long as the video: silence has to be encoded.
pub fn replace_audio(
    video: &Input,
    audio: &Stream<Audio>,
    codec: impl Into<Codec>,
    until: Until,
    path: impl Into<String>,
) -> Result<Output, RecipeError> {
    let codec = codec.into();
    if until == Until::Video && codec.name() == Some("copy") {
        return Err(RecipeError::new("codec", "copy", "an encoder, or `until` another: silence may follow"));
    }
    let output = Output::new(path).copy(video.video());
    Ok(match until {
        Until::Video => output.audio(audio.filter(Filter::new("apad")), codec).shortest(),
        Until::Shortest => output.audio(audio, codec).shortest(),
        Until::Longest => output.audio(audio, codec),
    })
}
