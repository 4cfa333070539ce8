/// How much chance is mixed into the pause before a retry, so that callers who failed together do not come back
/// together.
///
/// The three forms are those of Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). There
/// *full* needed the least work of the server; *equal* never comes back at once; *decorrelated* grows from the pause
/// before.
public enum Jitter: Sendable, Hashable {
    /// The pause is the cap itself.
    case none
    /// Uniform between zero and the cap.
    case full
    /// Half of the cap is fixed, the other half is uniform.
    case equal
    /// Uniform between the first pause and three times the pause before, never above the maximum.
    ///
    /// It takes the place of the exponent: the factor of an exponential backoff is not used.
    case decorrelated
}
