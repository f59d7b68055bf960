//! What goes before what.

use policy::Class;

/// What is claimed and sent first (RFC 6710, MIXER's three levels).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    Urgent,
    Normal,
    /// All that is commercial, whatever its sender asks for: it is never before what must arrive.
    Last,
}

impl Priority {
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::Last];

    pub fn of(class: Class, asked: Option<i8>) -> Self {
        match asked.unwrap_or(0) {
            _ if class.is_commercial() => Self::Last,
            ..=-4 => Self::Last,
            4.. => Self::Urgent,
            _ => Self::Normal,
        }
    }

    /// The database's number for it.
    pub(super) fn level(self) -> i64 {
        match self {
            Self::Urgent => 4,
            Self::Normal => 0,
            Self::Last => -4,
        }
    }
}
