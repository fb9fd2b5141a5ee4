/**
 * The {@code firn} command: from arguments to an exit code.
 *
 * <p>Start at {@link dev.firn.cli.Firn}. This package parses and reports; {@code command} holds one
 * class per command, {@code run} what every command works with, {@code output} the formats, and
 * {@code text} the small languages of the options. Nothing here touches files of tables except
 * through {@code dev.firn.Lakehouse}.
 */
@NullMarked
package dev.firn.cli;

import org.jspecify.annotations.NullMarked;
