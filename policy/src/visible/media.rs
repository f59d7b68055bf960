//! Whether a media query holds for the rendering that counts: a wide, light screen, at rest.
//!
//! What is seen only on paper, only in the dark or only on a narrow screen is not what every reader
//! sees. What is not known does not hold (Media Queries 4 §3.1).

#![expect(clippy::wildcard_enum_match_arm, reason = "the tokens of CSS, of which few matter")]

use cssparser::{ParseError, Parser, ParserInput, Token};

use super::declare;

/// A reading pane on a desk.
const WIDTH: f32 = 1_024.0;
const HEIGHT: f32 = 768.0;
const DEPTH_MAX: usize = 4;

/// The text of a `media` attribute holds.
pub(super) fn of_attribute(text: &str) -> bool {
    let mut input = ParserInput::new(text);
    holds(&mut Parser::new(&mut input))
}

/// Reads a list of queries to its end.
pub(super) fn holds(input: &mut Parser<'_, '_>) -> bool {
    let mut any = input.is_exhausted();
    loop {
        let one: Result<bool, ParseError<'_, ()>> =
            input.parse_until_before(cssparser::Delimiter::Comma, |input| {
                let holds = query(input).unwrap_or_default();
                while input.next().is_ok() {}
                Ok(holds)
            });
        any |= one.unwrap_or_default();
        if input.next().is_err() {
            return any;
        }
    }
}

/// `None` where something is not known.
fn query(input: &mut Parser<'_, '_>) -> Option<bool> {
    let start = input.state();
    let mut not = false;
    let media = loop {
        let Ok(Token::Ident(word)) = input.next() else {
            input.reset(&start);
            return conditions(input, 0);
        };
        match word.to_ascii_lowercase() {
            word if word == "not" => not = true,
            word if word == "only" => {}
            word => break word,
        }
    };
    if !matches!(media.as_str(), "all" | "screen") {
        // Paper, speech, old devices.
        return Some(not);
    }
    if input.try_parse(|input| input.expect_ident_matching("and")).is_err() {
        return input.is_exhausted().then_some(!not);
    }
    Some(conditions(input, 0)? != not)
}

/// `(a) and (b)`, `(a) or (b)`, `not (a)`.
fn conditions(input: &mut Parser<'_, '_>, depth: usize) -> Option<bool> {
    let negated = input.try_parse(|input| input.expect_ident_matching("not")).is_ok();
    let mut holds = one(input, depth)? != negated;
    while let Ok(token) = input.next() {
        let Token::Ident(word) = token else { return None };
        let and = word.eq_ignore_ascii_case("and");
        if !and && !word.eq_ignore_ascii_case("or") {
            return None;
        }
        let next = one(input, depth)?;
        holds = if and { holds & next } else { holds | next };
    }
    Some(holds)
}

fn one(input: &mut Parser<'_, '_>, depth: usize) -> Option<bool> {
    if depth >= DEPTH_MAX || input.expect_parenthesis_block().is_err() {
        return None;
    }
    let inside: Result<Option<bool>, ParseError<'_, ()>> = input.parse_nested_block(|input| {
        let start = input.state();
        let nested = match input.next() {
            Ok(Token::ParenthesisBlock) => true,
            Ok(Token::Ident(word)) => word.eq_ignore_ascii_case("not"),
            _ => false,
        };
        input.reset(&start);
        let holds = if nested { conditions(input, depth + 1) } else { feature(input) };
        while input.next().is_ok() {}
        Ok(holds)
    });
    inside.ok().flatten()
}

/// `max-width: 600px`, `color`, `width <= 600px`.
fn feature(input: &mut Parser<'_, '_>) -> Option<bool> {
    let first = value(input)?;
    let Ok(sign) = input.next().cloned() else {
        // Whether there is any at all.
        return Some(matches!(first, Value::Word(word) if has(&word)?));
    };
    if sign == Token::Colon {
        let Value::Word(name) = first else { return None };
        return pair(&name, &value(input)?);
    }
    let mut left = first;
    let mut sign = sign;
    let mut holds = true;
    loop {
        let Token::Delim(order @ ('<' | '>' | '=')) = sign else { return None };
        let equal = order == '=' || input.try_parse(|input| input.expect_delim('=')).is_ok();
        let right = value(input)?;
        let (a, b) = (left.number()?, right.number()?);
        holds &= (equal && a == b) || (order == '<' && a < b) || (order == '>' && a > b);
        left = right;
        match input.next() {
            Ok(next) => sign = next.clone(),
            Err(_) => return Some(holds),
        }
    }
}

