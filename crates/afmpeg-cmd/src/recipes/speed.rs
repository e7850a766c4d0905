use super::error::{RecipeError, in_range};
use crate::{Audio, Filter, Ratio, Stream, Video};

/// Speeds a video up by `factor`, from 0.01 to 100, to frames at `rate`: some are dropped or repeated.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, Ratio, recipes::{speed_audio, speed_video}};
///
/// let clip = Input::new("clip.mp4");
/// let command = Command::new([Output::new("slow.mp4")
///     .video(speed_video(&clip.video(), 0.25, Ratio::from(25))?, "libx264")
///     .audio(speed_audio(&clip.audio(), 0.25)?, "aac")]);
/// let known = [Some(Duration::from_secs(10))];
/// assert_eq!(command.expected_duration(&known), Some(Duration::from_secs(40)));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// The factor or the rate is out of range.
pub fn speed_video(video: &Stream<Video>, factor: f64, rate: Ratio) -> Result<Stream<Video>, RecipeError> {
    let factor = in_range("factor", factor, 0.01, 100.0)?;
    if rate.num() <= 0 {
        return Err(RecipeError::new("rate", rate, "a positive rate"));
    }
    Ok(video.filters([
        Filter::new("setpts").opt("expr", format!("(PTS-STARTPTS)/{factor}")),
        Filter::new("fps").opt("fps", rate),
    ]))
}

/// Speeds audio up by `factor`, and keeps its pitch. `atempo` accepts from 0.5 to 100, and skips samples above 2:
/// several of them cover other factors.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, recipes::speed_audio};
///
/// let talk = Input::new("talk.mp3");
/// let command = Command::new([Output::new("fast.mp3").map(speed_audio(&talk.audio(), 3.0)?)]);
/// let tempos = command.graph.nodes.iter().map(|node| node.filter.option("tempo").unwrap().parse::<f64>().unwrap());
/// assert!((tempos.product::<f64>() - 3.0).abs() < 1e-9);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// The factor is not from 0.01 to 100.
pub fn speed_audio(audio: &Stream<Audio>, factor: f64) -> Result<Stream<Audio>, RecipeError> {
    let mut rest = in_range("factor", factor, 0.01, 100.0)?;
    let mut changed = audio.clone();
    // Halves and doubles are exact, so the last factor is the exact rest.
    loop {
        let tempo = rest.clamp(0.5, 2.0);
        changed = changed.filter(Filter::new("atempo").opt("tempo", tempo));
        rest /= tempo;
        if rest == 1.0 {
            return Ok(changed);
        }
    }
}

/// Reverses a video. All decoded frames are kept in memory: reverse short parts.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, recipes::{reverse_audio, reverse_video}};
///
/// let clip = Input::new("clip.mp4").duration(Duration::from_secs(3));
/// let command = Command::new([Output::new("back.mp4")
///     .video(reverse_video(&clip.video()), "libx264")
///     .audio(reverse_audio(&clip.audio()), "aac")]);
/// assert_eq!(command.expected_duration(&[Some(Duration::from_secs(60))]), Some(Duration::from_secs(3)));
/// ```
pub fn reverse_video(video: &Stream<Video>) -> Stream<Video> {
    video.filter(Filter::new("reverse"))
}

/// Reverses audio. All of it is kept in memory.
pub fn reverse_audio(audio: &Stream<Audio>) -> Stream<Audio> {
    audio.filter(Filter::new("areverse"))
}
