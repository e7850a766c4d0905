//! The streams that an output does not copy.

use crate::{
    DroppedStream, Input, Output, Probe,
    capacity::Capacity,
    entry::MapSource,
    node::{Origin, Sequence},
    specifier::matching_indices,
};

impl Output {
    /// Returns the streams that [`copy_all`](Output::copy_all) drops because the format cannot hold them, in the order
    /// of their maps; none of inputs without a [probe](Input::probe).
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, OutputStream, Probe};
    /// let json = r#"{ "streams": [{ "index": 0, "codec_type": "video", "codec_name": "h264" },
    ///     { "index": 1, "codec_type": "subtitle", "codec_name": "subrip" }] }"#;
    /// let probe: Probe = serde_json::from_str(json).unwrap();
    /// let film = Input::new("film.mkv").probe(&probe);
    /// let output = Output::new("film.mp4").stream(OutputStream::all_of(&film, "")).copy_all();
    /// assert_eq!(output.dropped()[0].to_string(), "dropped stream 1 (subtitle, subrip): mp4 cannot hold it");
    /// assert_eq!(Command::new([output]).to_args().join(" "), "-i film.mkv -map 0 -map -0:1 -c copy film.mp4");
    /// ```
    pub fn dropped(&self) -> Vec<DroppedStream> {
        self.cannot_hold().into_iter().map(|(_, left)| left).collect()
    }

    /// Returns the streams of [`dropped`](Output::dropped), each with its input.
    pub(crate) fn cannot_hold(&self) -> Vec<(Input, DroppedStream)> {
        let mut found: Vec<(Input, DroppedStream)> = Vec::new();
        if !self.copies {
            return found;
        }
        let mut capacity = Capacity::of(self.data.format.as_deref(), &self.data.path);
        // An exclusion removes a stream from every map, so a stream that an output maps explicitly stays.
        let mut seen: Vec<(Sequence, usize)> = Vec::new();
        for stream in &self.streams {
            let (input, streams) = match &stream.from {
                MapSource::All { input, streams, .. } => (input, streams),
                MapSource::One(origin) => {
                    stream.options.kind.into_iter().for_each(|kind| capacity.fill(kind));
                    if let Origin::Input { input, streams, .. } = origin {
                        let matching = input.probed().and_then(|probe| matching_indices(probe, streams));
                        seen.extend(matching.iter().flatten().map(|index| (input.sequence(), *index)));
                    }
                    continue;
                }
                MapSource::Label(_) | MapSource::Automatic(_) => {
                    stream.options.kind.into_iter().for_each(|kind| capacity.fill(kind));
                    continue;
                }
                MapSource::Except { .. } => continue,
            };
            let Some(probe) = input.probed() else { continue };
            // Streams that were selected by properties are there on purpose.
            let Some(matching) = matching_indices(probe, streams) else { continue };
            let is_copied = stream.options.codec.as_deref().is_none_or(|codec| codec == "copy")
                && stream.options.filters.is_empty();
            for index in matching {
                let found_stream = &probe.streams[index];
                if seen.contains(&(input.sequence(), index)) || self.excepts(input, probe, index) {
                    continue;
                }
                if !is_copied {
                    found_stream.kind().into_iter().for_each(|kind| capacity.fill(kind));
                    continue;
                }
                seen.push((input.sequence(), index));
                if let Some(left) = capacity.take(index, found_stream) {
                    found.push((input.clone(), left));
                }
            }
        }
        found
    }

    /// Whether a stream is excluded already.
    fn excepts(&self, input: &Input, probe: &Probe, index: usize) -> bool {
        self.streams.iter().any(|stream| match &stream.from {
            MapSource::Except { input: other, streams } if other.sequence() == input.sequence() => {
                matching_indices(probe, streams).is_some_and(|matching| matching.contains(&index))
            }
            _ => false,
        })
    }
}
