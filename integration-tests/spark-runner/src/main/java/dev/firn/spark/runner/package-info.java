/**
 * Spark behind a line protocol, so that tests can run it in a process of its own.
 *
 * <p>Start at {@link dev.firn.spark.runner.SparkRunner}. Used by the integration tests alone.
 */
@NullMarked
package dev.firn.spark.runner;

import org.jspecify.annotations.NullMarked;
