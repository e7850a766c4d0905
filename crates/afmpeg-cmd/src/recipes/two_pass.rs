use super::error::RecipeError;
use crate::{Codec, Command, Output, OutputStream, Stream, Video};

/// A video encoded in two passes, of which the first measures where bits are needed to reach a given size.
///
/// ```
/// use afmpeg_cmd::{Codec, Command, Input, Output, recipes::two_pass};
///
/// let film = Input::new("film.mkv");
/// let passes = two_pass(film.video(), Codec::new("libx264").opt("b", "900k"), "film-passes")?;
/// let first = passes.first;
/// let second = Command::new([Output::new("film.mp4").stream(passes.second).audio(film.audio(), "aac")]);
/// // Run `first`, then `second`, on the same filesystem: `film-passes-0.log` passes from one to the other.
/// assert!(first.to_args().join(" ").ends_with("-pass:v 1 -passlogfile:v film-passes -f null -"));
/// assert!(second.to_args().join(" ").contains("-pass:v 2 -passlogfile:v film-passes"));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TwoPass {
    /// The first command, which writes only the log.
    pub first: Command,
    /// The video of the second command. It must be the first stream of its first output, since that names the log.
    pub second: OutputStream,
}

/// Builds both passes. `codec` has a bit rate, `b`; `log` is the path of the log between them, without extension, on
/// the filesystem that both passes use.
///
/// # Errors
///
/// The codec is `copy`, or the path is empty.
pub fn two_pass(
    video: impl Into<Stream<Video>>,
    codec: impl Into<Codec>,
    log: impl Into<String>,
) -> Result<TwoPass, RecipeError> {
    let (video, codec, log) = (video.into(), codec.into(), log.into());
    if codec.name() == Some("copy") {
        return Err(RecipeError::new("codec", "copy", "an encoder with passes"));
    }
    if log.is_empty() {
        return Err(RecipeError::new("log", "none", "a path"));
    }
    let pass = |number: u8| codec.clone().opt("pass", number).opt("passlogfile", log.as_str());
    let first = Command::new([Output::null().video(&video, pass(1))]);
    Ok(TwoPass { first, second: OutputStream::new(video).codec(pass(2)) })
}
