/**
 * What every command works with: the outside world as values, settings, the open lakehouse,
 * progress, confirmation, interruption and exit codes.
 *
 * <p>Start at {@link dev.firn.cli.run.Session}. One session per command, confined to the command's
 * thread; only {@link dev.firn.cli.run.Interruption} is touched from another one.
 */
@NullMarked
package dev.firn.cli.run;

import org.jspecify.annotations.NullMarked;
