mod depth;

use std::{
    fmt,
    iter::Sum,
    ops::{Add, Div, Mul, Neg, Rem, Sub},
    time::Duration,
};

pub(crate) use depth::{MAX_DEPTH, is_too_deep};

use crate::{Time, Value};

/// An FFmpeg expression (`libavutil/eval.c`), for options whose number changes with the frame.
///
/// Every operation has its own parentheses, so expressions nest safely. FFmpeg refuses expressions that are more than
/// 100 operations deep; sums, products, [`min`](Expr::min) and [`max`](Expr::max) of many terms are grouped by halves,
/// so a thousand terms are ten deep.
///
/// ```
/// use afmpeg_cmd::{Expr, Input, filters::video::overlay};
///
/// let t = || Expr::var("t");
/// // Slides in from the left within a second, and stays.
/// let x = (t() - 1).min(0) * 200 + 20;
/// assert_eq!(x.to_string(), "((min((t-1),0)*200)+20)");
/// let marked = overlay().x(x).enable(t().between(0.5, 4));
/// # let marked = marked.on(&Input::new("a.mp4").video(), &Input::new("b.png").video());
/// ```
#[derive(Debug, Clone)]
pub struct Expr(Repr);

#[derive(Debug, Clone)]
enum Repr {
    Text(String),
    /// Two or more terms, in any order of evaluation.
    Chain(Join, Vec<String>),
}

/// An associative operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    Add,
    Mul,
    Min,
    Max,
}

impl Join {
    fn pair(self, one: &str, other: &str) -> String {
        match self {
            Join::Add => format!("({one}+{other})"),
            Join::Mul => format!("({one}*{other})"),
            Join::Min => format!("min({one},{other})"),
            Join::Max => format!("max({one},{other})"),
        }
    }

    /// Joins all terms by halves.
    fn all(self, terms: &[String]) -> String {
        match terms {
            [] => String::new(),
            [one] => one.clone(),
            more => {
                let (one, other) = more.split_at(more.len().div_ceil(2));
                self.pair(&self.all(one), &self.all(other))
            }
        }
    }
}

impl Expr {
    fn text(text: String) -> Self {
        Self(Repr::Text(text))
    }

    fn into_text(self) -> String {
        match self.0 {
            Repr::Text(text) => text,
            Repr::Chain(join, terms) => join.all(&terms),
        }
    }

    fn terms(self, join: Join) -> Vec<String> {
        match self.0 {
            Repr::Chain(same, terms) if same == join => terms,
            other => vec![Self(other).into_text()],
        }
    }

    fn chain(self, join: Join, other: impl Into<Self>) -> Self {
        let mut terms = self.terms(join);
        terms.extend(other.into().terms(join));
        Self(Repr::Chain(join, terms))
    }

    /// A variable that FFmpeg defines where the expression is used: `t`, `n`, `iw`, `main_w`, `PI`.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// assert_eq!((Expr::var("iw") / 2).to_string(), "(iw/2)");
    /// ```
    pub fn var(name: impl Into<String>) -> Self {
        Self::text(name.into())
    }

    /// An expression as text, unchanged.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// assert_eq!((Expr::raw("a+b") * 2).to_string(), "((a+b)*2)");
    /// ```
    pub fn raw(text: impl fmt::Display) -> Self {
        Self::text(format!("({text})"))
    }

    /// A function call, by FFmpeg's name.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// let wave = Expr::call("sin", [Expr::var("t") * 2]);
    /// assert_eq!(wave.to_string(), "sin((t*2))");
    /// ```
    pub fn call(function: &str, arguments: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        let arguments: Vec<String> =
            arguments.into_iter().map(|argument| argument.into().into_text()).collect();
        Self::text(format!("{function}({})", arguments.join(",")))
    }

    fn two(self, function: &str, other: impl Into<Self>) -> Self {
        Self::call(function, [self, other.into()])
    }

    /// 1 where it is from `least` to `most`, inclusive, else 0.
    ///
    /// ```
    /// # use afmpeg_cmd::Expr;
    /// assert_eq!(Expr::var("t").between(1, 2.5).to_string(), "between(t,1,2.5)");
    /// ```
    #[must_use]
    pub fn between(self, least: impl Into<Self>, most: impl Into<Self>) -> Self {
        Self::call("between", [self, least.into(), most.into()])
    }

