/**
 * The catalog's database: connections, transactions whose outcome is always known or said to be
 * unknown, and the rows in it: Iceberg's own two tables (schema V1), and Firn's side tables for
 * markers, channels, write intents, and leases and history of maintenance. Knows no Iceberg
 * metadata, only where it is.
 *
 * <p>Start at {@link dev.firn.catalog.jdbc.Database}; {@link dev.firn.catalog.jdbc.Pointers#swap}
 * is the commit. Everything is thread-safe; connections are borrowed per call.
 */
@NullMarked
package dev.firn.catalog.jdbc;

import org.jspecify.annotations.NullMarked;
