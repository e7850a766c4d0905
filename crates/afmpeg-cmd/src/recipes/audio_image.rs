use std::time::Duration;

use super::error::{RecipeError, even, nonzero_duration};
use crate::{Audio, Filter, Stream, Value, Video, assemble::AudioInfo};

/// The sample rate for drawing a waveform of unknown duration.
const WAVEFORM_RATE: f64 = 8_000.0;
/// The lowest sample rate for drawing a waveform.
const LOWEST_WAVEFORM_RATE: f64 = 250.0;
/// The least samples per column of a waveform.
const SAMPLES_A_COLUMN: f64 = 32.0;
/// The level of the loudest channel, for any number of channels.
const LOUDEST_CHANNEL: &str =
    "st(0,0);st(1,0);while(lt(ld(0),nb_in_channels),st(1,max(ld(1),val(ld(0))));st(0,ld(0)+1));ld(1)";
/// The most samples of a spectrum: 192 MiB.
const SPECTRUM_SAMPLES: f64 = 48.0 * 1024.0 * 1024.0;

/// An image of audio: a waveform or a spectrum.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, OutputStream, recipes::AudioImage};
///
/// let song = Input::new("song.mp3");
/// let waves = AudioImage::waveform(800, 200).colors("#3366cc").video(&song.audio())?;
/// let spectrum = AudioImage::spectrum(800, 400).colors("viridis").video(&song.audio())?;
/// let command = Command::new([
///     Output::new("waves.png").stream(OutputStream::new(waves).frames(1)),
///     Output::new("spectrum.png").stream(OutputStream::new(spectrum).frames(1)),
/// ]);
/// let splits = command.graph.nodes.iter().filter(|node| node.filter.name == "asplit");
/// assert_eq!(splits.count(), 1, "the sound is decoded once");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Memory
///
/// FFmpeg keeps its drawing until the audio ends. For audio of known duration that takes less than 200 MiB, even for
/// days: the input has a [probe](crate::Input::probe), or [`duration`](AudioImage::duration) is set. For an unknown
/// duration, a waveform takes 60 MB per hour, and a spectrum 4 bytes per sample: within a job's default of 2.5 GiB, about
/// 40 hours, and less than two hours of stereo.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioImage {
    filter: Filter,
    width: u32,
    height: u32,
    colors: (&'static str, Option<Value>),
    duration: Option<Duration>,
}

impl AudioImage {
    /// The level over time, in an image of this size, with all channels combined: `showwavespic`.
    ///
    /// The height of a column is the mean level of the loudest channel. With the option `split_channels`, or with
    /// several [colours](AudioImage::colors), each channel is drawn separately. With `filter` set to `peak`, FFmpeg
    /// needs and keeps every sample.
    pub fn waveform(width: u32, height: u32) -> Self {
        // A single draw would be hardly visible otherwise.
        let filter = Filter::new("showwavespic").opt("draw", "full");
        Self { filter, width, height, colors: ("colors", None), duration: None }
    }

    /// The frequencies over time: `showspectrumpic`, without its legend, which would enlarge the image.
    ///
    /// Of audio of known duration with more than 50 million samples in all channels (9 minutes of stereo at 48000 Hz),
    /// parts are skipped evenly: each column shows one part of its time.
    pub fn spectrum(width: u32, height: u32) -> Self {
        let filter = Filter::new("showspectrumpic").opt("legend", false);
        Self { filter, width, height, colors: ("color", None), duration: None }
    }

    /// Sets the colours: for a waveform, FFmpeg colours separated by `|` for the channels; for a spectrum, a scheme of
    /// `showspectrumpic`: `intensity`, `rainbow`, `viridis`...
    #[must_use]
    pub fn colors(self, colors: impl Into<Value>) -> Self {
        Self { colors: (self.colors.0, Some(colors.into())), ..self }
    }

