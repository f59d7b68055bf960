//! Sending with mailing clients that nobody here wrote.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Where and as whom to send.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    pub to_host: SocketAddr,
    /// PEM of the certificate to trust.
    pub ca: &'a Path,
    pub login: &'a str,
    pub password: &'a str,
    pub from: &'a str,
    pub to: &'a [&'a str],
    pub file: &'a Path,
}

/// A client: its name and how one message is sent with it, through STARTTLS and AUTH.
pub struct Client {
    pub name: &'static str,
    pub send: fn(&Submission<'_>) -> Output,
}

pub const ALL: &[Client] = &[
    Client { name: "swaks", send: swaks },
    Client { name: "curl", send: curl },
    Client { name: "msmtp", send: msmtp },
    Client { name: "smtplib", send: smtplib },
    Client { name: "nodemailer", send: nodemailer },
];

fn swaks(to: &Submission<'_>) -> Output {
    run(Command::new("swaks")
        .args(["--server", &to.to_host.ip().to_string()])
        .args(["--port", &to.to_host.port().to_string()])
        .args(["--tls", "--tls-verify", "--tls-ca-path"])
        .arg(to.ca)
        .args(["--auth", "PLAIN", "--auth-user", to.login, "--auth-password", to.password])
        .args(["--from", to.from, "--to", &to.to.join(",")])
        .args(["--no-data-fixup", "--data"])
        .arg(format!("@{}", dotted(to.file).display())))
}

fn curl(to: &Submission<'_>) -> Output {
    curl_over("smtp", to)
}

/// TLS from the first byte (RFC 8314), where `to_host` speaks it.
pub fn curl_smtps(to: &Submission<'_>) -> Output {
    curl_over("smtps", to)
}

fn curl_over(scheme: &str, to: &Submission<'_>) -> Output {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--ssl-reqd", "--cacert"])
        .arg(to.ca)
        .args(["--connect-to", &format!("localhost:{0}:127.0.0.1:{0}", to.to_host.port())])
        .arg(format!("{scheme}://localhost:{}", to.to_host.port()))
        .args(["--user", &format!("{}:{}", to.login, to.password), "--mail-from", to.from]);
    for recipient in to.to {
        command.args(["--mail-rcpt", recipient]);
    }
    run(command.arg("--upload-file").arg(to.file))
}

fn msmtp(to: &Submission<'_>) -> Output {
    run(Command::new("msmtp")
        .args(["--file=/dev/null", "--host=localhost", "--auth=scram-sha-256", "--tls=on"])
        .arg(format!("--port={}", to.to_host.port()))
        .arg(format!("--tls-trust-file={}", to.ca.display()))
        .arg(format!("--user={}", to.login))
        .arg(format!("--passwordeval=echo {}", to.password))
        .arg(format!("--from={}", to.from))
        .arg("--")
        .args(to.to)
        .stdin(fs::File::open(to.file).expect("the message is there")))
}

fn smtplib(to: &Submission<'_>) -> Output {
    script(Command::new("python3").arg(tool("send_smtplib.py")), to)
}

fn nodemailer(to: &Submission<'_>) -> Output {
    script(Command::new("node").arg(tool("send_nodemailer.mjs")), to)
}

/// PHPMailer builds its own message; it prints what it sent.
pub fn phpmailer(to: &Submission<'_>) -> Output {
    run(Command::new("php")
        .arg(tool("send_phpmailer.php"))
        .args(["localhost", &to.to_host.port().to_string()])
        .arg(to.ca)
        .args([to.login, to.password, to.from, &to.to.join(",")]))
}

fn script(command: &mut Command, to: &Submission<'_>) -> Output {
    run(command
        .args(["localhost", &to.to_host.port().to_string()])
        .arg(to.ca)
        .args([to.login, to.password, to.from, &to.to.join(",")])
        .arg(to.file))
}

fn tool(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools").join(name)
}

/// swaks takes the wire's form: dots doubled, the end included.
fn dotted(file: &Path) -> PathBuf {
    let text = fs::read_to_string(file).expect("the message is UTF-8");
    let wire: String = text
        .split_inclusive("\r\n")
        .map(|line| if line.starts_with('.') { format!(".{line}") } else { line.into() })
        .collect();
    let path = file.with_extension("wire");
    fs::write(&path, format!("{wire}.\r\n")).expect("a temporary file");
    path
}

fn run(command: &mut Command) -> Output {
    let program = command.get_program().to_owned();
    command.output().unwrap_or_else(|error| {
        panic!("{program:?} does not start ({error}): tests/run installs it")
    })
}
