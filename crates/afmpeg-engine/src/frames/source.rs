use std::{fmt, sync::Arc, time::Duration};

use afmpeg_vfs::Vfs;

use super::{
    arguments::{Colors, Track},
    frame::Dimensions,
};
use crate::{
    Error, Job, MediaKind, Ratio, Result, Runtime,
    asynchronous::JobTokens,
    diagnosis::invalid_size,
    input_path::InputPath,
    probe::{Frame, SideData, Stream, StreamGroup, is_quarter_turn},
};

/// The number of packets that ffprobe reads for a stream's first frame: some codecs output it only after a few.
const PROBED_PACKETS: &str = "%+#16";

/// Configures every job of a request.
type Change = Arc<dyn Fn(Job) -> Job + Send + Sync>;

/// The decoded file, with its options.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) runtime: Runtime,
    fs: Arc<dyn Vfs>,
    pub(super) path: InputPath,
    pub(super) input_options: Vec<String>,
    pub(super) stream: Option<usize>,
    pub(super) change: Option<Change>,
    /// The jobs of the request, for its async forms.
    pub(super) tokens: JobTokens,
}

/// A stream as probed.
pub(super) struct ProbedSource {
    pub(super) stream: Stream,
    /// The group that joins the stream and others to a whole frame, unless this stream was requested.
    tiles: Option<StreamGroup>,
    /// Its first frame, if it could be decoded.
    frame: Option<Frame>,
    /// The start of the file in microseconds, from which times count.
    pub(super) file_start: i64,
    /// The duration of the stream, or else of the file.
    pub(super) duration: Option<Duration>,
    /// FFmpeg's message about frames that are too large to decode.
    pub(super) invalid_size: Option<String>,
    /// Whether its frames have no timestamps, so that FFmpeg guesses them (AVI, raw streams), or are tiles, whose graph
    /// drops the timestamps.
    pub(super) is_untimed: bool,
}

impl Source {
    pub(super) fn new(runtime: &Runtime, fs: impl Vfs, path: &str) -> Self {
        Self {
            runtime: runtime.clone(),
            fs: Arc::new(fs),
            path: InputPath::new(path),
            input_options: Vec::new(),
            stream: None,
            change: None,
            tokens: JobTokens::default(),
        }
    }

    pub(super) fn add_input_options(&mut self, options: impl IntoIterator<Item: Into<String>>) {
        self.input_options.extend(options.into_iter().map(Into::into));
    }

    /// Creates a job with the caller's configuration and the arguments that `args` returns for the input's path.
    pub(super) fn job(&self, args: impl FnOnce(&str) -> Vec<String>) -> Job {
        let job = self.changed(self.runtime.job(Arc::clone(&self.fs)));
        let args = args(&self.path.argument(&job.spec.current_dir));
        job.args(args)
    }

    fn changed(&self, job: Job) -> Job {
        let job = match &self.change {
            Some(change) => change(job),
            None => job,
        };
        self.tokens.add(job)
    }

    /// Probes the stream and its first frame.
    pub(super) fn probe(&self, kind: MediaKind) -> Result<ProbedSource> {
        let specifier = match (self.stream, kind) {
            (Some(index), _) => index.to_string(),
            // Without cover images.
            (None, MediaKind::Video) => "V:0".to_owned(),
            (None, kind) => format!("{}:0", kind.specifier()),
        };
        let request = self.runtime.probe_request(Arc::clone(&self.fs), &self.path.text);
        let request = if self.path.is_url { request.as_url() } else { request };
        let request = request.streams(&specifier).input_options(self.input_options.iter().cloned());
        let request = request.frames().intervals(PROBED_PACKETS);
        let request = request.with_changed_job(|job| self.changed(job));
        let (probe, errors) = request.run_with_errors()?;
        let stream = probe.streams.first().filter(|stream| stream.kind() == Some(kind));
        let stream = stream.cloned().ok_or_else(|| Error::NoStream {
            path: self.path.text.clone(),
            kind,
            index: self.stream,
        })?;
        let tiles = probe.tile_grid(&stream).filter(|_| self.stream.is_none()).cloned();
        let format = probe.format.unwrap_or_default();
        let frames = probe.frames.into_vec();
        Ok(ProbedSource {
            // A cover is not part of the timeline: its time is 0, before the start of some files.
            file_start: format
                .start_time()
                .filter(|_| !stream.is_attached_picture())
                .map_or(0, |start| start.as_micros()),
            duration: stream.duration().or(format.duration()),
            invalid_size: invalid_size(&errors).map(str::to_owned),
            is_untimed: tiles.is_some() || frames.iter().any(|frame| frame.pts.is_none()),
            frame: frames.into_iter().next(),
            tiles,
            stream,
        })
    }
}

