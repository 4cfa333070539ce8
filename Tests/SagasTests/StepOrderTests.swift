import Foundation
import Testing

/// The compiler holds the order of the steps: each case is a saga given to `swiftc -typecheck` with the library's
/// sources.
@Suite struct StepOrderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let steps: String
        /// What the compiler must say; nil when it must accept.
        let says: String?
        var testDescription: String { name }
    }

    static let hold = #"Compensatable("hold") { _ in } undo: { _ in }"#
    static let pay = #"Pivot("pay") { _ in }"#
    static let send = #"Retriable("send") { _ in }"#
    static let pause = #"Wait("pause") { _ in .seconds(1) }"#
    static let cannotFollow = "A compensatable step cannot follow the pivot or a retriable step"
    static let onePivot = "A saga has at most one pivot"

    @Test(arguments: [
        Case(name: "compensatable, pivot, retriable", steps: "\(hold)\n\(pause)\n\(pay)\n\(pause)\n\(send)", says: nil),
        Case(name: "compensatable, retriable", steps: "\(hold)\n\(send)\n\(send)", says: nil),
        Case(name: "compensatable after the pivot", steps: "\(pay)\n\(hold)", says: cannotFollow),
        Case(
            name: "compensatable after a pause after the pivot", steps: "\(pay)\n\(pause)\n\(hold)", says: cannotFollow),
        Case(name: "compensatable after a retriable step", steps: "\(hold)\n\(send)\n\(hold)", says: cannotFollow),
        Case(name: "two pivots", steps: "\(hold)\n\(pay)\n\(pay)", says: onePivot),
        Case(name: "a pivot after a retriable step", steps: "\(send)\n\(pay)", says: onePivot),
        Case(name: "an if", steps: "\(hold)\nif Bool.random() { \(hold) }", says: "Steps are data"),
    ])
    func `a wrong order does not compile, and the compiler says in a sentence what to do`(_ order: Case) throws {
        let (status, output) = try typecheck(
            """
            struct Trial: Saga {
                static let name: SagaName = "trial"
                struct State: Codable {}
                var steps: Steps {
                    \(order.steps)
                }
            }
            """)
        if let says = order.says {
            #expect(status != 0)
            #expect(output.contains(says), "\(output)")
        } else {
            #expect(status == 0, "\(output)")
        }
    }

    private func typecheck(_ source: String) throws -> (status: Int32, output: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "step-order-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let trial = folder.appending(path: "Trial.swift")
        try source.write(to: trial, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["swiftc", "-frontend", "-typecheck", "-swift-version", "6", "-module-name", "Sagas", "-I", modules]
            + [
                "ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault",
                "NonisolatedNonsendingByDefault",
            ]
            .flatMap { ["-enable-upcoming-feature", $0] } + ["-primary-file", trial.path] + librarySources
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    /// Where the build puts the modules that the sources import.
    private var modules: String {
        URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "Modules").path
    }

    private var librarySources: [String] {
        let library = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Sagas")
        return ["Definition", "State"].flatMap { folder in
            let files = try? FileManager.default.contentsOfDirectory(atPath: library.appending(path: folder).path)
            return (files ?? []).filter { $0.hasSuffix(".swift") }.sorted().map {
                library.appending(path: folder).appending(path: $0).path
            }
        }
    }
}
