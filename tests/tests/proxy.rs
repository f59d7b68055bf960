//! Behind HAProxy: its PROXY header, version 1 and 2, over real sockets, says who the client is.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use outside::{
    bench::load::wait_for,
    port,
    souhlas::{Setup, Souhlas},
};

/// A running HAProxy; killed when dropped.
struct Haproxy(Child);

impl Haproxy {
    /// Passes on what comes to each of `binds`, with that word of its `server` line.
    fn start(relay: &Souhlas, to: SocketAddr, binds: [(SocketAddr, &str); 2]) -> Self {
        let mut config = "defaults\n mode tcp\n timeout connect 5s\n timeout client 30s\n \
                          timeout server 30s\n"
            .to_owned();
        for (at, word) in binds {
            config += &format!("listen {word}\n bind {at}\n server relay {to} {word}\n");
        }
        let file = relay.path("haproxy.cfg");
        fs::write(&file, config).unwrap();
        let mut command = Command::new("haproxy");
        command.args(["-db", "-f"]).arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let this = Self(command.spawn().expect("HAProxy is missing: run tests/run"));
        for (at, _) in binds {
            wait_for(at).unwrap();
        }
        this
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What curl says, as a client with this address.
fn sends(relay: &Souhlas, through: SocketAddr, client: &str) -> (bool, String) {
    let text = "From: objednavky@kavarna.example\r\nTo: jana@posta.example\r\n\
                Subject: Objednavka 117\r\n\r\nDobry den, objednavku c. 117 odesleme zitra.\r\n";
    fs::write(relay.path("order.eml"), text).unwrap();
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--verbose", "--max-time", "20", "--interface", client])
        .arg(format!("smtp://{through}/tool.example"))
        .args(["--mail-from", "objednavky@kavarna.example", "--mail-rcpt", "jana@posta.example"])
        .arg("--upload-file")
        .arg(relay.path("order.eml"))
        .output()
        .expect("curl is missing: run tests/run");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn haproxy_says_who_the_client_is_in_either_version() {
    let [behind, one, two] =
        [(); 3].map(|()| SocketAddr::from(([127, 0, 0, 1], port::free().unwrap())));
    let more = format!(
        "[[listener]]\nname = \"behind\"\naddress = \"{behind}\"\nmode = \"loopback\"\n\
         proxy-from = [\"127.0.0.1\"]\n[listener.trusted]\nnetworks = [\"127.0.0.9\"]\n\
         login = \"behind\"\nsenders = [\"@kavarna.example\"]\n"
    );
    let relay = Souhlas::start(&Setup { more, ..Setup::default() }).unwrap();
    let _haproxy = Haproxy::start(&relay, behind, [(one, "send-proxy"), (two, "send-proxy-v2")]);
    for (count, through) in [one, two].into_iter().enumerate() {
        let (taken, said) = sends(&relay, through, "127.0.0.10");
        assert!(!taken && said.contains("530 "), "nobody trusts that one: {said}");
        let (taken, said) = sends(&relay, through, "127.0.0.9");
        assert!(taken, "{said}");
        let captured = relay.wait_for_captured(count + 1);
        for message in captured {
            let text = String::from_utf8(message).unwrap();
            assert!(text.starts_with("Received: from tool.example ([127.0.0.9])"), "{text}");
        }
    }
}
