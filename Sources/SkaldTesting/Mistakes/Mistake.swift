package import Testing

/// One mechanism of Skald's schema taken out on purpose, by which a test proves that it can fail.
///
/// The test of a promise is written as a story about any database. It is told twice: of the schema as released, where
/// it must hold, and of one with a mistake, where it must not. `Tests/MUTATIONS.md` has the list.
///
///     try await Mistake(
///         "OB1: enqueueing leaves no marker", in: "enqueue_group", replacing: "perform mark(…);", with: ""
///     ).isFound { database in try await story(database) }
package struct Mistake: Sendable, CustomTestStringConvertible {
    private struct Edit: Sendable {
        let function: String
        let old: String
        let new: String
        let times: Int
    }

    private let what: String
    private var edits: [Edit]

    package var testDescription: String { what }

    /// Describes a mistake.
    ///
    /// - Parameters:
    ///   - what: the promise's id and what is wrong.
    ///   - function: the function's name; with the types of its arguments where there are several of that name.
    ///   - old: text of the function's body. It must be there `times` times, or the mistake is out of date.
    package init(
        _ what: String, in function: String, replacing old: String, with new: String, times: Int = 1
    ) {
        self.what = what
        edits = [Edit(function: function, old: old, new: new, times: times)]
    }

    /// The same mistake with one more change.
    package func and(in function: String, replacing old: String, with new: String, times: Int = 1) -> Mistake {
        var copy = self
        copy.edits.append(Edit(function: function, old: old, new: new, times: times))
        return copy
    }

    /// Tells a story of a database with this mistake. It must fail, and by an expectation: an error would only say that
    /// something else is broken too.
    package func isFound(
        sourceLocation: SourceLocation = #_sourceLocation, by story: (TestDatabase) async throws -> Void
    ) async throws {
        try await withKnownIssue("\(what)", sourceLocation: sourceLocation) {
            try await withTestDatabase(.skald) { database in
                for function in Set(edits.map(\.function)) { try await replace(function, in: database) }
                try await story(database)
            }
        } matching: { issue in
            if case .expectationFailed = issue.kind { true } else { false }
        }
    }

    private func replace(_ function: String, in database: TestDatabase) async throws {
        let type = function.contains("(") ? "regprocedure" : "regproc"
        var text = try await database.psql("select pg_get_functiondef('skald.\(function)'::\(type))")
        for edit in edits where edit.function == function {
            let found = text.ranges(of: edit.old).count
            guard found == edit.times else {
                throw OutOfDate(
                    description: "\(function) has \"\(edit.old)\" \(found) times: change the mistake \"\(what)\" too")
            }
            text = text.replacing(edit.old, with: edit.new)
        }
        try await database.psql("\(text);\n")
    }

    private struct OutOfDate: Error, CustomStringConvertible {
        let description: String
    }
}
