import Foundation

/// Runs blocking work on a thread of its own, so that the cooperative pool never waits for a process.
///
/// A thread per call is fine here: calls are few, and some of them take seconds.
func onHelperThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws(EmbeddedPostgresError) -> Value
) async throws(EmbeddedPostgresError) -> Value {
    let result: Result<Value, EmbeddedPostgresError> = await withCheckedContinuation { continuation in
        let thread = Thread {
            do throws(EmbeddedPostgresError) {
                continuation.resume(returning: .success(try work()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        thread.name = "skald-embedded-pg"
        thread.start()
    }
    return try result.get()
}
