use crate::{MediaKind, probe};

/// A list of lists of names, separated by blanks.
type Names = &'static [&'static str];

/// A container format, and the codecs that it holds.
///
/// ```
/// use afmpeg_cmd::{MediaKind, containers::Container};
///
/// // A muxer may accept more codecs for some file extensions.
/// let discs = Container::of_muxer("mpegts", "disc.m2ts").unwrap();
/// let broadcasts = Container::of_muxer("mpegts", "broadcast.ts").unwrap();
/// assert!(discs.holds_codec(MediaKind::Audio, "pcm_bluray"));
/// assert!(!broadcasts.holds_codec(MediaKind::Audio, "pcm_bluray"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Container {
    pub(super) muxers: Names,
    pub(super) endings: Names,
    pub(super) video: Names,
    pub(super) audio: Names,
    pub(super) subtitle: Names,
    pub(super) data: Names,
    pub(super) covers: Option<&'static str>,
    pub(super) chapters: Option<&'static str>,
    pub(super) attachments: bool,
    pub(super) one_of_each: bool,
    pub(super) start_codes: bool,
}

impl Container {
    pub(super) const fn of(muxers: Names, endings: Names) -> Self {
        let none: Names = &[];
        Self {
            muxers,
            endings,
            video: none,
            audio: none,
            subtitle: none,
            data: none,
            covers: None,
            chapters: None,
            attachments: false,
            one_of_each: false,
            start_codes: false,
        }
    }

    pub(super) const fn video(self, video: Names) -> Self {
        Self { video, ..self }
    }

    pub(super) const fn audio(self, audio: Names) -> Self {
        Self { audio, ..self }
    }

    pub(super) const fn subtitle(self, subtitle: Names) -> Self {
        Self { subtitle, ..self }
    }

    /// Data streams have no codec in many files: these are codecs and tags.
    pub(super) const fn data(self, data: Names) -> Self {
        Self { data, ..self }
    }

    pub(super) const fn covers(self, covers: &'static str) -> Self {
        Self { covers: Some(covers), ..self }
    }

    /// It holds chapters, whatever its codecs are.
    pub(super) const fn chapters(self) -> Self {
        self.chapters_beside("")
    }

    /// It holds chapters beside audio of these codecs alone.
    pub(super) const fn chapters_beside(self, audio: &'static str) -> Self {
        Self { chapters: Some(audio), ..self }
    }

    pub(super) const fn attachments(self) -> Self {
        Self { attachments: true, ..self }
    }

    pub(super) const fn one_of_each(self) -> Self {
        Self { one_of_each: true, ..self }
    }

    pub(super) const fn start_codes(self) -> Self {
        Self { start_codes: true, ..self }
    }

