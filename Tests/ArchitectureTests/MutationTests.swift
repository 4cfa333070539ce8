import Foundation
import Testing

/// A promise counts as tested when its test was seen to fail without the mechanism: `Tests/MUTATIONS.md` says where and how.
/// These tests keep that table and the tests in step.
@Suite struct MutationTests {
    private static let promises =
        (1...10).map { "ES\($0)" } + ["ES15", "PR2", "PR3"] + (1...6).map { "OB\($0)" } + (1...7).map { "SG\($0)" }
        + ["SG11"] + (1...4).map { "X\($0)" }

    private struct Row {
        let id: String
        let cells: [String]

        /// The names in backticks that look like suites.
        var suites: [String] {
            cells.flatMap { $0.matches(of: /`([A-Za-z]+Tests)`/).map { String($0.output.1) } }
        }
    }

    private func rows() throws -> [Row] {
        let text = try String(contentsOf: House.root.appending(path: "Tests/MUTATIONS.md"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            guard let id = line.firstMatch(of: /^\| ((?:ES|PR|OB|SG|X)[0-9]+) \|/)?.output.1 else { return nil }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            return Row(id: String(id), cells: cells.map { $0.trimmingCharacters(in: .whitespaces) })
        }
    }

    @Test(arguments: promises)
    func `each promise is named by a test, and its mutation is in the table`(id: String) throws {
        let files = try House.files(below: "Tests", ending: "Tests.swift").filter {
            !$0.path.hasPrefix("Tests/ArchitectureTests/")
        }
        let name = try Regex("\\b\(id)\\b")
        let isNamed = files.contains { file in
            file.lines.contains { line in
                let text = line.drop { $0 == " " }
                let isTest = text.contains("func `") || text.hasPrefix("`") || text.hasPrefix("/// ")
                return isTest && text.contains(name)
            }
        }
        #expect(isNamed, "no test names \(id), in its name or its comment")
        #expect(try rows().contains { $0.id == id }, "Tests/MUTATIONS.md has no row for \(id)")
    }

    @Test func `every row of the table has all its cells, and the suites it names exist`() throws {
        let suites = try House.files(below: "Tests", ending: "Tests.swift").map { file in
            URL(filePath: file.path).deletingPathExtension().lastPathComponent
        }
        let rows = try rows()
        for row in rows {
            #expect(row.cells.count == 5 && !row.cells.contains(""), "\(row.id): \(row.cells)")
            #expect(!row.suites.isEmpty, "\(row.id) names no suite")
            for suite in row.suites { #expect(suites.contains(suite), "\(row.id) names \(suite), which is not there") }
        }
        #expect(Set(rows.map(\.id)) == Set(Self.promises))
    }
}
