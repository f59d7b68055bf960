console-overview-period = Time looked at
console-overview-days = { $count ->
    [one] Today
   *[other] { $count } days
}
console-overview-sums = The most important figures
console-overview-blocked-today = blocked today
console-overview-blocked-in = { $count ->
    [one] blocked in one day
   *[other] blocked in { $count } days
}
console-overview-decided-in = { $count ->
    [one] decided in one day
   *[other] decided in { $count } days
}
console-overview-repaired = sent, repaired
console-overview-empty = Nothing was decided in this time. Choose a longer one, or send a message: “Senders” says with which login.
console-overview-blocked-days = Blocked day by day
console-overview-decided-days = Decided day by day
console-overview-chart-about = { $count } in all; most on { $day }: { $most }.
console-overview-days-table = The days as a table
console-overview-day = Day
console-overview-decided = Decided
console-overview-what = What
console-overview-blocked = Blocked
console-overview-of = Of
console-overview-nothing = Nothing was blocked.
console-overview-by-rule = Blocked by rule
console-overview-by-stream = Blocked by stream
console-overview-by-login = Blocked by login
console-overview-lacked = What messages lacked most
console-overview-lacked-about = The relay put it in before they left. To have it right from the start, change the tool’s template.
console-overview-lacked-none = No message had to be repaired.
console-overview-messages = Messages
console-overview-consent = Consent: { $name }
console-overview-consent-none = No contacts are on record yet. Import them or let people sign up by a form.
console-overview-covered = { $covered } of { $contacts } contacts ({ $share }) have at least one valid purpose.
console-overview-counted = Counted { $at }.
console-overview-purpose = Purpose
console-overview-valid = Valid
console-overview-share = Of all
console-overview-ends = Ends in { $count } days
console-overview-honoured = How soon refusals counted
console-overview-honoured-about = From the moment somebody refused to the moment the relay knew it: from then on every message is decided against the refusal, those in the queue, too. Refusals that were imported or typed on the machine are not in it.
console-overview-honoured-none = Nobody refused in this time.
console-overview-refusals = Refusals
console-overview-median = Half of them within
console-overview-longest = The longest took
console-overview-outcomes = What other servers said
console-overview-delivered = Handed over
console-overview-bounced = Bounced
console-overview-expired = Given up
console-overview-complaints = Complaints
console-overview-lines = Mailbox providers frown from 0.1 % on and block from 0.3 % on; the lines are theirs for complaints. Complaints are those that mailing tools reported.
console-overview-line-below = below 0.1 %
console-overview-line-near = from 0.1 % on
console-overview-line-over = from 0.3 % on
console-overview-queue = Queue
console-overview-queue-none = Nothing waits.
console-overview-oldest = Oldest
console-overview-work = Work of staff
console-overview-work-none = Nobody decided or looked at anything in this time.
console-overview-account = Account
console-overview-seen = Looked at
console-overview-other = Other
console-queue-state = State
console-queue-ready = waits for its turn
console-time-days = { $count } d
console-time-hours = { $count } h
console-time-minutes = { $count } min
console-time-seconds = { $count } s
console-act-report-exported = figures exported
