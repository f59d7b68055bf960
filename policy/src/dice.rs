//! Chance for the tests, the same in every run (xorshift). Not for what ships.

pub(crate) struct Dice(u32);

impl Dice {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9)
    }

    /// From zero on, less than the limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Fewer pieces than `limit` one after another.
    pub(crate) fn text(&mut self, pieces: &[&str], limit: usize) -> String {
        (0..self.below(limit)).map(|_| self.one(pieces)).collect()
    }
}
