/**
 * Files in this process's memory, for tests and trials. Start at {@link
 * dev.firn.storage.memory.MemoryStore}. All classes are thread-safe but the streams.
 */
@NullMarked
package dev.firn.storage.memory;

import org.jspecify.annotations.NullMarked;
