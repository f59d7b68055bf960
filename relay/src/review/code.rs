//! Why somebody decided as they did: the one table of fixed reasons, which lists and reports count by.
//! What else there is to say, the person writes beside it.

/// A code for each reason: its word in the journal, the id of its text for people, and whether it is
/// one to release for and one to reject for.
macro_rules! codes {
    ($($(#[$about:meta])* $name:ident = $word:literal $id:literal $release:literal $reject:literal;)*) => {
        /// Why.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Code { $($(#[$about])* $name,)* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The journal's word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Of its word for people.
            pub fn text_id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// A reason to let a message go.
            pub fn releases(self) -> bool {
                match self { $(Self::$name => $release,)* }
            }

            /// A reason to keep it from its recipient.
            pub fn rejects(self) -> bool {
                match self { $(Self::$name => $reject,)* }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == word)
            }
        }
    };
}

codes! {
    /// The class was taken for another one.
    FalsePositive = "false-positive" "console-code-false-positive" true false;
    ConsentProven = "consent-proven-elsewhere" "console-code-consent-proven" true false;
    LegalDuty = "legal-duty" "console-code-legal-duty" true false;
    SenderCorrected = "sender-corrected" "console-code-sender-corrected" true true;
    NotLawful = "not-lawful" "console-code-not-lawful" false true;
    Duplicate = "duplicate" "console-code-duplicate" false true;
    SenderAsked = "sender-asked" "console-code-sender-asked" true true;
    OutOfDate = "out-of-date" "console-code-out-of-date" false true;
    Other = "other" "console-code-other" true true;
}
