//! The pages of rules as far as people read them: paragraphs, with code in them.

/// In its order, text and code by turns; code is marked.
pub(super) type Paragraph<'t> = Vec<(bool, &'t str)>;

/// What stands between blank lines.
pub(super) fn paragraphs(text: &str) -> Vec<Paragraph<'_>> {
    let all = text.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    all.map(|text| {
        let pieces = text.split('`').enumerate();
        pieces
            .map(|(at, piece)| (at % 2 == 1, piece))
            .filter(|(_, piece)| !piece.is_empty())
            .collect()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_apart_and_code_is_marked() {
        let told = paragraphs("Use `souhlas grant`.\n\n\nThen\nagain.\n");
        assert_eq!(told[0], [(false, "Use "), (true, "souhlas grant"), (false, ".")]);
        assert_eq!(told[1], [(false, "Then\nagain.")]);
        assert_eq!(told.len(), 2);
        assert!(paragraphs(" \n\n").is_empty());
    }
}
