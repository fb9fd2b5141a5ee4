/**
 * The quickstart: the whole story of a table on generated TPC-H data, each step checked against the
 * generator.
 *
 * <p>Start at {@link dev.firn.cli.quickstart.Quickstart}. Confined to one thread, but for the
 * reader that runs beside the stream.
 */
@NullMarked
package dev.firn.cli.quickstart;

import org.jspecify.annotations.NullMarked;
