//! The pages that stand in the navigation, in groups. Who may not open one does not see it.

use axum::http::Method;

use super::{
    frame::{Group, Item},
    routes::{Asks, Table},
};
use crate::{staff::Rights, words::Words};

/// A group's text id, and its pages: path and text id.
type Pages = (&'static str, &'static [(&'static str, &'static str)]);

/// A page has one line here; its path is one of `paths`.
const ALL: &[Pages] = &[
    (
        "console-nav-review",
        &[
            ("/", "console-nav-home"),
            ("/held", "console-nav-held"),
            ("/decisions", "console-nav-decisions"),
            ("/try", "console-nav-try"),
            ("/policy", "console-nav-policy"),
            ("/law", "console-nav-law"),
            ("/mistakes", "console-nav-mistakes"),
        ],
    ),
    (
        "console-nav-people",
        &[
            ("/contacts", "console-nav-contacts"),
            ("/purposes", "console-nav-purposes"),
            ("/import", "console-nav-import"),
            ("/yearly-review", "console-review-title"),
            ("/wishes", "console-nav-wishes"),
        ],
    ),
    (
        "console-nav-relay",
        &[
            ("/queue", "console-nav-queue"),
            ("/senders", "console-nav-senders"),
            ("/system", "console-nav-system"),
        ],
    ),
    (
        "console-nav-staff",
        &[("/accounts", "console-nav-accounts"), ("/audit", "console-nav-audit")],
    ),
];

/// For who may do this, `path` being where they are.
pub(super) fn groups(
    table: &Table,
    rights: &Rights,
    words: &'static Words,
    path: &str,
) -> Vec<Group> {
    let may = |path: &str| match table.asks(path, &Method::GET) {
        Some((Asks::May(action), _)) => rights.may(action),
        Some((Asks::Nothing | Asks::Factor | Asks::Enrol, _)) | None => false,
    };
    let mut groups = Vec::new();
    for (name, pages) in ALL {
        let items: Vec<Item> = pages
            .iter()
            .filter(|(path, _)| may(path))
            .map(|(own, text)| Item {
                path: own,
                text: words.say(text),
                is_here: is_below(path, own),
            })
            .collect();
        if !items.is_empty() {
            groups.push(Group { name: words.say(name), items });
        }
    }
    groups
}

/// The page itself, or one of its own below it.
fn is_below(path: &str, own: &str) -> bool {
    let rest = path.strip_prefix(own);
    path == own || own != "/" && rest.is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{staff::Role, web::console::paths};

    #[test]
    fn every_page_in_it_is_a_route_and_only_what_one_may_open_is_shown() {
        let table = Table::of(&paths::all());
        let words = Words::named("en").unwrap();
        let shown = |role| {
            let groups = groups(&table, &Rights::whole(role), words, "/audit/1");
            groups.into_iter().flat_map(|group| group.items).collect::<Vec<_>>()
        };
        let all: usize = ALL.iter().map(|(_, pages)| pages.len()).sum();
        assert_eq!(shown(Role::Admin).len(), all);
        let reviewer: Vec<&str> = shown(Role::Reviewer).iter().map(|item| item.path).collect();
        assert!(reviewer.contains(&"/") && !reviewer.contains(&"/audit"));
        let here: Vec<&str> =
            shown(Role::Admin).iter().filter(|item| item.is_here).map(|item| item.path).collect();
        assert_eq!(here, ["/audit"]);
    }
}
