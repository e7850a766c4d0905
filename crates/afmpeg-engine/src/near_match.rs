//! Suggestions for misspelt names in a failed command.
//!
//! The names come from facts about the module that are available without running it. Without them there is no suggestion.

use crate::{
    Capabilities, ComponentKind, Error, Runtime, Tool, capabilities::nearest, diagnosis::Misspelt,
    ffmpeg_messages::NameOf,
};

/// Adds a suggestion to the hint of a failure at a misspelt name of `runtime`'s module.
pub(crate) fn with_near_match(mut error: Error, runtime: &Runtime, tool: Tool) -> Error {
    let Error::Exit(exit) = &mut error else { return error };
    let Some(misspelt) = &exit.diagnosis.misspelt else { return error };
    if let Some(meant) = meant_by(misspelt, runtime, tool) {
        let hint = exit.diagnosis.hint.take().unwrap_or_default();
        exit.diagnosis.hint = Some(format!("did you mean `{meant}`? {hint}").trim_end().to_owned());
    }
    error
}

fn meant_by(misspelt: &Misspelt, runtime: &Runtime, tool: Tool) -> Option<String> {
    let capabilities = runtime.inner().facts.capabilities()?;
    let name = misspelt.name.as_str();
    let (name, meant) = match misspelt.of {
        NameOf::Component(ComponentKind::BitstreamFilter) => {
            nearest_in_chain(capabilities, ComponentKind::BitstreamFilter, name)?
        }
        NameOf::FilterChain => nearest_in_chain(capabilities, ComponentKind::Filter, name)?,
        NameOf::Component(kind) => (name, capabilities.nearest(kind, name)?),
        NameOf::FilterOption => {
            let filter = capabilities.filter(misspelt.filter.as_deref()?)?;
            let own = filter.options.nearest(name);
            (name, own.or_else(|| capabilities.generic.filter.nearest(name))?)
        }
        NameOf::Option => {
            // A stream specifier may follow an option's name.
            let name = name.split(':').next().filter(|name| !name.is_empty())?;
            (name, nearest_option(capabilities, runtime.inner().facts.options()?.of(tool), name)?)
        }
    };
    (meant != name).then(|| meant.to_owned())
}

/// The first unknown name in a chain of filters, and the nearest name of the module.
fn nearest_in_chain<'a, 'b>(
    capabilities: &'a Capabilities,
    kind: ComponentKind,
    chain: &'b str,
) -> Option<(&'b str, &'a str)> {
    let has = capabilities.names(kind);
    let unknown = names_of_chain(chain).into_iter().find(|name| !has.contains(name))?;
    Some((unknown, capabilities.nearest(kind, unknown)?))
}

/// The names of the filters in `[in]name@instance=option=value:...,name=...;...`.
fn names_of_chain(chain: &str) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped, mut starts) = (false, false, vec![0]);
    for (at, letter) in chain.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\'' => is_quoted = !is_quoted,
            '\\' if !is_quoted => is_escaped = true,
            ',' | ';' if !is_quoted => starts.push(at + 1),
            _ => {}
        }
    }
    let names = starts.into_iter().filter_map(|start| {
        let mut filter = chain[start..].trim_start();
        while let Some(label) = filter.strip_prefix('[') {
            filter = label.split_once(']')?.1.trim_start();
        }
        filter.split(['=', '@', '[', ',', ';', ' ']).next()
    });
    names.filter(|name| !name.is_empty()).collect()
}

/// The nearest option of the tool, of all codecs and formats, or of a single one; the earlier wins a tie.
fn nearest_option<'a>(capabilities: &'a Capabilities, own: &'a [String], name: &str) -> Option<&'a str> {
    let Capabilities { encoders, decoders, muxers, demuxers, generic, .. } = capabilities;
    let codecs = encoders.iter().chain(decoders).map(|codec| &codec.options);
    let formats =
        muxers.iter().map(|muxer| &muxer.options).chain(demuxers.iter().map(|demuxer| &demuxer.options));
    let all = [&generic.codec, &generic.format, &generic.scaler, &generic.resampler].into_iter();
    let all = all.chain(codecs).chain(formats).flatten().map(|option| option.name.as_str());
    nearest(name, own.iter().map(String::as_str).chain(all))
}

/// Runs the parser of names in FFmpeg's messages.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(text: &str) {
    let _ = names_of_chain(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_filters_are_separated_from_labels_options_and_quotes() {
        assert_eq!(names_of_chain("scal=320:-2"), ["scal"]);
        assert_eq!(
            names_of_chain("[0:v] one=a\\,b:c='d,e;f' [x]; [x][1:v]two@name=1, three [out]"),
            ["one", "two", "three"]
        );
        assert_eq!(names_of_chain(""), [""; 0]);
        assert_eq!(names_of_chain("[open"), [""; 0]);
    }
}
