package dev.firn.ingest.value;

import org.jspecify.annotations.Nullable;

/**
 * Turns one value of a source (a text, a JSON value, a value of another Iceberg type) into the
 * generic Iceberg representation of a target type, exactly or not at all.
 */
@FunctionalInterface
public interface Converter {
  /**
   * Returns the value in the target type. Null stands for a source value that means null in that
   * type.
   *
   * @throws Misfit where the type cannot hold the value
   */
  @Nullable Object convert(Object value) throws Misfit;
}