impl ProbedSource {
    pub(super) fn track(&self) -> Track {
        self.tiles.as_ref().map_or(Track::Stream(self.stream.index), |group| Track::Tiles(group.index))
    }

    /// Whether a frame of the stream could be decoded.
    pub(super) fn has_frame(&self) -> bool {
        self.frame.is_some()
    }

    /// The size of the first frame, after rotation.
    pub(super) fn size(&self) -> Option<Dimensions> {
        let positive = |number: Option<i64>| u32::try_from(number?).ok().filter(|number| *number > 0);
        let frame = self.frame.as_ref();
        let of_frame = frame.and_then(|frame| positive(frame.width).zip(positive(frame.height)));
        let of_tiles = self.tiles.as_ref().and_then(StreamGroup::tile_grid_size);
        let (width, height) = of_tiles.or(of_frame).or(self.stream.size())?;
        Some(if self.is_rotated_quarter() {
            Dimensions { width: height, height: width }
        } else {
            Dimensions { width, height }
        })
    }

    /// The sample aspect ratio, after rotation.
    pub(super) fn pixel(&self) -> Option<Ratio> {
        let text = self.frame.as_ref().and_then(|frame| frame.sample_aspect_ratio.as_deref());
        let pixel = text.and_then(|text| text.parse().ok()).filter(|pixel: &Ratio| pixel.num() > 0);
        let pixel = pixel.or(self.stream.sample_aspect_ratio())?;
        if self.is_rotated_quarter() { pixel.inverse() } else { Some(pixel) }
    }

    /// The conversion that its colours need, if any.
    pub(super) fn colors(&self) -> Option<Colors> {
        let tag = |of_frame: fn(&Frame) -> &Option<String>, of_stream: &Option<String>| {
            let tag = self.frame.as_ref().and_then(|frame| of_frame(frame).clone()).or(of_stream.clone());
            tag.filter(|name| name != "unknown")
        };
        let format = tag(|frame| &frame.pix_fmt, &self.stream.pix_fmt)?;
        let transfer = tag(|frame| &frame.color_transfer, &self.stream.color_transfer);
        if matches!(transfer.as_deref(), Some("smpte2084" | "arib-std-b67")) {
            return Some(Colors::HighRange);
        }
        let is_tagged = tag(|frame| &frame.color_space, &self.stream.color_space).is_some();
        let is_yuv = ["yuv", "nv", "p0", "p2", "p4", "y2", "uyv", "yv", "ayuv", "vuy", "xv"];
        if is_tagged || !is_yuv.iter().any(|start| format.starts_with(start)) {
            return None;
        }
        let (width, height) = self.stream.size()?;
        (width >= 1280 || height > 576).then_some(Colors::UntaggedHd)
    }

    /// Whether its frames are displayed with a rotation by 90 or 270 degrees.
    fn is_rotated_quarter(&self) -> bool {
        let of_frame =
            self.frame.as_ref().and_then(|frame| frame.side_data_list.iter().find_map(SideData::rotation));
        let rotation = match &self.tiles {
            Some(tiles) => tiles.rotation(),
            None => of_frame.or(self.stream.rotation()),
        };
        is_quarter_turn(rotation)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("stream", &self.stream)
            .field("input_options", &self.input_options)
            .finish_non_exhaustive()
    }
}
