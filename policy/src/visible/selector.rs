//! Selectors of CSS (Selectors 4), as far as a reader that keeps no tree can tell what they match:
//! names, classes, ids and attributes of an element and of those around it.
//!
//! What depends on siblings or on what stands inside is noted as vague: it may match.

#![expect(clippy::wildcard_enum_match_arm, reason = "the tokens of CSS, of which few matter")]

use cssparser::{ParseError, Parser, Token};

use super::token::Name;

/// One selector of a list.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    /// The element's own first, then those around it, inwards out.
    pub(super) compounds: Vec<Compound>,
    /// Ids, classes and names, each in a byte (Selectors 4 §17).
    pub(super) specificity: u32,
    /// It may match less than what is written here.
    pub(super) vague: bool,
}

/// What one element must be.
#[derive(Clone, Debug, Default)]
pub(super) struct Compound {
    pub(super) name: Option<Name>,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
    pub(super) attributes: Vec<Attribute>,
    /// What comes next in the list is its parent, not any element around it.
    pub(super) child: bool,
}

/// `[name*="value" i]`.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    test: Test,
    value: String,
    any_case: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Test {
    There,
    Whole,
    Word,
    Dashed,
    Begins,
    Ends,
    Holds,
}

impl Selector {
    /// It asks for more than the name, the classes and the id of the element.
    pub(super) fn is_bound(&self) -> bool {
        match self.compounds.as_slice() {
            [only] => !only.attributes.is_empty(),
            _ => true,
        }
    }
}

/// Longer selectors are nothing that anybody writes.
const COMPOUNDS_MAX: usize = 16;

/// Reads a list of selectors; `None` where one is wrong, which makes the whole rule wrong. Those that
/// match nothing at rest are left out.
pub(super) fn list(input: &mut Parser<'_, '_>) -> Option<Vec<Selector>> {
    let mut all = Vec::new();
    loop {
        let one: Result<Option<Selector>, ParseError<'_, ()>> =
            input.parse_until_before(cssparser::Delimiter::Comma, |input| {
                let mut reader = Reader::default();
                let read = reader.read(input);
                while input.next().is_ok() {}
                read.ok_or_else(|| input.new_custom_error(()))?;
                Ok(reader.finish())
            });
        all.extend(one.ok()?);
        if input.next().is_err() {
            return Some(all);
        }
    }
}

#[derive(Default)]
struct Reader {
    compounds: Vec<Compound>,
    current: Compound,
    /// Something of the current compound has been read.
    begun: bool,
    /// White space has been read behind it.
    space: bool,
    vague: bool,
    never: bool,
    specificity: u32,
}

impl Reader {
    fn read(&mut self, input: &mut Parser<'_, '_>) -> Option<()> {
        while let Ok(token) = input.next_including_whitespace() {
            let token = token.clone();
            match token {
                Token::WhiteSpace(_) => {
                    self.space = self.begun;
                    continue;
                }
                Token::Delim(sign @ ('>' | '+' | '~')) => {
                    self.combine(sign)?;
                    continue;
                }
                _ if self.space => self.combine(' ')?,
                _ => {}
            }
            self.simple(&token, input)?;
            self.begun = true;
        }
        self.begun.then_some(())
    }

    /// The current compound is done, what follows stands in this relation to it.
    fn combine(&mut self, sign: char) -> Option<()> {
        if !self.begun {
            return None;
        }
        (self.begun, self.space) = (false, false);
        let done = std::mem::take(&mut self.current);
        if matches!(sign, '+' | '~') {
            // A sibling stands in the same place as the element: what is around it is known.
            self.vague = true;
            self.current.child = done.child;
            return Some(());
        }
        self.current.child = sign == '>';
        self.compounds.push(done);
        (self.compounds.len() < COMPOUNDS_MAX).then_some(())
    }

