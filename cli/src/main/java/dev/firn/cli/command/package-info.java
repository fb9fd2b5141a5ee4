/**
 * One class per command, each its options and what it does with a {@link dev.firn.cli.run.Session}.
 *
 * <p>Start at {@link dev.firn.cli.command.Commands}, the registry: a new command is a class here
 * and a line there.
 */
@NullMarked
package dev.firn.cli.command;

import org.jspecify.annotations.NullMarked;
