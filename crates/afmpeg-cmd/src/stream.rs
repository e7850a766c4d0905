use std::{fmt, marker::PhantomData};

use crate::{
    Audio, Filter, Kind, MediaKind, Subtitle, Video,
    node::{Node, Origin},
};

/// A stream of an input or of a filter. A cheap handle, which can be used any number of times: if filters or outputs
/// share a pad, the command splits it.
///
/// Functions from streams to streams compose:
///
/// ```
/// use afmpeg_cmd::filters::video::{BlendMode, blend, gblur};
/// use afmpeg_cmd::{Codec, Command, Input, Output, Stream, Video};
///
/// fn dreamy(video: &Stream<Video>) -> Stream<Video> {
///     let soft = video.filter(gblur().sigma(8));
///     blend().all_mode(BlendMode::Screen).on(video, &soft)
/// }
///
/// let clip = Input::new("clip.mp4");
/// let command = Command::new([Output::new("dream.mp4").video(dreamy(&clip.video()), Codec::new("libx264"))]);
/// assert_eq!(
///     command.graph.to_string(),
///     "[0:v:0]split@n0=outputs=2[v0_0][v0_1];[v0_0]gblur@n1=sigma=8[v1];[v0_1][v1]blend@n2=all_mode=screen[v2]"
/// );
/// ```
#[derive(Clone)]
#[must_use = "a stream does nothing until an output uses it"]
pub struct Stream<K> {
    origin: Origin,
    kind: PhantomData<K>,
}

impl<K: Kind> Stream<K> {
    pub(crate) fn from_origin(origin: Origin) -> Self {
        Self { origin, kind: PhantomData }
    }

    /// Applies a filter with one input and one output pad of the same kind: a [typed](crate::filters) one, a
    /// [`Filter`], or a name.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, filters::video::scale};
    /// let small = Input::new("a.mp4").video().filter(scale().w(640).h(-2)).filter("hflip");
    /// ```
    pub fn filter(&self, filter: impl Into<Filter>) -> Self {
        filter.into().on([self.any()]).one()
    }

    /// Applies a sequence of such filters.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, filters::video::boxblur};
    /// let video = Input::new("a.mp4").video();
    /// let soft = video.filters([2, 4, 8].map(|radius| boxblur().luma_radius(radius)));
    /// ```
    pub fn filters(&self, filters: impl IntoIterator<Item: Into<Filter>>) -> Self {
        filters.into_iter().fold(self.clone(), |stream, filter| stream.filter(filter))
    }

    /// Returns the same stream with its kind as a value instead of a type: for filters of several kinds.
    pub fn any(&self) -> AnyStream {
        AnyStream { origin: self.origin.clone(), kind: K::KIND }
    }
}

impl<K> fmt::Debug for Stream<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stream").field(&self.origin).finish()
    }
}

/// A stream whose kind is known only at run time.
#[derive(Debug, Clone)]
#[must_use = "a stream does nothing until an output uses it"]
pub struct AnyStream {
    pub(crate) origin: Origin,
    pub(crate) kind: MediaKind,
}

impl AnyStream {
    /// Returns the kind.
    pub fn kind(&self) -> MediaKind {
        self.kind
    }

    /// Returns the stream with its kind as the type `K`; `None` if it is of another kind.
    ///
    /// ```
    /// # use afmpeg_cmd::{Audio, Input, Video};
    /// let any = Input::new("a.mp4").video().any();
    /// assert!(any.typed::<Video>().is_some() && any.typed::<Audio>().is_none());
    /// ```
    pub fn typed<K: Kind>(&self) -> Option<Stream<K>> {
        (self.kind == K::KIND).then(|| Stream::from_origin(self.origin.clone()))
    }
}

impl<K: Kind> From<&Stream<K>> for AnyStream {
    fn from(stream: &Stream<K>) -> Self {
        stream.any()
    }
}

impl<K: Kind> From<Stream<K>> for AnyStream {
    fn from(stream: Stream<K>) -> Self {
        Self { origin: stream.origin, kind: K::KIND }
    }
}

