package dev.firn.ingest.read;

import dev.firn.ingest.value.DateStyle;
import dev.firn.ingest.value.FieldIds;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Types;

/** What one kind of files says about the schema. */
interface Inferred {
  /**
   * The columns, with ids from {@code ids}; narrow gives int for a long that fits one, and such.
   */
  Types.StructType struct(FieldIds ids, boolean narrow);

  /** Adds the date styles by column path. */
  void styles(Map<String, DateStyle> into);

  /** Adds what a user should know. */
  void notes(List<String> into);

  /** Rows looked at. */
  long rows();
}
