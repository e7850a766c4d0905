//! Graphs of thousands of filters, which no code handles recursively.

use afmpeg_cmd::{Codec, Command, Filter, Input, Output};

#[test]
fn hundred_thousand_filters_in_a_row_are_built_printed_checked_and_dropped() {
    let clip = Input::new("a.mp4");
    let video = (0..100_000).fold(clip.video(), |video, _| video.filter(Filter::new("hflip")));
    let command = Command::new([Output::new("b.mp4").video(&video, Codec::new("libx264"))]);
    assert_eq!(command.graph.nodes.len(), 100_000);
    assert_eq!(command.graph.to_string().matches("hflip@n").count(), 100_000);
    assert!(command.check().is_ok());
    assert!(format!("{video:?}").len() < 100);
    drop(video);
}

#[test]
fn one_stream_used_by_thousands_is_split_once() {
    let source = Input::new("a.mp4").video();
    let tiles: Vec<_> = (0..5_000).map(|_| source.filter(Filter::new("hflip"))).collect();
    let sheet = Filter::new("xstack").opt("inputs", 5_000).on(&tiles).video();
    let command = Command::new([Output::new("b.png").map(&sheet)]);
    assert_eq!(command.graph.nodes.iter().filter(|node| node.filter.name == "split").count(), 1);
    assert!(command.check().is_ok());
}
