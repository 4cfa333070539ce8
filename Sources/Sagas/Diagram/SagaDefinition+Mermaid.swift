extension SagaDefinition {
    /// The definition as a Mermaid flowchart: the way forward in solid lines, the way back dashed, the pivot as a
    /// hexagon.
    ///
    /// The text is the same for the same definition, so it can be checked in and compared.
    ///
    /// - Note: The syntax is that of <https://mermaid.js.org/syntax/flowchart.html>.
    public func mermaid() -> String {
        var lines = ["flowchart TD", #"    begin(["\#(Self.escape(name.rawValue)) v\#(version)"])"#]
        lines += steps.enumerated().map { index, step in "    s\(index)\(step.shape)" }
        let undoable = steps.indices.filter { steps[$0].isUndoable }
        lines += undoable.map { #"    u\#($0)["undo \#(Self.escape(steps[$0].name.rawValue))"]:::undo"# }
        lines.append("    completed([completed])")
        let back = steps.indices.filter { steps[$0].canGoBack && steps[$0].work != .wait }
        if !back.isEmpty { lines.append("    compensated([compensated])") }
        let forward = ["begin"] + steps.indices.map { "s\($0)" } + ["completed"]
        lines += zip(forward, forward.dropFirst()).map { "    \($0) --> \($1)" }
        lines += back.map { index in
            let undo = undoable.last { $0 <= index }
            let label = steps[index].kind == .pivot ? "refused" : "fails"
            return "    s\(index) -. \(label) .-> \(undo.map { "u\($0)" } ?? "compensated")"
        }
        let backward = undoable.reversed().map { "u\($0)" } + (undoable.isEmpty ? [] : ["compensated"])
        lines += zip(backward, backward.dropFirst()).map { "    \($0) -.-> \($1)" }
        if !undoable.isEmpty { lines.append("    classDef undo stroke-dasharray: 5 5") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Text as Mermaid takes it between quotes: what could end the label or be taken for a tag becomes an entity code.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "<", ">", "#", "&", ";", "`", "\\", "[", "]", "{", "}", "(", ")", "|":
                result += "#\(scalar.value);"
            case _ where scalar.properties.generalCategory == .control: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension StepDefinition {
    fileprivate var shape: String {
        var label = SagaDefinition.escape(name.rawValue)
        if case .command(let destination) = work { label += "<br/>to \(SagaDefinition.escape(destination))" }
        if let deadline = settings.deadline { label += "<br/>within \(SagaDefinition.escape("\(deadline)"))" }
        if isConditional { label += "<br/>when" }
        switch kind {
        case .compensatable: return #"["\#(label)"]"#
        case .pivot: return #"{{"\#(label)<br/>pivot"}}"#
        case .retriable: return #"["\#(label)<br/>retriable"]"#
        case .wait: return #"(["\#(label)<br/>wait"])"#
        }
    }
}

extension Saga {
    /// The saga as a Mermaid flowchart: see ``SagaDefinition/mermaid()``.
    ///
    /// - Throws: ``SagaError/Code/invalidDefinition`` when the saga can't be registered.
    public func mermaid() throws(SagaError) -> String { try SagaDefinition(self).mermaid() }
}
