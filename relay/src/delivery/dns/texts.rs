//! Texts that a name holds.

use hickory_resolver::proto::rr::{RData, RecordType};

use super::{
    Resolver,
    answer::{self, Answer},
};
use crate::delivery::outcome::Problem;

impl Resolver {
    /// TXT records of a name, the strings of each joined; none where there is no such name.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, Problem> {
        let asked = answer::records(&self.0.plain, name, RecordType::TXT, |data| {
            let RData::TXT(txt) = data else { return None };
            Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned())
        });
        match asked.await {
            Answer::Found(found) => Ok(found.records),
            Answer::Nothing | Answer::NoName => Ok(Vec::new()),
            Answer::Failed(why) => Err(Problem::Dns(why)),
        }
    }
}
