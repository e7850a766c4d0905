use std::fmt::Write as _;

use super::drawing::Drawing;
use crate::Command;

impl Command {
    /// Renders the files and filters as a Mermaid flowchart.
    ///
    /// ```
    /// use afmpeg_cmd::{Command, Input, Output};
    ///
    /// let video = Input::new("a.mp4").video().filter("hflip");
    /// let command = Command::new([Output::new("b.mp4").video(&video, "libx264")]);
    /// assert_eq!(
    ///     command.to_mermaid(),
    ///     "flowchart LR\n    i0[/\"a.mp4\"/]\n    n0[\"hflip\"]\n    o0[/\"b.mp4\"/]\n    \
    ///      i0 -- \"v:0\" --> n0\n    n0 -- \"video libx264\" --> o0\n"
    /// );
    /// ```
    pub fn to_mermaid(&self) -> String {
        let drawing = Drawing::of(self);
        let mut chart = String::from("flowchart LR\n");
        for shape in &drawing.boxes {
            let (open, close) = if shape.is_file { ("[/", "/]") } else { ("[", "]") };
            let _ = writeln!(chart, "    {}{open}\"{}\"{close}", shape.id, text(&shape.text));
        }
        for arrow in &drawing.arrows {
            let label =
                if arrow.text.is_empty() { String::new() } else { format!(" -- \"{}\"", text(&arrow.text)) };
            let _ = writeln!(chart, "    {}{label} --> {}", arrow.from, arrow.to);
        }
        chart
    }
}

/// Escapes `#`, which starts an entity in Mermaid, Markdown characters and HTML, all as entities.
fn text(text: &str) -> String {
    let mut safe = String::new();
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("<br>"),
            '"' | '#' | '<' | '>' | '&' | '`' | '*' | '_' | '\\' | ';' => {
                let _ = write!(safe, "#{};", u32::from(character));
            }
            _ => safe.push(character),
        }
    }
    safe
}
