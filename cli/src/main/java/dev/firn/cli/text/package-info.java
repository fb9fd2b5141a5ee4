/**
 * The small languages of the options: filters, points in time, durations, byte sizes. All
 * stateless; all refuse with an error that shows what was written and what is expected.
 *
 * <p>Start at {@link dev.firn.cli.text.WhereText}.
 */
@NullMarked
package dev.firn.cli.text;

import org.jspecify.annotations.NullMarked;
