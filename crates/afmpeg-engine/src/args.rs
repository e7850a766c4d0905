/// Anything that turns into the arguments of a command line.
///
/// Implemented for every iterator of things that turn into `String`, so arrays, vectors and slices of string
/// slices work as they are. A command builder implements it, or `IntoIterator`, for its own type; the engine
/// needs to know nothing more of it.
///
/// The arguments do not include the program's name.
///
/// ```
/// use afmpeg_engine::IntoArgs;
///
/// assert_eq!(["-i", "in.mp4"].into_args(), ["-i", "in.mp4"]);
/// assert_eq!(vec![String::from("-version")].into_args(), ["-version"]);
/// ```
pub trait IntoArgs {
    /// The arguments, in order.
    fn into_args(self) -> Vec<String>;
}

impl<I> IntoArgs for I
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    fn into_args(self) -> Vec<String> {
        self.into_iter().map(Into::into).collect()
    }
}
