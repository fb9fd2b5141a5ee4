/**
 * Stores that Hadoop reaches: {@code hdfs:}, {@code abfs:}, {@code gs:}, where their jars are
 * present. Start at {@link dev.firn.storage.hadoop.HadoopStore}.
 */
@NullMarked
package dev.firn.storage.hadoop;

import org.jspecify.annotations.NullMarked;
