use std::time::Duration;

use super::error::{RecipeError, even, some_time};
use crate::{Audio, Filter, Stream, Value, Video, assemble::Sound};

/// The samples a second that a waveform is drawn from where nobody knows how long the sound is.
const WAVEFORM_RATE: f64 = 8_000.0;
/// The lowest rate that a waveform is drawn from.
const LOWEST_WAVEFORM_RATE: f64 = 250.0;
/// Samples of which a waveform draws one column, at least.
const SAMPLES_A_COLUMN: f64 = 32.0;
/// The level of the loudest channel, of any number of them.
const LOUDEST_CHANNEL: &str =
    "st(0,0);st(1,0);while(lt(ld(0),nb_in_channels),st(1,max(ld(1),val(ld(0))));st(0,ld(0)+1));ld(1)";
/// The samples that a spectrum is made of, at most: 192 MiB.
const SPECTRUM_SAMPLES: f64 = 48.0 * 1024.0 * 1024.0;

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
/// let splits = job.graph.nodes.iter().filter(|node| node.filter.name == "asplit");
/// assert_eq!(splits.count(), 1, "the sound is decoded once");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Memory
///
/// FFmpeg keeps what it draws until the sound ends. A picture of a sound whose length is known takes less than 200 MiB for
/// it, for days of sound: the input [is known](crate::Input::known), or [`duration`](SoundPicture::duration) tells. Where the
/// length is not known, a waveform takes 60 MB an hour, and a spectrum all samples, 4 bytes for each: in the 512 MiB that a
/// job has by default, about 7 hours, and about 20 minutes of stereo.
#[derive(Debug, Clone, PartialEq)]
pub struct SoundPicture {
    filter: Filter,
    width: u32,
    height: u32,
    colors: (&'static str, Option<Value>),
    duration: Option<Duration>,
}

impl SoundPicture {
    /// How loud it is over time, so many pixels wide and high, all channels as one: `showwavespic`.
    ///
    /// Each column is as high as the samples of the loudest channel are on average. With the option `split_channels`, or with several
    /// [colours](SoundPicture::colors), each channel is drawn by itself. With `filter` set to `peak`, FFmpeg needs every
    /// sample, and keeps them all.
    pub fn waveform(width: u32, height: u32) -> Self {
        // What is drawn once would hardly be seen otherwise.
        let filter = Filter::new("showwavespic").opt("draw", "full");
        Self { filter, width, height, colors: ("colors", None), duration: None }
    }

    /// Which frequencies it has over time: `showspectrumpic`, without its legend, which would make the picture larger.
    ///
    /// Of a sound of known length that has more than 50 million samples in all channels (9 minutes of stereo at 48000 Hz),
    /// parts are left out evenly: each column is made of one part of its time.
    pub fn spectrum(width: u32, height: u32) -> Self {
        let filter = Filter::new("showspectrumpic").opt("legend", false);
        Self { filter, width, height, colors: ("color", None), duration: None }
    }

    /// Of a waveform, colours of FFmpeg's with `|` between channels; of a spectrum, one of `showspectrumpic`'s ways:
    /// `intensity`, `rainbow`, `viridis`...
    #[must_use]
    pub fn colors(self, colors: impl Into<Value>) -> Self {
        Self { colors: (self.colors.0, Some(colors.into())), ..self }
    }

    /// How long the sound is, where that does not follow from inputs that [are known](crate::Input::known).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::{Filter, Input, Job, Output, recipes::SoundPicture};
    /// let night = Input::new("night.flac").audio().filter(Filter::new("silenceremove"));
    /// let waves = SoundPicture::waveform(800, 200).duration(Duration::from_secs(8 * 3600)).video(&night)?;
    /// let graph = Job::new([Output::new("waves.png").map(waves)]).graph.to_string();
    /// assert!(graph.contains("sample_rate=250"), "{graph}");
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn duration(self, duration: Duration) -> Self {
        Self { duration: Some(duration), ..self }
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
    /// The width or the height is odd or zero, or the duration is.
    pub fn video(&self, audio: &Stream<Audio>) -> Result<Stream<Video>, RecipeError> {
        let (width, height) = (even("width", self.width)?, even("height", self.height)?);
        let mut sound = Sound::of(audio);
        if let Some(duration) = self.duration {
            sound.duration = Some(some_time("duration", duration)?);
        }
        let less = match self.filter.name.as_str() {
            "showwavespic" => self.levels(&sound),
            _ => self.parts(&sound),
        };
        let size = format!("{width}x{height}");
        let filter = self.filter.clone().opt("s", size).maybe(self.colors.0, self.colors.1.clone());
        Ok(filter.on([audio.filters(less)]).video())
    }

    /// What makes few samples of many, so that their average is the same: their levels, at a lower rate. A lower rate alone
    /// would lose high tones, and one channel of several what is opposite in them.
    fn levels(&self, sound: &Sound) -> Vec<Filter> {
        if self.filter.option("filter").is_some_and(|filter| !matches!(filter, "average" | "0")) {
            return Vec::new();
        }
        let mut filters =
            vec![Filter::new("aeval").opt("exprs", "abs(val(ch))").opt("channel_layout", "same")];
        let wanted = sound.duration.map_or(WAVEFORM_RATE, |duration| {
            SAMPLES_A_COLUMN * f64::from(self.width) / duration.as_secs_f64()
        });
        if wanted <= WAVEFORM_RATE {
            let mut rate = WAVEFORM_RATE;
            while rate / 2.0 >= wanted.max(LOWEST_WAVEFORM_RATE) {
                rate /= 2.0;
            }
            // A frame takes more than its samples: few are large.
            filters.push(Filter::new("aresample").opt("sample_rate", rate));
            filters.push(Filter::new("asetnsamples").opt("n", rate).opt("p", false));
        }
        let colors = self.colors.1.as_ref().map(Value::as_str);
        let is_split =
            self.filter.option("split_channels").is_some_and(|split| !matches!(split, "0" | "false"));
        if !is_split && !colors.is_some_and(|colors| colors.contains('|')) {
            // Channels of a mix have weights, by which a voice in the centre alone would be hardly seen.
            filters.push(Filter::new("aeval").opt("exprs", LOUDEST_CHANNEL).opt("channel_layout", "mono"));
        }
        filters
    }

    /// What leaves out parts of a sound that is too long to be kept as a whole.
    fn parts(&self, sound: &Sound) -> Vec<Filter> {
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
