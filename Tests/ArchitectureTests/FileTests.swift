import Testing

/// What STYLE.md says of every file and a program can see.
@Suite struct FileTests {
    @Test func `no Swift file has more than 500 lines`() throws {
        for complaint in try House.swiftFiles().flatMap(Checks.length) { Issue.record("\(complaint)") }
    }

    @Test func `nothing is left to be done later`() throws {
        let files = try House.swiftFiles() + House.files(below: "Migrations", ending: ".sql")
        for complaint in files.flatMap(Checks.leftovers) { Issue.record("\(complaint)") }
    }

    @Test func `in SQL files the schema's name stands for the schema and its roles only`() throws {
        let files = try House.files(below: "Migrations", ending: ".sql")
        #expect(!files.isEmpty)
        for complaint in files.flatMap(Checks.schemaName) { Issue.record("\(complaint)") }
    }
}
