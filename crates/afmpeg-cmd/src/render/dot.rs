use std::fmt::Write as _;

use super::drawing::Drawing;
use crate::Command;

impl Command {
    /// Renders the files and filters as a Graphviz graph.
    ///
    /// ```
    /// use afmpeg_cmd::{Command, Input, Output};
    ///
    /// let video = Input::new("a.mp4").video().filter("hflip");
    /// let command = Command::new([Output::new("b.mp4").video(&video, "libx264")]);
    /// assert_eq!(
    ///     command.to_dot(),
    ///     "digraph {\n    rankdir=LR; node [shape=box];\n    i0 [label=\"a.mp4\", shape=note];\n    \
    ///      n0 [label=\"hflip\"];\n    o0 [label=\"b.mp4\", shape=note];\n    \
    ///      i0 -> n0 [label=\"v:0\"];\n    n0 -> o0 [label=\"video libx264\"];\n}\n"
    /// );
    /// ```
    pub fn to_dot(&self) -> String {
        let drawing = Drawing::of(self);
        let mut graph = String::from("digraph {\n    rankdir=LR; node [shape=box];\n");
        for shape in &drawing.boxes {
            let note = if shape.is_file { ", shape=note" } else { "" };
            let _ = writeln!(graph, "    {} [label=\"{}\"{note}];", shape.id, text(&shape.text));
        }
        for arrow in &drawing.arrows {
            let _ = writeln!(graph, "    {} -> {} [label=\"{}\"];", arrow.from, arrow.to, text(&arrow.text));
        }
        graph.push_str("}\n");
        graph
    }
}

fn text(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n")
}
