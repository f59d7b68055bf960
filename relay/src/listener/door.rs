//! What a listener is bound to: an address, or a socket file of this machine. Who comes in is found out
//! by `accept`.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr},
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::config::Address;

/// Bound, and waiting for connections.
pub(super) enum Door {
    Net(TcpListener),
    /// The file goes before the listener: another may take the path from then on.
    Unix(SocketFile, UnixListener),
}

/// A connection.
pub(super) enum Caller {
    Net(TcpStream, IpAddr),
    Unix(UnixStream),
}

/// Removed when dropped; what a killed relay left is replaced by the next.
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode: whether it is still this one.
    made: (u64, u64),
}

/// Connections that wait to be taken.
const BACKLOG: i32 = 1024;
/// To connect is to write: the owner and the group may.
const MODE: u32 = 0o660;

impl Door {
    /// Binds; waits for nobody yet.
    ///
    /// # Errors
    ///
    /// The system does not let it, or somebody else is there.
    pub(super) fn open(address: &Address) -> io::Result<Self> {
        match address {
            Address::Net(address) => net(*address).map(Self::Net),
            Address::Unix(path) => file(path).map(|(file, listener)| Self::Unix(file, listener)),
        }
    }

    /// With the port that the system chose.
    pub(super) fn address(&self) -> io::Result<Address> {
        match self {
            Self::Net(listener) => listener.local_addr().map(Address::Net),
            Self::Unix(file, _) => Ok(Address::Unix(file.path.clone())),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Caller> {
        Ok(match self {
            Self::Net(listener) => {
                let (stream, from) = listener.accept().await?;
                Caller::Net(stream, from.ip())
            }
            Self::Unix(_, listener) => Caller::Unix(listener.accept().await?.0),
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if made(&self.path).is_ok_and(|found| found == self.made) {
            fs::remove_file(&self.path).ok();
        }
    }
}

fn net(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A restart must not wait for the old connections' last packets.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn file(path: &Path) -> io::Result<(SocketFile, UnixListener)> {
    make_room(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::unix(path)?).map_err(|fault| {
        let lacks = fault.kind() == io::ErrorKind::NotFound;
        if lacks { told(&fault, "its folder is not there: make it") } else { fault }
    })?;
    let file = SocketFile { path: path.to_owned(), made: made(path)? };
    // Before it listens, so that nobody else was let in.
    fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
    socket.listen(BACKLOG)?;
    Ok((file, UnixListener::from_std(socket.into())?))
}

/// What a relay left that was killed is removed, and nothing else.
fn make_room(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        // No folder either: binding says so.
        Err(_) => return Ok(()),
    };
    if !found.file_type().is_socket() {
        let there = io::Error::from(io::ErrorKind::AlreadyExists);
        return Err(told(&there, "there is a file that is no socket: choose another path"));
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // A listener with a full queue would keep us waiting.
    socket.set_nonblocking(true)?;
    match socket.connect(&SockAddr::unix(path)?) {
        Err(fault) if fault.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(fault) if fault.kind() != io::ErrorKind::WouldBlock => Err(fault),
        Ok(()) | Err(_) => {
            let there = io::Error::from(io::ErrorKind::AddrInUse);
            Err(told(&there, "somebody listens there already: stop it, or choose another path"))
        }
    }
}

fn told(fault: &io::Error, text: &str) -> io::Error {
    io::Error::new(fault.kind(), text)
}

fn made(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> io::Result<Door> {
        Door::open(&Address::Unix(path.to_owned()))
    }

    #[tokio::test]
    async fn a_socket_is_its_groups_and_goes_with_its_listener() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("milter.sock");
        let door = open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o660);
        let (caller, accepted) = tokio::join!(UnixStream::connect(&path), door.accept());
        assert!(caller.is_ok() && matches!(accepted, Ok(Caller::Unix(_))));
        drop(door);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn one_that_was_left_is_replaced_and_one_that_is_used_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("milter.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let door = open(&path).unwrap();
        let fault = open(&path).err().unwrap();
        assert!(fault.to_string().contains("somebody listens there already"), "{fault}");
        // Removed by hand, and made by another: it is not ours any more.
        fs::remove_file(&path).unwrap();
        let other = open(&path).unwrap();
        drop(door);
        assert!(path.exists());
        drop(other);
        fs::write(&path, "notes").unwrap();
        let fault = open(&path).err().unwrap();
        assert!(fault.to_string().contains("no socket"), "{fault}");
        assert_eq!(fs::read(&path).unwrap(), b"notes");
        let fault = open(&folder.path().join("nowhere/milter.sock")).err().unwrap();
        assert!(fault.to_string().contains("its folder is not there"), "{fault}");
    }
}
