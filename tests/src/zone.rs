//! A signed root zone on loopback, served by NSD: names in it are validated up to a key of its own. Below
//! it may lie zones that nobody signed.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::port;

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Zone {
    folder: TempDir,
    child: Child,
    pub address: SocketAddr,
}

/// What it serves.
#[derive(Clone, Debug, Default)]
pub struct Records<'a> {
    /// Lines of the root zone, whole names with their dots.
    pub signed: &'a [String],
    /// Zones of their own that the root delegates and does not vouch for.
    pub unsigned: &'a [(&'a str, Vec<String>)],
    /// Words of the signed zone that somebody changed afterwards.
    pub forged: &'a [(String, String)],
}

impl Zone {
    pub fn start(records: &Records<'_>) -> Self {
        let folder = tempfile::Builder::new().prefix("souhlas-zone-").tempdir().unwrap();
        let at = folder.path();
        let key = run(at, "ldns-keygen", &["-a", "ECDSAP256SHA256", "-k", "."]);
        fs::rename(at.join(format!("{key}.key")), at.join("root.key")).unwrap();
        fs::rename(at.join(format!("{key}.private")), at.join("root.private")).unwrap();
        let mut root = apex(".");
        root.push("ns.root. 3600 IN A 127.0.0.1".to_owned());
        root.extend_from_slice(records.signed);
        let mut zones = "zone:\n  name: \".\"\n  zonefile: \"root.signed\"\n".to_owned();
        for (name, lines) in records.unsigned {
            root.push(format!("{name} 300 IN NS ns.root."));
            fs::write(at.join(format!("{name}zone")), zone(name, lines)).unwrap();
            zones.push_str(&format!("zone:\n  name: \"{name}\"\n  zonefile: \"{name}zone\"\n"));
        }
        fs::write(at.join("root"), root.join("\n") + "\n").unwrap();
        run(at, "ldns-signzone", &["root", "root"]);
        for (from, to) in records.forged {
            let signed = fs::read_to_string(at.join("root.signed")).unwrap();
            assert!(signed.contains(from.as_str()), "`{from}` is not in\n{signed}");
            fs::write(at.join("root.signed"), signed.replace(from.as_str(), to)).unwrap();
        }
        let port = port::free().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        fs::write(at.join("nsd.conf"), settings(at, port) + &zones).unwrap();
        let child = Command::new("/usr/sbin/nsd")
            .args(["-d", "-c"])
            .arg(at.join("nsd.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nsd starts: install the package nsd (tests/run does)");
        crate::bench::load::wait_for(address).unwrap();
        Self { folder, child, address }
    }

    /// The key to trust, in a file of DNSKEY records.
    pub fn anchor(&self) -> PathBuf {
        self.folder.path().join("root.key")
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        // NSD's children go with the one that answers to SIGTERM.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").arg(id).status();
        let _ = self.child.wait();
    }
}

fn apex(name: &str) -> Vec<String> {
    vec![
        format!("{name} 3600 IN SOA ns.root. admin.root. 1 3600 600 86400 60"),
        format!("{name} 3600 IN NS ns.root."),
    ]
}

fn zone(name: &str, lines: &[String]) -> String {
    let mut all = apex(name);
    all.extend_from_slice(lines);
    all.join("\n") + "\n"
}

fn settings(at: &Path, port: u16) -> String {
    let at = at.display();
    format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  do-ip6: no\n  username: \"\"\n  chroot: \"\"\n  \
         zonesdir: \"{at}\"\n  database: \"\"\n  pidfile: \"{at}/pid\"\n  xfrdfile: \"{at}/xfrd\"\n  \
         zonelistfile: \"{at}/list\"\n  logfile: \"{at}/log\"\n  rrl-ratelimit: 0\n\
         remote-control:\n  control-enable: no\n"
    )
}

fn run(at: &Path, program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(at).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{program}: {error}: install the package ldnsutils (tests/run does)")
    });
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
