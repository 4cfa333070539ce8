import Testing

/// What a reader copies compiles, and does what it says: it stands in a file that is compiled, and where it can, run.
@Suite struct CodeBlockTests {
    @Test func `every Swift block of the README and the articles is code that is compiled`() throws {
        let regions = try Library.regions()
        let documents = try Library.documents()
        #expect(documents.contains { $0.path == "README.md" && $0.blocks.contains { $0.language == "swift" } })
        for complaint in documents.flatMap({ Self.strangers(in: $0, regions) }) { Issue.record("\(complaint)") }
    }

    @Test func `every marked region stands in a document`() throws {
        let blocks = try Set(Library.documents().flatMap(\.blocks).map(\.code))
        for region in try Library.regions() where !blocks.contains(region.code) {
            Issue.record("\(region.path): no document shows \"\(region.name)\"; show it, or delete its marks")
        }
    }

    @Test func `a block that differs is named, with the nearest region and the first line that differs`() throws {
        let region = try Region.all(
            in: """
                    // docs: greeting
                    let name = "Ann"
                    print(name)
                    // docs: end
                """, path: "Greeting.swift")
        let same = Document(path: "A.md", text: "```swift\nlet name = \"Ann\"\nprint(name)\n```\n")
        #expect(Self.strangers(in: same, region).isEmpty)
        let other = Document(path: "A.md", text: "Text.\n\n```swift\nlet name = \"Ann\"\nprint(\"name\")\n```\n")
        #expect(
            Self.strangers(in: other, region) == [
                """
                A.md:3: this block is in no compiled file. The nearest is "greeting" of Greeting.swift; line 2 is there:
                print(name)
                and here:
                print("name")
                """
            ])
        let unlike = Document(path: "A.md", text: "```swift\nvar x = 1\n```\n")
        #expect(Self.strangers(in: unlike, region).first?.contains("no region begins like it") == true)
    }

    @Test(arguments: ["// docs: a\n", "// docs: end\n", "// docs: a\n// docs: b\n// docs: end\n"])
    func `a region that is not closed, or opened twice, is refused`(_ text: String) {
        #expect(throws: Region.Malformed.self) { try Region.all(in: text, path: "A.swift") }
    }

    /// The Swift blocks that are no region's code.
    private static func strangers(in document: Document, _ regions: [Region]) -> [String] {
        let known = Set(regions.map(\.code))
        return document.blocks.filter { $0.language == "swift" && !known.contains($0.code) }.map { block in
            let place = "\(document.path):\(block.line): this block is in no compiled file."
            let nearest = regions.max { $0.code.sharedLines(with: block.code) < $1.code.sharedLines(with: block.code) }
            guard let nearest, case let shared = nearest.code.sharedLines(with: block.code), shared > 0 else {
                return "\(place) Put it into Tests/DocumentationTests/Examples between `// docs: NAME` and "
                    + "`// docs: end`; no region begins like it"
            }
            return """
                \(place) The nearest is "\(nearest.name)" of \(nearest.path); line \(shared + 1) is there:
                \(nearest.code.lines.dropFirst(shared).first ?? "(nothing)")
                and here:
                \(block.code.lines.dropFirst(shared).first ?? "(nothing)")
                """
        }
    }
}
