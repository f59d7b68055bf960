//! What a route is and asks of its caller, and the table that the gate looks at.

use std::collections::BTreeMap;

use axum::{
    handler::Handler,
    http::Method,
    routing::{MethodRouter, get, post},
};

use super::Shared;
use crate::staff::Action;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asks {
    /// Nothing: the way in.
    Nothing,
    /// A session that waits for its second factor.
    Factor,
    /// One that has to make a second factor first.
    Enrol,
    /// A whole session, and a role that may do this.
    May(Action),
}

/// A page (GET) or an action (POST).
pub(super) struct Route {
    pub path: &'static str,
    pub method: Method,
    pub asks: Asks,
    /// Octets that its body may have.
    pub body_max: usize,
    pub handler: MethodRouter<Shared>,
}

/// A page: it is asked for.
pub(super) fn page<H, T>(path: &'static str, asks: Asks, handler: H) -> Route
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Route { path, method: Method::GET, asks, body_max: 0, handler: get(handler) }
}

/// An action: a form is sent to it.
pub(super) fn act<H, T>(path: &'static str, asks: Asks, handler: H) -> Route
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Route { path, method: Method::POST, asks, body_max: BODY_BYTES_MAX, handler: post(handler) }
}

/// What the gate looks at: path and method to what they ask for and how much may come.
pub(super) struct Table(BTreeMap<(String, String), (Asks, usize)>);

impl Table {
    pub(super) fn of(routes: &[Route]) -> Self {
        let line = |route: &Route| {
            ((route.path.to_owned(), route.method.to_string()), (route.asks, route.body_max))
        };
        Self(routes.iter().map(line).collect())
    }

    /// `None`: nobody may.
    pub(super) fn asks(&self, path: &str, method: &Method) -> Option<(Asks, usize)> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.0.get(&(path.to_owned(), method.to_string())).copied()
    }

    /// With any method.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.keys().any(|(own, _)| own == path)
    }
}

/// Of a form without files.
const BODY_BYTES_MAX: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::{super::paths, *};

    #[test]
    fn what_is_not_in_the_table_is_nobodys() {
        let table = Table::of(&paths::all());
        assert_eq!(table.asks("/", &Method::GET), Some((Asks::May(Action::Own), 0)));
        assert_eq!(table.asks("/", &Method::HEAD), table.asks("/", &Method::GET));
        assert_eq!(table.asks("/", &Method::POST), None);
        assert_eq!(table.asks("/other", &Method::GET), None);
    }

    #[test]
    fn no_route_stands_there_twice_and_only_the_way_in_asks_for_nothing() {
        let routes = paths::all();
        assert_eq!(Table::of(&routes).0.len(), routes.len());
        let open = routes.iter().filter(|route| route.asks == Asks::Nothing);
        let mut open: Vec<&str> = open.map(|route| route.path).collect();
        open.dedup();
        let provider = ["/sign-in/provider", "/sign-in/provider/return"];
        assert_eq!(
            open,
            ["/sign-in", provider[0], provider[1], "/sign-out", "/language", "/link/{token}"]
        );
    }
}
