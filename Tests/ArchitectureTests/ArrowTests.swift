import Testing

/// The arrows of ARCHITECTURE.md: a target imports only what it points to.
@Suite struct ArrowTests {
    @Test func `every import is in the table`() throws {
        let files = try House.swiftFiles()
        #expect(files.contains { $0.path == "Tests/ArchitectureTests/ArrowTests.swift" }, "the wrong folder")
        for complaint in files.flatMap(Checks.arrows) { Issue.record("\(complaint)") }
    }

    @Test func `every target of Package.swift is in the table, and no other`() throws {
        let declared = try House.declaredTargets()
        let missing = declared.subtracting(Arrows.table.keys).sorted()
        let gone = Set(Arrows.table.keys).subtracting(declared).sorted()
        #expect(missing.isEmpty, "add a line to Arrows.swift for each")
        #expect(gone.isEmpty, "take these out of Arrows.swift, or declare them in Package.swift")
    }

    @Test func `no library sets up logging, metrics or tracing`() throws {
        for complaint in try House.swiftFiles().flatMap(Checks.bootstraps) { Issue.record("\(complaint)") }
    }

    @Test func `the table itself keeps the arrows that may never be`() {
        func points(_ from: String, to other: String) -> Bool { Arrows.table[from]?.ours.contains(other) ?? true }
        #expect(!points("EventSourcing", to: "Postgres") && !points("Postgres", to: "EventSourcing"))
        #expect(!points("Projections", to: "Sagas") && !points("Sagas", to: "Projections"))
        #expect(Arrows.table.filter { $0.value.ours.contains("CLibPQ") }.map(\.key) == ["Postgres"])
        for (name, target) in Arrows.table where target.ours.contains("SkaldTesting") {
            #expect(target.folder == "Tests/\(name)", "only test targets import SkaldTesting")
        }
        let libraries = Arrows.table.filter {
            $0.value.folder.hasPrefix("Sources/") && !["SkaldCLI", "OutboxRelay"].contains($0.key)
        }
        for (name, target) in libraries {
            let refused = target.others.filter {
                $0.hasPrefix("Hummingbird") || $0 == "ArgumentParser" || $0 == "Configuration"
            }
            #expect(refused.isEmpty, "\(name)")
            #expect(name == "SinkHTTP" || !target.others.contains { $0.hasPrefix("NIO") }, "\(name)")
        }
    }
}
