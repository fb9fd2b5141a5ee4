/**
 * Arrow batches and Iceberg rows, both ways, for every Iceberg type.
 *
 * <p>Start at {@link dev.firn.format.arrow.ArrowSchemas}. Vectors are owned by whoever made them.
 */
@NullMarked
package dev.firn.format.arrow;

import org.jspecify.annotations.NullMarked;