impl From<&AnyStream> for AnyStream {
    fn from(stream: &AnyStream) -> Self {
        stream.clone()
    }
}

impl Filter {
    /// Applies the filter to the streams of its input pads, in order. Declare its output on the result: one stream
    /// ([`video`](AppliedFilter::video), [`audio`](AppliedFilter::audio)...) or several
    /// ([`pads`](AppliedFilter::pads)).
    ///
    /// ```
    /// use afmpeg_cmd::{Filter, Input};
    ///
    /// let (film, logo) = (Input::new("film.mp4"), Input::new("logo.png"));
    /// let marked = Filter::new("overlay").opt("x", "W-w-24").opt("y", 24);
    /// let marked = marked.on([film.video(), logo.video()]).video();
    /// ```
    pub fn on<S: Into<AnyStream>>(self, streams: impl IntoIterator<Item = S>) -> AppliedFilter {
        AppliedFilter {
            filter: self,
            inputs: streams.into_iter().map(|stream| stream.into().origin).collect(),
        }
    }

    /// Applies a filter without input pads: a source.
    ///
    /// ```
    /// use afmpeg_cmd::Filter;
    ///
    /// let black = Filter::new("color").opt("color", "black").opt("size", "1280x720").source().video();
    /// ```
    pub fn source(self) -> AppliedFilter {
        self.on::<AnyStream>([])
    }
}

/// A filter with its inputs, whose outputs are yet to be declared.
#[derive(Debug)]
#[must_use = "a filter does nothing until an output uses its streams"]
pub struct AppliedFilter {
    filter: Filter,
    inputs: Vec<Origin>,
}

impl AppliedFilter {
    pub(crate) fn one<K: Kind>(self) -> Stream<K> {
        let node = Node::new(self.filter, self.inputs, vec![K::KIND]);
        Stream::from_origin(Origin::Node { node, pad: 0 })
    }

    /// Declares one video as the output.
    pub fn video(self) -> Stream<Video> {
        self.one()
    }

    /// Declares one audio stream as the output.
    pub fn audio(self) -> Stream<Audio> {
        self.one()
    }

    /// Declares one subtitle stream as the output.
    pub fn subtitle(self) -> Stream<Subtitle> {
        self.one()
    }

    /// Declares outputs of these kinds, in this order. Each must be used: FFmpeg refuses a graph with unlinked pads.
    ///
    /// ```
    /// use afmpeg_cmd::{Filter, Input, MediaKind};
    ///
    /// let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4"));
    /// let concat = Filter::new("concat").opt("n", 2).opt("v", 1).opt("a", 1);
    /// let joined = concat
    ///     .on([a.video().any(), a.audio().any(), b.video().any(), b.audio().any()])
    ///     .pads([MediaKind::Video, MediaKind::Audio]);
    /// assert_eq!(joined.len(), 2);
    /// ```
    pub fn pads(self, kinds: impl IntoIterator<Item = MediaKind>) -> Vec<AnyStream> {
        let node = Node::new(self.filter, self.inputs, kinds.into_iter().collect());
        let kinds = node.outputs.iter().copied().enumerate();
        kinds
            .map(|(pad, kind)| AnyStream { origin: Origin::Node { node: node.clone(), pad }, kind })
            .collect()
    }

    /// Declares a video and an audio stream as the outputs, in this order.
    pub fn video_and_audio(self) -> (Stream<Video>, Stream<Audio>) {
        self.two()
    }

    pub(crate) fn two<A: Kind, B: Kind>(self) -> (Stream<A>, Stream<B>) {
        let node = Node::new(self.filter, self.inputs, vec![A::KIND, B::KIND]);
        let second = Stream::from_origin(Origin::Node { node: node.clone(), pad: 1 });
        (Stream::from_origin(Origin::Node { node, pad: 0 }), second)
    }
}

impl<K: Kind> From<&Stream<K>> for Stream<K> {
    fn from(stream: &Stream<K>) -> Self {
        stream.clone()
    }
}
