//! One sign while it is only weighed: where it stands is written down, and shown when somebody asks.
//!
//! Most verdicts need the class and no evidence for it.

use std::ops::Range;

use super::super::{Class, Sign, kind::Kind};
use crate::{Evidence, Header, Message, Place, View, message::shown};

/// A sign and how strongly it speaks.
#[derive(Clone, Debug)]
pub(in crate::class) struct Weighed {
    pub(in crate::class) name: &'static str,
    pub(in crate::class) speaks_for: Class,
    pub(in crate::class) weight: i32,
    pub(in crate::class) role: Role,
    spot: Spot,
}

/// What a sign says of its class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::class) enum Role {
    /// What the message does.
    Act,
    /// What it is about. An offer is about orders too.
    Topic,
    /// It stands in a thread.
    Thread,
    /// It sells.
    Promotion,
    /// It may sell: words of advertising and of everyday business alike.
    Interest,
    /// The sender's own word for advertising; in a confirmation of a subscription it names what is
    /// confirmed.
    Label,
    /// It goes to many, or by what sends to many; that sells nothing.
    Bulk,
    /// It comes from a business: charities, schools and neighbours have other legal forms.
    Company,
}

/// Where a sign stands.
#[derive(Clone, Debug)]
pub(super) enum Spot {
    /// In the header field of this place.
    Field(usize),
    /// In a view's folded text.
    Folded {
        view: usize,
        at: Range<usize>,
    },
    /// In a view's text.
    Text {
        view: usize,
        at: Range<usize>,
    },
    Link {
        view: usize,
        link: usize,
    },
    /// In the fields of this part.
    Part {
        part: usize,
        field: usize,
    },
    /// All of a view.
    View {
        view: usize,
        shown: String,
    },
}

impl Weighed {
    pub(super) fn new(
        name: &'static str,
        role: Role,
        speaks_for: Class,
        weight: i32,
        spot: Spot,
    ) -> Self {
        Self { name, speaks_for, weight, role, spot }
    }

    pub(super) fn of_kind(kind: &Kind, weight: i32, spot: Spot) -> Self {
        Self::new(kind.name, kind.role, kind.class, weight, spot)
    }

    pub(in crate::class) fn is_promotional(&self) -> bool {
        matches!(self.role, Role::Promotion | Role::Interest | Role::Label)
    }

    /// The sign with its evidence.
    pub(in crate::class) fn shown(&self, message: &Message, views: &[View]) -> Sign {
        let Evidence { place, range, shown } =
            self.spot.evidence(message, views).unwrap_or_else(|| Evidence {
                place: Place::Part(String::new()),
                range: 0..0,
                shown: String::new(),
            });
        Sign {
            name: self.name,
            speaks_for: self.speaks_for,
            weight: self.weight,
            place,
            range,
            shown,
        }
    }
}

impl Spot {
    fn evidence(&self, message: &Message, views: &[View]) -> Option<Evidence> {
        let place = |part: usize| -> Option<Place> {
            Some(Place::Part(message.parts().get(part)?.path.clone()))
        };
        Some(match self {
            Self::Field(index) => message.evidence_header(message.headers().get(*index)?),
            Self::Folded { view, at } => views.get(*view)?.evidence_folded(message, at.clone()),
            Self::Text { view, at } => views.get(*view)?.evidence(message, at.clone()),
            Self::Link { view, link } => {
                let view = views.get(*view)?;
                let link = view.links.get(*link)?;
                Evidence {
                    place: place(view.part)?,
                    range: link.raw.clone(),
                    shown: shown(&link.href),
                }
            }
            Self::Part { part, field } => {
                let header: &Header = message.parts().get(*part)?.headers.get(*field)?;
                Evidence {
                    place: place(*part)?,
                    range: header.value.clone(),
                    shown: shown(&message.decoded(header)),
                }
            }
            Self::View { view, shown } => {
                let part = views.get(*view)?.part;
                Evidence {
                    place: place(part)?,
                    range: message.parts().get(part)?.body.clone(),
                    shown: shown.clone(),
                }
            }
        })
    }
}
