//! What went wrong, as a page: what happened, and what to do next.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Frame, guest::Guest};
use crate::{
    db::{Error, Unavailable},
    web::html::html,
};

/// What every handler answers.
pub(super) type Answer = Result<Response, Problem>;

/// One kind of problem: its status, and the ids of what its page says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    pub status: StatusCode,
    pub title: &'static str,
    /// What happened.
    pub text: &'static str,
    /// What to do next.
    pub next: &'static str,
}

/// A session was there, or nobody ever signed in: an action was not done.
pub(super) const SIGNED_OUT: Problem = Problem {
    status: StatusCode::UNAUTHORIZED,
    title: "console-problem-signed-out-title",
    text: "console-problem-signed-out",
    next: "console-problem-signed-out-next",
};
/// The role does not have it.
pub(super) const REFUSED: Problem = Problem {
    status: StatusCode::FORBIDDEN,
    title: "console-problem-refused-title",
    text: "console-problem-refused",
    next: "console-problem-refused-next",
};
/// A form without the right token, or from another page.
pub(super) const FORGED: Problem = Problem {
    status: StatusCode::FORBIDDEN,
    title: "console-problem-forged-title",
    text: "console-problem-forged",
    next: "console-problem-forged-next",
};
pub(super) const MISSING: Problem = Problem {
    status: StatusCode::NOT_FOUND,
    title: "console-problem-missing-title",
    text: "console-problem-missing",
    next: "console-problem-missing-next",
};
pub(super) const METHOD: Problem = Problem {
    status: StatusCode::METHOD_NOT_ALLOWED,
    title: "console-problem-missing-title",
    text: "console-problem-method",
    next: "console-problem-missing-next",
};
/// Somebody else was faster, or what was shown has changed.
pub(super) const CONFLICT: Problem = Problem {
    status: StatusCode::CONFLICT,
    title: "console-problem-conflict-title",
    text: "console-problem-conflict",
    next: "console-problem-conflict-next",
};
/// The message was here, and left or went.
pub(super) const GONE: Problem = Problem {
    status: StatusCode::GONE,
    title: "console-problem-gone-title",
    text: "console-problem-gone",
    next: "console-problem-gone-next",
};
/// A one-time link that was used or is over.
pub(super) const LINK_GONE: Problem = Problem {
    status: StatusCode::GONE,
    title: "console-problem-link-title",
    text: "console-problem-link",
    next: "console-problem-link-next",
};
pub(super) const LARGE: Problem = Problem {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    title: "console-problem-large-title",
    text: "console-problem-large",
    next: "console-problem-large-next",
};
/// A file that would be too long.
pub(super) const TOO_MUCH: Problem = Problem {
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: "console-problem-rows-title",
    text: "console-problem-rows",
    next: "console-problem-rows-next",
};
/// A form that cannot be read, or lacks what its page has.
pub(super) const UNREADABLE: Problem = Problem {
    status: StatusCode::BAD_REQUEST,
    title: "console-problem-unreadable-title",
    text: "console-problem-unreadable",
    next: "console-problem-forged-next",
};
/// As many filters as an account may have.
pub(super) const FULL: Problem = Problem {
    status: StatusCode::CONFLICT,
    title: "console-problem-full-title",
    text: "console-problem-full",
    next: "console-problem-full-next",
};
/// As many drafts of the policy as anybody looks through.
pub(super) const FULL_DRAFTS: Problem = Problem {
    status: StatusCode::CONFLICT,
    title: "console-problem-drafts-title",
    text: "console-problem-drafts",
    next: "console-problem-drafts-next",
};
/// Trying again may help.
pub(super) const AWAY: Problem = Problem {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "console-problem-away-title",
    text: "console-problem-away",
    next: "console-problem-away-next",
};
/// Ours.
pub(super) const FAULT: Problem = Problem {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    title: "console-problem-fault-title",
    text: "console-problem-fault",
    next: "console-problem-fault-next",
};

#[derive(Template)]
#[template(path = "console/problem.html")]
struct Page {
    frame: Frame,
    of: Problem,
    /// To sign in, and come back.
    then: Option<String>,
}

impl Problem {
    pub(super) fn page(self, guest: &Guest) -> Response {
        let then = (self.status == StatusCode::UNAUTHORIZED).then(|| guest.here());
        html(self.status, &Page { frame: guest.frame(), of: self, then })
    }
}

/// Beside any route.
pub(super) async fn nowhere() -> Problem {
    MISSING
}

/// The page is made where it is known who asks.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for Problem {
    fn from(fault: Error) -> Self {
        Unavailable::from(fault).into()
    }
}

impl From<Unavailable> for Problem {
    fn from(fault: Unavailable) -> Self {
        tracing::error!(%fault, "a page of the console could not be made");
        AWAY
    }
}
