//! Recipes as proptest makes them; see `keysieve_tests::material`.

pub use keysieve_tests::material::{Ingredient, Material};
use proptest::prelude::*;

/// Recipes of so many ingredients.
pub fn recipe(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Ingredient>> {
    prop::collection::vec(any::<Ingredient>(), length)
}

/// How a property is tried: so often, and failures are kept beside the test.
pub fn tries(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_shrink_iters: 2000,
        failure_persistence: Some(Box::new(
            proptest::test_runner::FileFailurePersistence::WithSource("regressions"),
        )),
        ..ProptestConfig::default()
    }
}
