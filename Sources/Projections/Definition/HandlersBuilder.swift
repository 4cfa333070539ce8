/// Gathers the handlers of a ``Projection``: one after the other. They are data, so there is no `if` in it.
@resultBuilder
public enum HandlersBuilder {
    /// One after the other.
    public static func buildBlock(_ handlers: On...) -> [On] { handlers }
}
