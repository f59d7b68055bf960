//! The shortest mailing tool and the shortest browser: one message, one form, the answer as text.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Submits one message; the last reply, to the end of the message or to what refused it earlier.
/// `message` has CRLF line ends and no line that begins with a dot.
pub fn submit(relay: SocketAddr, from: &str, to: &str, message: &str) -> String {
    submit_to_all(relay, from, &[to], message, || ())
}

/// The same; `meanwhile` is done between RCPT and DATA.
pub fn submit_after(
    relay: SocketAddr,
    from: &str,
    to: &str,
    message: &str,
    meanwhile: impl FnOnce(),
) -> String {
    submit_to_all(relay, from, &[to], message, meanwhile)
}

/// The same to several recipients of one message.
pub fn submit_to_all(
    relay: SocketAddr,
    from: &str,
    to: &[&str],
    message: &str,
    meanwhile: impl FnOnce(),
) -> String {
    converse(relay, (from, ""), to, message, meanwhile)
}

/// The same to one, with more parameters of MAIL.
pub fn submit_asking(
    relay: SocketAddr,
    from: &str,
    asked: &str,
    to: &str,
    message: &str,
) -> String {
    converse(relay, (from, asked), &[to], message, || ())
}

/// The same for a client that logs in: `auth` is what AUTH PLAIN says.
pub fn submit_as(relay: SocketAddr, auth: &str, from: &str, to: &str, message: &str) -> String {
    let mut talk = Talk::begin(relay);
    let said = talk.say(&format!("AUTH PLAIN {auth}\r\n"));
    if said.starts_with('2') { talk.submit((from, ""), &[to], message, || ()) } else { said }
}

/// Several messages in one connection, each with its sender and recipients; the last reply to each.
pub fn submit_in_turn(relay: SocketAddr, all: &[(&str, &[&str], &str)]) -> Vec<String> {
    let mut talk = Talk::begin(relay);
    let mut said = Vec::new();
    for (from, to, message) in all {
        said.push(talk.submit((from, ""), to, message, || ()));
        talk.say("RSET\r\n");
    }
    said
}

fn converse(
    relay: SocketAddr,
    from: (&str, &str),
    to: &[&str],
    message: &str,
    meanwhile: impl FnOnce(),
) -> String {
    Talk::begin(relay).submit(from, to, message, meanwhile)
}

/// A connection that was greeted.
struct Talk(BufReader<TcpStream>);

impl Talk {
    fn begin(relay: SocketAddr) -> Self {
        let mut stream = BufReader::new(TcpStream::connect(relay).expect("the relay listens"));
        stream.get_ref().set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        reply(&mut stream);
        let mut talk = Self(stream);
        talk.say("EHLO tool.example\r\n");
        talk
    }

    fn say(&mut self, step: &str) -> String {
        self.0.get_mut().write_all(step.as_bytes()).expect("the relay reads");
        reply(&mut self.0)
    }

    /// The last reply, to the message or to what refused it earlier.
    fn submit(
        &mut self,
        (from, asked): (&str, &str),
        to: &[&str],
        message: &str,
        meanwhile: impl FnOnce(),
    ) -> String {
        let mut meanwhile = Some(meanwhile);
        let mut steps = vec![format!("MAIL FROM:<{from}> BODY=8BITMIME {asked}\r\n")];
        steps.extend(to.iter().map(|to| format!("RCPT TO:<{to}>\r\n")));
        steps.extend(["DATA\r\n".to_owned(), format!("{message}.\r\n")]);
        let mut last = String::new();
        for step in steps {
            last = self.say(&step);
            if !last.starts_with(['2', '3']) {
                break;
            }
            if step.starts_with("RCPT")
                && let Some(meanwhile) = meanwhile.take()
            {
                meanwhile();
            }
        }
        last
    }
}

fn reply(stream: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        let read = stream.read_line(&mut line).expect("the relay answers");
        assert!(read > 0, "the relay closed the connection");
        if line.as_bytes().get(3) != Some(&b'-') {
            return line.trim_end().to_owned();
        }
    }
}

/// The whole answer to a POST of a form: status line, fields and page.
pub fn post(web: SocketAddr, path: &str, form: &str) -> String {
    post_from(web, path, form, "")
}

/// The same with more fields, each ended by CRLF.
pub fn post_from(web: SocketAddr, path: &str, form: &str, fields: &str) -> String {
    http(
        web,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{fields}\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    )
}

/// The whole answer to a GET.
pub fn get(web: SocketAddr, path: &str) -> String {
    http(web, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}

fn http(web: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(web).expect("the pages are served");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    stream.write_all(request.as_bytes()).expect("the request is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the answer is UTF-8");
    answer
}
