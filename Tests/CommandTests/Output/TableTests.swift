import Testing

@testable import SkaldCLI

@Suite("Tables fit the width there is")
struct TableTests {
    private static func style(_ width: Int?, colours: Bool = false) -> OutputStyle {
        var style = OutputStyle(environment: [:], terminalWidth: width)
        style.colours = colours
        return style
    }

    private static var table: Table {
        var table = Table([
            .init("STREAM"), .init("VERSION", .right), .init("TYPE", minimum: 8), .init("DATA", minimum: 8),
        ])
        table.append(["seat-A1", "0", "seat.held", .init(#"{"booking":"b1","until":"2026-11-22T20:01:03.250Z"}"#)])
        table.append(["seat-東京-7", "12", "seat.released", "{}"])
        return table
    }

    private func shown(_ table: Table, _ width: Int?) -> String {
        table.lines(Self.style(width)).joined(separator: "\n")
    }

    @Test func `without a terminal nothing is cut`() {
        #expect(
            shown(Self.table, nil) == #"""
                STREAM       VERSION  TYPE           DATA
                seat-A1            0  seat.held      {"booking":"b1","until":"2026-11-22T20:01:03.250Z"}
                seat-東京-7       12  seat.released  {}
                """#)
    }

    @Test func `at 80 columns the widest column that may be cut is cut`() {
        #expect(
            shown(Self.table, 80) == #"""
                STREAM       VERSION  TYPE           DATA
                seat-A1            0  seat.held      {"booking":"b1","until":"2026-11-22T20:01:…
                seat-東京-7       12  seat.released  {}
                """#)
    }

    @Test func `at 44 columns all that may be cut is cut`() {
        #expect(
            shown(Self.table, 44) == #"""
                STREAM       VERSION  TYPE        DATA
                seat-A1            0  seat.held   {"booking…
                seat-東京-7       12  seat.rele…  {}
                """#)
    }

    @Test func `where even that is too wide, every row is a block in which nothing is lost`() {
        #expect(
            shown(Self.table, 30) == #"""
                STREAM   seat-A1
                VERSION  0
                TYPE     seat.held
                DATA     {"booking":"b1","unti
                         l":"2026-11-22T20:01:
                         03.250Z"}

                STREAM   seat-東京-7
                VERSION  12
                TYPE     seat.released
                DATA     {}
                """#)
    }

    @Test(arguments: [20, 24, 30, 40, 44, 60, 80, 120])
    func `no line is wider than the terminal`(width: Int) {
        for line in Self.table.lines(Self.style(width)) { #expect(line.displayWidth <= width, "\(line)") }
    }

    @Test func `colours change no width, and end where they began`() {
        var table = Table([.init("STATE"), .init("KEY")])
        table.append([.init("parked", .bad), "a"])
        table.append(["sent", "b"])
        #expect(
            table.lines(Self.style(80, colours: true)) == [
                "\u{1B}[1mSTATE\u{1B}[0m   \u{1B}[1mKEY\u{1B}[0m", "\u{1B}[31mparked\u{1B}[0m  a", "sent    b",
            ])
    }

    @Test func `what a terminal would obey is shown as an escape`() {
        var table = Table([.init("TYPE")])
        table.append([.init("\u{1B}[2Jgone\r\n\u{202E}dlo")])
        #expect(table.lines(Self.style(nil))[1] == #"\u{1b}[2Jgone\u{d}\n\u{202e}dlo"#)
    }

    @Test(
        arguments: [
            ([:], 80, 80, true), (["COLUMNS": "40"], 80, 40, true), (["COLUMNS": "40"], nil, 40, false),
            (["COLUMNS": "wide"], 80, 80, true), (["NO_COLOR": "1"], 80, 80, false), (["NO_COLOR": ""], 80, 80, true),
            (["TERM": "dumb"], 80, 80, false), ([:], nil, nil, false),
        ] as [([String: String], Int?, Int?, Bool)])
    func `COLUMNS, NO_COLOR and TERM are respected`(
        environment: [String: String], terminal: Int?, width: Int?, colours: Bool
    ) {
        let style = OutputStyle(environment: environment, terminalWidth: terminal)
        #expect(style.width == width)
        #expect(style.colours == colours)
    }
}
