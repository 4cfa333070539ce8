/// What the house refuses, as pure functions from a file to complaints: file, line, what is wrong and what to do.
enum Checks {
    static func arrows(in file: House.File) -> [String] {
        guard let (name, target) = Arrows.table.first(where: { file.path.hasPrefix($0.value.folder + "/") }) else {
            return ["\(file.path): belongs to no target of Arrows.swift; add its target there, or move the file"]
        }
        let allowed = target.ours.union(target.others).union(Arrows.platform).union([name])
        return Import.all(in: file.text).filter { !allowed.contains($0.module) }.map { found in
            let place = "\(file.path):\(found.line): \(name) may not import \(found.module)"
            return Arrows.ourModules.contains(found.module)
                ? "\(place): move the code to a target that may, or the shared part below both (Arrows.swift)"
                : "\(place): no library of others enters without a line in Arrows.swift that says who may use it"
        }
    }

    static func bootstraps(in file: House.File) -> [String] {
        let isLibrary = file.path.hasPrefix("Sources/") && !isProgram(file.path)
        guard isLibrary else { return [] }
        // An example in a comment is none.
        let call = /^\s*(?!\/\/|\s).*(?:Logging|Metrics|Instrumentation)System\.bootstrap/
        return matches(of: call, in: file).map {
            "\($0): a library never sets up logging, metrics or tracing; the program does"
        }
    }

    static func length(of file: House.File) -> [String] {
        let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
        return count > 500 ? ["\(file.path): has \(count) lines, and 500 is the most; split it by what it does"] : []
    }

    static func leftovers(in file: House.File) -> [String] {
        matches(of: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/, in: file).map {
            "\($0): do it now, or write an issue and delete the line"
        }
    }

    /// For another schema every lower-case name of the schema is replaced, so it must not stand for anything else.
    static func schemaName(in file: House.File) -> [String] {
        let schema = "skald"
        var complaints: [String] = []
        for (index, line) in file.lines.enumerated() {
            for range in line.ranges(of: schema) {
                let before = line[..<range.lowerBound].last
                let after = line[range.upperBound...]
                let isWord = before.map { !isWordCharacter($0) } ?? true
                let isSchema = after.first.map { !isWordCharacter($0) } ?? true
                let isRole = after.prefixMatch(of: /_(?:owner|writer|reader|operator)\b/) != nil
                guard isWord && (isSchema || isRole) else {
                    complaints.append(
                        "\(file.path):\(index + 1): \"\(schema)\" may stand only for the schema (\(schema), \(schema).x) and the "
                            + "roles \(schema)_owner, _writer, _reader and _operator: it is replaced for another schema. "
                            + "Write Skald for the product, and name what is in the schema without it")
                    continue
                }
            }
        }
        return complaints
    }

    private static func isProgram(_ path: String) -> Bool {
        ["Sources/SkaldCLI/", "Sources/OutboxRelay/"].contains { path.hasPrefix($0) }
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private static func matches(of pattern: some RegexComponent, in file: House.File) -> [String] {
        file.lines.enumerated().filter { $0.element.contains(pattern) }.map { "\(file.path):\($0.offset + 1)" }
    }
}
