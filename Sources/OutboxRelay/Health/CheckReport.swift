/// What a readiness probe found: every check with its result and how long it took.
struct CheckReport: Sendable, Hashable {
    struct Check: Sendable, Hashable {
        let name: String
        /// Nil: it is well.
        let problem: String?
        let took: Duration
    }

    let checks: [Check]

    var isReady: Bool { checks.allSatisfy { $0.problem == nil } }

    /// One word for a probe, or with `verbose` a line for every check, in the form that Kubernetes' own servers use.
    func text(verbose: Bool) -> String {
        guard verbose else { return isReady ? "ready\n" : "not ready\n" }
        let lines = checks.map { check in
            let time = "\((check.took / .milliseconds(1) * 10).rounded() / 10) ms"
            return check.problem.map { "[-]\(check.name) failed: \($0) (\(time))" } ?? "[+]\(check.name) ok (\(time))"
        }
        return (lines + [isReady ? "ready" : "not ready"]).map { $0 + "\n" }.joined()
    }
}
