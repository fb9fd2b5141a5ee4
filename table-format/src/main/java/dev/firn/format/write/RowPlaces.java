package dev.firn.format.write;

import java.io.IOException;
import org.apache.arrow.vector.BigIntVector;

/**
 * Takes where the rows of a {@link DataWriter} went, in the order in which files take them. Called
 * by the writer, from its thread.
 */
@FunctionalInterface
public interface RowPlaces {
  /**
   * The next rows of a file.
   *
   * @param location of the file, which may have had rows of others in between
   * @param origins what {@link DataWriter#write(org.apache.arrow.vector.VectorSchemaRoot,
   *     BigIntVector)} was given with each row; borrowed
   * @param from the first of the rows among the origins
   */
  void written(String location, BigIntVector origins, int from, int count) throws IOException;
}
