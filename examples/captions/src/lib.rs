#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bot;
mod burn;
mod failure;
mod request;
mod style;
mod webvtt;

pub use bot::{Bot, Until};
pub use failure::Failure;
pub use request::{Caption, Captions, Request};
pub use style::{Color, Position, Style};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_of_the_readme_is_valid() {
        let readme = include_str!("../README.md");
        let json =
            readme.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
        let request = Request::parse(json.as_bytes()).map_err(|failure| failure.message);
        assert!(request.is_ok_and(|request| request.style.position == Position::Top));
    }
}
