//! CSS cut into rules and declarations, by cssparser; what they mean is read elsewhere.
//!
//! Not here: `@import` (nothing is fetched), `@keyframes`, nested rules.

#![expect(clippy::wildcard_enum_match_arm, reason = "the tokens of CSS, of which few matter")]

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserInput, ParserState,
    QualifiedRuleParser, RuleBodyItemParser, RuleBodyParser, StyleSheetParser, ToCss, Token,
    parse_important,
};

use super::{
    declare::{self, Declared},
    media,
    selector::{self, Selector},
};

/// One rule of a sheet: what it is for, and what it declares, `true` where `!important`.
pub(super) struct Rule {
    pub(super) selectors: Vec<Selector>,
    pub(super) declared: Vec<(Declared, bool)>,
}

/// The declarations of a `style` attribute.
pub(super) fn declarations(css: &str) -> Vec<(Declared, bool)> {
    let mut input = ParserInput::new(css);
    body(&mut Parser::new(&mut input))
}

/// The rules of a sheet that hold for a wide, light screen and declare something that is read.
pub(super) fn rules(css: &str) -> Vec<Rule> {
    let mut rules = Rules { found: Vec::new(), depth: 0 };
    let mut input = ParserInput::new(css);
    let mut parser = Parser::new(&mut input);
    // What is wrong in one rule ends with that rule.
    StyleSheetParser::new(&mut parser, &mut rules).for_each(drop);
    rules.found
}

/// `@media` in `@media`; more is nothing that anybody writes.
const DEPTH_MAX: usize = 8;
/// Functions in functions.
const NESTED_MAX: usize = 4;

struct Rules {
    found: Vec<Rule>,
    depth: usize,
}

impl<'i> QualifiedRuleParser<'i> for Rules {
    type Prelude = Vec<Selector>;
    type QualifiedRule = ();
    type Error = ();

    fn parse_prelude<'t>(
        &mut self,
        input: &mut Parser<'i, 't>,
    ) -> Result<Vec<Selector>, ParseError<'i, ()>> {
        selector::list(input).ok_or_else(|| input.new_custom_error(()))
    }

    fn parse_block<'t>(
        &mut self,
        selectors: Vec<Selector>,
        _: &ParserState,
        input: &mut Parser<'i, 't>,
    ) -> Result<(), ParseError<'i, ()>> {
        let declared = body(input);
        if !declared.is_empty() && !selectors.is_empty() {
            self.found.push(Rule { selectors, declared });
        }
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Rules {
    type Prelude = ();
    type AtRule = ();
    type Error = ();

    /// Fails for what does not hold, which passes over its block.
    fn parse_prelude<'t>(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i, 't>,
    ) -> Result<(), ParseError<'i, ()>> {
        let holds = match name.to_ascii_lowercase().as_str() {
            "media" => media::holds(input),
            // Readers that know no `@supports` know none of what is asked for there either.
            "supports" | "layer" => {
                while input.next().is_ok() {}
                true
            }
            _ => false,
        };
        if holds { Ok(()) } else { Err(input.new_custom_error(())) }
    }

    fn rule_without_block(&mut self, (): (), _: &ParserState) -> Result<(), ()> {
        Ok(())
    }

    fn parse_block<'t>(
        &mut self,
        (): (),
        _: &ParserState,
        input: &mut Parser<'i, 't>,
    ) -> Result<(), ParseError<'i, ()>> {
        if self.depth < DEPTH_MAX {
            self.depth += 1;
            RuleBodyParser::new(input, self).for_each(drop);
            self.depth -= 1;
        }
        Ok(())
    }
}

impl<'i> DeclarationParser<'i> for Rules {
    type Declaration = ();
    type Error = ();
}

impl RuleBodyItemParser<'_, (), ()> for Rules {
    fn parse_declarations(&self) -> bool {
        false
    }

    fn parse_qualified(&self) -> bool {
        true
    }
}

fn body(input: &mut Parser<'_, '_>) -> Vec<(Declared, bool)> {
    let mut body = Body(Vec::new());
    RuleBodyParser::new(input, &mut body).for_each(drop);
    body.0
}

struct Body(Vec<(Declared, bool)>);

impl<'i> DeclarationParser<'i> for Body {
    type Declaration = ();
    type Error = ();

    fn parse_value<'t>(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i, 't>,
        _: &ParserState,
    ) -> Result<(), ParseError<'i, ()>> {
        let mut value = String::new();
        text(input, &mut value, 0);
        let important = input.try_parse(parse_important).is_ok();
        if !input.is_exhausted() {
            return Err(input.new_custom_error(()));
        }
        let property = name.to_ascii_lowercase();
        let value = value.to_ascii_lowercase();
        declare::read(&property, value.trim(), &mut |declared| self.0.push((declared, important)));
        Ok(())
    }
}

impl<'i> QualifiedRuleParser<'i> for Body {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = ();
}

impl AtRuleParser<'_> for Body {
    type Prelude = ();
    type AtRule = ();
    type Error = ();
}

impl RuleBodyItemParser<'_, (), ()> for Body {
    fn parse_declarations(&self) -> bool {
        true
    }

    fn parse_qualified(&self) -> bool {
        false
    }
}

/// The text of a value up to a `!`, with comments and escapes undone.
fn text(input: &mut Parser<'_, '_>, out: &mut String, depth: usize) {
    loop {
        let before = input.state();
        let Ok(token) = input.next_including_whitespace() else { return };
        let opens = match token {
            Token::WhiteSpace(_) => {
                out.push(' ');
                continue;
            }
            Token::Delim('!') if depth == 0 => {
                input.reset(&before);
                return;
            }
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => true,
            _ => false,
        };
        // A text never fails to be written to.
        let _ = token.to_css(out);
        if opens {
            if depth < NESTED_MAX {
                let inside = input.parse_nested_block(|input| {
                    text(input, out, depth + 1);
                    Ok::<_, ParseError<'_, ()>>(())
                });
                debug_assert!(inside.is_ok(), "a block just opened");
            }
            out.push(')');
        }
    }
}
