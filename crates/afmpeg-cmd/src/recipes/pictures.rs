use super::error::{RecipeError, even};
use crate::{Audio, Filter, Stream, Value, Video};

/// Sound as a picture of its waves, or of its frequencies.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, OutputStream, recipes::SoundPicture};
///
/// let song = Input::new("song.mp3");
/// let waves = SoundPicture::waveform(800, 200).colors("#3366cc").video(&song.audio())?;
/// let spectrum = SoundPicture::spectrum(800, 400).colors("viridis").video(&song.audio())?;
/// let job = Job::new([
///     Output::new("waves.png").stream(OutputStream::new(waves).frames(1)),
///     Output::new("spectrum.png").stream(OutputStream::new(spectrum).frames(1)),
/// ]);
/// assert_eq!(job.graph.nodes.len(), 3, "the sound is decoded once");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SoundPicture {
    filter: Filter,
    width: u32,
    height: u32,
    colors: (&'static str, Option<Value>),
}

impl SoundPicture {
    /// How loud it is over time, so many pixels wide and high, all channels as one: `showwavespic`.
    pub fn waveform(width: u32, height: u32) -> Self {
        // What is drawn once would hardly be seen otherwise.
        let filter = Filter::new("showwavespic").opt("draw", "full");
        Self { filter, width, height, colors: ("colors", None) }
    }

    /// Which frequencies it has over time: `showspectrumpic`, without its legend, which would make the picture larger.
    pub fn spectrum(width: u32, height: u32) -> Self {
        let filter = Filter::new("showspectrumpic").opt("legend", false);
        Self { filter, width, height, colors: ("color", None) }
    }

    /// Of a waveform, colours of FFmpeg's with `|` between channels; of a spectrum, one of `showspectrumpic`'s ways:
    /// `intensity`, `rainbow`, `viridis`...
    #[must_use]
    pub fn colors(self, colors: impl Into<Value>) -> Self {
        Self { colors: (self.colors.0, Some(colors.into())), ..self }
    }

    /// Any other option of the filter.
    #[must_use]
    pub fn opt(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { filter: self.filter.opt(name, value), ..self }
    }

    /// The picture: a video of one frame.
    ///
    /// # Errors
    ///
    /// The width or the height is odd or zero.
    pub fn video(&self, audio: &Stream<Audio>) -> Result<Stream<Video>, RecipeError> {
        let size = format!("{}x{}", even("width", self.width)?, even("height", self.height)?);
        let filter = self.filter.clone().opt("s", size).maybe(self.colors.0, self.colors.1.clone());
        Ok(filter.on([audio]).video())
    }
}
