//! Roles and what each may do: the one table, which the console asks at each of its routes.
//!
//! A role is held for one controller or for all. What concerns the whole installation needs a role
//! for all.

/// What somebody is to the installation.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Everything.
    Admin,
    /// Decides what becomes of held messages.
    Reviewer,
    /// Contacts, consent, rights and proofs.
    Dpo,
    /// Reads everything and changes nothing.
    Auditor,
    /// Sees the messages of its own logins.
    Sender,
}

/// What a page shows or an action does.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Action {
    /// The home page, and the account that one has oneself.
    Own,
    /// Decisions and held messages, without their content.
    SeeMessages,
    /// What stands in a message.
    SeeContent,
    /// Release, reject, comment and lock held messages; propose and approve.
    Decide,
    SeeContacts,
    /// Grants, relations; erasure and export of one person.
    ChangeContacts,
    /// Writes down a no: whoever hears one has to.
    Refuse,
    /// Many at once: imports, bulk assignment.
    Import,
    SeePurposes,
    ChangePurposes,
    /// Figures of the whole.
    SeeReports,
    /// Lists of personal data as files.
    Export,
    /// The bench on which a message is tried.
    Try,
    SeePolicy,
    /// Draft another policy, agree to it, activate it.
    ChangePolicy,
    SeeQueue,
    ChangeQueue,
    /// Logins of mailing tools, nodes, jobs.
    SeeSenders,
    ChangeSenders,
    SeeAccounts,
    ChangeAccounts,
    SeeAudit,
}

/// A role, for one controller or (`None`) for all.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Held {
    pub role: Role,
    pub controller: Option<String>,
}

/// All that an account may do.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rights {
    pub held: Vec<Held>,
    /// Names of the logins whose messages are its own.
    pub logins: Vec<String>,
}

/// What an action may be done to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reach {
    Everything,
    /// What belongs to one of these controllers, or came by one of these logins.
    Part {
        controllers: Vec<String>,
        logins: Vec<String>,
    },
}

impl Action {
    pub const ALL: [Self; 22] = [
        Self::Own,
        Self::SeeMessages,
        Self::SeeContent,
        Self::Decide,
        Self::SeeContacts,
        Self::ChangeContacts,
        Self::Refuse,
        Self::Import,
        Self::SeePurposes,
        Self::ChangePurposes,
        Self::SeeReports,
        Self::Export,
        Self::Try,
        Self::SeePolicy,
        Self::ChangePolicy,
        Self::SeeQueue,
        Self::ChangeQueue,
        Self::SeeSenders,
        Self::ChangeSenders,
        Self::SeeAccounts,
        Self::ChangeAccounts,
        Self::SeeAudit,
    ];

    /// The table.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Dpo, Reviewer, Sender};
        match self {
            Self::Own => &[Admin, Reviewer, Dpo, Auditor, Sender],
            Self::SeeMessages | Self::SeeContent | Self::SeeQueue | Self::Try => {
                &[Admin, Reviewer, Dpo, Auditor, Sender]
            }
            Self::SeeContacts | Self::SeePurposes | Self::SeeReports | Self::SeePolicy => {
                &[Admin, Reviewer, Dpo, Auditor]
            }
            Self::Export => &[Admin, Dpo, Auditor],
            Self::Decide => &[Admin, Reviewer],
            Self::Refuse => &[Admin, Reviewer, Dpo],
            Self::ChangeContacts | Self::Import | Self::ChangePurposes => &[Admin, Dpo],
            Self::SeeSenders | Self::SeeAccounts => &[Admin, Auditor],
            Self::SeeAudit => &[Admin, Dpo, Auditor],
            Self::ChangePolicy | Self::ChangeQueue | Self::ChangeSenders | Self::ChangeAccounts => {
                &[Admin]
            }
        }
    }

    /// It concerns the installation and no controller alone.
    pub fn is_whole(self) -> bool {
        match self {
            Self::ChangePolicy
            | Self::ChangeQueue
            | Self::SeeSenders
            | Self::ChangeSenders
            | Self::SeeAccounts
            | Self::ChangeAccounts
            | Self::SeeAudit => true,
            Self::Own
            | Self::SeeMessages
            | Self::SeeContent
            | Self::Decide
            | Self::SeeContacts
            | Self::ChangeContacts
            | Self::Refuse
            | Self::Import
            | Self::SeePurposes
            | Self::ChangePurposes
            | Self::SeeReports
            | Self::Export
            | Self::Try
            | Self::SeePolicy
            | Self::SeeQueue => false,
        }
    }
}

impl Rights {
    /// Of who may do everything.
    pub fn whole(role: Role) -> Self {
        Self { held: vec![Held { role, controller: None }], logins: Vec::new() }
    }

