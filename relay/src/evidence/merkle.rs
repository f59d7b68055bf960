//! Merkle trees as RFC 9162 §2.1 hashes them: the root over many lines, and for one of them the
//! path that leads to it.

use crate::seal;

pub(super) type Hash = [u8; 32];

/// The root, of leaves one after another; what it remembers grows with the logarithm of their
/// number.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Roots of complete trees with the logarithm of their sizes, the largest first.
    complete: Vec<(u32, Hash)>,
}

impl Tree {
    pub(super) fn push(&mut self, data: &Hash) {
        let (mut height, mut hash) = (0, leaf(data));
        while let Some((_, left)) = self.complete.pop_if(|(high, _)| *high == height) {
            hash = node(&left, &hash);
            height += 1;
        }
        self.complete.push((height, hash));
    }

    pub(super) fn root(&self) -> Hash {
        let joined = self.complete.iter().rev().map(|(_, hash)| *hash);
        joined.reduce(|right, left| node(&left, &right)).unwrap_or_else(|| seal::digest(b""))
    }
}

/// The whole of a tree, to make paths.
#[derive(Debug)]
pub(super) struct Levels(Vec<Vec<Hash>>);

impl Levels {
    pub(super) fn new(data: &[Hash]) -> Self {
        let mut levels = vec![data.iter().map(leaf).collect::<Vec<_>>()];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let pair = |pair: &[Hash]| match pair {
                [left, right] => Some(node(left, right)),
                // Without a neighbour it goes up as it is.
                [only] => Some(*only),
                _ => None,
            };
            let above = below.chunks(2).filter_map(pair).collect();
            levels.push(above);
        }
        Self(levels)
    }

    /// From the leaf up (§2.1.3.1).
    pub(super) fn path(&self, mut index: usize) -> Vec<Hash> {
        let mut path = Vec::new();
        for level in &self.0 {
            path.extend(level.get(index ^ 1));
            index /= 2;
        }
        path
    }
}

/// The root that the path leads to from a leaf (§2.1.3.2); `None` where it is no path of such a
/// tree.
pub(super) fn root_of(data: &Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    let (mut at, mut last) = (index, size.checked_sub(1)?);
    if at > last {
        return None;
    }
    let mut hash = leaf(data);
    for step in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = node(step, &hash);
            while at.is_multiple_of(2) && at != 0 {
                at /= 2;
                last /= 2;
            }
        } else {
            hash = node(&hash, step);
        }
        at /= 2;
        last /= 2;
    }
    (last == 0).then_some(hash)
}

fn leaf(data: &Hash) -> Hash {
    let mut digest = seal::Digest::new();
    digest.update(&[0]);
    digest.update(data);
    digest.finish()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut digest = seal::Digest::new();
    digest.update(&[1]);
    digest.update(left);
    digest.update(right);
    digest.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MTH as §2.1.1 defines it.
    fn by_definition(data: &[Hash]) -> Hash {
        match data {
            [] => seal::digest(b""),
            [one] => leaf(one),
            many => {
                let half = many.len().next_power_of_two() / 2;
                node(&by_definition(&many[..half]), &by_definition(&many[half..]))
            }
        }
    }

    #[test]
    fn roots_and_paths_are_those_of_rfc_9162() {
        for size in 0..70_usize {
            let data: Vec<Hash> = (0..size).map(|at| [at as u8; 32]).collect();
            let mut tree = Tree::default();
            data.iter().for_each(|one| tree.push(one));
            let root = by_definition(&data);
            assert_eq!(tree.root(), root, "{size}");
            let levels = Levels::new(&data);
            for (at, one) in data.iter().enumerate() {
                let path = levels.path(at);
                let found = |data, at, path: &[Hash]| root_of(data, at, size as u64, path);
                assert_eq!(found(one, at as u64, &path), Some(root), "{at} of {size}");
                assert_ne!(found(&[0xff; 32], at as u64, &path), Some(root));
                assert_ne!(found(one, at as u64 + 1, &path), Some(root));
                let longer = [path.as_slice(), &[[0; 32]]].concat();
                assert_eq!(found(one, at as u64, &longer), None);
                if let Some((_, shorter)) = path.split_last() {
                    assert_eq!(found(one, at as u64, shorter), None);
                }
            }
        }
        assert_eq!(root_of(&[0; 32], 0, 0, &[]), None);
    }

    /// The first vector that RFC 6962's tree and every log share: the empty tree.
    #[test]
    fn the_empty_tree_is_the_digest_of_nothing() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(seal::hex(&Tree::default().root()), empty);
    }
}
