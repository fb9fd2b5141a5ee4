/**
 * Local files, atomic and durable. Start at {@link dev.firn.storage.local.LocalFileIO}. Needs a
 * file system with hard links or atomic renames; all classes are thread-safe but the streams.
 */
@NullMarked
package dev.firn.storage.local;

import org.jspecify.annotations.NullMarked;
