console-letters = Letters to me
console-letters-hint = A new address gets a link first. Nothing else is sent there before you have followed it.
console-email-confirmed = confirmed
console-email-unconfirmed = not confirmed
console-email-unconfirmed-next = Follow the link that was sent there, or save again to get another one.
console-email-missing = Letters need an address to go to.
console-email-wrong = This is no e-mail address: check how it is written.
console-email-unsent = No link could be sent: policy.toml names no controller yet in whose name to write.
console-email-confirm-title = Is this your address?
console-email-confirm-lead = Letters of the relay will go to { $email }.
console-letter-held = Messages that wait for a decision
console-letter-overview = Overview of what was decided
console-rhythm-never = never
console-rhythm-hourly = each hour
console-rhythm-daily = each day at seven
console-rhythm-weekly = on Mondays at seven
console-rhythm-monthly = on the first of the month at seven
console-letter-confirm-subject = Confirm your address
console-letter-confirm-lead = Hello, the account { $name } of the Souhlas relay wants its letters sent to this address.
console-letter-confirm-button = This is my address
console-letter-confirm-end = The link works once, for 24 hours, and only for whoever is signed in with that account. If it is not yours, do nothing: no more will be sent here.
console-letter-held-subject = { $count ->
    [one] One message waits for a decision
   *[other] { $count } messages wait for a decision
}
console-letter-held-lead = { $count ->
    [one] One held message waits for a decision, since { $since }.
   *[other] { $count } held messages wait for a decision, the oldest since { $since }.
}
console-letter-held-soon = { $count ->
    [one] One of them is rejected within three days if nobody decides.
   *[other] { $count } of them are rejected within three days if nobody decides.
}
console-letter-held-groups = By campaign and rule, the oldest first
console-letter-held-more = There are more; the console shows them all.
console-letter-held-button = Open the held messages
console-letter-count = Messages
console-letter-since = Held since
console-letter-until = Rejected on
console-letter-why = You asked for this letter. It names no recipients and no subjects, because it leaves the relay. How often it comes, and whether:
console-done-confirm = Saved. A link was sent to the address: follow it, so that letters go there.
console-done-confirmed = The address is confirmed.
console-act-email-changed = Changed an address for letters
console-act-email-confirmed = Confirmed an address for letters
console-act-letters-chosen = Chose letters
console-letter-overview-subject = Overview: { $from } to { $until }
console-letter-overview-lead = From { $from } to { $until } the relay decided on { $all } messages: { $blocked } were blocked ({ $share }), { $repaired } were repaired and sent.
console-letter-overview-button = Open the overview
console-letter-bounced-share = Bounced of all
console-letter-any-purpose = At least one purpose
console-letter-alert-subject = Held messages need somebody
console-letter-alert-held = { $count } messages are held: more than { $limit }.
console-letter-alert-older = The oldest message is held for { $count } hours: longer than { $limit }.
console-letter-alert-blocked = Of what login { $login } sent in the last hour, { $count } % was blocked: more than { $limit } %.
console-letter-alert-complained = { $count } % of what login { $login } sent as { $stream } was called spam: it is paused until somebody resumes it.
