//! What comes back becomes a statement of the ledger or a line of the journal.

use jiff::Timestamp;
use policy::{Address, Controller, Message, Scope};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Inbound,
    came::{Action, Came, Complaint, Feedback, Status},
    meaning::{self, Meaning},
    reply,
};
use crate::{
    consent::{Proof, Who},
    db::{Error, Unavailable},
    decisions,
    delivery::{outcome::without_addresses, pass_on},
    journal::{self, Event, Filter, Line},
    returns::{Kind, Mark},
    seal::AddressKey,
    smtp::{envelope::Path, reply::Reply},
    wish::{self, Kept, Told},
};

/// What is on record of the message that something came back of.
struct About {
    message: Uuid,
    controller: String,
    stream: String,
    login: String,
    /// Its recipients, as far as the mark says.
    people: Vec<Person>,
}

#[derive(Clone, Copy)]
struct Person {
    key: AddressKey,
    delivery: Option<Uuid>,
}

/// More recipients than any message may have.
const PEOPLE_MAX: usize = 100_000;

impl Inbound {
    /// One message to one address. What it says is durable when this returns.
    pub(super) async fn take(
        &self,
        now: Timestamp,
        mark: &Mark,
        came: &Came,
        message: &Message,
    ) -> Result<Reply, Unavailable> {
        let Some(about) = self.about(mark).await? else { return Ok(reply::forgotten()) };
        match came {
            Came::Complaint(complaint) => {
                self.complained(now, &about, complaint, message).await?;
            }
            Came::Report(statuses) => {
                self.reported(now, &about, statuses).await?;
                self.for_the_sender(now, mark, &about, message).await?;
            }
            Came::Automatic => {}
            Came::Letter => return self.letter(now, mark, &about, message).await,
        }
        Ok(reply::taken())
    }

    async fn about(&self, mark: &Mark) -> Result<Option<About>, Error> {
        let kind = Some(journal::Kind::Decided);
        let filter = Filter { message: Some(mark.message), kind, ..Filter::default() };
        let lines = journal::list(&self.0.db, &filter, PEOPLE_MAX).await?;
        let Some((kind, _)) = lines.first().and_then(decisions::verdict) else { return Ok(None) };
        let person = |line: &Line| {
            let key = line.event.recipient.filter(|key| mark.is_about(key))?;
            Some(Person { key, delivery: line.event.delivery })
        };
        Ok(Some(About {
            message: mark.message,
            controller: kind.controller,
            stream: kind.stream,
            login: kind.login,
            people: lines.iter().filter_map(person).collect(),
        }))
    }

    /// Who is meant: the one whom the address names, else whom the report names. Nobody where the
    /// report names somebody who did not get the message.
    fn person(&self, about: &About, said: Option<&str>) -> Option<Person> {
        if let [only] = about.people.as_slice() {
            return Some(*only);
        }
        let address = Address::parse(said?).ok()?;
        let key = self.0.secret.address_key(&about.controller, &address);
        about.people.iter().find(|person| person.key == key).copied()
    }

    async fn reported(
        &self,
        now: Timestamp,
        about: &About,
        statuses: &[Status],
    ) -> Result<(), Unavailable> {
        let mut events = Vec::new();
        for status in statuses {
            let kind = match status.action {
                Action::Failed => journal::Kind::Bounced,
                // It is tried on: if that fails, another report comes.
                Action::Delayed | Action::Went => continue,
            };
            let Some(person) = self.person(about, Some(&status.recipient)) else { continue };
            let detail = json!({
                "by": "report",
                "peer": without_addresses(&status.remote),
                "reply": without_addresses(&status.text),
                "status": status.status,
                "class": self.0.replies.class(&status.status, &status.text).word(),
                "stream": about.stream,
                "login": about.login,
            });
            events.push(about.event(now, kind, person, detail));
        }
        metrics::counter!("souhlas_returned_total", "what" => "report").increment(1);
        if events.is_empty() { Ok(()) } else { self.0.spool.note(events).await }
    }

    async fn complained(
        &self,
        now: Timestamp,
        about: &About,
        complaint: &Complaint,
        message: &Message,
    ) -> Result<(), Unavailable> {
        let how = match complaint.kind {
            Feedback::Nothing => return Ok(()),
            Feedback::OptOut => "feedback-opt-out",
            Feedback::Unwanted => "feedback",
        };
        metrics::counter!("souhlas_returned_total", "what" => how).increment(1);
        let Some(person) = self.person(about, complaint.recipient.as_deref()) else {
            return Ok(());
        };
        let who = Who::key(&about.controller, person.key);
        let proof = about.proof(now, how, message, json!({ "agent": complaint.agent }));
        if complaint.kind == Feedback::OptOut {
            self.0.consent.refuse(now, &who, &Scope::Everything, &proof).await?;
            return Ok(());
        }
        self.0.consent.complain(now, &who, &proof).await?;
        let detail = json!({ "by": "report", "stream": about.stream, "login": about.login });
        let event = about.event(now, journal::Kind::Complained, person, detail);
        self.0.spool.note(vec![event]).await
    }

