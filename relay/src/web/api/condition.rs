//! The conditions of a filter, as the API writes them; what they mean is the ledger's.

use serde::Deserialize;
use utoipa::ToSchema;

use super::values::{
    Activity, Category, CountryCode, Moment, PurposeId, list, number, object, words,
};
use crate::consent::{Filter, filter::Between};

/// One condition, or several combined. `{"and": []}` is everybody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schema(example = json!({ "holds": "newsletter" }))]
pub(super) enum Condition {
    /// All of them hold.
    #[schema(no_recursion)]
    And(#[serde(deserialize_with = "list::<0, 64, _, _>")] Vec<Self>),
    /// One of them holds.
    #[schema(no_recursion)]
    Or(#[serde(deserialize_with = "list::<0, 64, _, _>")] Vec<Self>),
    /// It does not hold.
    #[schema(no_recursion)]
    Not(Box<Self>),
    /// A valid grant of this purpose now.
    Holds(PurposeId),
    /// No valid grant of any purpose now: `{"holds-nothing": {}}`.
    HoldsNothing(#[serde(deserialize_with = "object")] Nothing),
    /// A valid grant of the purpose now, and none of it that reaches further than so many days.
    Ends(#[serde(deserialize_with = "object")] Ends),
    /// A grant of the purpose ran out, none is valid now, and the purpose was not refused.
    Expired(PurposeId),
    /// Refused the purpose, or everything.
    Refused(PurposeId),
    /// Refused everything: `{"refused-everything": {}}`.
    RefusedEverything(#[serde(deserialize_with = "object")] Nothing),
    /// What the contact is to the business, by the clocks of the controller's law.
    Customer(Customer),
    /// Bought goods of the category, or has a contract about them.
    Bought(Category),
    /// Was told of the processing: `{"informed": {}}`.
    Informed(#[serde(deserialize_with = "object")] Nothing),
    /// Was silent for so long that it waits for a last campaign: `{"reactivating": {}}`.
    Reactivating(#[serde(deserialize_with = "object")] Nothing),
    /// One of these.
    Country(#[serde(deserialize_with = "list::<0, 64, _, _>")] Vec<CountryCode>),
    /// Came on record in this time.
    Added(#[serde(deserialize_with = "object")] Added),
    /// The last sign of life, or that of one kind, was before; or there was none.
    Silent(#[serde(deserialize_with = "object")] Silent),
}

/// `{}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ends {
    purpose: PurposeId,
    #[serde(deserialize_with = "number::<0, 3650, _>")]
    #[schema(maximum = 3650)]
    within_days: u16,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Added {
    /// From this moment on.
    from: Option<Moment>,
    before: Option<Moment>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Silent {
    since: Moment,
    kind: Option<Activity>,
}

words! {
    /// `active`: has a contract or bought not long ago; `former`: bought longer ago and shows signs
    /// of life; `inactive`: is silent; `never`: never bought.
    Customer for crate::consent::Customer { Active, Former, Inactive, Never }
}

impl From<Condition> for Filter {
    fn from(condition: Condition) -> Self {
        let all = |some: Vec<Condition>| some.into_iter().map(Self::from).collect();
        match condition {
            Condition::And(some) => Self::And(all(some)),
            Condition::Or(some) => Self::Or(all(some)),
            Condition::Not(one) => Self::Not(Box::new(Self::from(*one))),
            Condition::Holds(id) => Self::Holds(id.0),
            Condition::HoldsNothing(Nothing {}) => Self::HoldsNothing {},
            Condition::Ends(Ends { purpose, within_days }) => {
                Self::Ends { purpose: purpose.0, within_days }
            }
            Condition::Expired(id) => Self::Expired(id.0),
            Condition::Refused(id) => Self::Refused(id.0),
            Condition::RefusedEverything(Nothing {}) => Self::RefusedEverything {},
            Condition::Customer(customer) => Self::Customer(customer.into()),
            Condition::Bought(category) => Self::Bought(category.0),
            Condition::Informed(Nothing {}) => Self::Informed {},
            Condition::Reactivating(Nothing {}) => Self::Reactivating {},
            Condition::Country(codes) => {
                Self::Country(codes.iter().map(|code| code.0.escape_ascii().to_string()).collect())
            }
            Condition::Added(Added { from, before }) => {
                Self::Added(Between { from: from.map(|at| at.0), before: before.map(|at| at.0) })
            }
            Condition::Silent(Silent { since, kind }) => {
                Self::Silent { since: since.0, kind: kind.map(Into::into) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_of_the_ledger_is_one_here() {
        // The reader itself says which words it knows.
        let words = |fault: serde_json::Error| {
            let said = fault.to_string();
            let words: Vec<_> = said.split('`').skip(3).step_by(2).map(str::to_owned).collect();
            words
        };
        let unknown = r#"{"?":{}}"#;
        let own = words(serde_json::from_str::<Filter>(unknown).unwrap_err());
        let here = words(serde_json::from_str::<Condition>(unknown).err().unwrap());
        assert!(own.len() > 14 && own.contains(&"informed".to_owned()), "{own:?}");
        assert_eq!(own, here);
        let informed: Condition = serde_json::from_str(r#"{"informed":{}}"#).unwrap();
        assert_eq!(Filter::from(informed), Filter::Informed {});
    }
}
