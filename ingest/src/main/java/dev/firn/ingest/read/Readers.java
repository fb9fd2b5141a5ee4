package dev.firn.ingest.read;

import org.apache.arrow.memory.BufferAllocator;

/** Opens files as rows. Stateless. */
public final class Readers {
  private Readers() {}

  /**
   * Opens a file of a set under a target schema.
   *
   * @param inferred of the same set: where JSON rows are
   * @param allocator borrowed, for Arrow files
   */
  public static RowSource open(
      Source source,
      ReadOptions options,
      InferredSchema inferred,
      Target target,
      BufferAllocator allocator,
      ReadMonitor monitor) {
    return switch (source.format()) {
      case CSV -> new CsvRows(source, options, target, monitor);
      case JSON, NDJSON -> {
        JsonLayout known = inferred.layouts().get(source);
        JsonLayout layout = known == null ? JsonLayout.of(source, options) : known;
        yield new JsonRows(source, layout, target, monitor);
      }
      case PARQUET, ARROW ->
          new TypedRows(source, openTyped(source, allocator, monitor), target, monitor);
    };
  }

  static TypedFile openTyped(Source source, BufferAllocator allocator, ReadMonitor monitor) {
    return source.format() == InputFormat.PARQUET
        ? new ParquetFile(source, monitor)
        : new ArrowFile(source, allocator, monitor);
  }
}
