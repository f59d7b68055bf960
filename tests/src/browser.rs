//! Looks at pages in Chromium, by `tests/tools/look_at_pages.mjs`.

use serde_json::{Value, json};

use crate::node;

/// How wide and high the windows are that pages are looked at in.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    phone: (u32, u32),
    desk: (u32, u32),
    /// A large screen, where pages are made for one.
    wide: Option<(u32, u32)>,
}

impl Sizes {
    /// Of pages for anybody.
    pub const OF_PEOPLE: Self = Self { phone: (360, 740), desk: (1280, 900), wide: None };
    /// Of the console.
    pub const OF_STAFF: Self =
        Self { phone: (390, 844), desk: (1280, 900), wide: Some((1920, 1080)) };
}

/// What was found; screenshots are in `target/screenshots`.
pub fn look(base: &str, groups: &[Vec<Value>]) -> String {
    look_at(base, groups, Sizes::OF_PEOPLE)
}

/// The same in windows of these sizes.
pub fn look_at(base: &str, groups: &[Vec<Value>], sizes: Sizes) -> String {
    let shots = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");
    let size = |(width, height): (u32, u32)| json!({ "width": width, "height": height });
    let sizes = json!({
        "phone": size(sizes.phone),
        "desk": size(sizes.desk),
        "wide": sizes.wide.map(size),
    });
    let ask = json!({ "base": base, "shots": shots, "groups": groups, "sizes": sizes });
    node::ask("look_at_pages.mjs", &ask)
}
