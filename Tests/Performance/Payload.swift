/// What is written: 200 bytes of JSON, and metadata as an event that came from a message has it. pgbench and Skald write
/// the same.
enum Payload {
    static let type = "account.credited"
    static let data =
        #"{"account":"a-0123456789","amount":"1234.56","booked_at":"2026-11-22T19:41:35.123456Z","currency":"EUR","#
        + #""note":"some words to fill the line ................","reference":"invoice 2026-0001234"}"#
    static let correlationID = "01a204d5-c35b-743a-85d3-503e748c8c90"
    static let causationID = "01a204d5-c35b-743a-85d3-503e748c8c91"
    static let metadata = #"{"causationId":"\#(causationID)","correlationId":"\#(correlationID)"}"#
}
