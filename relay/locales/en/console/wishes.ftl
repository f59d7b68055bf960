console-nav-wishes = Replies to read
console-wish-lead = People who answered a message and may have refused further ones. A plain “unsubscribe” counts by itself; these say more, or their writer is not known. Each also went on to the controller’s mailbox.
console-wish-unread = Not read yet
console-wish-read = Read
console-wish-none = Nothing waits to be read.
console-wish-none-read = Nobody has read one yet.
console-wish-came = Came
console-wish-waits = Waits for
console-wish-read-at = Read at
console-wish-title = What did this person mean?
console-wish-subject = Subject
console-wish-answers = Answers a message of
console-wish-text = What they wrote
console-wish-ask = Say what it means. A no counts at once, from when the reply came, and the reply is its proof.
console-wish-whose = The sender’s address is none of the message’s recipients: whose no is it?
console-wish-means = It means
console-wish-no-to = No to
console-wish-nothing = It is no refusal
console-wish-do = Write it down
console-wish-home = { $count ->
    [one] One reply waits
   *[other] { $count } replies wait
} to be read.
console-done-wish-read = Written down: it is no refusal.
console-act-wish-seen = Read a reply
console-act-wish-read = Said what a reply means
