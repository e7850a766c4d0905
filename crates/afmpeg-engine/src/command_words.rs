//! The words in a job's arguments that may appear in its log.

/// Returns the inputs in the arguments, in order.
pub(crate) fn inputs(args: &[String]) -> Vec<&str> {
    args.windows(2).filter(|pair| pair[0] == "-i").map(|pair| pair[1].as_str()).collect()
}

/// Returns the words in the values of filter options, each of which may be a filter's name.
pub(crate) fn filter_words(args: &[String]) -> Vec<&str> {
    let values = args.windows(2).filter(|pair| holds_filters(&pair[0])).map(|pair| &pair[1]);
    let sources = args.windows(4).filter(|words| words[0] == "-f" && words[1] == "lavfi" && words[2] == "-i");
    let values = values.chain(sources.map(|words| &words[3]));
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = values.flat_map(|value| value.split(move |letter| !is_of_name(letter)));
    words.filter(|word| !word.is_empty()).collect()
}

/// Whether an option, without its stream specifier, has a chain or a graph of filters as its value.
fn holds_filters(option: &str) -> bool {
    const OPTIONS: [&str; 5] = ["vf", "af", "filter", "filter_complex", "lavfi"];
    let name = option.strip_prefix('-').and_then(|option| option.split(':').next());
    name.is_some_and(|name| OPTIONS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_graphs_and_names_of_inputs_are_found() {
        let args = "-i a.png -f lavfi -i color=d=1 -filter:v:0 one=x=2,[a]two@b -vn -map 0 o.png";
        let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
        assert_eq!(inputs(&args), ["a.png", "color=d=1"]);
        assert_eq!(filter_words(&args), ["one", "x", "2", "a", "two", "b", "color", "d", "1"]);
        assert_eq!(filter_words(&["-vf".to_owned()]), [""; 0]);
    }
}
