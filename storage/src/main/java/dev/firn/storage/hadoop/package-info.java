/**
 * Stores that Hadoop reaches: {@code hdfs:}, {@code abfs:}, {@code gs:}, where their jars are
 * present. Start at {@link dev.firn.storage.hadoop.HadoopStore}. All classes are thread-safe but
 * the streams.
 */
@NullMarked
package dev.firn.storage.hadoop;

import org.jspecify.annotations.NullMarked;
