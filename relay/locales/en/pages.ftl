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
not-sent = not sent
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
