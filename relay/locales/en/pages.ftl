who = These messages are sent by:
company-id = Company ID
privacy = How personal data are used
unsubscribe-title = Unsubscribe from marketing messages
unsubscribe-lead = Confirm that you no longer want to receive them. It takes effect at once.
unsubscribe-from = I do not want to receive
everything = any marketing messages
only = only
unsubscribe-button = Unsubscribe
nothing-yet = Nothing changes until you press the button.
preferences-link = Choose what I receive
done-title = You are unsubscribed
done-everything = We will not send you any more marketing messages.
done-next = Messages needed for your orders and contracts may still arrive.
preferences-title = What I receive
preferences-lead = Clear the boxes of what you no longer want.
no-purposes = There is no consent on record for your address.
refused-all = You have refused marketing messages. We send you none.
purposes = Kinds of messages
valid-until = valid until
topics = Topics
topics-hint = Untick a topic, and messages about it will not come. What has no topic still comes.
not-sent = not sent
no-choice = not a matter of choice: a contract or the law asks for it
save-button = Save
refuse-all-button = Send me nothing
saved = Saved. It takes effect at once.
renew-title = Renew your consent
renew-wording = I agree that { $name } may go on sending me marketing messages for the purpose “{ $purpose }”.
renew-button = I agree, renew
confirm-title = Confirm your consent
confirm-wording = I agree that { $name } may send me marketing messages for the purpose “{ $purpose }”.
confirm-button = I confirm
revocable = You can withdraw your consent at any time by the link in every message.
agreed-title = Thank you
agreed = Your consent is on record.
dossier-title = Personal data on record about you
dossier-intro = A copy of your personal data under Articles 15 and 20 of the General Data Protection Regulation (GDPR), made on { $day }.
dossier-address = Address
dossier-since = On record since
dossier-country = Country
dossier-active = Last sign of life
dossier-erased = Erased on
dossier-none = Nothing is on record.
dossier-purposes = What your address may be used for
dossier-purpose = Purpose
dossier-basis = Legal basis
dossier-from = From
dossier-until = Until
dossier-how = How it was obtained
dossier-ended = Ended
dossier-refusals = What you refused
dossier-scope = What
dossier-when = When
dossier-all = everything that advertises
dossier-all-but = everything that advertises, except: { $purposes }
dossier-list = from the list { $file } ({ $source }), attested by { $name }, { $day }
dossier-relations = Purchases, contracts and enquiries
dossier-kind = Kind
dossier-goods = Categories
dossier-wishes = How often you want to hear, and of what
dossier-most = At most
dossier-paused = Nothing before
dossier-no-topic = none
dossier-messages = What was decided about messages to you
dossier-what = What happened
dossier-message = Message
dossier-letters = What you wrote back
dossier-events = Every statement, with its proof
dossier-by = Written down by
dossier-proof = Proof
dossier-gone = none, or erased
dossier-rights = You may have these data corrected, erased or restricted, take them with you, withdraw a consent and object to advertising at any time, free of charge. You may complain to the data protection authority of the country where you live.
basis-consent = consent, Art. 6(1)(a) GDPR
basis-contract = contract, Art. 6(1)(b) GDPR
basis-legal-obligation = legal obligation, Art. 6(1)(c) GDPR
basis-vital-interest = vital interest, Art. 6(1)(d) GDPR
basis-public-interest = public interest, Art. 6(1)(e) GDPR
basis-legitimate-interest = legitimate interest, Art. 6(1)(f) GDPR
dpo = Data protection officer
notice-title = Personal data in our e-mails
notice-who = The controller of the data is { $name }
notice-what = Which data, and who gets them
notice-data = We process your e-mail address, what you chose and what you refused, how often you want to hear from us, your purchases, contracts and enquiries, and when you opened a message, clicked in it or signed in, where our tools report it. For each message we keep a record of why it was sent.
notice-processors = They are processed for us by: { $names }
notice-why = What we use your e-mail address for
notice-lasts = { $term } from the moment you agreed or the reason arose
notice-active = { $term } from your last activity
notice-once = for one message
notice-consent = You give this consent freely and can withdraw it at any time by the link in every message.
notice-interest = You can object at any time, by the link in every message as well; then we write no more.
notice-other = It does not depend on your consent.
notice-proof = How, when and with what words you agreed, and from which IP address, is kept as proof for { $term } after the consent ended.
notice-review = We go through the addresses at least once in { $term } and remove those that there is no more reason for.
notice-refusal = When you refuse, we keep a code made of your address, so that no one writes to you by mistake.
notice-rights = Your rights
notice-access = You have the right of access at any time, free of charge: to know which data we have about you and to be given a copy of them.
forged-title = This link is not valid
forged = The link is not complete, or was not made here. Nothing has changed.
forged-next = Open the whole link from the message itself. If that does not help, write to the sender at the address given in the message.
expired-title = This link has expired
expired = It can no longer be used. Nothing has changed.
expired-next = Use the link from a newer message, or write to the sender at the address given in the message.
busy-title = Not possible right now
busy = Your choice could not be saved. Nothing has changed.
busy-next = Please try again in a few minutes.
bad-title = The form is not complete
bad = What was sent is not a complete form. Nothing has changed.
bad-next = Go back to the previous page and send it again.
done-purpose = We will not send you any more messages for the purpose “{ $purpose }”.
day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
refusal-letter-subject = You are unsubscribed
refusal-letter-lead = Hello, this confirms that we received your refusal on { $day }.
refusal-letter-end = You need not answer this message. If it was not you who unsubscribed, please write to us.
silent-letter-lead = Hello, as our messages have had no answer from you for a long time, we unsubscribed you on { $day }.
silent-letter-end = You need not answer this message. If you want our messages again, subscribe anew or write to us.
form-title = Subscribe to messages
form-lead = { $name } will send you messages by e-mail until you unsubscribe.
form-address = E-mail address
form-choices = Choose
form-age = { $age ->
    [one] I am at least { $age } year old.
   *[other] I am at least { $age } years old.
}
form-data = { $name }, the controller of these data, keeps your e-mail address, your choice and, as proof of your consent, its time and IP address.
form-button = Subscribe
form-then = We will send you a message with a link. Nothing begins until you confirm it.
form-trap = Leave this field empty
form-wrong = Something is still missing
form-wrong-address = Write an e-mail address, as in name@example.com.
form-wrong-choice = Choose at least one.
form-wrong-age = We cannot subscribe you without this declaration.
typo-title = Is the address right?
typo-lead = You wrote { $written }. Did you mean { $suggested }?
typo-use = Use { $address }
typo-keep = Keep { $address }
sent-title = Look into your e-mail
sent = We have sent a message with a link to that address. Nothing begins until you confirm it.
sent-next = Has it not arrived? Look among your junk mail, too. To one address we send { $hours ->
    [one] at most one message an hour.
   *[other] at most one message in { $hours } hours.
}
ask-letter-subject = Confirm your subscription
ask-letter-lead = Hello, somebody asked for messages to be sent to this address. Their sender is { $name }, and the consent is:
ask-letter-button = Confirm the subscription
ask-letter-ignore = { $days ->
    [one] It was not you? Do nothing: we will send you nothing and delete the data within { $days } day.
   *[other] It was not you? Do nothing: we will send you nothing and delete the data within { $days } days.
}
gone-title = This link is no longer valid
gone = The subscription was not confirmed in time, so the data were deleted. Nothing has changed.
gone-next = If you want the messages, subscribe again.
form-again = Subscribe again
already-title = Confirmed already
already = You have used this link before. Your consent is on record.
language = English
languages = Language
lifts = You refused these messages before. By confirming you take that refusal back.
how-often = How often
as-it-comes = as the sender sends them
at-most = { $days ->
    [7] { $count ->
        [1] at most once a week
        [2] at most twice a week
       *[other] at most { $count } times a week
    }
    [30] { $count ->
        [1] at most once a month
        [2] at most twice a month
       *[other] at most { $count } times a month
    }
   *[other] { $count ->
        [1] at most once in { $days } days
        [2] at most twice in { $days } days
       *[other] at most { $count } times in { $days } days
    }
}
pause = Pause
no-pause = no pause
paused-until = nothing until { $day }
pause-days = { $days ->
    [one] nothing for { $days } day
   *[other] nothing for { $days } days
}
object-title = Object to marketing
object-lead = You have the right to object at any time to the use of your personal data for direct marketing (Article 21 GDPR). The sender may then no longer use them for it, whether by your consent or in its own interest.
object-wording = I object to the use of my personal data for direct marketing.
object-button = Object
objected = Your objection is on record. It takes effect at once.
form-main = By pressing “Subscribe” you give this consent:
ask-letter-question = Was it you, and do you agree? Then confirm it by the button.
typo-again = Write another address
case-title = Case file
case-controller = Controller
case-message = Message
case-address = Address
case-made = Made
case-key = Signed with the key
case-part = This page is a part of an archive whose other files prove it. Whether a single byte of it was changed says:
case-utc = All times are UTC.
case-is-left = The message is in the archive as it left; its digest is in the journal.
case-is-received = The message is in the archive as it came from the sender.
case-is-not-kept = Delivered messages are not kept, only the digest of what left: whoever kept the message can show with it that it is the one.
case-is-never-left = No delivery of the message is on record.
case-file = In the archive
case-digest = SHA-256 of what left
case-decided = What was decided
case-line = Line of the journal
case-class = Class and stream
case-purpose = Purpose
case-law = Policy and law
case-rule = Rule
case-outcome = Outcome
case-duty = Duty and law
case-outside = Rules that do not concern the message:
case-edits = What was added to make it lawful:
case-repaired = The rules on the message after that:
case-done = What was done
case-said = Details
case-people = What the recipient said
case-nobody = Address not on record
case-person = Key in the lines
case-recorded = Written down
case-erased = Erased, as the law asks for; the commitment to it stands.
case-policies = Policies in force
case-missing = not on record
case-proof = What proves it
case-chained = Each line and event above is hashed over the one before it. The checkpoints put the hashes under a signature; the paths from each line to its checkpoint are in case.json.
case-chain = Chain
case-lines = Lines
case-signed = Signed
case-root = Root of the tree
event-granted = granted
event-refused = refused
event-withdrawn = withdrawn
event-revoked = taken back by the controller
event-terminated = purpose closed
event-invalidated = found to be void
event-expiring = about to expire
event-expired = expired
event-relation = purchase, contract or enquiry
event-activity = sign of life
event-preference = wish how often to hear, and of what
event-corrected = corrected
event-informed = informed
event-inactive = silent for long
event-reactivated = active again
event-bounced = a message came back
event-erased = erased
fate-decided = decided
fate-delivered = delivered
fate-deferred = deferred
fate-bounced = undeliverable
fate-complained = complained of
fate-suppressed = not sent, because of a refusal
fate-held = held
fate-released = released
fate-rejected = rejected
fate-expired = time for delivery was over
fate-reported = a notice was sent
fate-policy-loaded = new policy in force
fate-operator = done by the operator
fate-purpose-added = purpose added
fate-purpose-topics = topics of a purpose changed
fate-purpose-closed = purpose closed
fate-import-begun = import begun
fate-entries-listed = entries of a list taken in
fate-reviewed = contacts looked over
method-form = form
method-double-opt-in = form, confirmed by a link in an e-mail
method-import = taken from a file
method-api = another program
method-manual = entered by hand
method-chat = chat
method-order = order
method-renewal-click = renewed by a link
method-preticked = box ticked beforehand
relation-purchase = purchase
relation-contract = contract
relation-enquiry = enquiry
relation-contest = contest
action-send = send
action-send-edited = send with additions
action-defer = defer
action-hold = hold
action-reject = reject
outcome-broken = broken
outcome-undecided = undecided
outcome-kept = kept
outcome-outside = does not concern it