    /// The smaller of both.
    #[must_use]
    pub fn min(self, other: impl Into<Self>) -> Self {
        self.chain(Join::Min, other)
    }

    /// The larger of both.
    #[must_use]
    pub fn max(self, other: impl Into<Self>) -> Self {
        self.chain(Join::Max, other)
    }

    /// 1 where it is less, else 0.
    #[must_use]
    pub fn lt(self, other: impl Into<Self>) -> Self {
        self.two("lt", other)
    }

    /// 1 where it is greater, else 0.
    #[must_use]
    pub fn gt(self, other: impl Into<Self>) -> Self {
        self.two("gt", other)
    }

    /// 1 where both are equal, else 0.
    #[must_use]
    pub fn eq(self, other: impl Into<Self>) -> Self {
        self.two("eq", other)
    }

    /// `then` where it is not zero, else `otherwise`.
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
        match &self.0 {
            Repr::Text(text) => f.write_str(text),
            Repr::Chain(join, terms) => f.write_str(&join.all(terms)),
        }
    }
}

/// Expressions are equal if they print the same text.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Expr {}

impl From<Expr> for Value {
    fn from(expr: Expr) -> Self {
        expr.into_text().into()
    }
}

/// The sum of no terms is 0.
///
/// ```
/// use afmpeg_cmd::Expr;
///
/// let seen = [0, 10, 20].map(|start| Expr::var("t").between(start, start + 5));
/// let seen: Expr = seen.into_iter().sum();
/// assert_eq!(seen.to_string(), "((between(t,0,5)+between(t,10,15))+between(t,20,25))");
/// ```
impl Sum for Expr {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.reduce(|sum, term| sum + term).unwrap_or_else(|| 0.into())
    }
}

/// The time in seconds.
impl From<Time> for Expr {
    fn from(time: Time) -> Self {
        number(time)
    }
}

/// The duration in seconds.
impl From<Duration> for Expr {
    fn from(duration: Duration) -> Self {
        Time::from(duration).into()
    }
}

/// Without parentheses, a sign could merge with an operator.
fn number(number: impl fmt::Display) -> Expr {
    let text = number.to_string();
    Expr::text(if text.starts_with('-') { format!("({text})") } else { text })
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
                Self::text(format!(concat!("({}", $sign, "{})"), self.into_text(), other.into().into_text()))
            }
        }
    )*};
}

operator! {
    Sub sub "-",
    Div div "/",
}

macro_rules! chain {
    ($($trait:ident $method:ident,)*) => {$(
        impl<E: Into<Expr>> $trait<E> for Expr {
            type Output = Self;

            fn $method(self, other: E) -> Self {
                self.chain(Join::$trait, other)
            }
        }
    )*};
}

chain! {
    Add add,
    Mul mul,
}

/// The remainder: `mod`.
impl<E: Into<Expr>> Rem<E> for Expr {
    type Output = Self;

    fn rem(self, other: E) -> Self {
        self.two("mod", other)
    }
}

impl Neg for Expr {
    type Output = Self;

    fn neg(self) -> Self {
        Self::text(format!("(-{})", self.into_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Expr, is_too_deep};

    #[test]
    fn sums_products_and_extremes_of_a_thousand_terms_are_not_deep() {
        let terms = || (0..1_000).map(|index| Expr::var("t").between(index, index + 1));
        let sum: Expr = terms().sum();
        assert_eq!(sum.to_string().matches("between(t,").count(), 1_000);
        for joined in [
            sum,
            terms().reduce(|a, b| a * b).unwrap(),
            terms().reduce(Expr::min).unwrap(),
            terms().reduce(Expr::max).unwrap(),
        ] {
            assert!(!is_too_deep(&joined.to_string()));
        }
        let mut less = Expr::var("t");
        for _ in 0..101 {
            less = less - 1;
        }
        assert!(is_too_deep(&less.to_string()), "differences cannot be regrouped");
    }

    #[test]
    fn few_terms_are_grouped_from_the_left() {
        let (a, b, c) = (|| Expr::var("a"), || Expr::var("b"), || Expr::var("c"));
        assert_eq!((a() + b() + c()).to_string(), "((a+b)+c)");
        assert_eq!((a() + b() * c() * 2).to_string(), "(a+((b*c)*2))");
        assert_eq!((a() + (b() - c())).min(1).to_string(), "min((a+(b-c)),1)");
        assert_eq!(a() + b(), Expr::call("", ["a+b"].map(Expr::var)));
    }
}
