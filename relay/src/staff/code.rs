//! Recovery codes: what lets in whose app is lost, each once. Kept as keyed hashes.

use uuid::Uuid;

use super::Staff;
use crate::{
    db::{Arg, Conn, Error, Tx, key, uuid},
    seal,
};

impl Staff {
    /// New ones in place of all old ones, to be shown this once.
    pub(super) async fn new_codes(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
    ) -> Result<Vec<String>, Error> {
        let codes: Vec<String> = (0..COUNT).map(|_| generate()).collect();
        forget_codes(tx, account).await?;
        let kept: Vec<[u8; 32]> = codes.iter().map(|code| self.kept_code(account, code)).collect();
        let rows = kept.iter().flat_map(|kept| [uuid(account), key(kept)]);
        tx.insert("recovery_code", &["account", "code"], rows.collect::<Vec<Arg<'_>>>(), "")
            .await?;
        Ok(codes)
    }

    /// Whether it was one; it is none any more.
    pub(super) async fn use_code(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        typed: &str,
    ) -> Result<bool, Error> {
        let kept = self.kept_code(account, typed);
        let sql = "DELETE FROM recovery_code WHERE account = $1 AND code = $2";
        Ok(tx.run(sql, vec![uuid(account), key(&kept)]).await? == 1)
    }

    /// However it is typed.
    fn kept_code(&self, account: Uuid, typed: &str) -> [u8; 32] {
        let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        let mac = self.secret().mac_key("staff code");
        mac.sign_parts(&[account.as_bytes(), plain.as_bytes()])
    }
}

pub(super) async fn forget_codes(tx: &mut Tx<'_>, account: Uuid) -> Result<(), Error> {
    tx.run("DELETE FROM recovery_code WHERE account = $1", vec![uuid(account)]).await.map(drop)
}

pub(super) async fn codes_left(conn: &mut Conn<'_>, account: Uuid) -> Result<i64, Error> {
    let sql = "SELECT COUNT(*) FROM recovery_code WHERE account = $1";
    let rows = conn.rows(sql, vec![uuid(account)]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// Three times four letters: 60 bits.
fn generate() -> String {
    let letter = |byte: u8| LETTERS.get(usize::from(byte & 31)).copied().map(char::from);
    let letters: Vec<char> = seal::random::<12>().into_iter().filter_map(letter).collect();
    let fours: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    fours.join("-")
}

const COUNT: usize = 10;
/// 32 of them, none that is read as another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_easily_copied_by_hand() {
        let code = generate();
        assert_eq!(code.len(), 14);
        assert!(code.split('-').all(|four| four.len() == 4));
        assert_ne!(code, generate());
    }
}
