public import EventSourcing
public import Testing

/// What a decider decided, to be held against what it should have.
public struct Decided<D: Decider>: Sendable {
    let decider: D
    let given: [D.Event]
    let before: D.State
    let outcome: Result<[D.Event], D.Failure>

    /// Expects exactly these events; `then()` expects none.
    ///
    /// It also expects that every event of the example can be stored and read back, so that a shape which the log
    /// cannot hold is found here and not in production.
    @discardableResult
    public func then(_ events: D.Event..., sourceLocation: SourceLocation = #_sourceLocation) -> Self
    where D.Event: Equatable {
        switch outcome {
        case .success(let decided):
            #expect(decided == events, "the decider decided otherwise", sourceLocation: sourceLocation)
            expectStorable(given + decided, sourceLocation)
        case .failure(let error):
            Issue.record("the decider refused the command: \(error)", sourceLocation: sourceLocation)
        }
        return self
    }

    /// Expects that the command is refused with this error.
    @discardableResult
    public func then(throws expected: D.Failure, sourceLocation: SourceLocation = #_sourceLocation) -> Self
    where D.Failure: Equatable {
        expectRefusal(sourceLocation) { error in
            #expect(error == expected, "the decider refused for another cause", sourceLocation: sourceLocation)
        }
        return self
    }

    /// Expects that the command is refused with this error. For deciders that may throw any error.
    @discardableResult
    @_disfavoredOverload
    public func then<E: Error & Equatable>(
        throws expected: E, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Self {
        expectRefusal(sourceLocation) { error in
            #expect(error as? E == expected, "the decider refused with \(error)", sourceLocation: sourceLocation)
        }
        return self
    }

    /// Expects this state after what was decided.
    @discardableResult
    public func then(state expected: D.State, sourceLocation: SourceLocation = #_sourceLocation) -> Self
    where D.State: Equatable {
        switch outcome {
        case .success(let decided):
            let after = decider.fold(decided, from: before)
            #expect(after == expected, "the state is another one", sourceLocation: sourceLocation)
        case .failure(let error):
            Issue.record("the decider refused the command: \(error)", sourceLocation: sourceLocation)
        }
        return self
    }

    private func expectRefusal(_ sourceLocation: SourceLocation, _ check: (D.Failure) -> Void) {
        switch outcome {
        case .success(let decided):
            Issue.record("the decider took the command and decided \(decided)", sourceLocation: sourceLocation)
        case .failure(let error):
            check(error)
        }
    }

    private func expectStorable(_ events: [D.Event], _ sourceLocation: SourceLocation) {
        for event in events {
            do {
                try StoredCopy.check(event)
            } catch {
                Issue.record("\(event) does not survive being stored: \(error.message)", sourceLocation: sourceLocation)
            }
        }
    }
}
