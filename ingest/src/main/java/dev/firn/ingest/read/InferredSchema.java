package dev.firn.ingest.read;

import dev.firn.ingest.value.DateStyle;
import dev.firn.ingest.value.Styles;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;

/** What a set of files holds, found by {@link Inference}. Immutable. */
public final class InferredSchema {
  private final Schema schema;
  private final Schema narrow;
  private final Map<String, DateStyle> styles;
  private final Map<Source, JsonLayout> layouts;
  private final List<String> notes;
  private final long rows;

  InferredSchema(
      Schema schema,
      Schema narrow,
      Map<String, DateStyle> styles,
      Map<Source, JsonLayout> layouts,
      List<String> notes,
      long rows) {
    this.schema = schema;
    this.narrow = narrow;
    this.styles = Map.copyOf(styles);
    this.layouts = Map.copyOf(layouts);
    this.notes = List.copyOf(notes);
    this.rows = rows;
  }

  /** Returns the columns of a table for these files; all optional, ids from 1 up. */
  public Schema schema() {
    return schema;
  }

  /** Returns the same columns with the narrowest types that hold the values seen. */
  public Schema narrow() {
    return narrow;
  }

  /** Returns how dates are written. */
  public Styles styles() {
    return styles::get;
  }

  /** Returns what a user should know about the choices made, one sentence each. */
  public List<String> notes() {
    return notes;
  }

  /** Returns how many rows of text files were looked at. */
  public long rows() {
    return rows;
  }

  Map<Source, JsonLayout> layouts() {
    return layouts;
  }
}
