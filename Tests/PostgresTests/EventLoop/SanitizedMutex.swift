#if SKALD_TSAN
    @testable import Postgres

    /// The client's own in place of the library's, so that the name is not ambiguous.
    typealias Mutex = Postgres.Mutex
#endif
