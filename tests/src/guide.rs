//! The samples of a guide: what it tells people to write is what the tests run.

/// The fenced blocks of a page in this language, in order.
pub fn samples(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    blocks.filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}
