//! Sets up the log: technical, ids only, never an address or a message's content.
