/**
 * Writers of data files and of delete files.
 *
 * <p>Start at {@link dev.firn.format.write.DataWriter}. Nothing here commits: a writer returns
 * files, or removes them.
 */
@NullMarked
package dev.firn.format.write;

import org.jspecify.annotations.NullMarked;
