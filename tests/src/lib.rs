//! Nothing: the tests are in `e2e/`, grouped by what a user does.