    /// Sets the duration of the audio, unless it follows from inputs with a [probe](crate::Input::probe).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::{Command, Filter, Input, Output, recipes::AudioImage};
    /// let night = Input::new("night.flac").audio().filter(Filter::new("silenceremove"));
    /// let waves = AudioImage::waveform(800, 200).duration(Duration::from_secs(8 * 3600)).video(&night)?;
    /// let graph = Command::new([Output::new("waves.png").map(waves)]).graph.to_string();
    /// assert!(graph.contains("sample_rate=250"), "{graph}");
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn duration(self, duration: Duration) -> Self {
        Self { duration: Some(duration), ..self }
    }

    /// Sets any other option of the filter.
    #[must_use]
    pub fn opt(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { filter: self.filter.opt(name, value), ..self }
    }

    /// Returns the image: a video of one frame.
    ///
    /// # Errors
    ///
    /// The width or the height is odd or zero, or the duration is zero.
    pub fn video(&self, audio: &Stream<Audio>) -> Result<Stream<Video>, RecipeError> {
        let (width, height) = (even("width", self.width)?, even("height", self.height)?);
        let mut sound = AudioInfo::of(audio);
        if let Some(duration) = self.duration {
            sound.duration = Some(nonzero_duration("duration", duration)?);
        }
        let less = match self.filter.name.as_str() {
            "showwavespic" => self.levels(&sound),
            _ => self.parts(&sound),
        };
        let size = format!("{width}x{height}");
        let filter = self.filter.clone().opt("s", size).arg_opt(self.colors.0, self.colors.1.clone());
        Ok(filter.on([audio.filters(less)]).video())
    }

    /// Filters that reduce the number of samples but keep their mean level: absolute values at a lower rate. A lower
    /// rate alone would lose high frequencies, and a mix of channels those in antiphase.
    fn levels(&self, sound: &AudioInfo) -> Vec<Filter> {
        if self.filter.option("filter").is_some_and(|filter| !matches!(filter, "average" | "0")) {
            return Vec::new();
        }
        let mut filters =
            vec![Filter::new("aeval").opt("exprs", "abs(val(ch))").opt("channel_layout", "same")];
        let expected = sound.duration.map_or(WAVEFORM_RATE, |duration| {
            SAMPLES_A_COLUMN * f64::from(self.width) / duration.as_secs_f64()
        });
        if expected <= WAVEFORM_RATE {
            let mut rate = WAVEFORM_RATE;
            while rate / 2.0 >= expected.max(LOWEST_WAVEFORM_RATE) {
                rate /= 2.0;
            }
            // Large frames, since each frame has overhead.
            filters.push(Filter::new("aresample").opt("sample_rate", rate));
            filters.push(Filter::new("asetnsamples").opt("n", rate).opt("p", false));
        }
        let colors = self.colors.1.as_ref().map(Value::as_str);
        let is_split =
            self.filter.option("split_channels").is_some_and(|split| !matches!(split, "0" | "false"));
        if !is_split && !colors.is_some_and(|colors| colors.contains('|')) {
            // A mix weights its channels, which would almost hide a voice in the centre channel.
            filters.push(Filter::new("aeval").opt("exprs", LOUDEST_CHANNEL).opt("channel_layout", "mono"));
        }
        filters
    }

    /// Filters that skip parts of audio that is too long to keep.
    fn parts(&self, sound: &AudioInfo) -> Vec<Filter> {
        let Some(duration) = sound.duration else { return Vec::new() };
        let channels = f64::from(sound.channels);
        let times =
            (duration.as_secs_f64() * f64::from(sound.sample_rate) * channels / SPECTRUM_SAMPLES).ceil();
        if times <= 1.0 {
            return Vec::new();
        }
        let part = (SPECTRUM_SAMPLES / channels / f64::from(self.width.max(1))).floor().max(1024.0);
        let frames = Filter::new("asetnsamples").opt("n", part).opt("p", false);
        vec![frames, Filter::new("aselect").opt("expr", format!("not(mod(n,{times}))"))]
    }
}