    /// Somewhere; to what is [`Self::reach`]'s to say.
    pub fn may(&self, action: Action) -> bool {
        let allowed = |held: &Held| {
            action.roles().contains(&held.role) && !(action.is_whole() && held.controller.is_some())
        };
        self.held.iter().any(allowed)
    }

    /// To what; nothing where it may not be done at all.
    pub fn reach(&self, action: Action) -> Reach {
        let (mut controllers, mut logins) = (Vec::new(), Vec::new());
        for held in self.held.iter().filter(|held| action.roles().contains(&held.role)) {
            match (held.role, &held.controller) {
                (Role::Sender, _) => logins.clone_from(&self.logins),
                (_, None) => return Reach::Everything,
                (_, Some(_)) if action.is_whole() => {}
                (_, Some(controller)) => controllers.push(controller.clone()),
            }
        }
        Reach::Part { controllers, logins }
    }
}

impl Reach {
    pub fn holds(&self, controller: &str, login: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Part { controllers, logins } => {
                controllers.iter().any(|own| own == controller)
                    || logins.iter().any(|own| own == login)
            }
        }
    }

    /// Whether all that a controller has is in it.
    pub fn holds_controller(&self, controller: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Part { controllers, .. } => controllers.iter().any(|own| own == controller),
        }
    }
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::Admin, Self::Reviewer, Self::Dpo, Self::Auditor, Self::Sender];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Reviewer => "reviewer",
            Self::Dpo => "dpo",
            Self::Auditor => "auditor",
            Self::Sender => "sender",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Admin => "console-role-admin",
            Self::Reviewer => "console-role-reviewer",
            Self::Dpo => "console-role-dpo",
            Self::Auditor => "console-role-auditor",
            Self::Sender => "console-role-sender",
        }
    }

    /// Of what it means, in a sentence.
    pub fn about_id(self) -> &'static str {
        match self {
            Self::Admin => "console-role-admin-about",
            Self::Reviewer => "console-role-reviewer-about",
            Self::Dpo => "console-role-dpo-about",
            Self::Auditor => "console-role-auditor-about",
            Self::Sender => "console-role-sender-about",
        }
    }
}

/// `reviewer`, or `reviewer:shop` for one controller.
impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.controller {
            None => f.write_str(self.role.as_str()),
            Some(controller) => write!(f, "{}:{controller}", self.role.as_str()),
        }
    }
}

impl Held {
    /// As [`Self`] is written.
    pub fn parse(text: &str) -> Option<Self> {
        let (role, controller) = match text.split_once(':') {
            Some((role, controller)) => (role, Some(controller)),
            None => (text, None),
        };
        let controller = controller.map(str::to_owned);
        let odd = controller.as_ref().is_some_and(String::is_empty);
        Role::parse(role).filter(|_| !odd).map(|role| Self { role, controller })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(held: &[&str]) -> Rights {
        let held = held.iter().map(|text| Held::parse(text).unwrap()).collect();
        Rights { held, logins: vec!["shop".into()] }
    }

    #[test]
    fn an_auditor_changes_nothing_and_an_admin_may_do_all() {
        for action in Action::ALL {
            assert!(rights(&["admin"]).may(action), "{action:?}");
            let name = format!("{action:?}");
            let changes =
                ["Change", "Decide", "Refuse", "Import"].iter().any(|word| name.starts_with(word));
            assert_eq!(rights(&["auditor"]).may(action), !changes, "{action:?}");
            assert!(!rights(&[]).may(action));
        }
    }

    #[test]
    fn a_role_for_one_controller_reaches_that_one_alone() {
        let one = rights(&["admin:a", "reviewer:b"]);
        let reach = one.reach(Action::Decide);
        assert!(reach.holds("a", "") && reach.holds("b", "") && !reach.holds("c", "shop"));
        assert!(!one.may(Action::ChangeAccounts) && !one.may(Action::SeeAudit));
        let nothing = Reach::Part { controllers: vec![], logins: vec![] };
        assert_eq!(one.reach(Action::ChangeAccounts), nothing);
        assert_eq!(rights(&["auditor"]).reach(Action::Decide), nothing);
        assert_eq!(rights(&["dpo:a", "auditor"]).reach(Action::SeeContacts), Reach::Everything);
    }

    #[test]
    fn a_sender_reaches_the_messages_of_its_own_logins() {
        let reach = rights(&["sender"]).reach(Action::SeeMessages);
        assert!(reach.holds("anyone", "shop") && !reach.holds("anyone", "other"));
        assert!(!reach.holds_controller("anyone"));
        assert!(!rights(&["sender"]).may(Action::SeeContacts));
    }

    #[test]
    fn what_is_held_is_read_back() {
        for text in ["admin", "dpo:kavarna", "sender"] {
            assert_eq!(Held::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "owner", "admin:", ":a"] {
            assert_eq!(Held::parse(text), None, "{text}");
        }
    }
}
