use super::error::{RecipeError, within};
use crate::{Audio, Filter, Ratio, Stream, Video};

/// Shows pictures `factor` times as fast, from 0.01 to 100, at the same `rate` of pictures a second or another: some
/// are left out, or shown again.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Job, Output, Ratio, recipes::{speed_audio, speed_video}};
///
/// let clip = Input::new("clip.mp4");
/// let job = Job::new([Output::new("slow.mp4")
///     .video(speed_video(&clip.video(), 0.25, Ratio::from(25))?, "libx264")
///     .audio(speed_audio(&clip.audio(), 0.25)?, "aac")]);
/// let known = [Some(Duration::from_secs(10))];
/// assert_eq!(job.expected_duration(&known), Some(Duration::from_secs(40)));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// The factor or the rate is outside of its range.
pub fn speed_video(video: &Stream<Video>, factor: f64, rate: Ratio) -> Result<Stream<Video>, RecipeError> {
    let factor = within("factor", factor, 0.01, 100.0)?;
    if rate.num() <= 0 {
        return Err(RecipeError::new("rate", rate, "above zero"));
    }
    Ok(video.filters([
        Filter::new("setpts").opt("expr", format!("(PTS-STARTPTS)/{factor}")),
        Filter::new("fps").opt("fps", rate),
    ]))
}

/// The same for sound, which keeps its pitch. `atempo` takes from 0.5 to 100, and leaves samples out above 2: beyond
/// those, several do it together.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, recipes::speed_audio};
///
/// let talk = Input::new("talk.mp3");
/// let job = Job::new([Output::new("fast.mp3").map(speed_audio(&talk.audio(), 3.0)?)]);
/// let tempos = job.graph.nodes.iter().map(|node| node.filter.option("tempo").unwrap().parse::<f64>().unwrap());
/// assert!((tempos.product::<f64>() - 3.0).abs() < 1e-9);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// The factor is not from 0.01 to 100.
pub fn speed_audio(audio: &Stream<Audio>, factor: f64) -> Result<Stream<Audio>, RecipeError> {
    let mut rest = within("factor", factor, 0.01, 100.0)?;
    let mut changed = audio.clone();
    // Halves and doubles are exact, so that the last one is what is left to the last digit.
    loop {
        let tempo = rest.clamp(0.5, 2.0);
        changed = changed.filter(Filter::new("atempo").opt("tempo", tempo));
        rest /= tempo;
        if rest == 1.0 {
            return Ok(changed);
        }
    }
}

/// Shows pictures from the last to the first. All of them are kept in memory, decoded: reverse short parts.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Job, Output, recipes::{reverse_audio, reverse_video}};
///
/// let clip = Input::new("clip.mp4").duration(Duration::from_secs(3));
/// let job = Job::new([Output::new("back.mp4")
///     .video(reverse_video(&clip.video()), "libx264")
///     .audio(reverse_audio(&clip.audio()), "aac")]);
/// assert_eq!(job.expected_duration(&[Some(Duration::from_secs(60))]), Some(Duration::from_secs(3)));
/// ```
pub fn reverse_video(video: &Stream<Video>) -> Stream<Video> {
    video.filter(Filter::new("reverse"))
}

/// Plays sound from its end to its beginning. All of it is kept in memory.
pub fn reverse_audio(audio: &Stream<Audio>) -> Stream<Audio> {
    audio.filter(Filter::new("areverse"))
}
