//! The problems of a file.

use std::path::Path;

use maud::{Markup, html};

use crate::report::{
    problems::{Problem, Severity},
    units,
};

/// Returns the list for the file with this name; `target` returns the link to the section that shows a problem.
pub(super) fn section(problems: &[Problem], name: &str, target: impl Fn(&Problem) -> String) -> Markup {
    html! {
        @if problems.is_empty() {
            p.fine { "No problems found." }
        } @else {
            ul.problems {
                @for problem in problems {
                    li class=(problem.severity.noun()) {
                        p {
                            strong.severity { (problem.severity.name()) } " "
                            bdi { (problem.text) } " "
                            a href=(target(problem)) { "Show" }
                        }
                        p.fix {
                            bdi { (problem.fix) }
                            @if let Some(options) = &problem.options { code { (command(name, options)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The number of problems of each severity, as badges.
pub(super) fn badges(problems: &[Problem]) -> Markup {
    let count = |severity: Severity| problems.iter().filter(|problem| problem.severity == severity).count();
    html! {
        @if problems.is_empty() { span.badge.fine { "No problems" } }
        @for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            @if count(severity) > 0 {
                span class={ "badge " (severity.noun()) } {
                    (units::counted(count(severity) as u64, severity.noun()))
                }
            }
        }
    }
}

/// Returns the command that fixes a problem, for a shell.
fn command(name: &str, options: &str) -> String {
    // FFmpeg takes the part before a colon for a protocol.
    let input = if name.contains(':') { format!("file:{name}") } else { name.to_owned() };
    let ending = Path::new(name).extension().map_or_else(|| "mkv".into(), |ending| ending.to_string_lossy());
    let output = format!("fixed.{ending}");
    format!("afmpeg run -i {} {options} {}", shell_words::quote(&input), shell_words::quote(&output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_quotes_the_name_of_the_file() {
        assert_eq!(command("a.mp4", "-c copy"), "afmpeg run -i a.mp4 -c copy fixed.mp4");
        assert_eq!(command("it's a:b", "-c copy"), r#"afmpeg run -i 'file:it'\''s a:b' -c copy fixed.mkv"#);
    }
}
