//! How likely letters follow one another in words and names: the cost in bits
//! of each third letter, measured over ordinary code. Random strings are dear,
//! words are cheap.

/// Letters, a place for digits and one for everything else.
const SYMBOLS: usize = 28;

/// How many triples there are.
pub const TRIPLES: usize = SYMBOLS * SYMBOLS * SYMBOLS;

/// The dearest cost, in bits.
pub const DEAREST: u8 = 15;

/// The cost of each triple, in bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Trigrams {
    costs: Box<[u8]>,
}

impl std::fmt::Debug for Trigrams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trigrams").finish_non_exhaustive()
    }
}

/// What the costs of a text add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The sum of all costs, in bits.
    pub sum: u32,
    /// How many triples there are.
    pub count: u32,
    /// The dearest sum of three triples that follow one another.
    pub dearest: u32,
    /// The cheapest sum of three triples that follow one another.
    pub cheapest: u32,
    /// How many triples cost at least ten bits.
    pub strange: u32,
}

/// The symbol of a byte.
pub fn symbol(byte: u8) -> usize {
    static OF: [u8; 256] = {
        let (mut table, mut at) = ([0; 256], 0);
        while at < 256 {
            table[at] = match at as u8 {
                byte @ b'a'..=b'z' => byte - b'a' + 1,
                byte @ b'A'..=b'Z' => byte - b'A' + 1,
                b'0'..=b'9' => SYMBOLS as u8 - 1,
                _ => 0,
            };
            at += 1;
        }
        table
    };
    usize::from(OF[usize::from(byte)])
}

/// The number of a triple of symbols.
pub fn triple(first: usize, second: usize, third: usize) -> usize {
    (first * SYMBOLS + second) * SYMBOLS + third
}

impl Trigrams {
    /// The table of these costs; `None` where there are too few or one is too
    /// large.
    pub fn new(costs: Vec<u8>) -> Option<Trigrams> {
        let sound = costs.len() == TRIPLES && costs.iter().all(|cost| *cost <= DEAREST);
        sound.then(|| Trigrams { costs: costs.into() })
    }

    /// The cost of each triple.
    pub fn costs(&self) -> &[u8] {
        &self.costs
    }

    /// What the text costs, its borders included.
    pub fn cost(&self, text: &[u8]) -> Cost {
        let mut cost = Cost { cheapest: u32::MAX, ..Cost::default() };
        let (mut a, mut b) = (0, 0);
        let mut last = [0; 2];
        for byte in text.iter().copied().chain([b' ']) {
            let c = symbol(byte);
            if b == 0 && c == 0 {
                continue;
            }
            let bits = u32::from(self.costs[triple(a, b, c)]);
            cost.sum += bits;
            cost.count += 1;
            cost.strange += u32::from(bits >= 10);
            if cost.count >= 3 {
                let three = last[0] + last[1] + bits;
                cost.dearest = cost.dearest.max(three);
                cost.cheapest = cost.cheapest.min(three);
            }
            last = [last[1], bits];
            (a, b) = (b, c);
        }
        cost.cheapest = if cost.cheapest == u32::MAX { 0 } else { cost.cheapest };
        cost
    }
}
