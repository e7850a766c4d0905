//! Thread safety of the public types.

use afmpeg_cmd::{
    AnyStream, AppliedFilter, Arg, Audio, Capabilities, Codec, Command, DroppedStream, Expr, Filter,
    FilterCommands, Input, Output, OutputStream, ParseError, Probe, Ratio, Stream, Time, Value, Video,
    check::{Problem, Problems},
    containers::Container,
    measure::{Measuring, Record, Series, Span},
    model,
    recipes::{Concat, Hls, Joined, Ladder, RecipeError, Text, Thumbnail},
};

#[test]
fn public_types_are_send_and_sync() {
    fn assert<T: Send + Sync>() {}
    assert::<(Input, Stream<Video>, Stream<Audio>, AnyStream, AppliedFilter, Output, OutputStream, Codec)>();
    assert::<(
        Command,
        model::Graph,
        model::Input,
        model::Output,
        Arg,
        Filter,
        Value,
        Time,
        Ratio,
        Expr,
        FilterCommands,
    )>();
    assert::<(Probe, Capabilities, Container, DroppedStream, Problem, Problems, ParseError, RecipeError)>();
    assert::<(Measuring, Record, Series<Span>)>();
    assert::<(Concat<'_>, Joined, Ladder, Hls, Text, Thumbnail)>();
}