## Names of fields, actors and reasons in records

field-address = address
field-after = after
field-at = when
field-at-most = at most
field-attempt = attempt
field-attested-by = attested by
field-basis = legal basis
field-because = why
field-before = before
field-bulk = in bulk
field-by = by
field-categories = goods
field-code = reason
field-completes = completes
field-confirmed-at = confirmed by a click
field-country = country
field-ended-at = ended
field-events = number of statements
field-evidence = kind of proof
field-except = except
field-extended = extended
field-file = file
field-from = from
field-grant = about
field-grants = ended
field-how = how
field-import = import
field-imported = imported
field-ip = IP address
field-kind = kind
field-language = language
field-lifts-refusal = lifts an earlier refusal
field-line = line
field-list = list
field-login = login
field-message = message
field-method = method
field-note = note
field-notice = notice
field-complaint = complaint
field-objection = objection
field-objection-offered = objection offered
field-of-age = declared age
field-paused-until = paused until
field-peer = other server
field-policy-url = privacy policy
field-published = published by itself
field-reason = reason
field-reference = reference
field-reply = server's reply
field-row = record
field-rule = rule
field-rules = rules
field-scope = scope
field-second = second person
field-sha256 = SHA-256
field-source = source
field-status = status
field-stream = stream
field-subscriber = kind of recipient
field-suppression = suppression list
field-tls = TLS
field-until = until
field-url = page
field-user-agent = browser
field-version = version
field-what = what
field-why = why
field-wide-assortment = wide assortment
field-wording = wording
field-wording-version = version of the wording
actor-api = a connected system (key { $key })
actor-cli = staff of the controller
actor-clock = by itself when the time was over
actor-confirmation = you, by the link to confirm
actor-form = you, by a form
actor-hook = another tool of the controller ({ $name })
actor-import = import of a file
actor-one-click = you, by unsubscribing with one click
actor-page = you, on a page
actor-preferences = you, on the page of preferences
actor-renewal = you, by the link to renew
why-completed = completed
why-kept = it was kept long enough
why-silent = silent for long
