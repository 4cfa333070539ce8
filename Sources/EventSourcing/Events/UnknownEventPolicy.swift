/// What to do with a stored event whose type the enum does not know: written by a newer program, or long retired.
public enum UnknownEventPolicy: Sendable {
    /// Throw `unknownEventType`, naming stream, version and type. The default: nothing is dropped silently.
    case fail
    /// Leave it out, and tell the closure about it.
    case skip(@Sendable (RecordedEvent) -> Void)
    /// Ask the enum for an event that stands for it, `Event.unknown`; throw `unknownEventType` if it has none.
    case keep
}
