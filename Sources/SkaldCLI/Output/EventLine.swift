import EventSourcing

/// A stored event as this program shows it.
struct EventLine: Sendable {
    let event: RecordedEvent

    /// Everything that is stored, data and metadata as they stand.
    var json: OutputJSON {
        [
            "position": .integer(event.position.rawValue), "generation": .integer(event.generation.rawValue),
            "stream": .string("\(event.stream)"), "version": .integer(event.version.rawValue),
            "type": .string(event.type), "recordedAt": Moment.json(event.recordedAt), "data": .raw(data),
            "metadata": .raw(String(decoding: event.metadataJSON, as: UTF8.self)),
            "tags": .array(event.tags.map { .string($0) }), "id": .string("\(event.id)"),
        ]
    }

    var data: String { String(decoding: event.data, as: UTF8.self) }

    /// One line for somebody who watches the log go by, cut to the width of the terminal.
    func text(_ style: OutputStyle) -> String {
        let start = "\(event.position) \(event.stream)@\(event.version) "
        let type = event.type.printable
        let line = start + type + " " + data.printable
        guard let width = style.width else { return line }
        let cut = line.truncated(to: width)
        guard cut.hasPrefix(start + type) else { return cut }
        return start + style.emphasised(type, .heading) + cut.dropFirst(start.count + type.count)
    }
}
