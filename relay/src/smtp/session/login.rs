//! Who the client is: EHLO, STARTTLS, AUTH and XCLIENT.

use super::{
    Output, Session,
    state::{Question, Stage, State},
};
use crate::smtp::{
    auth::{Exchange, Step},
    ehlo,
    reply::Reply,
    settings::AuthOffer,
    xclient, xforward,
};

impl Session {
    pub(super) fn hello(&mut self, name: String, extended: bool) -> State {
        self.helo = name;
        self.forwarded = None;
        let text = if extended {
            ehlo::offer(&self.settings, self.arrival, self.tls)
        } else {
            self.settings.hostname.clone()
        };
        self.idle(Stage::Ready, 250, "", text)
    }

    pub(super) fn start_tls(&mut self) -> State {
        if self.tls {
            return self.wrong(Stage::Ready, 503, "5.5.1", "TLS is on already");
        }
        if !self.settings.starttls {
            return self.wrong(Stage::Ready, 502, "5.5.1", "STARTTLS is not offered here");
        }
        self.outputs.push_back(Output::Send(Reply::new(220, "2.0.0", "go ahead")));
        self.outputs.push_back(Output::StartTls);
        State::Paused(Question::Tls)
    }

    pub(super) fn start_auth(&mut self, mechanism: &str, initial: Option<&str>) -> State {
        if self.logged_in {
            return self.wrong(Stage::Ready, 503, "5.5.1", "logged in already");
        }
        if !ehlo::may_auth(&self.settings, self.tls) {
            return match self.settings.auth {
                AuthOffer::InsideTls => {
                    self.wrong(Stage::Ready, 538, "5.7.11", "say STARTTLS before AUTH")
                }
                AuthOffer::Never | AuthOffer::InClear => {
                    self.wrong(Stage::Ready, 502, "5.5.1", "AUTH is not offered here")
                }
            };
        }
        match (Exchange::of(mechanism), initial) {
            (Some(exchange), Some(response)) => self.auth_step(exchange.initial(response)),
            (Some(exchange), None) => self.auth_step(exchange.first()),
            (None, _) => self.wrong(Stage::Ready, 504, "5.5.4", "PLAIN, LOGIN or SCRAM-SHA-256"),
        }
    }

    pub(super) fn auth_step(&mut self, step: Step) -> State {
        match step {
            Step::Challenge { text, next } => {
                self.outputs.push_back(Output::Send(Reply::new(334, "", text)));
                State::Auth(next)
            }
            Step::Ask { credentials, waiting } => {
                self.outputs.push_back(Output::CheckLogin(credentials));
                State::Paused(Question::Login(waiting))
            }
            Step::Done => {
                self.logged_in = true;
                self.say(Stage::Ready, 235, "2.7.0", "logged in")
            }
            Step::Malformed => self.wrong(Stage::Ready, 501, "5.5.2", "malformed AUTH response"),
            Step::ActsForAnother => {
                let text = "authorization identity must be empty or the user";
                self.wrong(Stage::Ready, 535, "5.7.8", text)
            }
        }
    }

    pub(super) fn xclient(&mut self, stage: Stage, said: xclient::Attributes) -> State {
        if !self.arrival.xclient {
            return self.wrong(stage, 550, "5.7.0", "XCLIENT is not for you");
        }
        let login = said.login.is_some();
        self.outputs.push_back(Output::Xclient(said));
        State::Paused(Question::Xclient { login })
    }

    /// It is for the next message alone.
    pub(super) fn xforward(&mut self, stage: Stage, said: xforward::Attributes) -> State {
        if !self.arrival.xforward {
            return self.wrong(stage, 550, "5.7.0", "XFORWARD is not for you");
        }
        self.forwarded.get_or_insert_default().add(said);
        self.idle(stage, 250, "2.0.0", "ok")
    }

    pub(super) fn xclient_answered(&mut self, login: bool, replies: Vec<Reply>) -> State {
        match replies.into_iter().next() {
            Some(reply) if reply.is_positive() => {
                self.logged_in = login;
                self.helo.clear();
                self.forwarded = None;
                self.greet();
                State::Line(Stage::Fresh)
            }
            refused => {
                let reply = refused
                    .unwrap_or_else(|| Reply::new(451, "4.3.0", "cannot say now, try again"));
                self.outputs.push_back(Output::Send(reply));
                State::Line(if self.helo.is_empty() { Stage::Fresh } else { Stage::Ready })
            }
        }
    }
}
