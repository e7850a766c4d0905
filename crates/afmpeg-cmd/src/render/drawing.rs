//! A drawing of a command, in any format.

use crate::model::{Command, Map, Source};

/// Boxes, and arrows between them.
#[derive(Default)]
pub(super) struct Drawing {
    pub(super) boxes: Vec<Shape>,
    pub(super) arrows: Vec<Arrow>,
}

pub(super) struct Shape {
    pub(super) id: String,
    pub(super) text: String,
    /// Whether it is a file, and not a filter.
    pub(super) is_file: bool,
}

pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) text: String,
}

impl Drawing {
    pub(super) fn of(command: &Command) -> Self {
        let mut drawing = Self::default();
        for (index, input) in command.inputs.iter().enumerate() {
            drawing.file(format!("i{index}"), &input.path);
        }
        for (index, node) in command.graph.nodes.iter().enumerate() {
            let options: Vec<String> = node
                .filter
                .options
                .iter()
                .map(|option| match &option.name {
                    Some(name) => format!("{name}={}", option.value),
                    None => option.value.to_string(),
                })
                .collect();
            let name = node.filter.instance.as_ref().map_or(String::new(), |name| format!(" @{name}"));
            let text = format!("{}{name}\n{}", node.filter.name, options.join("\n"));
            drawing.boxes.push(Shape {
                id: format!("n{index}"),
                text: text.trim_end().to_owned(),
                is_file: false,
            });
            for source in &node.inputs {
                drawing.arrow(command, source, format!("n{index}"));
            }
        }
        for (index, output) in command.outputs.iter().enumerate() {
            let to = format!("o{index}");
            drawing.file(to.clone(), &output.path);
            for stream in &output.streams {
                let source = match &stream.map {
                    Map::Input { input, streams, .. } => {
                        Source::Input { input: *input, streams: streams.clone() }
                    }
                    Map::Node { node, pad } => Source::Node { node: *node, pad: *pad },
                    // An exclusion has no arrow, and the source of a label is unknown.
                    Map::Except { .. } | Map::Label(_) => continue,
                };
                drawing.arrow(command, &source, to.clone());
                if let (Some(codec), Some(arrow)) = (&stream.codec, drawing.arrows.last_mut()) {
                    arrow.text = format!("{} {codec}", arrow.text).trim_start().to_owned();
                }
            }
            if output.streams.is_empty() {
                for input in 0..command.inputs.len() {
                    drawing.arrows.push(Arrow {
                        from: format!("i{input}"),
                        to: to.clone(),
                        text: String::new(),
                    });
                }
            }
        }
        drawing
    }

    fn file(&mut self, id: String, path: &str) {
        self.boxes.push(Shape { id, text: path.to_owned(), is_file: true });
    }

    fn arrow(&mut self, command: &Command, source: &Source, to: String) {
        let (from, text) = match source {
            Source::Input { input, streams } => (format!("i{input}"), streams.clone()),
            Source::Node { node, pad } => {
                let kind = command.graph.nodes.get(*node).and_then(|node| node.outputs.get(*pad));
                (format!("n{node}"), kind.map(ToString::to_string).unwrap_or_default())
            }
            // FFmpeg selects the source.
            Source::Free { .. } => return,
        };
        self.arrows.push(Arrow { from, to, text });
    }
}
