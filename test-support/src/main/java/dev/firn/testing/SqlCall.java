package dev.firn.testing;

/**
 * One call on a database connection.
 *
 * @param sql the statement's text; empty where the call has none
 */
public record SqlCall(SqlOperation operation, String sql) {}