    /// Returns the names of its muxers, for `-f`.
    ///
    /// ```
    /// # use afmpeg_cmd::containers::Container;
    /// assert_eq!(Container::of_path("film.mkv").unwrap().muxers(), ["matroska"]);
    /// ```
    pub fn muxers(&self) -> &'static [&'static str] {
        self.muxers
    }

    /// Returns its file extensions, in lower case.
    ///
    /// ```
    /// # use afmpeg_cmd::containers::Container;
    /// assert_eq!(Container::of_muxer("wav", "").unwrap().endings(), ["wav", "w64"]);
    /// ```
    pub fn endings(&self) -> &'static [&'static str] {
        self.endings
    }

    /// Whether it takes at most one stream of each kind, not counting covers.
    ///
    /// ```
    /// # use afmpeg_cmd::containers::Container;
    /// assert!(Container::of_path("song.wav").unwrap().takes_one_of_each());
    /// assert!(!Container::of_path("film.mkv").unwrap().takes_one_of_each());
    /// ```
    pub fn takes_one_of_each(&self) -> bool {
        self.one_of_each
    }

    /// Returns the bitstream filter (`-bsf`) that packets of a codec need in this container and FFmpeg does not insert:
    /// AVI needs start codes, which H.264 in MP4 and Matroska lacks. Packets with start codes pass unchanged.
    ///
    /// ```
    /// # use afmpeg_cmd::containers::Container;
    /// let [avi, mkv] = ["film.avi", "film.mkv"].map(|path| Container::of_path(path).unwrap());
    /// assert_eq!(avi.bitstream_filter("h264"), Some("h264_mp4toannexb"));
    /// assert_eq!((avi.bitstream_filter("mpeg4"), mkv.bitstream_filter("h264")), (None, None));
    /// ```
    pub fn bitstream_filter(&self, codec: &str) -> Option<&'static str> {
        (self.start_codes && codec == "h264").then_some("h264_mp4toannexb")
    }

    /// Whether it holds packets of a codec, by ffprobe's name. For data, the container's tag ([`codec_tag_string`](probe::Stream::codec_tag_string))
    /// counts as well.
    ///
    /// ```
    /// use afmpeg_cmd::{MediaKind, containers::Container};
    ///
    /// let wav = Container::of_path("song.wav").unwrap();
    /// assert!(wav.holds_codec(MediaKind::Audio, "pcm_s24le") && !wav.holds_codec(MediaKind::Audio, "pcm_s24be"));
    /// ```
    pub fn holds_codec(&self, kind: MediaKind, codec: &str) -> bool {
        let names = match kind {
            MediaKind::Video => self.video,
            MediaKind::Audio => self.audio,
            MediaKind::Subtitle => self.subtitle,
            MediaKind::Data => self.data,
            MediaKind::Attachment => return self.attachments,
        };
        names.iter().any(|names| has(names, codec))
    }

    /// Whether it holds an image of a codec as a cover, which players show during audio.
    ///
    /// ```
    /// use afmpeg_cmd::containers::Container;
    ///
    /// let [book, song] = ["book.m4b", "song.ogg"].map(|path| Container::of_path(path).unwrap());
    /// assert!(book.holds_cover("mjpeg") && !song.holds_cover("mjpeg"));
    /// ```
    pub fn holds_cover(&self, codec: &str) -> bool {
        match self.covers {
            Some(covers) => has(covers, codec),
            None => self.holds_codec(MediaKind::Video, codec),
        }
    }

    /// Whether readers distinguish its covers from video: in other containers, a cover becomes a video of one frame.
    ///
    /// ```
    /// use afmpeg_cmd::containers::Container;
    ///
    /// let [song, film] = ["song.mp3", "film.mkv"].map(|path| Container::of_path(path).unwrap());
    /// assert!(song.marks_covers() && !film.marks_covers());
    /// ```
    pub fn marks_covers(&self) -> bool {
        self.covers.is_some_and(|codecs| !codecs.is_empty())
    }

    /// Whether FFmpeg writes chapters into it beside audio of a codec, by ffprobe's name.
    ///
    /// ```
    /// use afmpeg_cmd::containers::Container;
    ///
    /// let [book, talk, wave] = ["book.m4b", "talk.ogg", "talk.wav"].map(|path| Container::of_path(path).unwrap());
    /// assert!(book.holds_chapters("aac") && talk.holds_chapters("opus"));
    /// assert!(!talk.holds_chapters("vorbis") && !wave.holds_chapters("pcm_s16le"));
    /// ```
    pub fn holds_chapters(&self, audio: &str) -> bool {
        self.chapters.is_some_and(|codecs| codecs.is_empty() || has(codecs, audio))
    }

    /// Whether it holds packets of a probed stream.
    ///
    /// ```
    /// use afmpeg_cmd::{Probe, containers::Container};
    ///
    /// let json = r#"{"streams": [{"index": 0, "codec_type": "data", "codec_tag_string": "tmcd"}]}"#;
    /// let probe: Probe = serde_json::from_str(json).unwrap();
    /// let holds = |path: &str| Container::of_path(path).unwrap().holds(&probe.streams[0]);
    /// assert_eq!(["a.mov", "a.mp4"].map(holds), [true, false]);
    /// ```
    pub fn holds(&self, stream: &probe::Stream) -> bool {
        let Some(kind) = stream.kind() else { return false };
        let codec = stream.codec_name.as_deref().unwrap_or_default();
        match kind {
            MediaKind::Video if stream.is_attached_picture() => self.holds_cover(codec),
            MediaKind::Data => {
                let tag = stream.codec_tag_string.as_deref().unwrap_or_default();
                self.holds_codec(kind, codec) || self.holds_codec(kind, tag)
            }
            _ => self.holds_codec(kind, codec),
        }
    }
}

/// Whether `name` is in a list of names, separated by blanks.
pub(super) fn has(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|other| other == name)
}