enum Value {
    Word(String),
    Number(f32),
}

impl Value {
    /// Itself, or what a feature of that name measures.
    fn number(&self) -> Option<f32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Word(name) => measured(name),
        }
    }
}

fn value(input: &mut Parser<'_, '_>) -> Option<Value> {
    Some(match input.next().ok()? {
        Token::Ident(word) => Value::Word(word.to_ascii_lowercase()),
        Token::Number { value, .. } => Value::Number(*value),
        Token::Dimension { value, unit, .. } => match unit.to_ascii_lowercase().as_str() {
            "dppx" | "x" => Value::Number(*value),
            "dpi" => Value::Number(value / 96.0),
            unit => Value::Number(declare::length(&format!("{value}{unit}"))?),
        },
        _ => return None,
    })
}

fn measured(name: &str) -> Option<f32> {
    Some(match name {
        "width" | "device-width" => WIDTH,
        "height" | "device-height" => HEIGHT,
        "resolution" | "-webkit-device-pixel-ratio" => 1.0,
        _ => return None,
    })
}

fn has(name: &str) -> Option<bool> {
    Some(match name {
        "color" | "hover" | "pointer" => true,
        "monochrome" | "grid" | "prefers-reduced-motion" | "prefers-contrast" => false,
        name => measured(name)? > 0.0,
    })
}

fn pair(name: &str, value: &Value) -> Option<bool> {
    if let Value::Word(word) = value {
        return Some(match (name, word.as_str()) {
            ("prefers-color-scheme", scheme) => scheme == "light",
            ("prefers-reduced-motion" | "prefers-contrast", wish) => wish == "no-preference",
            ("orientation", turned) => turned == "landscape",
            ("hover" | "any-hover", hover) => hover == "hover",
            ("pointer" | "any-pointer", pointer) => pointer == "fine",
            ("forced-colors", forced) => forced == "none",
            _ => return None,
        });
    }
    let number = value.number()?;
    if let Some(rest) = name.strip_prefix("-webkit-") {
        return match rest {
            "min-device-pixel-ratio" => Some(1.0 >= number),
            "max-device-pixel-ratio" => Some(1.0 <= number),
            _ => None,
        };
    }
    if let Some(name) = name.strip_prefix("min-") {
        return Some(measured(name)? >= number);
    }
    if let Some(name) = name.strip_prefix("max-") {
        return Some(measured(name)? <= number);
    }
    Some(measured(name)? == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rendering_that_counts_is_a_wide_light_screen() {
        for (query, expected) in [
            ("", true),
            ("all", true),
            ("screen", true),
            ("SCREEN", true),
            ("print", false),
            ("not print", true),
            ("not screen", false),
            ("print, screen", true),
            ("only screen and (max-width: 600px)", false),
            ("only screen and (max-width:37.5em)", false),
            ("only screen and (min-width:480px)", true),
            ("screen and (min-width:480px) and (max-width:600px)", false),
            ("(max-width:600px)", false),
            ("not all and (max-width:600px)", true),
            ("not (max-width:600px)", true),
            ("(min-width:600px) or (print)", false),
            ("(width >= 600px)", true),
            ("(400px <= width <= 700px)", false),
            ("(prefers-color-scheme: dark)", false),
            ("(prefers-color-scheme:light)", true),
            ("screen and (-webkit-min-device-pixel-ratio:0)", true),
            ("(min-resolution: 2dppx)", false),
            ("(-ms-high-contrast: none)", false),
            ("yahoo", false),
            ("@media", false),
            ("screen and", false),
            ("screen (color)", false),
            ("((((((color))))))", false),
        ] {
            assert_eq!(of_attribute(query), expected, "{query}");
        }
    }
}