    async fn letter(
        &self,
        now: Timestamp,
        mark: &Mark,
        about: &About,
        message: &Message,
    ) -> Result<Reply, Unavailable> {
        let own = message.clone();
        let read = tokio::task::spawn_blocking(move || meaning::words(&own));
        let text = read.await.map_err(|_| Unavailable("a letter could not be read".to_owned()))?;
        let meaning = match mark.kind {
            // Whatever it says: this address stands for nothing else.
            Kind::Unsubscribe => Meaning::Refusal,
            Kind::Bounce | Kind::Feedback => Meaning::of(message.subject(), &text),
        };
        let said = message.senders().first().map(|sender| sender.address.as_str());
        match (meaning, self.person(about, said)) {
            (Meaning::Refusal, Some(person)) => {
                let how = if mark.kind == Kind::Unsubscribe { "mailto" } else { "reply" };
                metrics::counter!("souhlas_refusals_total", "how" => how).increment(1);
                let business = self.0.business.load();
                // Everything where the stream is gone.
                let stream = business.stream(&about.stream);
                let scope = stream.map_or(Scope::Everything, |stream| stream.refused());
                let who = Who::key(&about.controller, person.key);
                let proof = about.proof(now, how, message, Value::Null);
                self.0.consent.refuse(now, &who, &scope, &proof).await?;
                Ok(reply::taken())
            }
            (Meaning::Refusal | Meaning::Unclear, person) => {
                let kept = self.for_staff(now, about, person, message, text).await?;
                let passed = self.for_the_controller(now, about, message).await?;
                Ok(if kept == Kept::Yes { reply::taken() } else { passed })
            }
            (Meaning::Other, _) => self.for_the_controller(now, about, message).await,
        }
    }

    /// To the console, where somebody reads it and says what it means.
    async fn for_staff(
        &self,
        now: Timestamp,
        about: &About,
        person: Option<Person>,
        message: &Message,
        text: String,
    ) -> Result<Kept, Error> {
        let answered = wish::About {
            message: about.message,
            controller: about.controller.clone(),
            stream: about.stream.clone(),
            login: about.login.clone(),
            recipient: person.map(|person| person.key),
        };
        let told = Told { text, ..told(message) };
        metrics::counter!("souhlas_returned_total", "what" => "wish").increment(1);
        self.0.wishes.keep(now, &answered, &told, message.bytes()).await
    }

    /// Whoever sent the message may have a mailbox for reports of its own, and a program that reads it.
    async fn for_the_sender(
        &self,
        now: Timestamp,
        mark: &Mark,
        about: &About,
        message: &Message,
    ) -> Result<(), Unavailable> {
        match self.0.senders.sender(mark.sender).await? {
            Some(to) => self.pass_on(now, to, about, message, "report").await.map(drop),
            None => Ok(()),
        }
    }

    /// To the mailbox at which the controller answers, as it came.
    async fn for_the_controller(
        &self,
        now: Timestamp,
        about: &About,
        message: &Message,
    ) -> Result<Reply, Unavailable> {
        let business = self.0.business.load_full();
        let mailbox = business.controller(&about.controller).and_then(|one| mailbox(one));
        let Some(to) = mailbox else { return Ok(reply::nobody_reads()) };
        metrics::counter!("souhlas_returned_total", "what" => "reply").increment(1);
        let taken = self.pass_on(now, to, about, message, "reply").await?;
        Ok(if taken { reply::taken() } else { reply::nobody_reads() })
    }

    /// As it came; `false`: nobody can be written to there.
    async fn pass_on(
        &self,
        now: Timestamp,
        to: Path,
        about: &About,
        message: &Message,
        what: &str,
    ) -> Result<bool, Unavailable> {
        let Ok(address) = Address::parse(&to.to_mailbox_string()) else { return Ok(false) };
        let key = self.0.secret.address_key("", &address);
        let (passed, deliveries) = pass_on(now, to, key, message.bytes().clone());
        let detail = json!({ "letter": what, "about": about.message });
        let mut event = Event {
            id: Uuid::now_v7(),
            at: now,
            kind: journal::Kind::Reported,
            message: Some(passed.id),
            delivery: None,
            recipient: Some(key),
            detail: detail.into(),
        };
        event.delivery = deliveries.first().map(|delivery| delivery.id);
        self.0.spool.keep(passed.into(), deliveries, vec![event]).await?;
        Ok(true)
    }
}

impl About {
    fn event(&self, now: Timestamp, kind: journal::Kind, person: Person, detail: Value) -> Event {
        Event {
            id: Uuid::now_v7(),
            at: now,
            kind,
            message: Some(self.message),
            delivery: person.delivery,
            recipient: Some(person.key),
            detail: detail.into(),
        }
    }

    /// The header of what came is the evidence.
    fn proof(&self, now: Timestamp, how: &str, message: &Message, more: Value) -> Proof {
        let mut evidence = told(message).evidence(self.message);
        if let (Some(all), Value::Object(more)) = (evidence.as_object_mut(), more) {
            all.extend(more);
        }
        Proof { actor: how.to_owned(), at: now, evidence }
    }
}

/// Without its text.
fn told(message: &Message) -> Told {
    let field = |name: &str| message.header(name).map(|field| message.decoded(field));
    Told {
        from: field("From"),
        date: field("Date"),
        message_id: field("Message-ID"),
        subject: message.subject().to_owned(),
        text: String::new(),
    }
}

fn mailbox(controller: &Controller) -> Option<Path> {
    Path::parse(controller.contact.as_deref()?).ok()
}
