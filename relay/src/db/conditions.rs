//! The conditions of a list: each is asked for where there is something to compare with.

use super::value::{Arg, places};

/// What a `WHERE` says, and the values that it names.
#[derive(Debug)]
pub struct Conditions<'a> {
    text: String,
    args: Vec<Arg<'a>>,
}

impl<'a> Conditions<'a> {
    /// `args` are `$1` and so on of the rest of the statement.
    pub fn new(args: Vec<Arg<'a>>) -> Self {
        Self { text: "true".to_owned(), args }
    }

    /// `at >= $`: the number is put behind it. Nothing where there is no value.
    pub fn ask(&mut self, condition: &str, value: Option<Arg<'a>>) {
        if let Some(value) = value {
            let place = self.place(value);
            self.also(&format!("{}{place}", condition.trim_end_matches('$')));
        }
    }

    /// The condition with each `{in}` as the list of these values. Nothing where there are none.
    pub fn among(&mut self, condition: &str, values: impl IntoIterator<Item = Arg<'a>>) {
        let listed = places(&mut self.args, values);
        if !listed.is_empty() {
            self.also(&condition.replace("{in}", &format!("IN ({listed})")));
        }
    }

    /// A condition that holds for these values of the column, and for nothing where there are none; to
    /// be put into another one.
    pub fn one_of(&mut self, column: &str, values: impl IntoIterator<Item = Arg<'a>>) -> String {
        match places(&mut self.args, values) {
            none if none.is_empty() => "false".to_owned(),
            listed => format!("{column} IN ({listed})"),
        }
    }

    /// That the column has one of these values, where there is a list: with an empty one nothing does.
    pub fn within(&mut self, column: &str, list: Option<&[String]>) {
        if let Some(list) = list {
            let own = self.one_of(column, list.iter().cloned().map(super::value::text));
            self.also(&own);
        }
    }

    /// A value's place, as `$3`; to be put into a condition.
    pub fn place(&mut self, value: Arg<'a>) -> String {
        self.args.push(value);
        format!("${}", self.args.len())
    }

    /// One whose values have their places.
    pub fn also(&mut self, condition: &str) {
        self.text.push_str(&format!(" AND {condition}"));
    }

    /// What stands behind `WHERE`, and all values.
    pub fn finish(self) -> (String, Vec<Arg<'a>>) {
        (self.text, self.args)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::value::{int, text},
        *,
    };

    #[test]
    fn what_is_not_asked_for_is_not_compared() {
        let mut asked = Conditions::new(vec![int(10)]);
        asked.ask("at >= $", None);
        asked.among("kind {in}", []);
        assert_eq!(asked.finish().0, "true");
    }

    #[test]
    fn of_two_columns_one_has_to_fit() {
        let mut asked = Conditions::new(vec![int(10)]);
        let a = asked.one_of("a", [text("x"), text("y")]);
        let b = asked.one_of("b", []);
        asked.also(&format!("({a} OR {b})"));
        let wanted = "true AND (a IN ($2, $3) OR false)";
        assert_eq!(asked.finish().0, wanted);
    }

    #[test]
    fn values_are_counted_behind_the_statements_own() {
        let mut asked = Conditions::new(vec![int(10)]);
        asked.ask("at >= $", Some(int(1)));
        asked.also("state = 'held'");
        asked.among("(a {in} OR b {in})", [text("x"), text("y")]);
        asked.ask("id < $", Some(int(2)));
        let (text, args) = asked.finish();
        let wanted = "true AND at >= $2 AND state = 'held' AND (a IN ($3, $4) OR b IN ($3, $4)) \
                      AND id < $5";
        assert_eq!((text.as_str(), args.len()), (wanted, 5));
    }
}
