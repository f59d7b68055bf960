//! `--against journal`: what was decided, judged again by policy.toml as it stands.

use jiff::Timestamp;

use super::{
    super::{judge::Opened, remark, say},
    Count,
};
use crate::{
    config::Business,
    judge::{self, Asked, Compared},
    spool::Spool,
};

/// One line for each decision that would fall otherwise, or might; then how much was seen.
pub(super) async fn compare(
    opened: &Opened,
    new: &Business,
    since: Option<Timestamp>,
    limit: usize,
) -> anyhow::Result<Count> {
    let spool = Spool::visit(opened.store.db.clone(), &opened.store.secret, "cli/check")?;
    let asked = Asked { since, limit, controllers: None };
    let compared = judge::compare(&opened.judge, &spool, new, &asked).await?;
    for one in &compared.differences {
        let at = one.at.strftime("%Y-%m-%d %H:%M:%SZ");
        let perhaps = if one.perhaps { "perhaps " } else { "" };
        say(format!("{at} {}: {perhaps}{}", one.id, one.before.against(&one.after)))?;
    }
    tell(&compared)
}

fn tell(compared: &Compared) -> anyhow::Result<Count> {
    let Compared { decided, in_full, unread, unseen, .. } = compared;
    let (differ, unclear) = compared.counts();
    say(format!(
        "{decided} decision(s), {in_full} anew in full, {} by the outcomes in their journal lines: \
         {differ} would fall otherwise, {unclear} might",
        decided - in_full
    ))?;
    for (what, count) in unseen {
        say(format!("not seen without the message, in {count} decision(s): {what}"))?;
    }
    if *unread > 0 {
        remark(format!("{unread} line(s) of another release cannot be read"));
    }
    Ok(Count { decided: *decided, differ, unclear })
}
