use std::{
    fmt,
    ops::{Add, Div, Mul, Neg, Rem, Sub},
    time::Duration,
};

use crate::{Time, Value};

/// An expression of FFmpeg's (`libavutil/eval.c`), as many options take one: for numbers that change with the frame.
///
/// What is put together stays together: every operation has parentheses of its own, and every number is one.
///
/// ```
/// use afmpeg_cmd::{Expr, Input, filters::video::overlay};
///
/// let t = || Expr::var("t");
/// // Comes in from the left within a second, and stays.
/// let x = (t() - 1).min(0) * 200 + 20;
/// assert_eq!(x.to_string(), "((min((t-1),0)*200)+20)");
/// let marked = overlay().x(x).enable(t().between(0.5, 4));
/// # let marked = marked.on(&Input::new("a.mp4").video(), &Input::new("b.png").video());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr(String);

impl Expr {
    /// A name that FFmpeg knows where the expression is used: `t`, `n`, `iw`, `main_w`, `PI`.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// assert_eq!((Expr::var("iw") / 2).to_string(), "(iw/2)");
    /// ```
    pub fn var(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// An expression as text. It is taken as it is.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// assert_eq!((Expr::raw("a+b") * 2).to_string(), "((a+b)*2)");
    /// ```
    pub fn raw(text: impl fmt::Display) -> Self {
        Self(format!("({text})"))
    }

    /// A function, by FFmpeg's name for it.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// let wave = Expr::call("sin", [Expr::var("t") * 2]);
    /// assert_eq!(wave.to_string(), "sin((t*2))");
    /// ```
    pub fn call(function: &str, arguments: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        let arguments: Vec<String> = arguments.into_iter().map(|argument| argument.into().0).collect();
        Self(format!("{function}({})", arguments.join(",")))
    }

    fn two(self, function: &str, other: impl Into<Self>) -> Self {
        Self::call(function, [self, other.into()])
    }

    /// 1 where it is not below `least` and not above `most`, else 0.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// assert_eq!(Expr::var("t").between(1, 2.5).to_string(), "between(t,1,2.5)");
    /// ```
    #[must_use]
    pub fn between(self, least: impl Into<Self>, most: impl Into<Self>) -> Self {
        Self::call("between", [self, least.into(), most.into()])
    }

    /// The smaller.
    #[must_use]
    pub fn min(self, other: impl Into<Self>) -> Self {
        self.two("min", other)
    }

    /// The larger.
    #[must_use]
    pub fn max(self, other: impl Into<Self>) -> Self {
        self.two("max", other)
    }

    /// 1 where it is below, else 0.
    #[must_use]
    pub fn lt(self, other: impl Into<Self>) -> Self {
        self.two("lt", other)
    }

    /// 1 where it is above, else 0.
    #[must_use]
    pub fn gt(self, other: impl Into<Self>) -> Self {
        self.two("gt", other)
    }

    /// 1 where both are equal, else 0.
    #[must_use]
    pub fn eq(self, other: impl Into<Self>) -> Self {
        self.two("eq", other)
    }

    /// One thing where it is not zero, another where it is.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// let volume = Expr::var("t").lt(2).then_else(0.2, 1);
    /// assert_eq!(volume.to_string(), "if(lt(t,2),0.2,1)");
    /// ```
    #[must_use]
    pub fn then_else(self, then: impl Into<Self>, otherwise: impl Into<Self>) -> Self {
        Self::call("if", [self, then.into(), otherwise.into()])
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Expr> for Value {
    fn from(expr: Expr) -> Self {
        expr.0.into()
    }
}

/// In seconds.
impl From<Time> for Expr {
    fn from(time: Time) -> Self {
        number(time)
    }
}

/// In seconds.
impl From<Duration> for Expr {
    fn from(duration: Duration) -> Self {
        Time::from(duration).into()
    }
}

/// A sign of its own could run into an operator.
fn number(number: impl fmt::Display) -> Expr {
    let text = number.to_string();
    Expr(if text.starts_with('-') { format!("({text})") } else { text })
}

macro_rules! from_number {
    ($($number:ty)*) => {$(
        impl From<$number> for Expr {
            fn from(value: $number) -> Self {
                number(value)
            }
        }
    )*};
}

from_number!(u8 u16 u32 u64 i8 i16 i32 i64 f32 f64);

macro_rules! operator {
    ($($trait:ident $method:ident $sign:literal,)*) => {$(
        impl<E: Into<Expr>> $trait<E> for Expr {
            type Output = Self;

            fn $method(self, other: E) -> Self {
                Self(format!(concat!("({}", $sign, "{})"), self.0, other.into().0))
            }
        }
    )*};
}

operator! {
    Add add "+",
    Sub sub "-",
    Mul mul "*",
    Div div "/",
}

/// What is left when it is divided: `mod`.
impl<E: Into<Expr>> Rem<E> for Expr {
    type Output = Self;

    fn rem(self, other: E) -> Self {
        self.two("mod", other)
    }
}

impl Neg for Expr {
    type Output = Self;

    fn neg(self) -> Self {
        Self(format!("(-{})", self.0))
    }
}
