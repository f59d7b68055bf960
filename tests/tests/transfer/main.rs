//! Contacts in from other systems and out again, through the real binary on both databases.

mod killed;
mod listed;
mod receipts;
mod round_trip;
mod samples;
mod scene;
mod suppressed;
