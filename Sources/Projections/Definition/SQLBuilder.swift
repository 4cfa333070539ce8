public import Postgres

/// Gathers the statements that a projection's handler lists: string literals with values in them, `if`, `switch`, `for`.
@resultBuilder
public enum SQLBuilder {
    /// One statement.
    public static func buildExpression(_ statement: SQL) -> [SQL] { [statement] }
    /// Several statements.
    public static func buildExpression(_ statements: [SQL]) -> [SQL] { statements }
    /// One after the other.
    public static func buildBlock(_ parts: [SQL]...) -> [SQL] { parts.flatMap(\.self) }
    /// `if` without `else`.
    public static func buildOptional(_ part: [SQL]?) -> [SQL] { part ?? [] }
    /// `if` and the first cases of `switch`.
    public static func buildEither(first part: [SQL]) -> [SQL] { part }
    /// `else` and the last cases of `switch`.
    public static func buildEither(second part: [SQL]) -> [SQL] { part }
    /// `for`.
    public static func buildArray(_ parts: [[SQL]]) -> [SQL] { parts.flatMap(\.self) }
}
