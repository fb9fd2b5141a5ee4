/**
 * Many Parquet data files into few: pages are copied, dictionary indices remapped, and no value is
 * decoded that need not be. Rows keep the order of the sources.
 *
 * <p>Start at {@link dev.firn.format.merge.PageMerge}. What cannot be merged so is refused in a
 * sentence, for the caller to decode and encode it instead.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/">File format</a>
 */
@NullMarked
package dev.firn.format.merge;

import org.jspecify.annotations.NullMarked;
