/**
 * Read-only SQL over the tables of a lakehouse, run by an embedded DuckDB.
 *
 * <p>Start at {@link dev.firn.sql.SqlSession}. Each statement runs in a DuckDB instance of its own
 * that cannot reach files or the network; tables come to it as Arrow streams from Firn's scan, and
 * the result leaves as an Arrow stream. {@link dev.firn.sql.DuckQuery} is the seam: it alone
 * decides how a statement is fed and run, and a closer binding to the engine replaces it.
 * Everything that writes is refused.
 *
 * <p>A session may be used by several threads; a result belongs to one.
 */
@NullMarked
package dev.firn.sql;

import org.jspecify.annotations.NullMarked;
