//! From the server's greeting to the first message: EHLO, STARTTLS, AUTH.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use super::{Client, Lack, Output, PeerReply, Phase, StartTls, Why};

impl Client {
    pub(super) fn greet(&mut self) {
        self.say(Phase::Ehlo, &format!("EHLO {}\r\n", self.hello.name));
    }

    pub(super) fn protect(&mut self) {
        if self.tls || self.hello.start_tls == StartTls::Never {
            self.log_in();
        } else if self.offered.start_tls {
            self.say(Phase::StartTls, "STARTTLS\r\n");
        } else if self.hello.start_tls == StartTls::Must {
            self.close(Why::NotOffered(Lack::StartTls));
        } else {
            self.log_in();
        }
    }

    pub(super) fn log_in(&mut self) {
        let Some((user, password)) = &self.hello.credentials else { return self.ready() };
        // Where TLS was hoped for, its absence may be someone's doing: no password then.
        if !self.tls && self.hello.start_tls != StartTls::Never {
            return self.close(Why::NotOffered(Lack::TlsForLogin));
        }
        if self.offered.auth_plain {
            let secret = BASE64.encode(format!("\0{user}\0{password}"));
            self.say(Phase::AuthPlain, &format!("AUTH PLAIN {secret}\r\n"));
        } else if self.offered.auth_login {
            self.say(Phase::AuthLogin(0), "AUTH LOGIN\r\n");
        } else {
            self.close(Why::NotOffered(Lack::Login));
        }
    }

    pub(super) fn logging_in(&mut self, reply: PeerReply) {
        let (user, password) = self.hello.credentials.clone().unwrap_or_default();
        match (self.phase, reply.code) {
            (_, 235) => self.ready(),
            (Phase::AuthLogin(0), 334) => {
                self.say(Phase::AuthLogin(1), &format!("{}\r\n", BASE64.encode(user)));
            }
            (Phase::AuthLogin(1), 334) => {
                self.say(Phase::AuthLogin(2), &format!("{}\r\n", BASE64.encode(password)));
            }
            _ => self.close(Why::Login(reply)),
        }
    }

    fn ready(&mut self) {
        self.phase = Phase::Ready;
        self.outputs.push_back(Output::Ready);
    }
}
