//! Rendering of a command as the Rust code that builds it.

mod code;
mod graph;
mod output;

use std::{collections::BTreeSet, fmt::Write as _};

use self::{
    code::{Code, text},
    graph::all_lead_out,
};
use crate::{Arg, Command};

impl Command {
    /// Returns a function that builds this command. Values that the builders do not cover are assigned to its fields at the
    /// end.
    ///
    /// The code builds an equal command, unless filters use a stream or a pad twice, which adds a split. It is for a program
    /// that depends on the crate `afmpeg-cmd`: [`to_rust_from`](Command::to_rust_from) prints it for one that depends on
    /// `afmpeg`.
    ///
    /// ```
    /// use afmpeg_cmd::Command;
    ///
    /// let line = "ffmpeg -i a.mp4 -vf hflip -map 0:v:0 -c:v libx264 -crf:v 20 b.mp4";
    /// let command = Command::parse_line(line)?;
    /// assert_eq!(command.to_rust(), r#"use afmpeg_cmd::{Codec, Command, Filter, Input, Output, OutputStream};
    ///
    /// pub fn command() -> Command {
    ///     let input0 = Input::new("a.mp4");
    ///     Command::new([
    ///         Output::new("b.mp4")
    ///             .stream(OutputStream::new(input0.video()).codec(Codec::new("libx264").opt("crf", 20)).filter(Filter::new("hflip"))),
    ///     ])
    /// }
    /// "#);
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn to_rust(&self) -> String {
        self.to_rust_from("afmpeg_cmd")
    }

    /// As [`to_rust`](Command::to_rust), with names from the module at `path`: `afmpeg::cmd` for a program that depends on
    /// the crate `afmpeg`.
    ///
    /// ```
    /// use afmpeg_cmd::Command;
    ///
    /// let command = Command::parse_line("ffmpeg -i a.mp4 -map 0:v:0 b.mp4")?;
    /// assert!(command.to_rust_from("afmpeg::cmd").starts_with("use afmpeg::cmd::{Command, Input, Output, OutputStream};"));
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn to_rust_from(&self, path: &str) -> String {
        let has_handles = all_lead_out(self);
        let used = BTreeSet::from(["Command"]);
        let mut code = Code { command: self, path, used, fields: Vec::new(), has_handles };
        let mut body = String::new();
        for (index, input) in self.inputs.iter().enumerate() {
            let _ = writeln!(body, "    let input{index} = {};", code.input(index, input));
        }
        if has_handles {
            for (index, node) in self.graph.nodes.iter().enumerate() {
                let _ = writeln!(body, "    let {} = {};", code.variable(index), code.node(index, node));
            }
        } else {
            let nodes: String = self.graph.nodes.iter().map(|node| code.plain_node(node)).collect();
            code.fields.push(format!("graph.nodes = vec![\n{nodes}    ]"));
        }
        let command = code.command();
        if code.fields.is_empty() {
            let _ = writeln!(body, "    {command}");
        } else {
            let _ = writeln!(body, "    let mut command = {command};");
            for field in &code.fields {
                let _ = writeln!(body, "    command.{field};");
            }
            body.push_str("    command\n");
        }
        let used: Vec<&str> = code.used.into_iter().collect();
        let used = if let [one] = used[..] { one.to_owned() } else { format!("{{{}}}", used.join(", ")) };
        format!("use {path}::{used};\n\npub fn command() -> Command {{\n{body}}}\n")
    }
}

impl Code<'_> {
    fn command(&mut self) -> String {
        let command = self.command;
        let outputs: String = command
            .outputs
            .iter()
            .enumerate()
            .map(|(index, output)| format!("        {},\n", self.output(index, output)))
            .collect();
        let outputs = format!("[\n{outputs}    ]");
        let all_taken = (0..command.inputs.len()).all(|input| self.is_taken(input));
        let mut code = if all_taken {
            format!("Command::new({outputs})")
        } else {
            let inputs: Vec<String> =
                (0..command.inputs.len()).map(|input| format!("&input{input}")).collect();
            format!("Command::from_input([{}], {outputs})", inputs.join(", "))
        };
        for arg in &command.args {
            let call = if *arg == Arg::flag("y") {
                ".overwrite()".to_owned()
            } else {
                format!(".with({})", self.arg(arg))
            };
            let _ = write!(code, "\n    {call}");
        }
        if let Some(flags) = &command.graph.sws_flags {
            self.fields.push(format!("graph.sws_flags = Some({}.into())", text(flags)));
        }
        code
    }
}