    fn simple(&mut self, token: &Token<'_>, input: &mut Parser<'_, '_>) -> Option<()> {
        match token {
            Token::Ident(name) if !self.begun => {
                self.current.name = Some(Name::of(name.as_bytes()));
                self.specificity += 1;
            }
            Token::Delim('*') if !self.begun => {}
            Token::IDHash(id) => {
                self.current.id = Some(id.as_ref().to_owned());
                self.specificity += 1 << 16;
            }
            Token::Delim('.') => {
                let class = input.expect_ident().ok()?;
                self.current.classes.push(class.as_ref().to_owned());
                self.specificity += 1 << 8;
            }
            Token::SquareBracketBlock => {
                let attribute: Result<Option<Attribute>, ParseError<'_, ()>> = input
                    .parse_nested_block(|input| {
                        let read = attribute(input).filter(|_| input.is_exhausted());
                        while input.next().is_ok() {}
                        Ok(read)
                    });
                self.current.attributes.push(attribute.ok().flatten()?);
                self.specificity += 1 << 8;
            }
            Token::Colon => self.pseudo(input)?,
            _ => return None,
        }
        Some(())
    }

    fn pseudo(&mut self, input: &mut Parser<'_, '_>) -> Option<()> {
        match input.next_including_whitespace().ok()?.clone() {
            // A part of the element's own drawing, not the element.
            Token::Colon => {
                self.never = true;
                match input.next_including_whitespace().ok()?.clone() {
                    Token::Ident(_) => Some(()),
                    Token::Function(_) => passed(input),
                    _ => None,
                }
            }
            Token::Ident(name) => {
                self.specificity += 1 << 8;
                match name.to_ascii_lowercase().as_str() {
                    "before" | "after" | "first-line" | "first-letter" => self.never = true,
                    "hover" | "active" | "focus" | "focus-within" | "focus-visible" | "visited"
                    | "target" | "checked" | "disabled" | "fullscreen" => self.never = true,
                    "link" | "any-link" | "root" | "enabled" | "scope" => {}
                    "first-child" | "last-child" | "only-child" | "first-of-type"
                    | "last-of-type" | "only-of-type" | "empty" => self.vague = true,
                    _ => return None,
                }
                Some(())
            }
            Token::Function(name) => {
                self.specificity += 1 << 8;
                self.vague = true;
                let known =
                    ["not", "is", "where", "has", "nth-", "lang", "dir", "-webkit-any", "-moz-any"];
                let name = name.to_ascii_lowercase();
                passed(input)?;
                known.iter().any(|known| name.starts_with(known)).then_some(())
            }
            _ => None,
        }
    }

    fn finish(mut self) -> Option<Selector> {
        self.compounds.push(self.current);
        self.compounds.reverse();
        let Self { compounds, specificity, vague, never, .. } = self;
        (!never).then_some(Selector { compounds, specificity, vague })
    }
}

fn passed(input: &mut Parser<'_, '_>) -> Option<()> {
    let all: Result<(), ParseError<'_, ()>> = input.parse_nested_block(|input| {
        while input.next().is_ok() {}
        Ok(())
    });
    all.ok()
}

fn attribute(input: &mut Parser<'_, '_>) -> Option<Attribute> {
    let name = input.expect_ident().ok()?.to_ascii_lowercase();
    let mut attribute =
        Attribute { name, test: Test::There, value: String::new(), any_case: false };
    let Ok(token) = input.next().cloned() else { return Some(attribute) };
    attribute.test = match token {
        Token::Delim('=') => Test::Whole,
        Token::IncludeMatch => Test::Word,
        Token::DashMatch => Test::Dashed,
        Token::PrefixMatch => Test::Begins,
        Token::SuffixMatch => Test::Ends,
        Token::SubstringMatch => Test::Holds,
        _ => return None,
    };
    input.expect_ident_or_string().ok()?.as_ref().clone_into(&mut attribute.value);
    attribute.any_case = input.try_parse(|input| input.expect_ident_matching("i")).is_ok();
    Some(attribute)
}

impl Attribute {
    /// `written`: its value in the element, if it has it.
    pub(super) fn matches(&self, written: Option<&str>) -> bool {
        let Some(written) = written else { return false };
        if self.any_case {
            return self.test(&written.to_ascii_lowercase(), &self.value.to_ascii_lowercase());
        }
        self.test(written, &self.value)
    }

    fn test(&self, written: &str, value: &str) -> bool {
        match self.test {
            Test::There => true,
            Test::Whole => written == value,
            Test::Word => written.split_ascii_whitespace().any(|word| word == value),
            Test::Dashed => written
                .strip_prefix(value)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            Test::Begins => !value.is_empty() && written.starts_with(value),
            Test::Ends => !value.is_empty() && written.ends_with(value),
            Test::Holds => !value.is_empty() && written.contains(value),
        }
    }
}
