/** From the files of a group to the files that take their place, with a map of where rows went. */
@NullMarked
package dev.firn.compaction.rewrite;

import org.jspecify.annotations.NullMarked;
