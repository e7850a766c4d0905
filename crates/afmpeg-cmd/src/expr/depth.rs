//! The nesting depth of an expression in FFmpeg, by the grammar of `libavutil/eval.c`.

/// The deepest nesting of operations and parentheses that FFmpeg evaluates: `MAX_DEPTH` of `libavutil/eval.c`.
pub(crate) const MAX_DEPTH: usize = 100;

/// Whether FFmpeg refuses a text as too deep an expression; `false` for text that is not an expression.
///
/// `a+b+c` is as deep as its number of operators; a function adds one to the deepest of its arguments.
pub(crate) fn is_too_deep(text: &str) -> bool {
    let operations = text.bytes().filter(|byte| b"+-*/^;(,".contains(byte)).count();
    if operations < MAX_DEPTH {
        return false;
    }
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mut parser = Parser { rest: &text, nested: 0 };
    match parser.expression() {
        Ok(depth) => parser.rest.is_empty() && depth > MAX_DEPTH,
        Err(Refused::TooManyParentheses) => true,
        Err(Refused::NotAnExpression) => false,
    }
}

enum Refused {
    NotAnExpression,
    TooManyParentheses,
}

struct Parser<'a> {
    rest: &'a [u8],
    nested: usize,
}

impl Parser<'_> {
    fn take(&mut self, characters: &[u8]) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if characters.contains(first) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Operands separated by these operators; `operand` returns the depth of each.
    fn operations(
        &mut self,
        operators: &[u8],
        operand: fn(&mut Self) -> Result<usize, Refused>,
    ) -> Result<usize, Refused> {
        let mut depth = operand(self)?;
        while self.take(operators) {
            depth = depth.max(operand(self)?) + 1;
        }
        Ok(depth)
    }

    fn expression(&mut self) -> Result<usize, Refused> {
        if self.nested == MAX_DEPTH {
            return Err(Refused::TooManyParentheses);
        }
        self.nested += 1;
        let depth = self.operations(b";", |parser| parser.operations(b"+-", Self::product))?;
        self.nested -= 1;
        Ok(depth)
    }

    fn product(&mut self) -> Result<usize, Refused> {
        self.operations(b"*/", |parser| parser.operations(b"^", Self::primary))
    }

    /// A number, a name, a function or parentheses, with an optional sign.
    fn primary(&mut self) -> Result<usize, Refused> {
        self.take(b"+-");
        let mut name = 0;
        while let Some(byte) = self.rest.get(name) {
            let is_exponent = name > 0
                && b"+-".contains(byte)
                && self.rest[0].is_ascii_digit()
                && b"eE".contains(&self.rest[name - 1]);
            if !(byte.is_ascii_alphanumeric() || b"._".contains(byte) || is_exponent) {
                break;
            }
            name += 1;
        }
        self.rest = &self.rest[name..];
        if !self.take(b"(") {
            return if name > 0 { Ok(0) } else { Err(Refused::NotAnExpression) };
        }
        let mut depth = self.expression()?;
        while self.take(b",") {
            depth = depth.max(self.expression()?);
        }
        if !self.take(b")") {
            return Err(Refused::NotAnExpression);
        }
        Ok(if name > 0 { depth + 1 } else { depth })
    }
}

#[cfg(test)]
mod tests {
    use super::is_too_deep;

    #[test]
    fn depth_is_that_of_ffmpeg() {
        let sum = |terms: usize| vec!["between(t,1,2e-3)"; terms].join("+");
        assert!(!is_too_deep(&sum(100)));
        assert!(is_too_deep(&sum(101)));
        assert!(is_too_deep(&format!("if(lt(t,1), {}, 0)", sum(100))));
        let plain = |terms: usize| vec!["a"; terms].join(" - ");
        assert!(!is_too_deep(&plain(101)));
        assert!(is_too_deep(&plain(102)));
        // A product is an operand of its sum.
        assert!(!is_too_deep(&vec!["a*b*c"; 98].join("+")));
        assert!(is_too_deep(&vec!["a*b*c"; 100].join("+")));
        let parentheses = |number: usize| format!("{}a{}", "(".repeat(number), ")".repeat(number));
        assert!(!is_too_deep(&format!("{}+{}", parentheses(99), parentheses(99))));
        assert!(is_too_deep(&parentheses(100)) && is_too_deep(&parentheses(10_000)));
        assert!(is_too_deep(&format!("{}1", "st(0,1);".repeat(101))));
    }

    #[test]
    fn other_texts_are_not_deep_expressions() {
        for text in ["-".repeat(300), "+a+b & ".repeat(60), ",".repeat(300), format!("{}&", "a+".repeat(200))]
        {
            assert!(!is_too_deep(&text), "{text}");
        }
        assert!(!is_too_deep(&format!("{}(", "a+".repeat(200))));
    }
}
