//! The state of the rendering, and literals.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    Arg, Filter, MediaKind, Time,
    model::{Command, Input},
};

pub(super) struct Code<'a> {
    pub(super) command: &'a Command,
    /// The path of the module that has the names.
    pub(super) path: &'a str,
    /// The names to import.
    pub(super) used: BTreeSet<&'static str>,
    /// The assignments to the command's fields.
    pub(super) fields: Vec<String>,
    /// Whether handles can build the graph.
    pub(super) has_handles: bool,
}

/// Renders a text as a literal.
pub(super) fn text(text: &str) -> String {
    format!("{text:?}")
}

/// Renders a value as a literal: a number if it has the same text.
pub(super) fn value(value: &str) -> String {
    match value.parse::<i32>() {
        Ok(number) if number.to_string() == value => value.to_owned(),
        _ => text(value),
    }
}

impl Code<'_> {
    pub(super) fn uses(&mut self, name: &'static str) -> &'static str {
        self.used.insert(name);
        name
    }

    pub(super) fn time(&mut self, time: Time) -> String {
        let name = self.uses("Time");
        let micros = time.as_micros();
        if micros % 1_000_000 == 0 {
            return format!("{name}::from_secs({})", micros / 1_000_000);
        }
        format!("{name}::from_micros({micros})")
    }

    pub(super) fn arg(&mut self, arg: &Arg) -> String {
        let Arg { name, specifier, value: given } = arg;
        let mut code = match given {
            Some(given) => format!("{}::new({}, {})", self.uses("Arg"), text(name), value(given.as_str())),
            None => format!("{}::flag({})", self.uses("Arg"), text(name)),
        };
        if let Some(specifier) = specifier {
            let _ = write!(code, ".on({})", text(specifier));
        }
        code
    }

    /// Renders the call that adds an argument: `simple` if it has only a name and a value.
    pub(super) fn adds(&mut self, arg: &Arg, simple: &str) -> String {
        match (&arg.value, &arg.specifier) {
            (Some(given), None) => format!(".{simple}({}, {})", text(&arg.name), value(given.as_str())),
            _ => format!(".with({})", self.arg(arg)),
        }
    }

    pub(super) fn filter(&mut self, filter: &Filter) -> String {
        let mut code = format!("{}::new({})", self.uses("Filter"), text(&filter.name));
        for option in &filter.options {
            let given = value(option.value.as_str());
            let _ = match &option.name {
                Some(name) => write!(code, ".opt({}, {given})", text(name)),
                None => write!(code, ".arg({given})"),
            };
        }
        if let Some(instance) = &filter.instance {
            let _ = write!(code, ".named({})", text(instance));
        }
        code
    }

    pub(super) fn input(&mut self, index: usize, input: &Input) -> String {
        let plain = crate::model::Input { path: input.path.clone(), ..crate::model::Input::default() };
        let is_name = *crate::Input::new(&input.path).data() == plain;
        let constructor = if is_name { "new" } else { "url" };
        let mut code = format!("{}::{constructor}({})", self.uses("Input"), text(&input.path));
        if let Some(format) = &input.format {
            let _ = write!(code, ".format({})", text(format));
        }
        let times = [
            ("seek", input.seek),
            ("duration", input.duration),
            ("to", input.to),
            ("seek_before_end", input.seek_from_end.map(|time| -time)),
            ("offset", input.offset),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                let _ = write!(code, ".{name}({})", self.time(time));
            }
        }
        match input.repeats {
            None => {}
            Some(-1) => code.push_str(".repeat_for_ever()"),
            Some(times) if u16::try_from(times).is_ok() => {
                let _ = write!(code, ".repeat({times})");
            }
            Some(times) => self.fields.push(format!("inputs[{index}].repeats = Some({times})")),
        }
        for arg in &input.args {
            code.push_str(&self.adds(arg, "arg"));
        }
        code
    }

    pub(super) fn kind(&mut self, kind: MediaKind) -> String {
        format!("{}::{kind:?}", self.uses("MediaKind"))
    }
}
