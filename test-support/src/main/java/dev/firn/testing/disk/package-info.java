/**
 * A disk that can lose power. Start at {@link dev.firn.testing.disk.ForgetfulDisk}: its file system
 * keeps real files below a directory, remembers what of them was forced, and tells at any step what
 * a power cut might leave. All classes are thread-safe but the channels.
 */
@NullMarked
package dev.firn.testing.disk;

import org.jspecify.annotations.NullMarked;
