package dev.firn.ingest.read;

import org.jspecify.annotations.Nullable;

/** A cursor over the would-be rows of one JSON file. Owns the file; confined to one thread. */
interface JsonItems extends AutoCloseable {
  /**
   * Returns the next item, or null at the end.
   *
   * @throws dev.firn.error.FirnException where the text is damaged
   */
  @Nullable JsonItem next();

  @Override
  void close();

  /** Opens a file laid out as {@code layout} says. */
  static JsonItems open(Source source, JsonLayout layout, ReadMonitor monitor) {
    return layout.kind() == JsonLayout.Kind.LINES
        ? new JsonLines(source, monitor)
        : new JsonStream(source, layout, monitor);
  }
}
