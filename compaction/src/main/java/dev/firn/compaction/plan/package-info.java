/** Which files of a table are rewritten together, in which order, and why. */
@NullMarked
package dev.firn.compaction.plan;

import org.jspecify.annotations.NullMarked;
