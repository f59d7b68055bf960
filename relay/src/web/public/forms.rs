//! A form with what the store and the law know of it: its purposes, their wordings, the age.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use policy::{Controller, Purpose};

use super::{
    age::{Minors, declaration},
    desk::Desk,
    page::Choice,
    visit::header_text,
};
use crate::{
    config::{Business, Form},
    db::Unavailable,
    words::Words,
};

/// A form, ready to be shown.
pub(super) struct Sheet {
    pub form: Form,
    pub words: &'static Words,
    pub offered: Vec<Offered>,
    /// The age to declare, where any purpose or the law asks for it.
    pub age: Option<u16>,
    minors: Minors,
}

/// One purpose that is open, and the words that the person agrees to.
pub(super) struct Offered {
    pub purpose: Purpose,
    pub wording: String,
    pub has_box: bool,
}

impl Offered {
    pub(super) fn is_chosen(&self, boxes: &[&str]) -> bool {
        !self.has_box || boxes.contains(&self.purpose.id.as_str())
    }
}

impl Sheet {
    pub(super) async fn open(
        business: &Business,
        form: &Form,
        words: &'static Words,
        desk: &Desk,
    ) -> Result<Self, Unavailable> {
        let known = desk.purposes(&form.controller.id).await?;
        let mut offered = Vec::new();
        for offer in &form.offers {
            let open =
                |purpose: &&Purpose| purpose.id == offer.purpose && purpose.closed_at.is_none();
            let Some(purpose) = known.iter().find(open) else { continue };
            let (name, about) = ((&form.controller.name).into(), (&purpose.name).into());
            let made = || words.with("confirm-wording", &[("name", name), ("purpose", about)]);
            let wording = offer.wording.clone().unwrap_or_else(made);
            offered.push(Offered { purpose: purpose.clone(), wording, has_box: offer.has_box });
        }
        let minors = Minors::of(business, &form.controller, Timestamp::now());
        let asked = offered.iter().any(|offered| minors.asks(&offered.purpose));
        let age = asked.then_some(minors.age);
        Ok(Self { form: form.clone(), words, offered, age, minors })
    }

    pub(super) fn title(&self) -> Cow<'static, str> {
        let own = self.form.title.clone().map(Cow::Owned);
        own.unwrap_or_else(|| self.words.say("form-title"))
    }

    /// The words of the purpose that sending it is about.
    pub(super) fn main(&self) -> Option<&str> {
        let main = self.offered.iter().find(|offered| !offered.has_box);
        main.map(|offered| offered.wording.as_str())
    }

    /// The others, each with its box.
    pub(super) fn boxes(&self, is_ticked: impl Fn(&Offered) -> bool) -> Vec<Choice<'_>> {
        let boxes = self.offered.iter().filter(|offered| offered.has_box);
        boxes
            .map(|offered| Choice {
                purpose: &offered.purpose.id,
                wording: &offered.wording,
                ticked: is_ticked(offered),
            })
            .collect()
    }

    /// What is declared about the age, where that is asked.
    pub(super) fn age_text(&self) -> Option<String> {
        self.age.map(|age| declaration(self.words, age))
    }

    pub(super) fn notice(&self) -> String {
        notice(self.words, &self.form.controller)
    }

    /// The main purpose, and those whose boxes are ticked.
    pub(super) fn chosen(&self, boxes: &[&str]) -> Vec<&Offered> {
        let chose = |offered: &&Offered| offered.is_chosen(boxes);
        self.offered.iter().filter(chose).collect()
    }

    pub(super) fn asks_age(&self, chosen: &[&Offered]) -> bool {
        chosen.iter().any(|offered| self.minors.asks(&offered.purpose))
    }

    /// Whether a page of the form's own, or one that does not say, sent it. A form on the relay's own
    /// page says `null`: its pages send no referrer.
    pub(super) fn takes_from(&self, headers: &HeaderMap, base: Option<&str>) -> bool {
        let Some(origin) = header_text(headers, &header::ORIGIN) else { return true };
        let own = base.is_some_and(|base| base.starts_with(origin));
        origin == "null" || own || self.form.embed_from.iter().any(|allowed| allowed == origin)
    }
}

/// What is kept, by whom, and that it can be taken back (S68).
pub(super) fn notice(words: &Words, controller: &Controller) -> String {
    let kept = words.with("form-data", &[("name", (&controller.name).into())]);
    format!("{kept} {}", words.say("revocable"))
}
