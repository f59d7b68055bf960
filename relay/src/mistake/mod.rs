//! Where a person says that the program took a message for what it is not: what it said, what the person
//! says, and by which signs, so that rules and signs are tuned by cases and not by feeling.
//!
//! A mistake holds names of signs and no words of the message, so that it may stay. The message itself is
//! kept beside it as a sample, for as long as samples are kept, and goes with the person's data like
//! every sample.

mod store;

use bytes::Bytes;
use jiff::Timestamp;
use policy::{Class, Reading, rules};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use store::{Count, Cursor, Mistake};

use crate::{
    db::{Db, Error},
    journal,
    sample::{Refused, Samples},
    seal::AddressKey,
};

/// All mistakes; cheap to clone.
#[derive(Clone)]
pub struct Mistakes {
    pub db: Db,
    pub samples: Samples,
}

/// What is said to be wrong: that a rule spoke of a message, or the class behind it.
#[derive(Clone, Debug)]
pub struct Wrong {
    pub message: Uuid,
    /// Empty: none.
    pub rule: String,
    pub controller: String,
    pub login: String,
    pub stream: String,
    /// 0: not known.
    pub campaign: i64,
    /// The class that the program took it for.
    pub took: Class,
    /// The class that it is; `None`: the class is right, and the rule is wrong all the same.
    pub is: Option<Class>,
    /// `staff/<account>`, or who the command line says.
    pub by: String,
}

/// One sign by which the program took it so, without what stands there.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    pub name: String,
    pub speaks_for: Class,
    pub weight: i32,
}

/// The message, where somebody still has it, and one whom it is for.
#[derive(Clone, Debug)]
pub struct Case {
    pub bytes: Bytes,
    pub signs: Vec<Sign>,
    pub recipient: Option<AddressKey>,
}

impl Case {
    pub fn of(reading: &Reading, bytes: Bytes, recipient: Option<AddressKey>) -> Self {
        let sign = |one: policy::Sign| Sign {
            name: one.name.to_owned(),
            speaks_for: one.speaks_for,
            weight: one.weight,
        };
        Self { bytes, signs: reading.signs().into_iter().map(sign).collect(), recipient }
    }
}

impl Mistakes {
    /// One for a message and a rule: who says it again, or otherwise, says it in place of what was
    /// said before. Of a campaign and a rule one message a day is kept.
    pub async fn note(
        &self,
        now: Timestamp,
        wrong: &Wrong,
        case: Option<&Case>,
    ) -> Result<(), Error> {
        let sample = match case.zip(rules::find(&wrong.rule)) {
            Some((case, rule)) => {
                let keys = self.recipients(wrong.message, case.recipient).await?;
                let (controller, login) = (&*wrong.controller, &*wrong.login);
                let Wrong { message, campaign, .. } = *wrong;
                let refused = Refused { message, campaign, rule: rule.id, controller, login };
                self.samples.of(now, &refused, &case.bytes, &keys)
            }
            None => None,
        };
        let signs = case.map(|case| case.signs.as_slice()).unwrap_or_default();
        store::write(&self.db, now, wrong, signs, sample.as_ref()).await
    }

    /// Of the message, so that whoever of them is erased takes it along.
    async fn recipients(
        &self,
        message: Uuid,
        one: Option<AddressKey>,
    ) -> Result<Vec<AddressKey>, Error> {
        let decided = journal::Kind::Decided;
        let asked = journal::Filter {
            message: Some(message),
            kind: Some(decided),
            ..journal::Filter::default()
        };
        let lines = journal::list(&self.db, &asked, RECIPIENTS_MAX).await?;
        Ok(lines.into_iter().filter_map(|line| line.event.recipient).chain(one).collect())
    }
}

/// Of one message: more than a listener takes.
const RECIPIENTS_MAX: usize = 10_000;
